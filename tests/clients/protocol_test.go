package clients

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// code gives the SQLSTATE of an error, or the error.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	if err == nil {
		return "success"
	}
	return err.Error()
}

// alive tells whether a connection still answers.
func alive(t *testing.T, c *pgx.Conn) {
	t.Helper()
	var n int
	if err := c.QueryRow(context.Background(), "SELECT 41 + 1").Scan(&n); err != nil || n != 42 {
		t.Fatalf("the connection does not answer any more: %d %v", n, err)
	}
}

// TestCopyFromIsRefused: the data that a client sends behind a refused COPY FROM is no reason
// to end the connection.
func TestCopyFromIsRefused(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "")
	if _, err := c.Exec(ctx, `CREATE STREAM into_this (a INT, b STRING) TBLPROPERTIES ("topic"="into_this", "format"="json")`); err != nil {
		t.Fatal(err)
	}
	mustExec(t, c, "CREATE VIEW seen AS SELECT a, b FROM into_this")
	rows := make([][]any, 1000)
	for i := range rows {
		rows[i] = []any{int32(i), strings.Repeat("x", 100)}
	}
	if _, err := c.CopyFrom(ctx, pgx.Identifier{"seen"}, []string{"a", "b"}, pgx.CopyFromRows(rows)); code(err) != "42809" {
		t.Fatalf("CopyFrom: %v", err)
	}
	alive(t, c)
	for text, want := range map[string]string{"COPY seen FROM STDIN": "42809", "COPY into_this FROM STDIN CSV": "22P04"} {
		if _, err := c.PgConn().CopyFrom(ctx, strings.NewReader(strings.Repeat("1\tx\n", 100_000)), text); code(err) != want {
			t.Fatalf("%s: %v", text, err)
		}
		alive(t, c)
	}
}

// TestSilentConnectionsLockNobodyOut: only clients that have signed on count.
func TestSilentConnectionsLockNobodyOut(t *testing.T) {
	n := start(t)
	signedOn := connect(t, n, "")
	for range 300 {
		c, err := net.Dial("tcp", n.SQLAddress())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
	}
	alive(t, connect(t, n, ""))
	alive(t, signedOn)
}

// TestLongMessage: a message that is too long is refused by an error, and the client goes on.
func TestLongMessage(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "")
	long := "SELECT '" + strings.Repeat("x", 20<<20) + "'"
	if _, err := c.PgConn().Exec(ctx, long).ReadAll(); code(err) != "54000" {
		t.Fatalf("as a simple query: %s", code(err))
	}
	alive(t, c)
	if _, err := c.Exec(ctx, "SELECT $1", strings.Repeat("x", 20<<20)); code(err) != "54000" {
		t.Fatalf("as a parameter: %s", code(err))
	}
	alive(t, c)
}

