package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// member is one of several servers on a quorum.
type member struct {
	*process.Process
	t    *testing.T
	name string
}

// cell is Kafka, ZooKeeper, HDFS, and some servers on them.
type cell struct {
	t     *testing.T
	kafka *servers.Kafka
	zk    *servers.ZooKeeper
	hdfs  *servers.HDFS
	dir   string
}

func newCell(t *testing.T) *cell {
	t.Helper()
	return &cell{t: t, kafka: servers.StartKafka(t, servers.Kafka4), zk: servers.StartZooKeeper(t), hdfs: servers.StartHDFS(t, 1), dir: t.TempDir()}
}

// sets are the settings of a server of the cell: the nine keys of the vendor's.
func (c *cell) sets() []string {
	return []string{"kafka.broker.list=" + c.kafka.Address,
		"spark.morphling.recovery.mode=zookeeper", "spark.morphling.taskstate.backend=filesystem",
		"spark.morphling.taskstate.checkpoint.directory=hdfs://" + c.hdfs.Address + "/morphling/taskstate",
		"spark.morphling.completed.checkpoints.storage.dir=/morphling/completed",
		"spark.morphling.zookeeper.quorum=" + c.zk.Address, "spark.morphling.zookeeper.root.path=/morphling", "spark.morphling.zookeeper.namespace=/default",
		"spark.morphling.zookeeper.checkpoints.path=/checkpoints", "spark.morphling.submitted.job.path=/runningjobs"}
}

func (c *cell) start(name string, more ...string) *member {
	c.t.Helper()
	args := []string{"server", "--set", "server.data.directory=" + filepath.Join(c.dir, name), "--set", "server.sql.listen=127.0.0.1:0", "--set",
		"server.console.listen="}
	for _, s := range append(c.sets(), more...) {
		args = append(args, "--set", s)
	}
	p, err := process.Start(c.t, filepath.Join(c.dir, name+".log"), []string{process.LibraryRaces}, args...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if p.Alive() {
			p.Signal(syscall.SIGCONT)
			p.Kill()
		}
	})
	return &member{p, c.t, name}
}

