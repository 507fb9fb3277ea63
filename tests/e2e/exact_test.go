package e2e

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// where is a way to keep checkpoints, and what can fail of it.
type where struct {
	name   string
	set    func(c *cluster)
	faults map[string]func()
}

// inKafka keeps state and records in topics: nothing else is there that could fail.
func inKafka(*testing.T, *servers.Kafka) where {
	return where{name: "kafka", set: func(c *cluster) { c.job += `, "morphling.checkpoint.backend"="kafka"` }}
}

// inZooKeeper keeps records in ZooKeeper and state on HDFS.
func inZooKeeper(t *testing.T, k *servers.Kafka) where {
	cell := &cell{t: t, kafka: k, zk: servers.StartZooKeeper(t), hdfs: servers.StartHDFS(t, 1)}
	set := func(c *cluster) {
		c.sets = append(c.sets, append(cell.sets(), "server.zookeeper.session.timeout=3000")...)
		c.env = append(c.env, process.LibraryRaces)
	}
	return where{name: "zookeeper", set: set,
		faults: map[string]func(){"ZooKeeper killed": cell.zk.Restart, "NameNode killed": cell.hdfs.NameNode.Restart, "DataNode killed": cell.hdfs.Data[0].Restart}}
}

// TestExactlyOnce: nine jobs write in transactions to a real broker, while everything
// that can fail does; a reader of committed records compares with a batch computation,
// and takes nothing lost and nothing twice. SLIPWAY_E2E_RECORDS and SLIPWAY_E2E_KILLS
// make it larger.
func TestExactlyOnce(t *testing.T) {
	for _, version := range []string{servers.Kafka4, servers.Kafka3} {
		for name, mode := range map[string]func(*testing.T, *servers.Kafka) where{"kafka": inKafka, "zookeeper": inZooKeeper} {
			t.Run("Kafka "+version+" checkpoints in "+name, func(t *testing.T) {
				t.Parallel()
				k := servers.StartKafka(t, version)
				exactlyOnce(t, k, mode(t, k))
			})
		}
	}
}

func exactlyOnce(t *testing.T, k *servers.Kafka, mode where) {
	records, kills := number(t, "SLIPWAY_E2E_RECORDS", 100_000), number(t, "SLIPWAY_E2E_KILLS", 5)
	seed := uint64(number(t, "SLIPWAY_E2E_SEED", int(time.Now().UnixNano()%1_000_000)))
	t.Logf("repeat with SLIPWAY_E2E_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	c := newClusterOn(t, t.TempDir(), k.Address)
	c.job, c.once = `, "morphling.job.delivery.guarantee"="exactly_once"`, true
	mode.set(c)
	c.mustStart()
	c.declare()
	c.declareRelations()
	input := generate(records)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	produced := make(chan error, 1)
	producer := kafka(t, c.kafka, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RecordRetries(1000))
	lasts := 50 + 3*kills // seconds, about as long as the faults
	go func() { produced <- produce(ctx, producer, "input", input, records/lasts) }()

	did := map[string]int{}
	for range kills {
		time.Sleep(200*time.Millisecond + time.Duration(random.Int64N(int64(1500*time.Millisecond))))
		c.server.Kill()
		did["server killed"]++
		c.mustStart()
	}
	for _, point := range crashPoints(t, kills) {
		c.server.Kill()
		for range times(point) {
			if c.crashAt(point) {
				did["killed at "+point]++
			} else {
				t.Errorf("never reached: %s", point)
			}
		}
		c.mustStart()
	}
	c.server.Signal(syscall.SIGSTOP)
	time.Sleep(pause)
	c.server.Signal(syscall.SIGCONT)
	did["server paused"]++
	time.Sleep(time.Second)
	k.Restart()
	did["broker killed"]++
	for what, fault := range mode.faults {
		time.Sleep(time.Second)
		fault()
		did[what]++
	}
	if err := <-produced; err != nil {
		t.Fatal(err)
	}
	ended := time.Now()
	t.Logf("%d records; %v", records, did)
	c.verify(input)
	c.verifyRelations(input)
	t.Logf("the longest that a reader of committed rows waited: %s", longestWait(t, c.kafka, "passed", ended).Round(10*time.Millisecond))
	c.mustExec("DROP STREAMJOB IF EXISTS j_short") // where the last kill left it, it takes checkpoints
	for _, job := range []string{"j_windows", "j_groups", "j_passed", "j_sums", "j_joined", "j_sessions", "j_top", "j_chain", "j_split"} {
		c.mustExec("DROP STREAMJOB " + job)
	}
	if left := openTransactions(t, c.kafka); len(left) > 0 {
		t.Errorf("open transactions behind DROP: %v", left)
	}
	if err := c.server.Stop(); err != nil {
		t.Fatalf("the clean end: %v", err)
	}
	if races := process.Races(string(c.readLog())); len(races) > 0 {
		t.Errorf("%d data races, the first:\n%s", len(races), races[0])
	}
}

// times is how often a test kills at a point in a row: in the recovery, in the recovery
// from that, and once more.
func times(point string) int {
	if strings.HasPrefix(point, "recovery") {
		return 3
	}
	return 1
}

// pause is longer than the ZooKeeper session of these tests.
const pause = 4 * time.Second

// longestWait is the longest time between two commits of a topic up to a moment.
func longestWait(t *testing.T, broker, topic string, until time.Time) (longest time.Duration) {
	t.Helper()
	var commits []time.Time
	consume(t, broker, topic, func(r *kgo.Record) {
		if r.Attrs.IsControl() && r.Timestamp.Before(until) {
			commits = append(commits, r.Timestamp)
		}
	})
	if len(commits) < 2 {
		t.Fatalf("%s has %d commits", topic, len(commits))
	}
	slices.SortFunc(commits, time.Time.Compare)
	for i := range commits[1:] {
		longest = max(longest, commits[i+1].Sub(commits[i]))
	}
	return longest
}

// crashPoints are the points at which this test kills: every one if it is to run long, but
// those of files in a folder, which TestCrashPoints has; otherwise those that only jobs with
// transactions reach.
func crashPoints(t *testing.T, kills int) []string {
	if kills < 20 {
		return transactionPoints(t)
	}
	return slices.DeleteFunc(allPoints(t), func(p string) bool { return strings.HasPrefix(p, "state-file-") })
}

func allPoints(t *testing.T) []string {
	t.Helper()
	all, err := exec.Command(process.Binary(t), "crash-points").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(all))
}

