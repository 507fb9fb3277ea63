package shell

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/cmd/client"
	"slipway/cmd/node/nodetest"
)

// at makes a session at a server of its own, and gives what it prints.
func at(t *testing.T) (*Session, *strings.Builder, *strings.Builder) {
	t.Helper()
	host, port, err := net.SplitHostPort(nodetest.Start(t).SQLAddress())
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	s := &Session{Out: &out, Err: &errs, Variables: Variables{}}
	s.Conn, err = client.Connect(context.Background(), client.Options{Host: host, Port: port, User: "ann", Notice: s.Notice}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Conn.Close() })
	return s, &out, &errs
}

// TestPrinters: one result in each form.
func TestPrinters(t *testing.T) {
	const text = "SELECT 1 AS n, '中' AS 名, NULL::text AS x, true AS t, E'a\\n\\x1b[31mb\\\"' AS hostile, 'NaN'::double AS f; SELECT 1 AS empty WHERE false; SET slipway.struct.form = json"
	s, out, errs := at(t)
	for form, want := range map[string]string{
		"aligned": ` n | 名 |  x   | t |     hostile     |  f
---+----+------+---+-----------------+-----
 1 | 中 | NULL | t | a\n\u001b[31mb" | NaN
(1 row)

 empty
-------
(0 rows)

SET
`,
		"csv":  "n,名,x,t,hostile,f\n1,中,,t,\"a\n\x1b[31mb\"\"\",NaN\nempty\nSET\n",
		"json": `{"n":1,"名":"中","x":null,"t":true,"hostile":"a\n\u001b[31mb\"","f":"NaN"}` + "\nSET\n",
		"vertical": `-[ 1 ]------------------------
n       | 1
名      | 中
x       | NULL
t       | t
hostile | a\n\u001b[31mb"
f       | NaN
(0 rows)
SET
`,
	} {
		out.Reset()
		s.Format = form
		if err := (&Script{Session: s}).Text("", text); err != nil {
			t.Fatal(err, errs)
		}
		if out.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", form, out, want)
		}
	}
	out.Reset()
	s.Format, s.Quiet = "aligned", true
	if err := (&Script{Session: s}).Text("", "SELECT '中文' AS a, 1 AS bb; SELECT 'x' AS a, 22222 AS bb; SET slipway.struct.form = json"); err != nil {
		t.Fatal(err)
	}
	if want := "  a   | bb\n------+----\n 中文 |  1\n(1 row)\n\n a |  bb\n---+-------\n x | 22222\n(1 row)\n\n"; out.String() != want {
		t.Errorf("\n%q\nwant\n%q", out, want)
	}
}

// TestRowsAsTheyCome: of a result that does not end the rows are printed although it goes on; an interrupt ends the statement and
// nothing else.
func TestRowsAsTheyCome(t *testing.T) {
	s, _, errs := at(t)
	if err := (&Script{Session: s}).Text("", "CREATE TABLE g (n BIGINT) TBLPROPERTIES ('connector'='datagen', 'rows-per-second'='100', 'fields.n.kind'='sequence')"); err != nil {
		t.Fatal(errs)
	}
	r, w := io.Pipe()
	s.Out = w
	interrupts := make(chan os.Signal, 1)
	s.Interrupts = interrupts
	go func() { // ends with the cancelled statement
		seen := ""
		b := make([]byte, 4096)
		for strings.Count(seen, "\n") < 10 {
			n, err := r.Read(b)
			if err != nil {
				return
			}
			seen += string(b[:n])
		}
		interrupts <- os.Interrupt
		io.Copy(io.Discard, r)
	}()
	err := (&Script{Session: s}).Text("", "SELECT n FROM g EMIT CHANGES")
	w.Close()
	if err != ErrFailed || !strings.Contains(errs.String(), "57014") {
		t.Fatalf("%v %s", err, errs)
	}
	var out strings.Builder
	s.Out = &out
	if err := (&Script{Session: s}).Text("", "SELECT 'on' AS still"); err != nil || !strings.Contains(out.String(), "on") {
		t.Errorf("behind the interrupt: %v %s", err, &out)
	}
}

