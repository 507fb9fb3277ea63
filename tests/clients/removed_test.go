package clients

import (
	"context"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/kafkaio/kafkatest"
)

// TestRemovedByHand: a job whose checkpoints were removed by hand begins as a new one, behind what its group has committed.
func TestRemovedByHand(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("out", 1)
	n, c := startIn(t, directory, log, "kafka.broker.list="+b.Address)
	mustExec(t, c, `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json");
		CREATE STREAM o (k BIGINT, n BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("topic"="out", "format"="json");
		CREATE STREAMJOB j AS ("insert into o select k, count(*) from i group by k") JOBPROPERTIES ("morphling.checkpoint.backend"="kafka", "morphling.job.checkpoint.interval"="50")`)
	fieldIs(t, c, "j", "state", "RUNNING")
	b.Produce("in", 0, record(7))
	b.Consume("out", 1)
	eventually(t, "a checkpoint behind the record", func() bool { return b.Committed("default.j", "in")[0] == 1 })
	mustExec(t, c, "STOP STREAMJOB j")
	n.Kill()
	if removed := removeTopics(t, b.Address, "slipway_checkpoint"); removed != 2 {
		t.Fatalf("%d topics held checkpoints", removed)
	}
	n, c = startIn(t, directory, log, "kafka.broker.list="+b.Address)
	defer n.Kill()
	mustExec(t, c, "START STREAMJOB j")
	fieldIs(t, c, "j", "state", "RUNNING")
	b.Produce("in", 0, record(7))
	if got := kafkatest.Values(b.Consume("out", 2)); got != `{"k":7,"n":1} {"k":7,"n":1}` {
		t.Errorf("the rows are %s", got)
	}
	if f := fields(t, c, "SHOW STREAMJOB j"); f["last failure"] != "" {
		t.Errorf("the job says %v", f)
	}
}

// removeTopics removes those whose names begin with a prefix, as an operator does by hand.
func removeTopics(t *testing.T, brokers, prefix string) (n int) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	admin := kadm.NewClient(c)
	all, err := admin.ListTopics(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all.Names() {
		if strings.HasPrefix(name, prefix) {
			if _, err := admin.DeleteTopic(context.Background(), name); err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	return n
}