// transactionPoints are the crash points that only jobs with transactions reach.
func transactionPoints(t *testing.T) (out []string) {
	t.Helper()
	for _, p := range allPoints(t) {
		if strings.Contains(p, "transaction") || strings.HasPrefix(p, "recovery") || strings.HasPrefix(p, "checkpoint-recorded") {
			out = append(out, p)
		}
	}
	return out
}

// TestTransactionsGivenUp: the server dies when a checkpoint is recorded and its
// transactions are not committed, and stays away for longer than their timeout, so that
// the brokers give them up. The job goes back one checkpoint and makes the rows again.
func TestTransactionsGivenUp(t *testing.T) {
	t.Parallel()
	// A minute and a little: the least that exactly_once accepts.
	c := newClusterOn(t, t.TempDir(), servers.StartKafka(t, servers.Kafka4, "transaction.max.timeout.ms=62000").Address)
	c.once = true
	createTopics(t, c.kafka, "input", "passed")
	c.mustStart()
	c.mustExec(`CREATE STREAM i (id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3)) TBLPROPERTIES ("topic"="input", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest")`)
	c.mustExec(`CREATE STREAM o (id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3)) TBLPROPERTIES ("topic"="passed", "format"="json")`)
	if err := c.server.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := c.start("SLIPWAY_CRASHPOINT=checkpoint-recorded-not-committed:4"); err != nil {
		t.Fatal(err)
	}
	input := generate(30_000)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	produced := make(chan error, 1)
	producer := kafka(t, c.kafka, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	c.mustExec(`CREATE STREAMJOB j AS ("insert into o select id, k, v, ts from i where v >= 0") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="300", "morphling.job.checkpoint.timeout"="1500",
		"morphling.job.enable.auto.failover"="true", "morphling.task.max.failures"="1000", "morphling.job.parallelism"="1", "morphling.job.delivery.guarantee"="exactly_once")`)
	// For longer than the job takes to begin on a busy machine: the fourth transaction must be one that there is.
	go func() { produced <- produce(ctx, producer, "input", input, 2_000) }()
	gone, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	if !c.server.WaitGone(gone) {
		t.Fatal("the crash point was not reached")
	}
	if len(openTransactions(t, c.kafka)) == 0 {
		t.Fatal("no transaction is open: the crash did not hit between record and commit")
	}
	away := eventually(t, "the brokers give the transactions up", func() bool { return len(openTransactions(t, c.kafka)) == 0 })
	t.Logf("the brokers gave the transactions up after %.0f s", away.Seconds())
	c.mustStart()
	if err := <-produced; err != nil {
		t.Fatal(err)
	}
	want := compute(input).passed
	var got verdict
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		got = checkPassed(want, c.passed())
		if got.Lost == 0 || time.Now().After(deadline) {
			break
		}
	}
	t.Logf("passed: %s", got)
	if !got.ok() || got.Repeated > 0 {
		t.Fatal("rows are lost or came twice")
	}
	log, err := os.ReadFile(c.path("server.log"))
	if err != nil || !strings.Contains(string(log), "aborted by the brokers") {
		t.Errorf("the log does not say that the checkpoint was given up (%v)", err)
	}
}

// TestCoordinatorMoves: of three brokers each is killed in turn while jobs write in
// transactions, so that coordinators and leaders move.
func TestCoordinatorMoves(t *testing.T) {
	t.Parallel()
	k := servers.StartKafkaCluster(t, servers.Kafka4)
	c := newClusterOn(t, t.TempDir(), k.Address())
	c.job, c.once = `, "morphling.job.delivery.guarantee"="exactly_once", "morphling.checkpoint.backend"="kafka"`, true
	c.replicas = 3
	c.mustStart()
	c.declare()
	input := generate(number(t, "SLIPWAY_E2E_RECORDS", 100_000))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	produced := make(chan error, 1)
	producer := kafka(t, c.kafka, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RecordRetries(1000))
	go func() { produced <- produce(ctx, producer, "input", input, max(4000, len(input)/30)) }()
	for i, b := range k.Brokers {
		time.Sleep(3 * time.Second)
		b.Kill()
		time.Sleep(5 * time.Second)
		b.Start()
		t.Logf("broker %d was killed and is back", i+1)
	}
	if err := <-produced; err != nil {
		t.Fatal(err)
	}
	c.verify(input)
}
