package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
)

// cluster is a broker in a process of its own and a server that is killed at will.
type cluster struct {
	t      testing.TB
	dir    string
	kafka  string // host:port
	server *process.Process
	sql    string   // fixed address, so that the server comes back at the same place
	sets   []string // settings of the server beside the common ones
	env    []string // environment of the server
	job    string   // properties of the jobs beside the common ones
	once   bool     // nothing may come twice
	// replicas of the topics; 0: one
	replicas int
}

func newCluster(t testing.TB) *cluster {
	t.Helper()
	dir := t.TempDir()
	broker, err := process.Start(t, filepath.Join(dir, "broker.log"), nil, "broker",
		"--set", "server.data.directory="+filepath.Join(dir, "broker"), "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Kill)
	return newClusterOn(t, dir, broker.Kafka)
}

// newClusterOn stands on brokers that are there.
func newClusterOn(t testing.TB, dir, kafka string) *cluster {
	c := &cluster{t: t, dir: dir, kafka: kafka}
	t.Cleanup(func() {
		if c.server != nil && c.server.Alive() {
			c.server.Kill()
		}
		if t.Failed() {
			c.dumpLog()
		}
	})
	return c
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

func (c *cluster) readLog() []byte {
	log, err := os.ReadFile(c.path("server.log"))
	if err != nil {
		c.t.Log(err)
	}
	return log
}

func (c *cluster) dumpLog() {
	log := c.readLog()
	if keep := os.Getenv("SLIPWAY_E2E_LOG"); keep != "" { // the whole of it
		if err := os.WriteFile(keep, log, 0o600); err != nil {
			c.t.Log(err)
		}
	}
	if i := strings.Index(string(log), "WARNING: DATA RACE"); i >= 0 {
		c.t.Logf("the first data race:\n%s", string(log)[i:min(len(log), i+6000)])
	}
	lines := strings.Split(string(log), "\n")
	c.t.Logf("last lines of the server's log:\n%s", strings.Join(lines[max(0, len(lines)-60):], "\n"))
}

// start starts the server; env may arm a crash point.
func (c *cluster) start(env ...string) error {
	if c.sql == "" {
		c.sql = fmt.Sprintf("127.0.0.1:%d", process.FreePort(c.t))
	}
	args := []string{"server", "--set", "server.data.directory=" + c.path("data"), "--set", "server.sql.listen=" + c.sql,
		"--set", "server.console.listen=", "--set", "kafka.broker.list=" + c.kafka}
	for _, s := range c.sets {
		args = append(args, "--set", s)
	}
	p, err := process.Start(c.t, c.path("server.log"), append(env, c.env...), args...)
	c.server = p
	return err
}

func (c *cluster) mustStart(env ...string) {
	c.t.Helper()
	if err := c.start(env...); err != nil {
		c.t.Fatal(err)
	}
}

// exec runs one statement on a connection of its own.
func (c *cluster) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, "postgres://test@"+c.sql+"/default?sslmode=disable&default_query_exec_mode=simple_protocol")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func (c *cluster) mustExec(sql string) {
	c.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		err := c.exec(context.Background(), sql)
		if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "25006" && time.Now().Before(deadline) {
			continue // it is not elected yet
		}
		if err != nil {
			c.t.Fatalf("%s: %v", sql, err)
		}
		return
	}
}

func (c *cluster) properties() string {
	return `JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="300",
	"morphling.job.enable.auto.failover"="true", "morphling.task.max.failures"="1000", "morphling.job.parallelism"="2"` + c.job + `)`
}

