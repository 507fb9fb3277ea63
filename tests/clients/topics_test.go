package clients

import (
	"context"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/kafkaio/kafkatest"
	"slipway/tests/servers"
)

func topicsOf(t *testing.T, address string) (*kadm.Client, kadm.TopicDetails) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	adm := kadm.NewClient(c)
	list, err := adm.ListTopics(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return adm, list
}

// TestTopicIsMade: a stream over a topic that is not there makes it if it says so, with what
// it says of it; otherwise CREATE tells that it is not there, and how to make it.
func TestTopicIsMade(t *testing.T) {
	b := kafkatest.Start(t)
	n, _ := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address)
	defer n.Kill()
	c := openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable")
	asks := func(sql, answer string) {
		t.Helper()
		if got := c.ask(sql); got != answer {
			t.Errorf("%s\nanswered:\n%s\nwant:\n%s", sql, got, answer)
		}
	}
	asks(`CREATE STREAM a (v INT) TBLPROPERTIES ("topic"="a", "format"="json")`, `NOTICE 00000: Kafka topic "a" does not exist on brokers <address>
  hint: ALTER STREAM default.a SET ("topic.create"="true") makes it.
CREATE STREAM`)
	asks(`CREATE STREAM b (v INT) TBLPROPERTIES ("topic"="b", "format"="json", "topic.create"="true", "topic.partitions"="3", "topic.replication"="1", "topic.config.retention.ms"="3600000")`, "CREATE STREAM")
	adm, list := topicsOf(t, b.Address)
	if list.Has("a") || len(list["b"].Partitions) != 3 {
		t.Fatalf("the topics are %v", list)
	}
	configs, err := adm.DescribeTopicConfigs(context.Background(), "b")
	if err != nil || len(configs) != 1 {
		t.Fatalf("%v %v", configs, err)
	}
	kept := ""
	for _, s := range configs[0].Configs {
		if s.Key == "retention.ms" {
			kept = s.MaybeValue()
		}
	}
	if kept != "3600000" {
		t.Errorf("retention.ms is %q", kept)
	}
	asks(`ALTER STREAM a SET ("topic.create"="true")`, "ALTER STREAM")
	asks(`CREATE STREAM b2 (v INT) TBLPROPERTIES ("topic"="b", "format"="json", "topic.create"="true", "topic.partitions"="4")`, `NOTICE 00000: Kafka topic "b" exists already, with 3 partitions, not 4
CREATE STREAM`)
	asks(`CREATE STREAM x (v INT) TBLPROPERTIES ("topic"="bad topic!", "format"="json")`, `ERROR 22023 at 25: "bad topic!" is no name of a Kafka topic
  hint: It may hold letters, digits, ".", "_" and "-", 249 at most.`)
	if got := c.ask(`CREATE STREAM x (v INT) TBLPROPERTIES ("topic"="x", "format"="json", "topic.create"="true", "topic.replication"="9")`); !strings.HasPrefix(got, `ERROR 22023 at 25: Kafka topic "x" cannot be made: `) {
		t.Errorf("a replication that cannot be had: %s", got)
	}
	if got := c.ask("DESCRIBE x"); !strings.Contains(got, "42P01") {
		t.Errorf("a refused stream is there: %s", got)
	}
	if got := c.ask("SHOW CREATE STREAM b"); !strings.Contains(got, `"topic.create"="true", "topic.partitions"="3", "topic.replication"="1", "topic.config.retention.ms"="3600000"`) {
		t.Errorf("SHOW CREATE says %s", got)
	}
	asks("DROP STREAM b", "DROP STREAM")
	if _, list = topicsOf(t, b.Address); !list.Has("a") || !list.Has("b") || list.Has("x") {
		t.Errorf("the topics are %v", list.Names())
	}
}

// TestBrokersAwayAtCreate: a stream can be declared while its brokers do not answer.
func TestBrokersAwayAtCreate(t *testing.T) {
	b := kafkatest.Start(t)
	n, _ := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address)
	defer n.Kill()
	c := openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable")
	want := `NOTICE 00000: the Kafka brokers <address> do not answer: whether topic "t" is there is not known
CREATE STREAM`
	if got := c.ask(`CREATE STREAM s (v INT) TBLPROPERTIES ("topic"="t", "format"="json", "kafka.broker.list"="127.0.0.1:1")`); got != want {
		t.Errorf("answered %s", got)
	}
}

// TestJobOverMissingTopic says which topic is missing and how to make it, and runs when it
// is there.
func TestJobOverMissingTopic(t *testing.T) {
	b := kafkatest.Start(t)
	n, c := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+b.Address)
	defer n.Kill()
	b.Topic("out", 1)
	mustExec(t, c, passThrough+`"morphling.restart.strategy.delay"="20")`)
	eventually(t, "a restart", func() bool { return fields(t, c, "SHOW STREAMJOB j")["restarts"] != "0" })
	if f := fields(t, c, "SHOW STREAMJOB j"); !strings.Contains(f["last failure"], `topic "in" does not exist`) || !strings.Contains(f["hint"], "topic.create") {
		t.Errorf("the failure is %q, hint %q", f["last failure"], f["hint"])
	}
	b.Topic("in", 1)
	fieldIs(t, c, "j", "state", "RUNNING")
	b.Produce("in", 0, record(1))
	newestIs(t, b, "out", record(1))
}

// TestTopicIsMadeOnKafka: the brokers' defaults stand where a stream does not say, and what
// they refuse is told in their words.
func TestTopicIsMadeOnKafka(t *testing.T) {
	for _, version := range []string{servers.Kafka4, servers.Kafka3} {
		t.Run(version, func(t *testing.T) {
			k := servers.StartKafka(t, version, "num.partitions=5")
			n, _ := startIn(t, t.TempDir(), &keptLog{}, "kafka.broker.list="+k.Address)
			defer n.Kill()
			c := openClient(t, "postgres://test@"+n.SQLAddress()+"/default?sslmode=disable")
			if got := c.ask(`CREATE STREAM a (v INT) TBLPROPERTIES ("topic"="a", "format"="json", "topic.create"="true", "topic.config.cleanup.policy"="compact")`); got != "CREATE STREAM" {
				t.Errorf("answered %s", got)
			}
			if got := c.ask("INSERT INTO a VALUES (1)"); !strings.Contains(got, "ERROR 22023: the topic does not take such records: ") || !strings.Contains(got, "PRIMARY KEY") {
				t.Errorf("answered %s", got)
			}
			if got := c.ask(`CREATE STREAM b (v INT) TBLPROPERTIES ("topic"="b", "format"="json", "topic.create"="true", "topic.config.retention.ms"="soon")`); !strings.Contains(got, `ERROR 22023`) || !strings.Contains(got, "soon") {
				t.Errorf("answered %s", got)
			}
			if got := c.ask(`CREATE STREAM d (v INT) TBLPROPERTIES ("topic"="d", "format"="json", "topic.create"="true", "topic.replication"="3")`); !strings.Contains(got, `ERROR 22023`) || !strings.Contains(got, "replication") {
				t.Errorf("answered %s", got)
			}
			if _, list := topicsOf(t, k.Address); len(list["a"].Partitions) != 5 || list.Has("b") || list.Has("d") {
				t.Errorf("the topics are %v", list)
			}
		})
	}
}
