package clients

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"slipway/cmd/node"
)

// portal asks for the rows of a portal, so many at a time, and gives what each question
// brought, as first:last of n.
func portal(t *testing.T, c *pgx.Conn, sql string, page uint32) (out []string) {
	t.Helper()
	h, err := c.PgConn().Hijack()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Conn.Close() })
	if err := h.Conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	f := h.Frontend
	f.SendQuery(&pgproto3.Query{String: "BEGIN"})
	f.SendParse(&pgproto3.Parse{Query: sql})
	f.SendBind(&pgproto3.Bind{DestinationPortal: "p"})
	f.SendExecute(&pgproto3.Execute{Portal: "p", MaxRows: page})
	f.SendSync(&pgproto3.Sync{})
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	var first, last string
	n, ready := 0, 0
	for {
		m, err := f.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.DataRow:
			if last = string(m.Values[0]); n == 0 {
				first = last
			}
			n++
		case *pgproto3.ErrorResponse:
			t.Fatalf("%s: %s", sql, m.Message)
		case *pgproto3.PortalSuspended:
			out = append(out, fmt.Sprintf("%s:%s of %d", first, last, n))
			n = 0
		case *pgproto3.CommandComplete:
			if string(m.CommandTag) != "BEGIN" {
				return append(out, fmt.Sprintf("%s:%s of %d", first, last, n))
			}
		case *pgproto3.ReadyForQuery:
			if ready++; ready == 1 { // of BEGIN
				continue
			}
			f.SendExecute(&pgproto3.Execute{Portal: "p", MaxRows: page})
			f.SendSync(&pgproto3.Sync{})
			if err := f.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestPages: a driver that asks for some rows at a time gets the whole answer, whatever
// slipway.select.rows is, in order.
func TestPages(t *testing.T) {
	n := start(t)
	mustExec(t, connect(t, n, ""), `CREATE TABLE some (id BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="0", "total-amount"="5000", "fields.id.kind"="sequence")`)
	for sql, want := range map[string]string{
		"SELECT id FROM some ORDER BY id DESC":                                   "4999:3000 of 2000, 2999:1000 of 2000, 999:0 of 1000",
		"SELECT id % 10, count(*) FROM some GROUP BY 1 ORDER BY 1":               "0:9 of 10",
		"SELECT id FROM some ORDER BY id LIMIT 2001":                             "0:1999 of 2000, 2000:2000 of 1",
		"SELECT id FROM some WHERE id < 4000 ORDER BY id LIMIT 4000 OFFSET 1000": "1000:2999 of 2000, 3000:3999 of 1000",
	} {
		if got := strings.Join(portal(t, connect(t, n, ""), sql, 2000), ", "); got != want {
			t.Errorf("%s\ngave %s\nwant %s", sql, got, want)
		}
	}
}

// lines gives what a COPY sends, line by line.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		l <- strings.TrimSuffix(line, "\n")
	}
	return len(p), nil
}

func (l lines) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-l:
		return s
	case <-time.After(30 * time.Second):
		t.Fatal("no row came")
		return ""
	}
}

func cancelledWith(t *testing.T, c *pgx.Conn, failed <-chan error) {
	t.Helper()
	for range 100 {
		if err := c.PgConn().CancelRequest(context.Background()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-failed:
			if e, ok := err.(*pgconn.PgError); !ok || e.Code != "57014" {
				t.Errorf("it ended with %v", err)
			}
			return
		case <-time.After(100 * time.Millisecond): // the statement may not have begun
		}
	}
	t.Error("it goes on")
}

// TestFollow: COPY and EMIT CHANGES give rows as they come, until they are cancelled; a
// result that changes says what each row does.
func TestFollow(t *testing.T) {
	n := start(t)
	c := connect(t, n, "")
	mustExec(t, c, `CREATE STREAM t (id INT, g STRING) TBLPROPERTIES ("topic"="t", "format"="json")`)
	mustExec(t, c, "INSERT INTO t VALUES (1, 'a')")
	for name, follow := range map[string]func(c *pgx.Conn, rows lines) error{
		"COPY": func(c *pgx.Conn, rows lines) error {
			_, err := c.PgConn().CopyTo(context.Background(), rows, "COPY (SELECT g, count(*) FROM t GROUP BY g) TO STDOUT")
			return err
		},
		"EMIT CHANGES": func(c *pgx.Conn, rows lines) error {
			r, err := c.Query(context.Background(), "SELECT g, count(*) FROM t GROUP BY g EMIT CHANGES", pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				return err
			}
			defer r.Close()
			for r.Next() {
				var cells []string
				for _, v := range r.RawValues() {
					cells = append(cells, string(v))
				}
				rows <- strings.Join(cells, "\t")
			}
			return r.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			follower, rows, failed := connect(t, n, ""), make(lines, 100), make(chan error, 1)
			go func() { failed <- follow(follower, rows) }() // ends when it is cancelled
			first := rows.next(t)
			if !strings.HasPrefix(first, "+I\ta\t") {
				t.Errorf("the first row is %q", first)
			}
			had := strings.TrimPrefix(first, "+I\ta\t")
			mustExec(t, c, "INSERT INTO t VALUES (2, 'a')")
			if old, now := rows.next(t), rows.next(t); old != "-U\ta\t"+had || !strings.HasPrefix(now, "+U\ta\t") {
				t.Errorf("the change is %q, %q", old, now)
			}
			cancelledWith(t, follower, failed)
		})
	}
}