// declare makes the jobs: a windowed aggregate, an updating aggregate, a pass-through, and an
// aggregate over what the updating one writes.
func (c *cluster) declare() {
	createReplicated(c.t, c.kafka, max(1, c.replicas), "input", "windows", "groups", "passed", "sums")
	stream := func(columns, topic string) string {
		return fmt.Sprintf(`CREATE STREAM %s (%s) TBLPROPERTIES ("topic"="%s", "format"="json",
			"transwarp.consumer.reset.offset.strategy"="earliest")`, "s_"+topic, columns, topic)
	}
	c.mustExec(stream("id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '0' SECOND", "input"))
	c.mustExec(stream("k STRING, ws TIMESTAMP(3), n BIGINT, s BIGINT", "windows"))
	c.mustExec(stream("k STRING, n BIGINT, s BIGINT, PRIMARY KEY (k)", "groups"))
	c.mustExec(stream("id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3)", "passed"))
	c.mustExec(stream("one INT, groups BIGINT, n BIGINT, s BIGINT, PRIMARY KEY (one)", "sums"))
	c.mustExec(`CREATE STREAMJOB j_windows AS ("insert into s_windows select k, window_start, count(*), sum(v)
		from table(tumble(table s_input, descriptor(ts), interval '10' second)) where v >= 0 group by k, window_start, window_end") ` + c.properties())
	c.mustExec(`CREATE STREAMJOB j_groups AS ("insert into s_groups select k, count(*), sum(v) from s_input where v >= 0 group by k") ` + c.properties())
	c.mustExec(`CREATE STREAMJOB j_passed AS ("insert into s_passed select id, k, v, ts from s_input where v >= 0") ` + c.properties())
	c.mustExec(`CREATE STREAMJOB j_sums AS ("insert into s_sums select 1, count(*), sum(n), sum(s) from s_groups") ` + c.properties())
}

// verify reads the topics until they hold everything, and judges them.
func (c *cluster) verify(input []event) {
	want := compute(input)
	deadline := time.Now().Add(3 * time.Minute)
	for {
		windows, groups, passed := c.judge(want)
		sums := checkSums(want.groups, c.sums())
		if (windows.Lost+groups.Lost+groups.Wrong+passed.Lost+sums.Wrong == 0) || time.Now().After(deadline) {
			c.t.Logf("windows: %s", windows)
			c.t.Logf("groups:  %s", groups)
			c.t.Logf("passed:  %s", passed)
			c.t.Logf("sums:    %s", sums)
			if !windows.ok() || !groups.ok() || !passed.ok() || !sums.ok() {
				c.t.Fatal("the results differ from a plain batch computation")
			}
			if again := windows.Repeated + groups.Repeated + passed.Repeated; c.once && again > 0 {
				c.t.Fatalf("%d rows came twice", again)
			}
			return
		}
		time.Sleep(time.Second)
	}
}

func (c *cluster) judge(want expected) (windows, groups, passed verdict) {
	type windowJSON struct {
		K    string
		WS   string
		N, S int64
	}
	var w []windowRow
	consumeAll(c.t, c.kafka, "windows", func(r *kgo.Record) {
		v := decode[windowJSON](c.t, r)
		w = append(w, windowRow{windowKey{v.K, millis(c.t, v.WS)}, totals{v.N, v.S}})
	})
	type groupJSON struct {
		K    string
		N, S int64
	}
	var g []groupRow
	consumeAll(c.t, c.kafka, "groups", func(r *kgo.Record) {
		v := decode[groupJSON](c.t, r)
		g = append(g, groupRow{v.K, totals{v.N, v.S}})
	})
	return checkWindows(want.windows, w), checkGroups(want.groups, g), checkPassed(want.passed, c.passed())
}

// sums reads the sums over all groups, in the order of their changes; nil for a deletion.
func (c *cluster) sums() (out []*sumRow) {
	consumeAll(c.t, c.kafka, "sums", func(r *kgo.Record) {
		if r.Value == nil {
			out = append(out, nil)
			return
		}
		v := decode[struct{ Groups, N, S int64 }](c.t, r)
		out = append(out, &sumRow{v.Groups, totals{v.N, v.S}})
	})
	return out
}

// passed reads what the pass-through has given.
func (c *cluster) passed() (out []event) {
	type row struct {
		ID int64
		K  string
		V  int64
		TS string
	}
	consumeAll(c.t, c.kafka, "passed", func(r *kgo.Record) {
		v := decode[row](c.t, r)
		out = append(out, event{v.ID, v.K, v.V, millis(c.t, v.TS)})
	})
	return out
}

