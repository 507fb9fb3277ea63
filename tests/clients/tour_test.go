// Package clients talks to a whole node with real clients: psql, and pgx in the ways
// drivers use.
package clients

import (
	"context"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node"
	"slipway/cmd/node/nodetest"
)

func start(t *testing.T) *node.Node {
	t.Helper()
	return nodetest.Start(t)
}

// tour gives the statements of the README's tour, line by line.
func tour(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "<!-- tour -->\n```sql\n")
	text, _, ok2 := strings.Cut(rest, "```")
	if !ok || !ok2 {
		t.Fatal("the README has no tour")
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

// TestTour pastes the README's tour into psql line by line.
func TestTour(t *testing.T) {
	if _, err := exec.LookPath("psql"); err != nil {
		if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
			t.Fatal("psql is not installed")
		}
		t.Skip("PSQL IS NOT INSTALLED, test not run")
	}
	n := start(t)
	beside := connect(t, n, "")
	host, port, err := net.SplitHostPort(n.SQLAddress())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("psql", "-h", host, "-p", port, "-d", "default", "-v", "ON_ERROR_STOP=1", "-X", "-A", "-t")
	cmd.Env = append(os.Environ(), "PGUSER=tour")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	visits := []string{"2", "3"} // at each SELECT
	for _, line := range tour(t) {
		if strings.HasPrefix(line, "SHOW CHECKPOINTS") {
			eventually(t, line, func() bool { // a person reads so long before the next line
				answers, err := beside.PgConn().Exec(context.Background(), line).ReadAll()
				return err == nil && slices.ContainsFunc(answers[0].Rows, func(row [][]byte) bool {
					return slices.ContainsFunc(row, func(value []byte) bool { return string(value) == "COMPLETED" })
				})
			})
		}
		if strings.HasPrefix(line, "SELECT") { // psql is as far as this when the job has answered
			eventually(t, line, func() bool {
				rows, err := beside.Exec(context.Background(), "SELECT page FROM per_page WHERE page = '/home' AND visits = "+visits[0])
				return err == nil && rows.RowsAffected() > 0
			})
			visits = visits[1:]
		}
		if _, err := stdin.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("psql: %v\n%s", err, out.String())
	}
	for _, want := range []string{"/home|2|200", "/buy|1|900", "/home|3|300", "RUNNING", "COMPLETED", "updating, rows already given are corrected", "DROP STREAMJOB"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tour never showed %q:\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "/home|"); n != 2 { // once at each SELECT, as it was then
		t.Errorf("the tour showed /home %d times:\n%s", n, out.String())
	}
}

func connect(t *testing.T, n *node.Node, options string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable"+options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// TestDriver uses the protocol as drivers do: extended queries in binary, parameters,
// transactions, errors with positions, cancel.
func TestDriver(t *testing.T) {
	n, ctx := start(t), context.Background()
	c := connect(t, n, "")
	var sum int64
	var text string
	var yes bool
	if err := c.QueryRow(ctx, "SELECT 40 + 2, upper('x'), 1 < 2").Scan(&sum, &text, &yes); err != nil || sum != 42 || text != "X" || !yes {
		t.Fatalf("%d %s %t %v", sum, text, yes, err)
	}
	if err := c.QueryRow(ctx, "SELECT $1 || '-' || $2", "a", "b").Scan(&text); err != nil || text != "a-b" {
		t.Fatalf("%q %v", text, err)
	}
	_, err := c.Exec(ctx, "SELECT 1, nosuch(2)")
	e, ok := err.(*pgconn.PgError)
	if !ok || e.Code != "42883" || e.Position != 11 {
		t.Fatalf("%#v", err)
	}
	if _, err := c.Exec(ctx, "BEGIN"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "SELECT nosuch()"); err == nil {
		t.Fatal("an unknown function was found")
	}
	if _, err := c.Exec(ctx, "SELECT 1"); err == nil || err.(*pgconn.PgError).Code != "25P02" {
		t.Fatalf("in a failed transaction: %v", err)
	}
	if _, err := c.Exec(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	exec := func(sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`CREATE TABLE ticks (id BIGINT, price DECIMAL(10,2)) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="1000", "fields.id.kind"="sequence")`)
	rows, err := c.Query(ctx, "SELECT id, price FROM ticks LIMIT 50")
	if err != nil {
		t.Fatal(err)
	}
	count := int64(0)
	for rows.Next() {
		var id int64
		var price float64
		if err := rows.Scan(&id, &price); err != nil || id != count {
			t.Fatalf("row %d has id %d: %v", count, id, err)
		}
		count++
	}
	if rows.Err() != nil || count != 50 {
		t.Fatalf("%d rows, %v", count, rows.Err())
	}
	cancelled(t, n)
}

// cancelled: a COPY that never ends is ended by a cancel request.
func cancelled(t *testing.T, n *node.Node) {
	t.Helper()
	c := connect(t, n, "")
	first := make(chan struct{}, 1)
	failed := make(chan error, 1)
	go func() {
		_, err := c.PgConn().CopyTo(context.Background(), writerFunc(func(p []byte) {
			select {
			case first <- struct{}{}:
			default:
			}
		}), "COPY (SELECT id FROM ticks) TO STDOUT")
		failed <- err
	}()
	<-first
	if err := c.PgConn().CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	err := <-failed
	if e, ok := err.(*pgconn.PgError); !ok || e.Code != "57014" {
		t.Fatalf("the cancelled COPY ended with %v", err)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// TestMalformed: bytes that kill the library behind the reader do not kill the server.
func TestMalformed(t *testing.T) {
	n := start(t)
	for name, body := range map[string][]byte{
		"query without body": {'Q', 0, 0, 0, 4}, "bind of nothing": {'B', 0, 0, 0, 4}, "negative parameter": {'B', 0, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE, 0, 0},
		"function call": {'F', 0, 0, 0, 4}, "copy fail": {'f', 0, 0, 0, 4}, "four gigabytes": {'Q', 0xFF, 0xFF, 0xFF, 0xFF}, "unknown": {'?', 0, 0, 0, 4}, "negative length": {'Q', 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", n.SQLAddress())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			startup := append([]byte{0, 0, 0, 20, 0, 3, 0, 0}, "user\x00test\x00\x00\x00"...)
			c.Write(startup[:20])
			c.Write(body)
			c.Write([]byte{'X', 0, 0, 0, 4}) // where the body is just left out, the connection ends here
			c.SetDeadline(time.Now().Add(5 * time.Second))
			buf := make([]byte, 4096)
			for {
				if _, err := c.Read(buf); err != nil {
					break
				}
			}
			var one int
			if err := connect(t, n, "").QueryRow(context.Background(), "SELECT 1").Scan(&one); err != nil || one != 1 {
				t.Fatalf("the server no longer answers: %v", err)
			}
		})
	}
}