// TestScript: variables, commands, COPY, and where an error is said to be.
func TestScript(t *testing.T) {
	s, out, errs := at(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("part.sql", "SELECT 'part' AS p;\nSELECT :'who' AS who")
	path := write("all.sql", "\ufeff-- a deployment\n\\set who O'Neil\n\\echo who is there\n\\i part.sql\nSELECT ARRAY[1,2,3][1:n] -- :who\n  , ':who', :\"who\" FROM (SELECT 3 AS n, 4 AS \"O'Neil\") x;\n"+
		"SELECT 1,\n\t:n + nothere;\nSELECT 'behind';\n")
	s.Variables["unused"] = "x"
	s.Format = "csv"
	err := (&Script{Session: s}).File(path)
	want := "who is there\np\npart\nwho\nO'Neil\n?column?,?column?,O'Neil\n\"{1,2,3}\",:who,4\n"
	if err != ErrFailed || !strings.HasPrefix(out.String(), want) || strings.Contains(out.String(), "behind") {
		t.Errorf("%v\n%s\nwant\n%s\n%s", err, out, want, errs)
	}
	if e := errs.String(); !strings.Contains(e, path+":8:") || !strings.Contains(e, "The variable n has no value") {
		t.Errorf("without the variable:\n%s", e)
	}
	out.Reset()
	errs.Reset()
	s.Variables["n"] = "1000 + 1"
	s.Variables["who"] = ""
	path = write("second.sql", "SELECT 1,\n\t:n + nothere;\nSELECT 'behind';\n\\quit\n")
	if err := (&Script{Session: s, Continue: true}).File(path); err != ErrFailed || !strings.Contains(out.String(), "behind") {
		t.Errorf("--continue: %v\n%s", err, out)
	}
	if want := path + ":2:7: ERROR:  column \"nothere\" does not exist\nLINE 2:  :n + nothere;\n              ^\nSQLSTATE:  42703\n" + path + ":4:1: \\quit is no command"; !strings.HasPrefix(errs.String(), want) {
		t.Errorf("\n%s\nwant\n%s", errs, want)
	}
}

// TestDryRun: every statement is read by the server and nothing is made.
func TestDryRun(t *testing.T) {
	s, out, errs := at(t)
	text := "CREATE STREAM s (a INT, b STRING) TBLPROPERTIES ('topic'='s', 'format'='json');\nSELECT a FROM s;\nSELECT 1 AS one, 2 AS two;\nSELECT * FROM nowhere;\nSELEC 1;\nDROP STREAM s"
	err := (&Script{Session: s, DryRun: true, Continue: true}).Text("f.sql", text)
	want := "f.sql:1: CREATE STREAM s (a …: ok\nf.sql:2: SELECT a FROM s: needs what line 1 would make\nf.sql:3: SELECT 1 AS one, …: ok, gives one, two\n"
	if err != ErrFailed || !strings.HasPrefix(out.String(), want) {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	if e := errs.String(); !strings.Contains(e, "f.sql:4:15: ERROR") || !strings.Contains(e, "f.sql:5:1: ERROR") {
		t.Errorf("errors:\n%s", e)
	}
	out.Reset()
	s.Format = "csv"
	if err := (&Script{Session: s}).Text("", `SELECT count(*) AS n FROM slipway.streams`); err != nil || out.String() != "n\n0\n" {
		t.Errorf("a dry run made something: %v %s", err, out)
	}
}

// TestPiped: lines from a pipe, statements over several of them, COPY, and the end at the first mistake.
func TestPiped(t *testing.T) {
	s, out, errs := at(t)
	s.Format = "csv"
	in := "SELECT 'a;\nb' AS x; SELECT 2 AS\n y;\n\n\\echo here\nCOPY (SELECT 7) TO STDOUT;\nSELECT 3 AS last"
	if err := Piped(s, strings.NewReader(in)).Loop(); err != nil || out.String() != "x\n\"a;\nb\"\ny\n2\nhere\n7\nCOPY 1\nlast\n3\n" {
		t.Errorf("%v %s\n%s", err, errs, out)
	}
	out.Reset()
	if err := Piped(s, strings.NewReader("SELECT 1 AS a;\nSELECT oops;\nSELECT 2 AS b;")).Loop(); err != ErrFailed || out.String() != "a\n1\n" {
		t.Errorf("%v %s", err, out)
	}
	out.Reset()
	if err := Piped(s, strings.NewReader("SELECT 1 AS a;\n\\q\nSELECT 2 AS b;")).Loop(); err != nil || out.String() != "a\n1\n" {
		t.Errorf("%v %s", err, out)
	}
}

// TestComplete: names of the catalog where they may stand.
func TestComplete(t *testing.T) {
	s, _, errs := at(t)
	if err := (&Script{Session: s}).Text("", "CREATE STREAM clicks (visitor STRING) TBLPROPERTIES ('topic'='c', 'format'='json')"); err != nil {
		t.Fatal(errs)
	}
	for before, want := range map[string]string{
		"sel": "SELECT", "select * from cl": "clicks", "select vis": "visitor", "select approx_c": "approx_count_distinct", "SHOW streamj": "STREAMJOBS", `\wat`: `\watch`,
		`CREATE STREAM s (a INT) TBLPROPERTIES ("on.err`: "on.error", "select 1 wher": "WHERE", "use def": "default",
	} {
		c := &completer{session: s}
		head, list, tail := c.complete(before+" tail", len([]rune(before)))
		if !strings.Contains(strings.ToLower(strings.Join(list, " ")), strings.ToLower(want)) || tail != " tail" || !strings.HasPrefix(before, head) {
			t.Errorf("%q<TAB>: %q %q %q, want %s", before, head, list, tail, want)
		}
	}
}

// TestHistoryKeepsNoSecrets: what has to do with a password is not remembered.
func TestHistoryKeepsNoSecrets(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT 1;": true, "": false, "CREATE USER ann PASSWORD 'planted'": false, "alter role x with encrypted password 'planted'": false, "CREATE SECRET k AS 'planted'": false,
		"CREATE STREAM s (a INT) TBLPROPERTIES ('url'='jdbc:postgres://ann:planted@h/d')": false, `SET a.sasl.jaas.config="planted"`: false,
		"CREATE TABLE t (a INT) TBLPROPERTIES (\"token\"=\"planted\")": false,
	} {
		if remembered(text) != want {
			t.Errorf("%q: remembered %v", text, !want)
		}
	}
}