// ask runs a statement and gives its rows, or the error.
func (m *member) ask(sql string) ([][]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, "postgres://test@"+m.SQL+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		var row []string
		for _, v := range rows.RawValues() {
			row = append(row, string(v))
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

func (m *member) must(sql string) [][]string {
	m.t.Helper()
	out, err := m.ask(sql)
	if err != nil {
		m.t.Fatalf("%s on %s: %v", sql, m.name, err)
	}
	return out
}

// leads tells whether a server takes statements that change something.
func (m *member) leads() bool {
	_, err := m.ask("CREATE DATABASE IF NOT EXISTS probe")
	return err == nil
}

func eventually(t *testing.T, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > 90*time.Second {
			t.Fatalf("%s: not within 90 s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}

func (m *member) field(job, name string) string {
	rows, err := m.ask("SHOW STREAMJOB " + job)
	if err != nil {
		return err.Error()
	}
	for _, r := range rows {
		if r[0] == name {
			return r[1]
		}
	}
	return ""
}

// silence is how many seconds ago a server that stands by says to have heard of a leader; -1
// if it says nothing of that kind.
func (m *member) silence(leader string) float64 {
	_, after, found := strings.Cut(m.field("etl", "told by"), leader+" was heard of ")
	var seconds float64
	if _, err := fmt.Sscanf(after, "%f s ago", &seconds); !found || err != nil {
		return -1
	}
	return seconds
}

const cellJob = `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
	CREATE STREAM o (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("topic"="out", "format"="json");
	CREATE STREAMJOB etl AS ("insert into o select k, count(*) from i group by k") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="300",
		"morphling.job.enable.auto.failover"="true", "morphling.task.max.failures"="1000", "morphling.job.delivery.guarantee"="exactly_once")`

// znodes lists what is below a path, with a client of its own.
func (c *cell) znodes(path string) []string {
	c.t.Helper()
	conn, _, err := zk.Connect([]string{c.zk.Address}, 5*time.Second, zk.WithLogInfo(false))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	names, _, err := conn.Children(path)
	if err == zk.ErrNoNode {
		return nil
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return names
}

// TestSeedWalkThrough is the vendor's own description of recovery mode zookeeper: five of
// seven checkpoints are kept, in ZooKeeper and on HDFS; a restarted server goes on; DROP
// leaves both empty.
func TestSeedWalkThrough(t *testing.T) {
	t.Parallel()
	c := newCell(t)
	createTopics(t, c.kafka.Address, "in", "out")
	m := c.start("a")
	eventually(t, "the server leads", m.leads)
	for _, sql := range strings.Split(cellJob, ";\n") {
		m.must(sql)
	}
	id := m.field("etl", "stream id")
	send := func(from, to int) {
		t.Helper()
		p := kafka(t, c.kafka.Address)
		for n := from; n < to; n++ {
			p.Produce(context.Background(), &kgo.Record{Topic: "in", Value: fmt.Appendf(nil, `{"k":%d}`, n%5000)}, nil)
		}
		if err := p.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	send(0, 50_000)
	eventually(t, "seven checkpoints", func() bool { return last(m.field("etl", "last checkpoint")) >= 7 })
	eventually(t, "five are shown", func() bool { return len(m.must("SHOW CHECKPOINTS FOR STREAMJOB etl")) >= 5 })
	m.must("STOP STREAMJOB etl")
	kept := c.znodes("/morphling/default/checkpoints/" + id)
	files := c.hdfs.List("/morphling/completed/" + id)
	if len(kept) != 5 || len(files) != 5 {
		t.Errorf("kept: %d records in ZooKeeper, %d manifests on HDFS, want 5 and 5\\n%v\\n%v", len(kept), len(files), kept, files)
	}
	if state := c.hdfs.List("/morphling/taskstate/" + id); len(state) == 0 {
		t.Error("no task state on HDFS")
	}
	before := last(m.field("etl", "last checkpoint"))
	if err := m.Stop(); err != nil {
		t.Fatalf("the clean end: %v", err)
	}
	m = c.start("a")
	eventually(t, "the server leads again", m.leads)
	m.must("START STREAMJOB etl")
	send(50_000, 100_000)
	eventually(t, "a further checkpoint", func() bool { return last(m.field("etl", "last checkpoint")) > before })
	eventually(t, "every key counted", func() bool { return c.counted(5000, 20) })
	m.must("DROP STREAMJOB etl")
	if left := c.znodes("/morphling/default/checkpoints/" + id); len(left) > 0 {
		t.Errorf("in ZooKeeper behind DROP: %v", left)
	}
	if left := c.znodes("/morphling/default/runningjobs"); len(left) > 0 {
		t.Errorf("jobs in ZooKeeper behind DROP: %v", left)
	}
	if left := append(c.hdfs.List("/morphling/taskstate/"+id), c.hdfs.List("/morphling/completed/"+id)...); len(left) > 0 {
		t.Errorf("on HDFS behind DROP: %v", left)
	}
}

// last is the number of `7 at 2026-…`.
func last(text string) (n int) {
	fmt.Sscanf(text, "%d", &n)
	return n
}

// counted tells whether the newest row of each of n keys counts to want.
func (c *cell) counted(n int, want int64) bool {
	type row struct{ K, N int64 }
	newest := map[int64]int64{}
	consumeAll(c.t, c.kafka.Address, "out", func(r *kgo.Record) {
		v := decode[row](c.t, r)
		newest[v.K] = v.N
	})
	for _, got := range newest {
		if got > want {
			c.t.Fatalf("a key is counted %d times, want %d", got, want)
		}
		if got != want {
			return false
		}
	}
	return len(newest) == n
}

// TestStandby: two servers on one quorum. The leader is paused beyond its session, its
// successor killed, and the first cut off from the quorum: the other takes the jobs up
// from their newest checkpoint each time, who wakes up changes nothing, and clients are
// told where to go.
func TestStandby(t *testing.T) {
	t.Parallel()
	c := newCell(t)
	createTopics(t, c.kafka.Address, "in", "out")
	wire := servers.StartProxy(t, c.zk.Address)
	a := c.start("a", "spark.morphling.zookeeper.quorum="+wire.Address)
	eventually(t, "the first leads", a.leads)
	b := c.start("b")
	if b.leads() {
		t.Fatal("both lead")
	}
	for _, sql := range strings.Split(cellJob, ";\n") {
		a.must(sql)
	}
	_, err := b.ask("DROP STREAMJOB etl")
	if e, ok := err.(*pgconn.PgError); !ok || e.Code != "25006" || !strings.Contains(e.Hint, a.SQL) {
		t.Errorf("a change on the standby: %#v", err)
	}
	eventually(t, "the standby shows the job", func() bool { return b.field("etl", "state") == "RUNNING" })
	if rows := b.must("SHOW STREAMS"); len(rows) != 2 {
		t.Errorf("the standby shows the streams %v", rows)
	}
	both := fmt.Sprintf("postgres://test@%s,%s/default?sslmode=disable&target_session_attrs=read-write", b.SQL, a.SQL)
	conn, err := pgx.Connect(context.Background(), both)
	if err != nil {
		t.Fatalf("target_session_attrs: %v", err)
	}
	if got := conn.PgConn().Conn().RemoteAddr().String(); got != a.SQL {
		t.Errorf("read-write led to %s, the leader is %s", got, a.SQL)
	}
	conn.Close(context.Background())

	producer := kafka(t, c.kafka.Address)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	const keys, rounds = 1000, 300
	sent := make(chan error, 1)
	go func() { // ends with its last record
		for n := range keys * rounds {
			producer.Produce(ctx, &kgo.Record{Topic: "in", Value: fmt.Appendf(nil, `{"k":%d}`, n%keys)}, nil)
			if n%1000 == 999 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		sent <- producer.Flush(ctx)
	}()
	eventually(t, "a checkpoint", func() bool { return last(a.field("etl", "last checkpoint")) >= 2 })

	eventually(t, "the standby hears of the leader", func() bool { return b.silence(a.SQL) >= 0 })
	a.Signal(syscall.SIGSTOP)
	oldest := -1.0
	took := eventually(t, "the standby leads while the leader is paused", func() bool {
		oldest = max(oldest, b.silence(a.SQL))
		return b.leads()
	})
	if oldest < 4 {
		t.Errorf("while the leader was paused its word was never older than %.1f s", oldest)
	}
	eventually(t, "the job runs there", func() bool { return b.field("etl", "state") == "RUNNING" })
	t.Logf("hand-over from a paused leader in %.1f s", took.Seconds())
	a.Signal(syscall.SIGCONT)
	eventually(t, "the old leader stands by", func() bool { return a.Alive() && !a.leads() })
	eventually(t, "a checkpoint of the new leader", func() bool { return last(b.field("etl", "last checkpoint")) > 2 })

	b.Kill()
	took = eventually(t, "the first leads again when the second is killed", a.leads)
	t.Logf("hand-over from a killed leader in %.1f s", took.Seconds())
	eventually(t, "the job runs there", func() bool { return a.field("etl", "state") == "RUNNING" })

	b = c.start("b")
	wire.Cut()
	took = eventually(t, "the second leads while the first is cut off", b.leads)
	t.Logf("hand-over from a leader that is cut off in %.1f s", took.Seconds())
	eventually(t, "the first knows by its own clock", func() bool { return !a.leads() })
	wire.Mend()
	eventually(t, "the job runs there", func() bool { return b.field("etl", "state") == "RUNNING" })
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if a.leads() {
		t.Error("the first leads beside the second")
	}
	eventually(t, "every key counted exactly", func() bool { return c.counted(keys, rounds) })
}
