package connectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/connector/jdbc"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/tests/connectors/ledger"
	"slipway/tests/servers"
)

func properties(d *servers.Database, table string) map[string]string {
	return map[string]string{"connector": "jdbc", "url": d.URL(), "table-name": table, "username": servers.DatabaseUser, "password": servers.DatabasePassword}
}

var pairColumns = types.Schema{{Name: "a", Type: types.Of(types.String)}, {Name: "b", Type: types.Of(types.BigInt)}, {Name: "c", Type: types.Of(types.Double)}}

// pairs is a table whose key is a text and a number, with so many rows.
func pairs(t *testing.T, d *servers.Database, n int) (rows []executortest.Tuple) {
	t.Helper()
	kind := map[string]string{"postgresql": "text COLLATE \"C\"", "mariadb": "varchar(40) COLLATE utf8mb4_bin"}[d.Kind]
	d.Exec(t, "CREATE TABLE pairs (a "+kind+", b bigint, c double precision, PRIMARY KEY (a, b))")
	var values []string
	for i := range n {
		a, b := []string{"", "it's", `"\`, "🙂 ,{}", "a"}[i%5], int64(i/5)-3
		rows = append(rows, executortest.Tuple{a, b, float64(i) / 8})
		if d.Kind == "mariadb" {
			a = strings.ReplaceAll(a, `\`, `\\`)
		}
		values = append(values, fmt.Sprintf("('%s', %d, %g)", strings.ReplaceAll(a, "'", "''"), b, float64(i)/8))
	}
	for part := range slices.Chunk(values, 1000) {
		d.Exec(t, "INSERT INTO pairs VALUES "+strings.Join(part, ", "))
	}
	return rows
}

// TestLookupsKeepTheContract: by one column and by two, for one key and for many.
func TestLookupsKeepTheContract(t *testing.T) {
	for _, kind := range servers.Databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := servers.StartDatabase(t, kind)
			rows := pairs(t, d, 60)
			for _, keys := range [][]int{{0}, {1}, {0, 1}, {1, 0}} {
				p := &plan.LookupTable{Name: "default.pairs", Connector: "jdbc", Declared: pairColumns, Columns: []int{0, 1, 2}, Keys: keys,
					Properties: properties(d, "pairs"), Out: pairColumns}
				l, err := jdbc.Connector{}.NewLookup(p)
				if err != nil {
					t.Fatal(err)
				}
				executortest.CheckLookup(t, l, p, rows)
			}
		})
	}
}

// TestTablesAreReadOn: a source goes on behind the last row of its position, in the order of the key.
func TestTablesAreReadOn(t *testing.T) {
	for _, kind := range servers.Databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := servers.StartDatabase(t, kind)
			rows := pairs(t, d, 3*column.BatchRows+7)
			for _, unique := range [][]int{{0, 1}, {1, 0}} {
				p := &plan.Source{Name: "default.pairs", Connector: "jdbc", Declared: pairColumns, Columns: []int{2}, Unique: unique,
					Properties: properties(d, "pairs"), Out: pairColumns[2:], Bounded: true}
				var at []byte
				seen := map[string]int{}
				for n := column.BatchRows; n > 0; {
					if n, at = readSome(t, p, at, seen); at == nil {
						break
					}
				}
				if len(seen) != len(rows) {
					t.Errorf("%d rows of %d, by %v", len(seen), len(rows), unique)
				}
				for row, n := range seen {
					if n > 1 {
						t.Fatalf("%s comes %d times", row, n)
					}
				}
			}
			p := &plan.Source{Name: "default.pairs", Connector: "jdbc", Declared: pairColumns, Columns: []int{2}, Properties: properties(d, "pairs"),
				Out: pairColumns[2:], Bounded: true}
			_, at := readSome(t, p, nil, map[string]int{})
			s := open(t, p, nil)
			defer s.Close()
			if err := s.Open(t.Context(), &executor.Env{}, [][]byte{at}); !executor.IsPermanent(err) || !strings.Contains(err.Error(), "which of its rows are left") {
				t.Error(err)
			}
		})
	}
}

func open(t *testing.T, p *plan.Source, at []byte) executor.Source {
	t.Helper()
	s, err := jdbc.Connector{}.NewSource(p)
	if err == nil && at != nil {
		err = s.Open(t.Context(), &executor.Env{}, [][]byte{at})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readSome reads a batch from a position, as an attempt that fails then; nil behind the end.
func readSome(t *testing.T, p *plan.Source, at []byte, seen map[string]int) (rows int, next []byte) {
	t.Helper()
	if at == nil {
		at = []byte{}
	}
	s := open(t, p, at)
	defer s.Close()
	for deadline := time.Now().Add(time.Minute); ; {
		b, err := s.Next(t.Context())
		if err == io.EOF {
			return 0, nil
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatal(err)
		}
		if b == nil {
			<-s.Ready()
			continue
		}
		for i := range b.Rows {
			seen[executortest.TupleOf(b, i).String()]++
		}
		next, err = s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		return b.Rows, next
	}
}

// TestTablesThatAreRefused: at CREATE, or by name, and no secret is told.
func TestTablesThatAreRefused(t *testing.T) {
	c := start(t, &ledger.Connector{})
	table := func(more string) string {
		return `CREATE TABLE x (id BIGINT, PRIMARY KEY (id)) TBLPROPERTIES ("connector"="jdbc"` + more + `)`
	}
	for sql, want := range map[string]string{
		table(``):                                                                                    `the property "url" is missing`,
		table(`, "url"="jdbc:oracle://h/d"`):                                                         `property "url": databases of kind "oracle" are not supported`,
		table(`, "url"="jdbc:postgresql:d"`):                                                         `property "url" is none of a database`,
		table(`, "url"="jdbc:mysql://root:planted@h/d"`):                                             `property "url" tells a password`,
		table(`, "url"="jdbc:mysql://h/d?user=a&password=planted"`):                                  `property "url" tells who asks, or a password`,
		table(`, "url"="jdbc:mysql://h/d?allowLoadLocalInfile=true"`):                                `the url of the database has a parameter that is not known: allowloadlocalinfile`,
		table(`, "url"="jdbc:mysql://h/d", "lookup.max-retries"="3"`):                                `lookup.attempts`,
		table(`, "url"="jdbc:mysql://h/d", "lookup.async"="true"`):                                   `lookup.requests`,
		table(`, "url"="jdbc:mysql://h/d", "sink.buffer-flush.max-rows"="1"`):                        `sink.buffer-flush.max-rows`,
		`CREATE TABLE x (a ARRAY<INT>) TBLPROPERTIES ("connector"="jdbc", "url"="jdbc:mysql://h/d")`: `column a: type ARRAY<INT> of a table outside is not supported`,
	} {
		_, err := c.Exec(t.Context(), sql)
		e, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || !strings.Contains(e.Message+e.Hint, want) || strings.Contains(e.Message+e.Hint+e.Detail, "planted") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	exec(t, c, table(`, "url"="jdbc:mariadb://127.0.0.1:1/d", "lookup.cache.max-rows"="7", "driver"="com.mysql.Driver"`)) // nobody is there: a notice
	_, err := c.Exec(t.Context(), `INSERT INTO x VALUES (1)`)
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "0A000" || !strings.Contains(e.Message, "tables outside are not written yet") ||
		e.Hint == "" {
		t.Error(err)
	}
}

// TestWhatAskingAgainDoesNotCure: it is said at CREATE, and ends a query and a job at once.
func TestWhatAskingAgainDoesNotCure(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *servers.Database, c *pgx.Conn) {
		for name, columns := range map[string]string{"nothing": "id BIGINT", "users": "id BIGINT, absent STRING"} {
			if said := notices(t, c, outside(d, "t_"+name, columns, `, "table-name"="`+name+`"`)); !strings.Contains(said, "cannot be read as it is declared") ||
				strings.Contains(said, servers.DatabasePassword) {
				t.Errorf("%s: notice %q", name, said)
			}
			if _, err := c.Exec(t.Context(), "SELECT * FROM t_"+name); err == nil || !strings.Contains(err.Error(), "the database refuses to read") {
				t.Errorf("%s: %v", name, err)
			}
		}
		wrong := strings.Replace(outside(d, "locked", "id BIGINT", `, "table-name"="users"`), servers.DatabasePassword, "another-planted", 1)
		if said := notices(t, c, wrong); !strings.Contains(said, "cannot be read") || strings.Contains(said, "planted") {
			t.Error(said)
		}
		exec(t, c, outside(d, "moods", "id BIGINT, mood INT", `, "table-name"="users"`))
		if _, err := c.Exec(t.Context(), "SELECT mood FROM moods"); err == nil || !strings.Contains(err.Error(), "column mood of default.moods") {
			t.Error(err)
		}
		exec(t, c, `CREATE TABLE asks (k STRING, n BIGINT) TBLPROPERTIES ("connector"="ledger", "entries"="+I a 1; +I b 9007199254740993")`)
		for _, sql := range []string{ // the database leaves out what could not be read
			"SELECT id, mood FROM moods WHERE id > 9007199254740992",
			"SELECT m.id, m.mood FROM asks JOIN moods FOR SYSTEM_TIME AS OF PROCTIME() AS m ON n = m.id AND m.id > 5",
		} {
			if got := query(t, c, sql); got != "9007199254740993 <nil>" {
				t.Errorf("%s gives %s", sql, got)
			}
		}
		exec(t, c, `CREATE TABLE orders (n BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="100")`)
		exec(t, c, `CREATE TABLE nowhere (n BIGINT) TBLPROPERTIES ("connector"="blackhole")`)
		exec(t, c, `CREATE STREAMJOB j AS ("INSERT INTO nowhere SELECT n FROM orders JOIN t_nothing FOR SYSTEM_TIME AS OF PROCTIME() AS x ON n = x.id")`)
		until(t, c, "j", "its end", func() bool { return field(t, c, "j", "state") == "FAILED" })
		if said := field(t, c, "j", "last failure"); !strings.Contains(said, "looking rows up in default.t_nothing: the database refuses to read") ||
			count(t, c, "j", "restarts") > 0 {
			t.Error(said)
		}
	})
}

// notices are what a statement says beside its answer.
func notices(t *testing.T, c *pgx.Conn, sql string) (said string) {
	t.Helper()
	config := c.Config().Copy()
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { said += n.Message }
	own, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close(context.Background())
	exec(t, own, sql)
	return said
}