// TestFetchWaits: a FETCH with a TIMEOUT gives rows that come while it waits.
func TestFetchWaits(t *testing.T) {
	n := start(t)
	c, other := connect(t, n, ""), connect(t, n, "")
	mustExec(t, c, `CREATE STREAM t (id INT) TBLPROPERTIES ("topic"="t", "format"="json")`)
	mustExec(t, c, "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM t")
	got := make(chan [][]string, 1)
	go func() { got <- table(t, c, "FETCH 2 FROM c WITH (TIMEOUT='10m')") }() // ends with two rows
	mustExec(t, other, "INSERT INTO t VALUES (1)")
	mustExec(t, other, "INSERT INTO t VALUES (2)")
	select {
	case rows := <-got:
		if len(rows) != 2 {
			t.Errorf("the FETCH gave %v", rows)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the FETCH waits on")
	}
}

// TestBoundedCancel: a SELECT that has not ended is ended by a cancel request.
func TestBoundedCancel(t *testing.T) {
	n := start(t)
	c := connect(t, n, "")
	mustExec(t, c, `CREATE TABLE ticks (id BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="100000", "fields.id.kind"="sequence"); SET slipway.select.wait = '1h'`)
	for _, sql := range []string{"SELECT count(*) FROM ticks", "SELECT id FROM ticks ORDER BY id DESC", "SELECT DISTINCT id FROM ticks"} {
		failed := make(chan error, 1)
		go func() { // ends when it is cancelled
			_, err := c.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol)
			failed <- err
		}()
		cancelledWith(t, c, failed)
	}
}

// TestBoundedMemory: what a SELECT keeps counts against the server's memory, and is given
// back when it ends, also when it fails.
func TestBoundedMemory(t *testing.T) {
	n, c := startIn(t, t.TempDir(), &keptLog{}, "server.memory.limit=4MB")
	defer n.Kill()
	mustExec(t, c, `CREATE TABLE many (id BIGINT, s STRING) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="0", "total-amount"="100000", "fields.id.kind"="sequence", "fields.s.length"="40")`)
	for range 3 {
		for _, sql := range []string{"SELECT id FROM many ORDER BY s LIMIT 90000", "SELECT s, count(*) FROM many GROUP BY s", "SELECT count(*) FROM (SELECT s FROM many ORDER BY s LIMIT 80000) x"} {
			_, err := c.Exec(context.Background(), sql)
			if e, ok := err.(*pgconn.PgError); !ok || e.Code != "53200" {
				t.Errorf("%s: %v", sql, err)
			}
		}
		for _, sql := range []string{"SELECT id FROM many ORDER BY s LIMIT 10", "SELECT id FROM many ORDER BY id DESC", "SELECT id % 1000, count(*) FROM many GROUP BY 1 ORDER BY 2, 1"} {
			mustExec(t, c, sql)
		}
	}
}

// TestFetchCount: psql that fetches some rows at a time gives the whole answer, and ends.
func TestFetchCount(t *testing.T) {
	cmd := fetching(t, start(t), 3)
	cmd.Stdin = strings.NewReader(`CREATE TABLE some (id BIGINT) TBLPROPERTIES ("connector"='datagen', "rows-per-second"='0', "total-amount"='100', "fields.id.kind"='sequence');
SELECT id % 7 AS k, count(*) FROM some GROUP BY id % 7 ORDER BY 2 DESC, k DESC;
SELECT id FROM some ORDER BY id DESC LIMIT 6;
SELECT count(*) FROM some WHERE id < 0;
`)
	out, err := cmd.CombinedOutput()
	if want := "1|15\n0|15\n6|14\n5|14\n4|14\n3|14\n2|14\n99\n98\n97\n96\n95\n94\n0\n"; err != nil || string(out) != want {
		t.Errorf("psql: %v\n%s\nwant\n%s", err, out, want)
	}
}

// fetching is psql that asks for so many rows at a time.
func fetching(t *testing.T, n *node.Node, rows int) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
			t.Fatal("psql is not installed")
		}
		t.Skip("PSQL IS NOT INSTALLED, test not run")
	}
	host, port, err := net.SplitHostPort(n.SQLAddress())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("psql", "-h", host, "-p", port, "-d", "default", "-v", "ON_ERROR_STOP=1", "-v", fmt.Sprint("FETCH_COUNT=", rows), "-X", "-A", "-t", "-q")
	cmd.Env = append(os.Environ(), "PGUSER=tour")
	return cmd
}

// TestFetchCountFollows: psql that fetches some rows at a time shows them as they come, where the query says
// EMIT CHANGES: it takes fewer rows than it asked for as the end.
func TestFetchCountFollows(t *testing.T) {
	n := start(t)
	c := connect(t, n, "")
	mustExec(t, c, `CREATE STREAM some (id BIGINT) TBLPROPERTIES ("topic"="some", "format"="json", "topic.partitions"="1")`)
	cmd := fetching(t, n, 2)
	cmd.Stdin = strings.NewReader("SELECT id FROM some LIMIT 6 EMIT CHANGES;\n")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	seen, next := bufio.NewScanner(out), 0
	seeBefore := func(id int) {
		for ; next < id; next++ {
			if !seen.Scan() || seen.Text() != fmt.Sprint(next) {
				t.Fatalf("%q, %v instead of %d", seen.Text(), seen.Err(), next)
			}
		}
	}
	for id := range 6 {
		mustExec(t, c, fmt.Sprintf("INSERT INTO some VALUES (%d)", id))
		if id%2 == 1 {
			seeBefore(id) // psql ends a line with the one behind it
		}
	}
	seeBefore(6)
	if err := cmd.Wait(); err != nil || seen.Scan() {
		t.Errorf("psql: %v, %q behind the last row", err, seen.Text())
	}
}
