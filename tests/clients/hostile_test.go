package clients

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"slipway/tests/process"
)

const (
	// hostileWork is what a text may take of the processors' time before the test fails: thrice the second that is promised, since
	// processors differ and share their caches. What it takes by the clock hangs on what else runs on the machine.
	hostileWork = 3 * time.Second
	// hostileTime is when a text is given up, on whatever machine.
	hostileTime = 60 * time.Second
	// hostileMemory is what the server may hold above what it held before the text came.
	hostileMemory = 512 << 20
	// hostileWait is how long SELECT 1 of another client may take meanwhile, by the clock.
	hostileWait = 5 * time.Second
)

// hostileServer is a server in a process of its own, with what the texts read.
func hostileServer(t *testing.T) *process.Process {
	t.Helper()
	if process.RaceFactor > 1 {
		t.Skip("the bounds are of a build without the race detector: make test runs it so besides")
	}
	dir := t.TempDir()
	p, err := process.Start(t, filepath.Join(dir, "log"), nil, "server", "--set", "server.data.directory="+dir+"/data", "--set", "server.memory.limit=64MB",
		"--set", "server.sql.listen=127.0.0.1:0", "--set", "server.console.listen=", "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop() })
	conn := dialHostile(t, p)
	for name, module := range map[string]string{"endless": endlessModule, "deep": deepModule, "grows": growsModule} {
		execute(t, conn, fmt.Sprintf(`CREATE FUNCTION %s(x BIGINT) RETURNS BIGINT LANGUAGE wasm AS '%s' WITH ("export"="f", "time.limit"="100 ms")`, name, module))
	}
	execute(t, conn, `CREATE STREAM ticks (id BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at) TBLPROPERTIES ("topic"="ticks", "format"="json")`)
	execute(t, conn, `INSERT INTO ticks SELECT g, TIMESTAMP '2026-01-01 00:00:00' FROM generate_series(1, 1000) t(g)`)
	execute(t, conn, `CREATE FUNCTION f0(x BIGINT) RETURNS BIGINT AS 'x + 1'; CREATE VIEW v0 AS SELECT id FROM ticks`)
	execute(t, conn, "CREATE VIEW vv0 AS SELECT id AS x FROM ticks")
	execute(t, conn, "CREATE STREAM wide (c0 INT"+chained(999, ", c%d INT")+") TBLPROPERTIES ('topic'='w1')")
	return p
}

// TestHostileTexts: whatever text a client sends, a server in a process of its own ends it within a second of processor time, in little
// memory, with the SQLSTATE that says why or with the right answer, serves others meanwhile, and goes on serving. Each text prints what it took.
func TestHostileTexts(t *testing.T) {
	p := hostileServer(t)
	for _, group := range [][]hostile{nested, long, large, explosive, copying, wide, costly, heavy, modules()} {
		for _, h := range group {
			t.Run(h.name, func(t *testing.T) { h.send(t, p) })
		}
	}
}

// TestHostileTextsEnd: what would go on for hours ends when its client cancels it, and leaves nothing behind that goes on.
func TestHostileTextsEnd(t *testing.T) {
	p := hostileServer(t)
	for _, h := range endless {
		t.Run(h.name, func(t *testing.T) { h.cancel(t, p) })
	}
}

func dialHostile(t *testing.T, p *process.Process) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), "postgres://test@"+p.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), text); err != nil {
		t.Fatalf("%.80s: %v", text, err)
	}
}

// send sends the text and checks what comes of it, and that the same connection is served behind it.
func (h hostile) send(t *testing.T, p *process.Process) {
	conn := dialHostile(t, p)
	longest := servesOthers(t, p)
	took, grown, err := h.costs(t, p, conn)
	if grown > hostileMemory { // garbage stands beside what is held, and how much is chance: what holds too much does so again
		_, again, _ := h.costs(t, p, conn)
		grown = min(grown, again)
	}
	wait := longest()
	t.Logf("%.2f s of processor time, %d MB, others waited %.3f s, %v", took.Seconds(), grown>>20, wait.Seconds(), shortened(err))
	if code := stateOf(err); code != h.code {
		t.Errorf("SQLSTATE %q, want %q: %v", code, h.code, shortened(err))
	}
	if took > hostileWork {
		t.Errorf("%s of processor time", took)
	}
	if grown > hostileMemory {
		t.Errorf("%d MB", grown>>20)
	}
	if wait > hostileWait {
		t.Errorf("SELECT 1 of another client took %s", wait)
	}
	h.servedAfter(t, p, conn)
}

// costs sends the text, and tells how long the server worked and by how much it grew.
func (h hostile) costs(t *testing.T, p *process.Process, conn *pgx.Conn) (took time.Duration, grown int64, answer error) {
	before, err := p.Resident()
	if err != nil {
		t.Fatal(err)
	}
	resetPeak(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), hostileTime)
	defer cancel()
	worked := work(t, p)
	_, answer = conn.Exec(ctx, h.text)
	return work(t, p) - worked, peak(t, p) - before, answer
}

// cancel sends the text, takes it back, and sees that the server has nothing to do then.
func (h hostile) cancel(t *testing.T, p *process.Process) {
	conn := dialHostile(t, p)
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), h.text)
		ended <- err
	}()
	time.Sleep(200 * time.Millisecond)
	if err := conn.PgConn().CancelRequest(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if code := stateOf(err); code != h.code {
			t.Errorf("SQLSTATE %q, want %q: %v", code, h.code, shortened(err))
		}
	case <-time.After(hostileTime):
		t.Fatal("it goes on")
	}
	h.servedAfter(t, p, conn)
	for end := time.Now().Add(hostileTime); ; {
		worked := work(t, p)
		time.Sleep(500 * time.Millisecond)
		took := work(t, p) - worked
		if took < 300*time.Millisecond {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server still worked for %s in half a second", took)
		}
	}
}

func (h hostile) servedAfter(t *testing.T, p *process.Process, conn *pgx.Conn) {
	t.Helper()
	if !p.Alive() {
		t.Fatal("the server has ended")
	}
	execute(t, dialHostile(t, p), "SELECT 1")
	if !conn.IsClosed() {
		execute(t, conn, "SELECT 1")
	}
}

// servesOthers sends SELECT 1 again and again by another connection, until it is asked for the longest that one of them took.
func servesOthers(t *testing.T, p *process.Process) (longest func() time.Duration) {
	t.Helper()
	conn, stop, took := dialHostile(t, p), make(chan struct{}), make(chan time.Duration, 1)
	go func() { // ends when the longest is asked for
		most := time.Duration(0)
		for {
			began := time.Now()
			if _, err := conn.Exec(context.Background(), "SELECT 1"); err != nil {
				t.Errorf("SELECT 1 of another client: %v", err)
			}
			most = max(most, time.Since(began))
			select {
			case <-stop:
				took <- most
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() time.Duration { close(stop); return <-took }
}

// work is the processor time of the server so far.
func work(t *testing.T, p *process.Process) time.Duration {
	t.Helper()
	d, err := p.CPU()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func shortened(err error) string { return fmt.Sprintf("%.200v", err) }

// stateOf is the SQLSTATE of an error, "" for none.
func stateOf(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// resetPeak has the kernel count the peak of resident memory anew.
func resetPeak(t *testing.T, p *process.Process) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.PID()), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// peak is the most memory that was resident since, in bytes.
func peak(t *testing.T, p *process.Process) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		t.Fatal(err)
	}
	m := highWater.FindSubmatch(b)
	if m == nil {
		t.Fatalf("no peak in %s", b)
	}
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
