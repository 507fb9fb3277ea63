package functions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node/nodetest"
	"slipway/sql/function"
	"slipway/tests/servers"
)

// line is one function, or one way to call it.
type line struct {
	// name is any of the function's names. sign is the operator that it is called by, if it is.
	name, sign string
	// ours, postgres and mariadb are the call in each dialect; same stands for ours, empty for none.
	ours, postgres, mariadb string
	// gives is what kind of values it gives.
	gives kind
	// differs tells the calls of which the function's description says that the other does otherwise.
	differs func(c call, other dialect, here, there answer) bool
}

// same is a call that is written as ours.
const same = "="

var lines []line

// add declares lines.
func add(list ...line) { lines = append(lines, list...) }

// answer is the value of an expression, or an error's code and message.
type answer struct {
	text, code string
	null       bool
}

func (a answer) String() string {
	switch {
	case a.code != "":
		return "ERROR " + a.code + " " + a.text
	case a.null:
		return "NULL"
	}
	return strconv.Quote(a.text)
}

// asker runs a query: the last column of its row, or of several rows the first column and the last, in order.
type asker func(expression string) answer

func startSlipway(t *testing.T) asker {
	t.Helper()
	return connect(t, "postgres://test@"+nodetest.Start(t).SQLAddress()+"/default?sslmode=disable")
}

func startPostgres(t *testing.T) asker {
	t.Helper()
	server := servers.StartDatabase(t, "postgresql")
	server.Exec(t, "CREATE EXTENSION IF NOT EXISTS fuzzystrmatch")
	return connect(t, fmt.Sprintf("postgres://test@127.0.0.1:%d/%s?sslmode=disable", server.Port, servers.DatabaseName))
}

func connect(t *testing.T, url string) asker {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return func(query string) answer {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		results, err := c.Exec(ctx, query).ReadAll()
		if e, ok := errors.AsType[*pgconn.PgError](err); ok {
			return answer{text: e.Message, code: e.Code}
		}
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		rows := results[0].Rows
		if len(rows) == 1 {
			return answer{text: string(rows[0][len(rows[0])-1]), null: rows[0][len(rows[0])-1] == nil}
		}
		var out []string
		for _, row := range rows {
			out = append(out, string(row[0])+" "+answer{text: string(row[len(row)-1]), null: row[len(row)-1] == nil}.String())
		}
		slices.Sort(out)
		return answer{text: strings.Join(out, "\n")}
	}
}

