package clients

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"slipway/cmd/node"
	"slipway/conf"
	"slipway/ha/local"
)

// keptLog is a log that a test reads.
type keptLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *keptLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *keptLog) contains(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), s)
}

func startIn(t *testing.T, directory string, log *keptLog, sets ...string) (*node.Node, *pgx.Conn) {
	t.Helper()
	cfg, _, err := conf.LoadServer("", nil, append([]string{"server.data.directory=" + directory, "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0"}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(context.Background(), cfg, node.Logger(cfg, log))
	if err != nil {
		t.Fatal(err)
	}
	return n, connect(t, n, "&default_query_exec_mode=simple_protocol")
}

func mustExec(t *testing.T, c *pgx.Conn, sql string) {
	t.Helper()
	if _, err := c.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

const countKeys = `CREATE TABLE events (k BIGINT, v BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="20000", "fields.k.max"="20000");
	CREATE TABLE nowhere (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="blackhole");
	CREATE STREAMJOB counting AS ("insert into nowhere select k, count(*) from events group by k") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true",
		"morphling.job.checkpoint.interval"="150", "morphling.job.enable.auto.failover"="true")`

func stateFiles(t *testing.T, directory string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "state", "*", "chk-*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(files, func(a, b string) int { // by checkpoint number
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return files
}

// newestFile is the last that the newest recorded checkpoint of the only job needs; a file
// behind it may belong to one that was being taken when the server ended.
func newestFile(t *testing.T, directory string) string {
	t.Helper()
	store, err := local.Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	all, err := store.List(context.Background())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d jobs: %v", len(all), err)
	}
	held, err := store.Metadata().Peek(context.Background(), all[0].ID)
	if err != nil || len(held) == 0 {
		t.Fatalf("%d checkpoints: %v", len(held), err)
	}
	needed := held[0].Files()
	for _, f := range slices.Backward(stateFiles(t, directory)) {
		if slices.Contains(needed, all[0].ID+"/"+filepath.Base(f)) {
			return f
		}
	}
	t.Fatalf("none of %v is there", needed)
	return ""
}

// TestDamagedNewestCheckpoint: one flipped bit in the newest checkpoint's file is
// found, said, and the job goes on from the one before.
func TestDamagedNewestCheckpoint(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	n, c := startIn(t, directory, log)
	for _, sql := range strings.Split(countKeys, ";\n") {
		mustExec(t, c, sql)
	}
	eventually(t, "four checkpoints with files", func() bool { return len(stateFiles(t, directory)) >= 4 })
	n.Kill()
	newest := newestFile(t, directory)
	b, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(newest, b, 0o600); err != nil {
		t.Fatal(err)
	}
	n, c = startIn(t, directory, log)
	defer n.Kill()
	eventually(t, "falling back", func() bool { return log.contains("falling back to the one before") && log.contains("job restored") })
	eventually(t, "the job runs", func() bool { return jobState(t, c) == "RUNNING" })
}

// jobState is the status that SHOW STREAMJOBS gives of the only job.
func jobState(t *testing.T, c *pgx.Conn) (state string) {
	t.Helper()
	rows, err := c.Query(context.Background(), "SHOW STREAMJOBS")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		state = values[2].(string)
	}
	return state
}

// TestMemoryLimit: a job whose state would pass the limit stops with 53200 and its
// figures; the server goes on.
func TestMemoryLimit(t *testing.T) {
	log := &keptLog{}
	n, c := startIn(t, t.TempDir(), log, "server.memory.limit=1MB")
	defer n.Kill()
	for _, sql := range strings.Split(countKeys, ";\n") {
		mustExec(t, c, sql)
	}
	eventually(t, "the job stops", func() bool { return log.contains("state would pass server.memory.limit") && log.contains("job failed") })
	mustExec(t, c, "SELECT 1")
}

// TestStartAndDrop: a checkpoint that is not there is named, FRESH begins anew, and
// what a job uses cannot be dropped under it.
func TestStartAndDrop(t *testing.T) {
	log := &keptLog{}
	n, c := startIn(t, t.TempDir(), log)
	defer n.Kill()
	for _, sql := range strings.Split(countKeys, ";\n") {
		mustExec(t, c, sql)
	}
	mustExec(t, c, "STOP STREAMJOB counting")
	_, err := c.Exec(context.Background(), "START STREAMJOB counting FROM CHECKPOINT 99999")
	if e, ok := err.(*pgconn.PgError); !ok || e.Code != "42704" || e.Message != "checkpoint 99999 does not exist" || !strings.HasPrefix(e.Hint, "There are: ") {
		t.Fatalf("START answers with %#v", err)
	}
	fieldIs(t, c, "counting", "state", "STOPPED")
	mustExec(t, c, "START STREAMJOB counting FRESH")
	if _, err := c.Exec(context.Background(), "DROP TABLE events"); err == nil || err.(*pgconn.PgError).Code != "2BP01" {
		t.Fatalf("a table in use was dropped: %v", err)
	}
	mustExec(t, c, "DROP STREAMJOB counting")
	mustExec(t, c, "DROP TABLE events")
}
