// Package connectors shows that a connector is its own folder and a line: one that only this
// test has is declared, checked, read, written and hidden as those of the server are.
package connectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node"
	"slipway/conf"
	"slipway/tests/connectors/ledger"
)

func start(t *testing.T, k *ledger.Connector) *pgx.Conn {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, []string{
		"server.data.directory=" + t.TempDir(), "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0",
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(context.Background(), cfg, slog.New(slog.DiscardHandler), k) // the line
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := n.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	c, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://u@%s/default?default_query_exec_mode=simple_protocol", n.SQLAddress()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func exec(t *testing.T, c *pgx.Conn, sql string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func query(t *testing.T, c *pgx.Conn, sql string) string {
	t.Helper()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var out []string
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Trim(fmt.Sprint(values), "[]"))
	}
	if rows.Err() != nil {
		t.Fatalf("%s: %v", sql, rows.Err())
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

const declare = `CREATE TABLE book (k STRING, n BIGINT)
	TBLPROPERTIES ("connector"="ledger", "pin"="planted", "entries"="+I a 1; +I b 2; -U a 1; +U a 5; +I c 7; -D b 2; -U c 7; +U c 1")`

// TestConnectorOfAFolder: its rows correct one another from the source on.
func TestConnectorOfAFolder(t *testing.T) {
	k := &ledger.Connector{}
	c := start(t, k)
	exec(t, c, declare)
	for sql, want := range map[string]string{
		"SELECT k, n FROM book":                                              "a 5, c 1",
		"SELECT k, n FROM book WHERE n < 5":                                  "c 1",
		"SELECT CAST(sum(n) AS BIGINT), count(*) FROM book":                  "6 2",
		"SELECT n, count(*) FROM book GROUP BY n":                            "1 1, 5 1",
		"SELECT count(*) FROM book WHERE k <> 'a'":                           "1",
		"SELECT k FROM book UNION ALL SELECT 'x' AS k FROM book WHERE n = 1": "a, c, x",
	} {
		if got := query(t, c, sql); got != want {
			t.Errorf("%s gives %s, want %s", sql, got, want)
		}
	}
	if plan := query(t, c, "EXPLAIN SELECT k FROM book"); !strings.Contains(plan, "records say what they do to rows") {
		t.Error(plan)
	}
	exec(t, c, `CREATE TABLE sums (total BIGINT) TBLPROPERTIES ("connector"="ledger")`)
	exec(t, c, `CREATE STREAMJOB j AS ("INSERT INTO sums SELECT sum(n) FROM book")
		JOBPROPERTIES ("morphling.job.enable.checkpoint"="false")`)
	for deadline := time.Now().Add(20 * time.Second); !slices.ContainsFunc(k.Rows(),
		func(r string) bool { return strings.HasSuffix(r, " 6") }); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the sum was not written: %v", k.Rows())
		}
	}
	exec(t, c, "DROP STREAMJOB j")
}

// TestOptionsOfAFolder: they are checked, guessed at, hidden and refused by the declaration alone.
func TestOptionsOfAFolder(t *testing.T) {
	c := start(t, &ledger.Connector{})
	exec(t, c, declare)
	if text := query(t, c, "SHOW CREATE TABLE book"); strings.Contains(text, "planted") || !strings.Contains(text, `"pin"="******"`) {
		t.Error(text)
	}
	for sql, want := range map[string]string{
		`CREATE TABLE x (k STRING) TBLPROPERTIES ("connector"="ledger", "batch"="101")`:         `property "batch": 101 is not between 1 and 100`,
		`CREATE TABLE x (k STRING) TBLPROPERTIES ("connector"="ledger", "entires"="")`:          `unknown stream property "entires" Perhaps you meant "entries".`,
		`CREATE TABLE x (k STRING) TBLPROPERTIES ("connector"="ledger", "splits"="1")`:          `option splits belongs to connectors "datagen", "nexmark"; default.x has connector "ledger"`,
		`CREATE STREAM x (k STRING) TBLPROPERTIES ("topic"="x", "format"="json", "entries"="")`: `option entries belongs to connector "ledger"; default.x has connector "kafka"`,
		`CREATE TABLE x (k STRING) TBLPROPERTIES ("connector"="ledger", "format"="json")`:       `option format belongs to connector "kafka"; default.x has connector "ledger"`,
		`CREATE TABLE x (k STRING) TBLPROPERTIES ("connector"="ledgre")`:                        `connector "ledgre" does not exist Perhaps you meant "ledger".`,
	} {
		_, err := c.Exec(t.Context(), sql)
		e, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || e.Code != "22023" || strings.TrimSpace(e.Message+" "+e.Hint) != want || e.Position == 0 {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
