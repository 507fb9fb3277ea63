package security

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node/nodetest"
	"slipway/server/session"
	"slipway/sql"
)

var rewriteMatrix = flag.Bool("rewrite", false, "write what is answered into testdata")

// world is what there is in database shop: a source, a sink, a view that who may read it needs no other right for, and a job.
var world = []string{
	"CREATE DATABASE IF NOT EXISTS shop",
	`CREATE TABLE IF NOT EXISTS shop.src (n BIGINT) TBLPROPERTIES ("connector"="datagen", "total-amount"="3")`,
	`CREATE TABLE IF NOT EXISTS shop.snk (n BIGINT) TBLPROPERTIES ("connector"="blackhole")`,
	"CREATE OR REPLACE VIEW shop.vw AS SELECT n FROM shop.src",
	`CREATE STREAMJOB IF NOT EXISTS shop.etl AS ("INSERT INTO shop.snk SELECT n FROM shop.src") JOBPROPERTIES ("morphling.job.autostart"="false")`,
	"CREATE OR REPLACE FUNCTION shop.tax (x BIGINT) RETURNS BIGINT RETURN x * 2", "CREATE APPLICATION IF NOT EXISTS app",
	"CREATE SECRET IF NOT EXISTS pw AS 'hidden'",
}

// people are the columns of the matrix, with what was granted to each.
var people = []struct{ name, grant string }{
	{"nobody", ""},
	{"s_read", "READ ON TABLE shop.src, shop.vw"}, {"s_write", "WRITE ON TABLE shop.snk"}, {"s_own", "OWN ON TABLE shop.src, shop.snk, shop.vw"},
	{"j_read", "READ ON STREAMJOB shop.etl"}, {"j_operate", "OPERATE ON STREAMJOB shop.etl"}, {"j_own", "OWN ON STREAMJOB shop.etl"},
	{"d_read", "READ ON DATABASE shop"}, {"d_write", "WRITE ON DATABASE shop"}, {"d_operate", "OPERATE ON DATABASE shop"}, {"d_create", "CREATE ON DATABASE shop"},
	{"d_own", "OWN ON DATABASE shop"}, {"root", ""},
}

// TestRightsMatrix sends each kind of statement as everybody: allowed, or with which SQLSTATE not. A kind that the server knows and
// testdata/matrix has no line for fails.
func TestRightsMatrix(t *testing.T) {
	n := nodetest.Start(t, "server.auth.rules=host all all loopback trust")
	m := &matrix{t: t, address: n.SQLAddress(), open: map[string]*pgconn.PgConn{}}
	defer m.close()
	m.must("first", "CREATE USER root SUPERUSER")
	for _, text := range world {
		m.must("root", text)
	}
	m.conn("root").Close(t.Context()) // it comes again into the database that there is now
	for _, p := range people[:len(people)-1] {
		m.must("root", "CREATE USER "+p.name)
	}
	m.grantAll()
	grants := m.grants()
	const file = "testdata/matrix"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line == "" || line[0] == '#' || line[0] == ' ' {
			if !strings.HasPrefix(line, "    ") {
				fmt.Fprintln(&out, line)
			}
			continue
		}
		seen[kindOf(t, line)] = true
		fmt.Fprintf(&out, "%s\n    %s\n", line, m.row(line))
		if now := m.grants(); now != grants {
			t.Fatalf("%s has changed what was granted:\n%s\nbefore:\n%s", line, now, grants)
		}
	}
	if *rewriteMatrix {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if out.String() != string(text) {
		t.Errorf("the matrix is\n%s\nwant\n%s", out.String(), text)
	}
	for _, kind := range session.Kinds() {
		if !seen[kind] {
			t.Errorf("%s has no line for statements of the kind %s", file, kind)
		}
	}
}

// kindOf is the kind of a line's last statement.
func kindOf(t *testing.T, text string) string {
	t.Helper()
	if strings.Contains(text, "pg_class") {
		return "catalogQuery"
	}
	list, err := (&sql.Compiler{}).Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return reflect.TypeOf(list[len(list)-1]).Elem().Name()
}

