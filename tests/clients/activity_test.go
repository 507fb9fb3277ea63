package clients

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestActivity: pg_stat_activity shows what another client runs, without secrets, and pg_cancel_backend and pg_terminate_backend
// end it.
func TestActivity(t *testing.T) {
	n := start(t)
	watcher := connect(t, n, "")
	run := func(c *pgx.Conn, text string) {
		t.Helper()
		if _, err := c.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	run(watcher, `CREATE STREAM clicks (id BIGINT) TBLPROPERTIES ("topic"="clicks", "format"="json", "topic.create"="true")`)
	follows := func() (pid uint32, ended chan error) {
		c := connect(t, n, "")
		ended = make(chan error, 1)
		go func() { // ends when the statement does
			_, err := c.Exec(context.Background(), "SELECT id FROM clicks WHERE id > 0 /* password='hunter2' */ EMIT CHANGES")
			ended <- err
		}()
		return c.PgConn().PID(), ended
	}
	for _, c := range []struct{ function, code string }{{"pg_cancel_backend", "57014"}, {"pg_terminate_backend", "57P01"}} {
		pid, ended := follows()
		awaitRow(t, watcher, "SELECT state = 'active' AND query LIKE 'SELECT id FROM clicks%' AND query NOT LIKE '%hunter2%' AND query_start IS NOT NULL FROM pg_stat_activity WHERE pid = $1", pid)
		var done bool
		if err := watcher.QueryRow(t.Context(), "SELECT "+c.function+"($1)", pid).Scan(&done); err != nil || !done {
			t.Fatalf("%s: %v %v", c.function, done, err)
		}
		var e *pgconn.PgError
		if err := <-ended; !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s ended it with %v", c.function, err)
		}
	}
	other := connect(t, n, "")
	run(other, `SET slipway.struct.form = 'json'`)
	run(other, `CREATE STREAM s (id BIGINT) TBLPROPERTIES ("topic"="s", "format"="json", "topic.create"="true")`)
	awaitRow(t, watcher, "SELECT state = 'idle' AND query = 'CREATE STREAM' FROM pg_stat_activity WHERE pid = $1", other.PgConn().PID())
	run(other, "BEGIN")
	awaitRow(t, watcher, "SELECT state = 'idle in transaction' AND xact_start IS NOT NULL FROM pg_stat_activity WHERE pid = $1", other.PgConn().PID())
}

// awaitRow waits until a query answers with true.
func awaitRow(t *testing.T, c *pgx.Conn, query string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		var holds *bool
		err := c.QueryRow(ctx, query, args...).Scan(&holds)
		if err == nil && holds != nil && *holds {
			return
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			t.Fatalf("%s: %v", query, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestDumpIsRefused: pg_dump says what there is in its place.
func TestDumpIsRefused(t *testing.T) {
	if _, err := exec.LookPath("pg_dump"); err != nil {
		missing(t, "pg_dump")
	}
	host, port := addressOf(t, start(t))
	out, err := exec.Command("pg_dump", "-s", "-h", host, "-p", port, "-U", "ann", "default").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "pg_dump is not supported") || !strings.Contains(string(out), "SHOW CREATE") {
		t.Errorf("pg_dump said %s", out)
	}
}
