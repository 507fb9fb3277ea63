package clients

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/tests/servers"
)

// declared is what the texts of the shapes name, in a PostgreSQL.
const declared = `CREATE TABLE t1 (id int PRIMARY KEY, name text DEFAULT 'x', v numeric(10,2) UNIQUE); CREATE VIEW v1 AS SELECT id, name FROM t1;
	CREATE TABLE t2 (id int REFERENCES t1(id)); CREATE FUNCTION f1(a int) RETURNS int LANGUAGE sql AS 'select 1'; CREATE TABLE clicks (id bigint PRIMARY KEY, page text, price numeric(10,2))`

// TestShapes: what psql, drivers, DBeaver, Grafana and Metabase ask of the catalog has the columns, their types and those of the
// parameters that a real PostgreSQL gives them, and is answered.
func TestShapes(t *testing.T) {
	ctx := t.Context()
	database := servers.StartDatabase(t, "postgresql")
	real, err := pgconn.Connect(ctx, fmt.Sprintf("postgres://test@127.0.0.1:%d/shop?sslmode=disable", database.Port))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := real.Exec(ctx, declared).ReadAll(); err != nil {
		t.Fatal(err)
	}
	c := connect(t, start(t), "")
	for _, text := range []string{
		`CREATE STREAM t1 (id INT, name STRING DEFAULT 'x', v DECIMAL(10,2), PRIMARY KEY (id)) TBLPROPERTIES ("topic"="t1", "format"="json", "topic.create"="true")`, "CREATE VIEW v1 AS SELECT id, name FROM t1",
		`CREATE STREAM clicks (id BIGINT, page STRING, price DECIMAL(10,2), PRIMARY KEY (id)) TBLPROPERTIES ("topic"="clicks", "format"="json", "topic.create"="true")`,
		"CREATE FUNCTION f1(a INT) RETURNS INT AS 'a'",
	} {
		mustExec(t, c, text)
	}
	ours := c.PgConn()
	compared := 0
	for _, file := range []string{"psql15.sql", "drivers.sql", "tools.sql"} {
		text, err := os.ReadFile("../../server/pgcatalog/syntax/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range strings.Split(string(text), "\n;;\n") {
			got, err := described(ctx, ours, q)
			want, refused := described(ctx, real, q)
			switch {
			case err != nil:
				t.Errorf("%v\n%s", err, q)
			case refused != nil:
				t.Logf("PostgreSQL refuses it: %v\n%s", refused, q)
			case got != want:
				t.Errorf("%s\nis\n%s\nwant\n%s", q, got, want)
			default:
				compared++
				if err, refused := ran(ctx, ours, q), ran(ctx, real, q); err != nil && refused == nil {
					t.Errorf("%v\n%s", err, q)
				}
			}
		}
	}
	t.Logf("%d are alike", compared)
}

// ran runs a statement to its end, with NULL for its parameters.
func ran(ctx context.Context, c *pgconn.PgConn, text string) error {
	d, err := c.Prepare(ctx, "", text, nil)
	if err != nil {
		return err
	}
	return c.ExecParams(ctx, text, make([][]byte, len(d.ParamOIDs)), d.ParamOIDs, nil, nil).Read().Err
}

// described are the parameters and the columns of a statement.
func described(ctx context.Context, c *pgconn.PgConn, text string) (string, error) {
	d, err := c.Prepare(ctx, "", text, nil)
	if err != nil {
		return "", err
	}
	out := fmt.Sprint(d.ParamOIDs)
	for _, f := range d.Fields {
		out += fmt.Sprintf(" %s:%d", f.Name, f.DataTypeOID)
	}
	return out, nil
}