type matrix struct {
	t       *testing.T
	address string
	open    map[string]*pgconn.PgConn
}

func (m *matrix) close() {
	for _, c := range m.open {
		c.Close(context.Background())
	}
}

func (m *matrix) conn(user string) *pgconn.PgConn {
	if c := m.open[user]; c != nil && !c.IsClosed() {
		return c
	}
	c, err := pgconn.Connect(m.t.Context(), "postgres://"+user+"@"+m.address+"/shop?sslmode=disable")
	if err != nil {
		m.t.Fatalf("%s: %v", user, err)
	}
	m.open[user] = c
	return c
}

// send gives the SQLSTATE of what a statement is answered with, empty if it is done.
func (m *matrix) send(user, text string) string {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	var err error
	if strings.HasPrefix(text, "COPY") && strings.Contains(text, "FROM STDIN") {
		_, err = m.conn(user).CopyFrom(ctx, strings.NewReader("1\n"), text)
	} else {
		_, err = m.conn(user).Exec(ctx, text).ReadAll()
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	if err != nil {
		m.t.Fatalf("%s, %s: %v", user, text, err)
	}
	return ""
}

func (m *matrix) must(user, text string) {
	m.t.Helper()
	if code := m.send(user, text); code != "" {
		m.t.Fatalf("%s, %s: %s", user, text, code)
	}
}

// grants are all that there are.
func (m *matrix) grants() string {
	list, err := m.conn("root").Exec(m.t.Context(), "SHOW GRANTS; SHOW USERS").ReadAll()
	if err != nil {
		m.t.Fatal(err)
	}
	var lines []string
	for _, r := range list {
		for _, row := range r.Rows {
			lines = append(lines, fmt.Sprintf("%s", row[:min(5, len(row))]))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// undo takes back what lines made.
var undo = []string{
	"DROP STREAMJOB IF EXISTS shop.new_job", "DROP VIEW IF EXISTS shop.new_view", "DROP TABLE IF EXISTS shop.new_table", "DROP FUNCTION IF EXISTS shop.new_function (BIGINT)",
	"DROP APPLICATION IF EXISTS new_app", "DROP DATABASE IF EXISTS new_database", "DROP USER IF EXISTS new_user", "DROP SECRET IF EXISTS new_secret",
}

// revoked takes back what lines granted, once the world is there again.
var revoked = []string{"REVOKE ALL ON TABLE shop.src FROM nobody", "REVOKE ALL ON STREAMJOB shop.etl FROM nobody", "REVOKE ALL ON DATABASE shop FROM nobody", "REVOKE s_read FROM nobody"}

// row is one line of the matrix: those whom it is allowed, and for each SQLSTATE those who get it.
func (m *matrix) row(text string) string {
	by := map[string][]string{}
	for _, p := range people {
		code := m.send(p.name, text)
		if code == "" {
			code = "done"
		}
		by[code] = append(by[code], p.name)
		m.send(p.name, "ROLLBACK; CLOSE ALL; DEALLOCATE ALL; USE APPLICATION default; USE shop")
		if changes := strings.Fields(text)[0]; code[0] != '4' && slices.Contains([]string{"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "START", "STOP"}, changes) {
			m.restore()
		}
	}
	codes := make([]string, 0, len(by))
	for code, names := range by {
		codes = append(codes, code+": "+strings.Join(names, " "))
	}
	slices.SortFunc(codes, func(a, b string) int { // what is done stands first
		if strings.HasPrefix(a, "done") != strings.HasPrefix(b, "done") {
			return strings.Compare(b, a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(codes, " | ")
}

// restore brings back what was stopped, dropped or revoked.
func (m *matrix) restore() {
	m.send("root", "STOP STREAMJOB shop.etl")
	for _, text := range slices.Concat(undo, world, revoked) {
		m.must("root", text)
	}
	m.grantAll()
}

func (m *matrix) grantAll() {
	for _, p := range people {
		if p.grant != "" {
			m.must("root", "GRANT "+p.grant+" TO "+p.name)
		}
	}
}
