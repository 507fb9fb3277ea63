package clients

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/kafkatest"
)

const sums = `CREATE STREAM i (k BIGINT, v BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
	CREATE STREAM o (k BIGINT, s BIGINT, PRIMARY KEY (k)) TBLPROPERTIES ("topic"="out", "format"="json");
	CREATE STREAMJOB sums AS ("insert into o select k, sum(v) from i group by k")`

// newestIs waits until a topic's last record is the wanted one.
func newestIs(t *testing.T, b *kafkatest.Broker, topic, want string) {
	t.Helper()
	eventually(t, want, func() bool {
		all := b.Committable(topic)
		return len(all) > 0 && all[len(all)-1].Value == want
	})
}

// TestStateIsKeptByDefault: a job that sets nothing goes on with its state behind STOP
// and START, and behind a crash of the server.
func TestStateIsKeptByDefault(t *testing.T) {
	directory, log := t.TempDir(), &keptLog{}
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("out", 1)
	n, c := startIn(t, directory, log, "kafka.broker.list="+b.Address)
	mustExec(t, c, sums)
	b.Produce("in", 0, `{"k":1,"v":10}`, `{"k":1,"v":20}`)
	newestIs(t, b, "out", `{"k":1,"s":30}`)
	mustExec(t, c, "STOP STREAMJOB sums")
	mustExec(t, c, "START STREAMJOB sums")
	b.Produce("in", 0, `{"k":1,"v":1}`)
	newestIs(t, b, "out", `{"k":1,"s":31}`)
	n.Kill()
	n, c = startIn(t, directory, log, "kafka.broker.list="+b.Address)
	defer n.Kill()
	fieldIs(t, c, "sums", "state", "RUNNING")
	b.Produce("in", 0, `{"k":1,"v":2}`)
	newestIs(t, b, "out", `{"k":1,"s":33}`)
}

// TestStateThatIsNotKept is said at CREATE and at START, of jobs that have some.
func TestStateThatIsNotKept(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Topic("out", 1)
	n, _ := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address)
	defer n.Kill()
	c := openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable")
	const said = "keeps no checkpoints"
	if got := c.ask(sums + ` JOBPROPERTIES ("morphling.job.enable.checkpoint"="false")`); !strings.Contains(got, said) {
		t.Errorf("CREATE answered %s", got)
	}
	c.ask("STOP STREAMJOB sums")
	if got := c.ask("START STREAMJOB sums"); !strings.Contains(got, said) {
		t.Errorf("START answered %s", got)
	}
	c.ask("STOP STREAMJOBS")
	if got := c.ask("START STREAMJOBS"); !strings.Contains(got, said) {
		t.Errorf("START STREAMJOBS answered %s", got)
	}
	if got := c.ask(`CREATE STREAMJOB copies AS ("insert into o select k, v from i") JOBPROPERTIES ("morphling.job.enable.checkpoint"="false")`); strings.Contains(got, said) {
		t.Errorf("of a job without state: %s", got)
	}
}

// TestFailuresByDefault: what brokers do is waited out, however often it takes; what the
// data or the query does is final at once.
func TestFailuresByDefault(t *testing.T) {
	t.Run("of the outside", func(t *testing.T) {
		b, c := outside(t, t.TempDir(), &keptLog{})
		b.Topic("in", 1)
		b.Topic("out", 1)
		fault := b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.TopicAuthorizationFailed, Count: -1})
		mustExec(t, c, passThrough+`"morphling.restart.strategy.delay"="20")`)
		b.Produce("in", 0, record(1))
		eventually(t, "five restarts", func() bool { r := fields(t, c, "SHOW STREAMJOB j")["restarts"]; return len(r) > 1 || r >= "5" })
		fault.Remove()
		fieldIs(t, c, "j", "state", "RUNNING")
		newestIs(t, b, "out", record(1))
	})
	t.Run("of a row that is too large", func(t *testing.T) {
		b, c := outside(t, t.TempDir(), &keptLog{})
		b.Topic("in", 1)
		b.Topic("out", 1)
		b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.MessageTooLarge, Count: -1})
		mustExec(t, c, passThrough+`"morphling.restart.strategy.delay"="20")`)
		b.Produce("in", 0, record(1))
		fieldIs(t, c, "j", "state", "FAILED")
		if f := fields(t, c, "SHOW STREAMJOB j"); f["restarts"] != "0" || !strings.Contains(f["hint"], "max.message.bytes") {
			t.Errorf("%s restarts, hint %q", f["restarts"], f["hint"])
		}
	})
	for name, query := range map[string]string{
		"of a value":  "select k * 9223372036854775807 from i",
		"of a record": "select k from i",
	} {
		t.Run(name, func(t *testing.T) {
			b, c := outside(t, t.TempDir(), &keptLog{})
			b.Topic("in", 1)
			b.Topic("out", 1)
			mustExec(t, c, `CREATE STREAM i (k BIGINT) TBLPROPERTIES ("topic"="in", "format"="json", "transwarp.consumer.reset.offset.strategy"="earliest");
				CREATE STREAM o (k BIGINT) TBLPROPERTIES ("topic"="out", "format"="json");
				CREATE STREAMJOB j AS ("insert into o `+query+`") JOBPROPERTIES ("morphling.restart.strategy.delay"="20")`)
			b.Produce("in", 0, record(1), record(2), `{"k":"x"}`)
			fieldIs(t, c, "j", "state", "FAILED")
			fieldIs(t, c, "j", "restarts", "0")
		})
	}
}