func number(t testing.TB, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q is not a number", name, text)
	}
	return n
}

// TestKillServer kills the server with -9 at random while jobs read a stream and one another,
// and compares what is in the topics with a batch computation.
// SLIPWAY_E2E_RECORDS, SLIPWAY_E2E_KILLS and SLIPWAY_E2E_SEED change it.
func TestKillServer(t *testing.T) {
	records, kills := number(t, "SLIPWAY_E2E_RECORDS", 1_000_000), number(t, "SLIPWAY_E2E_KILLS", 20)
	seed := uint64(number(t, "SLIPWAY_E2E_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("repeat with SLIPWAY_E2E_SEED=%d go test ./tests/e2e -run TestKillServer", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	c := newCluster(t)
	c.mustStart()
	c.declare()
	input := generate(records)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	produced := make(chan error, 1)
	producer := kafka(t, c.kafka, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	go func() { produced <- produce(ctx, producer, "input", input, records/20) }()
	killed := 0
	for range kills {
		time.Sleep(200*time.Millisecond + time.Duration(random.Int64N(int64(1800*time.Millisecond))))
		if !c.server.Alive() {
			t.Fatalf("the server died by itself after %d kills: %v", killed, c.server.Err())
		}
		c.server.Kill()
		killed++
		c.mustStart()
	}
	if err := <-produced; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d records produced, %d kills -9", records, killed)
	c.verify(input)
	if err := c.server.Stop(); err != nil {
		t.Fatalf("the clean end: %v", err)
	}
}

// TestCrashPoints kills the server once at every named point and lets it go on; those that
// only jobs with transactions reach are TestExactlyOnce's.
func TestCrashPoints(t *testing.T) {
	records := number(t, "SLIPWAY_E2E_RECORDS", 100_000)
	c := newCluster(t)
	points := slices.DeleteFunc(allPoints(t), func(p string) bool { return slices.Contains(transactionPoints(t), p) })
	c.mustStart()
	c.declare()
	if err := c.server.Stop(); err != nil {
		t.Fatal(err)
	}
	input := generate(records)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	produced := make(chan error, 1)
	producer := kafka(t, c.kafka, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	go func() { produced <- produce(ctx, producer, "input", input, max(2000, records/(2*len(points)))) }()
	hit := 0
	var missed []string
	for _, point := range points {
		if c.crashAt(point) {
			hit++
		} else {
			missed = append(missed, point)
		}
	}
	c.mustStart()
	if err := <-produced; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d records produced, killed at %d of %d points", records, hit, len(points))
	if len(missed) > 0 {
		t.Errorf("never reached: %v", missed)
	}
	c.verify(input)
}

// crashAt runs the server with one point armed until it dies there. A point of DDL
// or of STOP and DROP needs its statement, so a job is made, stopped and dropped
// meanwhile; the statements' own failures are part of the game.
func (c *cluster) crashAt(point string) bool {
	c.t.Helper()
	if err := c.start("SLIPWAY_CRASHPOINT=" + point + ":1"); err != nil {
		return strings.Contains(err.Error(), "exit status 137") // died while starting, as it was told to
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	var statements sync.WaitGroup
	defer statements.Wait()
	defer cancel()
	statements.Go(func() { // ends with ctx or with the server
		for ctx.Err() == nil && c.server.Alive() {
			c.exec(ctx, `DROP STREAMJOB IF EXISTS j_short`)
			c.exec(ctx, `CREATE STREAMJOB j_short AS ("insert into s_passed select id, k, v, ts from s_input where v < -5") `+c.properties())
			time.Sleep(500 * time.Millisecond)
			c.exec(ctx, `STOP STREAMJOB j_short`)
			time.Sleep(100 * time.Millisecond)
		}
	})
	if c.server.WaitGone(ctx) {
		return true
	}
	c.server.Kill()
	return false
}