// TestStatementOfAStreamMadeAnew: a prepared statement never sends rows that are other than
// what the client was told of them.
func TestStatementOfAStreamMadeAnew(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "")
	make := func(columns, row string) {
		t.Helper()
		for _, sql := range []string{"DROP STREAM IF EXISTS again",
			"CREATE STREAM again (" + columns + `) TBLPROPERTIES ("topic"="` + topicOf(columns) + `", "format"="json")`,
			"INSERT INTO again VALUES (" + row + ")"} {
			if _, err := c.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
	}
	make("a INT, b STRING", "1, 'x'")
	if _, err := c.Prepare(ctx, "kept", "SELECT * FROM again LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	run := func() error {
		r := c.PgConn().ExecPrepared(ctx, "kept", nil, nil, nil).Read()
		return r.Err
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	make("a INT, b STRING, c BIGINT", "1, 'x', 2")
	if err := run(); code(err) != "0A000" || !strings.Contains(err.Error(), "cached plan must not change result type") {
		t.Fatalf("another column: %v", err)
	}
	alive(t, c)
	make("a INT, b STRING", "3, 'z'")
	if err := run(); err != nil {
		t.Fatalf("the same columns again: %v", err)
	}
}

// topicOf names a topic for a set of columns.
func topicOf(columns string) string {
	return strings.NewReplacer(" ", "", ",", ".").Replace(strings.ToLower(columns))
}

// TestTimeZone: a session's zone is that of now() and of its casts, is told to the client
// when it changes, and may come with the startup packet; one that is unknown is refused.
func TestTimeZone(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "&timezone=%2B12")
	now := func() (at time.Time) {
		t.Helper()
		if err := c.QueryRow(ctx, "SELECT now()").Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	east := now()
	if _, err := c.Exec(ctx, "SET timezone = '-2'"); err != nil {
		t.Fatal(err)
	}
	if d := east.Sub(now()).Round(time.Hour); d != 14*time.Hour {
		t.Errorf("now() at +12 is %s before now() at -2", d)
	}
	if got := c.PgConn().ParameterStatus("TimeZone"); got != "-2" {
		t.Errorf("the client was told %q", got)
	}
	_, err := pgx.Connect(ctx, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable&timezone=Mars/Base")
	if code(err) != "22023" {
		t.Errorf("an unknown zone at startup: %v", err)
	}
}

// TestBinaryParameters: what drivers send in binary by themselves.
func TestBinaryParameters(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "")
	st, err := c.Prepare(ctx, "all", "SELECT $1::numeric, $2::date, $3::timestamp, $4::int, $5::float8, $6::bytea LIMIT $7::int")
	if err != nil {
		t.Fatal(err)
	}
	number := []byte{0, 2, 0, 0, 0x40, 0, 0, 1, 0, 1, 0x13, 0x88} // -1.5
	args := [][]byte{number, {0, 0, 0x25, 0x1C},
		{0, 2, 0xEA, 0x1B, 0x6B, 0xC0, 0, 1}, {0, 0, 0, 7}, {0x40, 0x04, 0, 0, 0, 0, 0, 0}, []byte("ab"), {0, 0, 0, 0, 0, 0, 0, 1}}
	r := c.PgConn().ExecPrepared(ctx, st.Name, args, []int16{1}, nil).Read()
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if got, want := fmt.Sprintf("%s", r.Rows), `[[-1.5 2026-01-04 2025-12-29 19:57:26.182913 7 2.5 \x6162]]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestParametersInText: pgx writes parameters into the text in its simple mode, and sends
// them by itself in the others.
func TestParametersInText(t *testing.T) {
	n, ctx := start(t), context.Background()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeSimpleProtocol,
		pgx.QueryExecModeExec, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeCacheStatement} {
		c := connect(t, n, "")
		table := fmt.Sprintf("typed%d", mode)
		if _, err := c.Exec(ctx, "CREATE STREAM "+table+`
			(i INT, f DOUBLE, s STRING, b BOOLEAN, t TIMESTAMP(6), d DATE, n STRING)
			TBLPROPERTIES ("topic"="`+table+`", "format"="json")`); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Exec(ctx, "INSERT INTO "+table+" VALUES ($1, $2, $3, $4, $5, $6, $7)", mode, -7, 2.5, `it's \ $1 "q"`, true, at, at, nil); err != nil {
			t.Errorf("%s: INSERT: %v", mode, err)
			continue
		}
		var i int
		var f float64
		var s string
		var b bool
		var ts, d time.Time
		var null *string
		row := c.QueryRow(ctx, "SELECT * FROM "+table+" WHERE i = $1::int AND t = $2 AND s = $3 LIMIT 1", mode, -7, at, `it's \ $1 "q"`)
		if err := row.Scan(&i, &f, &s, &b, &ts, &d, &null); err != nil {
			t.Errorf("%s: SELECT: %v", mode, err)
			continue
		}
		if i != -7 || f != 2.5 || s != `it's \ $1 "q"` || !b || !ts.Equal(at) || d.Format(time.DateOnly) != "2026-01-02" || null != nil {
			t.Errorf("%s: %d %g %s %t %s %s %v", mode, i, f, s, b, ts, d, null)
		}
	}
}

// TestPortalIsRunOnce: a portal that has ended gives no rows again, and writes nothing again.
func TestPortalIsRunOnce(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "")
	if _, err := c.Exec(ctx, `CREATE STREAM once (a INT) TBLPROPERTIES ("topic"="once", "format"="json")`); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ sql, want string }{
		{"SELECT 1", "row SELECT 1, SELECT 0"},
		{"INSERT INTO once VALUES (1)", "INSERT 0 1, 55000"},
	} {
		if got := executedTwice(t, c, x.sql); got != x.want {
			t.Errorf("%s gives %s, want %s", x.sql, got, x.want)
		}
	}
	var rows int
	if err := c.QueryRow(ctx, "SELECT count(*) FROM once").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows were written, %v", rows, err)
	}
}

// executedTwice binds a statement once and says what two Executes of it give.
func executedTwice(t *testing.T, c *pgx.Conn, sql string) string {
	t.Helper()
	f := c.PgConn().Frontend()
	f.SendParse(&pgproto3.Parse{Query: sql})
	f.SendBind(&pgproto3.Bind{})
	f.SendExecute(&pgproto3.Execute{})
	f.SendExecute(&pgproto3.Execute{})
	f.SendSync(&pgproto3.Sync{})
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for {
		m, err := f.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.DataRow:
			got.WriteString("row ")
		case *pgproto3.CommandComplete:
			got.WriteString(string(m.CommandTag) + ", ")
		case *pgproto3.ErrorResponse:
			got.WriteString(m.Code + ", ")
		case *pgproto3.ReadyForQuery:
			return strings.TrimSuffix(got.String(), ", ")
		}
	}
}
