// Package oracle compares answers with a PostgreSQL's, where the two dialects agree: expressions
// over random values, and random queries over random tables. It runs where postgres and initdb are
// in PATH (or where Debian puts them) and says so where they are not.
//
// Queries (queries_test.go) are generated from random choices, in both dialects at once, and run as a
// SELECT that ends, as a result that changes and as a job that writes by key; in one task and in several;
// killed half-way and restored in others; with the tables read together or one after the other, and
// aggregates in one phase or two. What differs is shown with its seed, which repeats it, and as short as
// it can be made: choices and rows are left out while it still differs.
// The features that queries are made of are listed in generate_from_test.go: those that are off are
// made only if they are asked for, and one that is on and refused is a fault.
//
// What differs on purpose is not generated: `/`, division by zero, GREATEST and LEAST of NULL,
// overflow, ORDER BY without NULLS FIRST or LAST. Written in two ways are the names of types, and
// windows: TUMBLE is date_bin there, HOP and CUMULATE a series beside it, SESSION sums of LAG.
package oracle

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"slipway/tests/servers"
)

// startPostgres runs a server until the test ends.
func startPostgres(t *testing.T) *pgconn.PgConn {
	t.Helper()
	server := servers.StartDatabase(t, "postgresql")
	conn, err := connect(fmt.Sprintf("postgres://test@127.0.0.1:%d/%s?sslmode=disable", server.Port, servers.DatabaseName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func connect(url string) (*pgconn.PgConn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return pgconn.Connect(ctx, url)
}
