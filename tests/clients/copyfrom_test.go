package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestCopyFrom: COPY … FROM STDIN writes records: all rows or, where one is wrong, none; what is refused is refused before the client
// sends.
func TestCopyFrom(t *testing.T) {
	n := start(t)
	c, ctx := connect(t, n, ""), t.Context()
	mustExec(t, c, `CREATE STREAM t (id BIGINT NOT NULL, s VARCHAR(5), d DATE, a ARRAY<INT>, n DECIMAL(10,2) DEFAULT 7) TBLPROPERTIES ("topic"="t", "format"="json", "topic.create"="true")`)
	mustExec(t, c, `CREATE VIEW v AS SELECT id FROM t`)
	for _, s := range []struct{ copy, data, want string }{
		{"COPY t (id, s, d) FROM STDIN", "1\tx\t2026-01-01\n2\t\\N\t\\N\n", "COPY 2"},
		{"COPY t FROM STDIN WITH (FORMAT csv, HEADER)", "id,s,d,a,n\n3,\"q,\",2026-01-02,\"{1,2}\",3.5\n4,,,,\n", "COPY 2"},
		{"COPY t (id) FROM STDIN", "", "COPY 0"},
		{"COPY t (id, d) FROM STDIN", "5\t2026-01-01\n6\tnope\n", `22007 invalid input for type DATE: "nope" COPY, line 2, column d: "nope"`},
		{"COPY t (id, s) FROM STDIN", "5\tabcdefgh\n", "22001 value too long for type VARCHAR(5) COPY, line 1"},
		{"COPY t (id, s) FROM STDIN", "5\tx\n\\N\tx\n", `23502 column "id" of default.t takes no NULL COPY, line 2`},
		{"COPY t (id, s) FROM STDIN", "5\n", `22P04 missing data for column "s" COPY, line 1`},
		{"COPY t (id) FROM STDIN", "x\n", `22P02 invalid input for type BIGINT: "x" COPY, line 1, column id: "x"`},
		{"COPY t FROM '/etc/passwd'", "", "0A000 COPY FROM a file or program of the server is not supported "},
		{"COPY t FROM PROGRAM 'id'", "", "0A000 COPY FROM a file or program of the server is not supported "},
		{"COPY nope FROM STDIN", "1\n", `42P01 stream or table "default.nope" does not exist `},
		{"COPY t (nope) FROM STDIN", "1\n", `42703 column "nope" of default.t does not exist `},
		{"COPY v FROM STDIN", "1\n", `42809 default.v is a derived stream or view; it cannot be written to `},
		{"COPY t FROM STDIN (FORMAT binary, HEADER)", "1\n", `42601 COPY BINARY takes no HEADER, DELIMITER, NULL, QUOTE or ESCAPE `},
	} {
		tag, err := c.PgConn().CopyFrom(ctx, strings.NewReader(s.data), s.copy)
		if got := outcome(tag, err); got != s.want {
			t.Errorf("%s gave %s, want %s", s.copy, got, s.want)
		}
	}
	if _, err := c.PgConn().CopyFrom(ctx, io.MultiReader(strings.NewReader("9\n"), broken{}), "COPY t (id) FROM STDIN"); err == nil {
		t.Error("a client that gives up was not told")
	}
	rows := [][]any{{int64(7), "bin", time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC), []int32{4}}, {int64(8), nil, nil, nil}}
	if got, err := c.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"id", "s", "d", "a"}, pgx.CopyFromRows(rows)); err != nil || got != 2 {
		t.Errorf("pgx's CopyFrom: %d %v", got, err)
	}
	var all string
	if err := c.QueryRow(ctx, "SELECT string_agg(id || ':' || coalesce(s, '-') || ':' || coalesce(d::text, '-') || ':' || coalesce(a::text, '-') || ':' || coalesce(n::text, '-'), ' ' ORDER BY id) FROM t").Scan(&all); err != nil {
		t.Fatal(err)
	}
	const want = "1:x:2026-01-01:-:7.00 2:-:-:-:7.00 3:q,:2026-01-02:[1,2]:3.50 4:-:-:-:- 7:bin:2026-01-03:[4]:7.00 8:-:-:-:7.00"
	if all != want {
		t.Errorf("there is\n%s\nwant\n%s", all, want)
	}
}

// TestCopyBinary: what goes out in the binary form comes in again.
func TestCopyBinary(t *testing.T) {
	n := start(t)
	c, ctx := connect(t, n, ""), t.Context()
	for _, s := range []string{"there", "back"} {
		mustExec(t, c, `CREATE STREAM `+s+` (id BIGINT, s STRING, n DECIMAL(10,2), at TIMESTAMP(3), ok BOOLEAN, a ARRAY<STRING>) TBLPROPERTIES ("topic"="`+s+`", "format"="json", "topic.create"="true")`)
	}
	mustExec(t, c, `INSERT INTO there VALUES (1, '流', 1.5, '2026-01-01 10:00:00.123', true, ARRAY['a', NULL]), (2, NULL, NULL, NULL, NULL, NULL)`)
	var data bytes.Buffer
	if _, err := c.PgConn().CopyTo(ctx, &data, "COPY (SELECT * FROM there LIMIT 2) TO STDOUT BINARY"); err != nil {
		t.Fatal(err)
	}
	if tag, err := c.PgConn().CopyFrom(ctx, &data, "COPY back FROM STDIN BINARY"); err != nil || tag.String() != "COPY 2" {
		t.Fatalf("%v %v", tag, err)
	}
	awaitRow(t, c, "SELECT count(*) = 2 FROM (SELECT * FROM there INTERSECT SELECT * FROM back) AS both")
}

// TestCopyMany: more rows than are kept in memory. A wrong one at their end leaves none behind.
func TestCopyMany(t *testing.T) {
	n := start(t)
	c, ctx := connect(t, n, ""), t.Context()
	mustExec(t, c, `CREATE STREAM t (id BIGINT, s STRING) TBLPROPERTIES ("topic"="t", "format"="json", "topic.create"="true")`)
	const many = 200_000
	lines := func(last string) io.Reader {
		r, w := io.Pipe()
		go func() { // ends with the rows, or when nobody reads them
			defer w.Close()
			for i := range many {
				if _, err := fmt.Fprintf(w, "%d\tthe row of the number %d\n", i, i); err != nil {
					return
				}
			}
			io.WriteString(w, last)
		}()
		return r
	}
	if tag, err := c.PgConn().CopyFrom(ctx, lines("nope\tx\n"), "COPY t FROM STDIN"); outcome(tag, err) != fmt.Sprintf(`22P02 invalid input for type BIGINT: "nope" COPY, line %d, column id: "nope"`, many+1) {
		t.Errorf("%v %v", tag, err)
	}
	awaitRow(t, c, "SELECT count(*) = 0 FROM t")
	if tag, err := c.PgConn().CopyFrom(ctx, lines(""), "COPY t FROM STDIN"); outcome(tag, err) != fmt.Sprint("COPY ", many) {
		t.Errorf("%v %v", tag, err)
	}
	awaitRow(t, c, fmt.Sprintf("SELECT count(*) = %d AND count(DISTINCT id) = %[1]d FROM t", many))
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the file is gone") }

// outcome is the tag, or the error with its place.
func outcome(tag pgconn.CommandTag, err error) string {
	var e *pgconn.PgError
	switch {
	case errors.As(err, &e):
		return e.Code + " " + e.Message + " " + e.Where
	case err != nil:
		return err.Error()
	}
	return tag.String()
}