// startMariaDB: texts are compared by their bytes there too, and a backslash is one.
func startMariaDB(t *testing.T) asker {
	t.Helper()
	server := servers.StartDatabase(t, "mariadb")
	db, err := sql.Open("mysql", fmt.Sprintf("root@tcp(127.0.0.1:%d)/%s?charset=utf8mb4&collation=utf8mb4_bin", server.Port, servers.DatabaseName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("SET sql_mode = 'NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,STRICT_ALL_TABLES'"); err != nil {
		t.Fatal(err)
	}
	return func(query string) answer {
		var cell sql.NullString
		if err := db.QueryRow(query).Scan(&cell); err != nil {
			return answer{code: "error", text: err.Error()}
		}
		return answer{text: cell.String, null: !cell.Valid}
	}
}

// agree: both NULL, the same value, or both an error, of the same code where the other has codes like ours.
func agree(k kind, here, there answer) bool {
	switch {
	case here.code != "" || there.code != "":
		return here.code == there.code
	case here.null || there.null:
		return here.null == there.null
	case k.as != nil:
		return k.as(here.text, there.text)
	}
	return here.text == there.text
}

func sameNumber(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) == 0
}

func sameFloat(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && (x == y || math.Abs(x-y) <= 1e-13*math.Max(math.Abs(x), 1e-3) || math.IsNaN(x) && math.IsNaN(y)) || a == b
}

func sameTruth(a, b string) bool {
	number := strings.NewReplacer("t", "1", "f", "0")
	return number.Replace(a) == number.Replace(b)
}

// rounds is how many sets of random arguments every line is computed over, besides those with edges.
const rounds = 40

func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// compare holds the lines beside another server.
func compare(t *testing.T, other dialect, written func(line) string, there asker) {
	slipway, r := startSlipway(t), seeded(t)
	answers, named := 0, 0
	for _, l := range lines {
		template := written(l)
		if template == "" {
			continue
		}
		if template == same {
			template = l.ours
		}
		bad := 0
		for _, args := range arguments(r, names(l.ours), rounds) {
			c, d := call{l.ours, args}, call{template, args}
			a, b := slipway("SELECT "+c.in(ours)), there("SELECT "+d.in(other))
			answers++
			if agree(l.gives, a, b) {
				continue
			}
			if l.differs != nil && l.differs(c, other, a, b) {
				named++
				continue
			}
			if bad++; bad <= 3 {
				t.Errorf("%s\n  ours   %s\n  theirs %s", c.in(ours), a, b)
			}
		}
		if bad > 3 {
			t.Errorf("%s: %d differences", l.name, bad)
		}
	}
	t.Logf("%d answers, %d of them differ as their descriptions say", answers, named)
}

func TestAgainstPostgres(t *testing.T) {
	compare(t, postgres, func(l line) string { return l.postgres }, startPostgres(t))
}

func TestAgainstMariaDB(t *testing.T) {
	compare(t, mariadb, func(l line) string { return l.mariadb }, startMariaDB(t))
}

// TestDifferencesAreDocumented: a line that takes differences is of a function whose description names them.
func TestDifferencesAreDocumented(t *testing.T) {
	for _, l := range lines {
		d, ok := function.Describe(l.name)
		called := l.name
		if l.sign != "" && strings.Contains(d.Form, l.sign) {
			called = l.sign
		}
		if !ok || !strings.Contains(strings.ToLower(l.ours), strings.ToLower(called)) {
			t.Errorf("%s: there is no such function in %s", l.name, l.ours)
		}
		if l.differs != nil && d.Differs == "" {
			t.Errorf("%s takes differences that its description does not name", l.name)
		}
	}
}

// TestAsColumns: a function of columns gives what it gives of constants, for all rows and for some, with NULLs among
// them; and where it is an error of constants it is the same one of columns.
func TestAsColumns(t *testing.T) {
	slipway, r := startSlipway(t), seeded(t)
	for _, l := range lines {
		list := names(l.ours)
		var rows, want []string
		for _, args := range arguments(r, list, rounds) {
			c := call{l.ours, args}
			one, row := slipway("SELECT "+c.in(ours)), values(args, list, len(rows))
			if one.code != "" {
				if alone := slipway(ofColumns(l.ours, list, []string{row}, "")); alone.code != one.code {
					t.Errorf("%s\n  constants %s\n  columns   %s", c.in(ours), one, alone)
				}
				continue
			}
			rows, want = append(rows, row), append(want, fmt.Sprintf("%d %s", len(want), one))
		}
		for at := 0; at < len(rows); at += batch {
			compareColumns(t, slipway, l.ours, rows[at:min(at+batch, len(rows))], want[at:min(at+batch, len(want))])
		}
	}
}

// batch is how many rows a query has: a client is given no more of them unless it asks.
const batch = 90

// compareColumns computes an expression over rows, all of them and some, whose answers are known.
func compareColumns(t *testing.T, slipway asker, template string, rows, want []string) {
	t.Helper()
	for _, where := range []string{"", " WHERE n % 3 <> 1"} {
		wanted := slices.DeleteFunc(slices.Clone(want), func(s string) bool {
			n, _ := strconv.Atoi(strings.Fields(s)[0])
			return where != "" && n%3 == 1
		})
		slices.Sort(wanted)
		if len(wanted) < 2 {
			continue
		}
		if got := slipway(ofColumns(template, names(template), rows, where)); got.text != strings.Join(wanted, "\n") {
			t.Errorf("%s%s as columns: %s", template, where, difference(got.text, wanted))
		}
	}
}

// difference shows the first line that is not as it should be.
func difference(got string, want []string) string {
	lines := strings.Split(got, "\n")
	for i, w := range want {
		if i >= len(lines) || lines[i] != w {
			return fmt.Sprintf("row %d: %q, want %q (%d rows, want %d)", i, lines[min(i, len(lines)-1)], w, len(lines), len(want))
		}
	}
	return "more rows"
}

func values(args map[string]datum, list []string, n int) string {
	row := []string{strconv.Itoa(n)}
	for _, name := range list {
		row = append(row, args[name].in(ours))
	}
	return "(" + strings.Join(row, ", ") + ")"
}

// ofColumns is the query of an expression over rows. VALUES gives each as a batch of its own; ORDER BY puts them into one.
func ofColumns(template string, list, rows []string, where string) string {
	columns := "n"
	for _, name := range list {
		columns += ", c_" + name
	}
	return "SELECT n, " + argument.ReplaceAllString(template, "c_$1") +
		" FROM (SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS w (" + columns + ") ORDER BY n LIMIT 1000) AS v" + where
}

// TestExamples: what descriptions show is what comes.
func TestExamples(t *testing.T) {
	slipway := startSlipway(t)
	for _, name := range function.Described() {
		d, _ := function.Describe(name)
		if d.Example == "" {
			continue
		}
		query := "SELECT " + d.Example
		if d.Group == function.Aggregates || d.Group == function.Windows {
			query += " FROM " + function.ExampleRows
		}
		got := slipway(query)
		if d.Group == function.Windows {
			got = slipway("SELECT string_agg(CAST(z AS STRING), ', ' ORDER BY y) FROM (" + strings.Replace(query, "SELECT ", "SELECT y, ", 1) + ") AS w (y, z)")
		}
		shown := got.text
		if got.null || got.code != "" {
			shown = got.String()
		}
		if shown != d.Gives {
			t.Errorf("%s gives %s, its description says %s", d.Example, got, d.Gives)
		}
	}
}
