package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// lone is a server with a broker, on a quorum and a HDFS that a test makes suffer,
// and one job with state and a checkpoint a second.
type lone struct {
	*member
	log string
}

func startLone(t *testing.T, taskState string, more ...string) *lone {
	t.Helper()
	dir, zk, kafka := t.TempDir(), servers.StartZooKeeper(t), newCluster(t).kafka
	args := []string{"server"}
	for _, s := range append(more, "server.data.directory="+dir+"/data", "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.log.level=debug",
		"kafka.broker.list="+kafka,
		"spark.morphling.recovery.mode=zookeeper", "spark.morphling.zookeeper.quorum="+zk.Address,
		"spark.morphling.taskstate.checkpoint.directory="+taskState, "spark.morphling.completed.checkpoints.storage.dir=/morphling/completed") {
		args = append(args, "--set", s)
	}
	log := filepath.Join(dir, "server.log")
	p, err := process.Start(t, log, []string{process.LibraryRaces}, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	l := &lone{&member{p, t, "server"}, log}
	eventually(t, "it leads", l.leads)
	// More keys than a manifest takes in, so that each checkpoint is a file of state too.
	l.must(`CREATE TABLE made (k BIGINT) TBLPROPERTIES ("connector"="datagen", "rows-per-second"="2000", "fields.k.max"="100000")`)
	l.must(`CREATE TABLE hole (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("connector"="blackhole")`)
	l.must(`CREATE STREAMJOB counted AS ("insert into hole select k, count(*) from made group by k") JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="1000")`)
	eventually(t, "checkpoints", func() bool { return l.newest() >= 3 })
	return l
}

func (l *lone) newest() int { return last(l.field("counted", "last checkpoint")) }

// longestGap is the longest time between two completed checkpoints, from the log.
func (l *lone) longestGap() (longest time.Duration) {
	l.t.Helper()
	text, err := os.ReadFile(l.log)
	if err != nil {
		l.t.Fatal(err)
	}
	var before time.Time
	for _, m := range regexp.MustCompile(`(?m)^time=(\S+) .*msg="checkpoint completed"`).FindAllSubmatch(text, -1) {
		at, err := time.Parse(time.RFC3339, string(m[1]))
		if err != nil {
			l.t.Fatal(err)
		}
		if !before.IsZero() {
			longest = max(longest, at.Sub(before))
		}
		before = at
	}
	return longest
}

// unharmed fails unless the job ran all the time and lost no checkpoint.
func (l *lone) unharmed() {
	l.t.Helper()
	got := fmt.Sprint(l.field("counted", "state"), l.field("counted", "restarts"), l.field("counted", "checkpoints expired"),
		l.field("counted", "checkpoints failed"))
	if got != fmt.Sprint("RUNNING", "0", "0", "0") {
		l.t.Errorf("state, restarts, checkpoints expired and failed are %s", got)
	}
}

// TestFailOverUnderJob: the active name node dies under a job, the other takes over.
func TestFailOverUnderJob(t *testing.T) {
	t.Parallel()
	h := servers.StartHDFSPair(t)
	l := startLone(t, fmt.Sprintf("hdfs://%s,%s/morphling/taskstate", h.Addresses[0], h.Addresses[1]))
	began, before := time.Now(), l.newest()
	h.FailOver()
	outage := time.Since(began)
	eventually(t, "checkpoints behind the fail-over", func() bool { return l.newest() >= before+4 })
	l.unharmed()
	t.Logf("name nodes changed within %.1f s, the longest time without a checkpoint was %.1f s", outage.Seconds(), l.longestGap().Seconds())
}

// TestTicketsRunOutUnderJob: a job's tickets of a minute run out while it takes checkpoints.
func TestTicketsRunOutUnderJob(t *testing.T) {
	t.Parallel()
	const lifetime = time.Minute
	h := servers.StartSecureHDFS(t, lifetime)
	began := time.Now()
	l := startLone(t, "hdfs://"+h.Address+"/morphling/taskstate", "hdfs.kerberos.principal="+h.Principal, "hdfs.kerberos.keytab="+h.Keytab,
		"hdfs.kerberos.krb5.conf="+h.Krb5Conf, "hdfs.kerberos.service.principal="+h.Service)
	time.Sleep(time.Until(began.Add(lifetime + 10*time.Second)))
	before := l.newest()
	eventually(t, "checkpoints behind the first tickets", func() bool { return l.newest() >= before+3 })
	l.unharmed()
	t.Logf("tickets ran out after %s, the longest time without a checkpoint was %.1f s", lifetime, l.longestGap().Seconds())
}
