package servers_test

import (
	"strings"
	"testing"

	"slipway/tests/servers"
)

// TestKafkaRestarts: a real broker starts, keeps what Kafka's own tools put in over
// a kill -9, and gives it back.
func TestKafkaRestarts(t *testing.T) {
	k := servers.StartKafka(t, servers.Kafka4)
	run(t, "", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", k.Address, "--create", "--topic", "t", "--partitions", "1", "--replication-factor", "1")
	run(t, "one\ntwo\n", "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", k.Address, "--topic", "t")
	k.Restart()
	got := run(t, "", "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", k.Address, "--topic", "t", "--from-beginning", "--max-messages", "2", "--timeout-ms", "20000")
	if got != "one\ntwo\n" {
		t.Fatalf("read %q", got)
	}
}

func run(t *testing.T, stdin, class string, args ...string) string {
	t.Helper()
	cmd := servers.KafkaTool(t, class, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", class, err, out.String(), errs.String())
	}
	return out.String()
}

func TestZooKeeperRestarts(t *testing.T) {
	servers.StartZooKeeper(t).Restart()
}

func TestHDFSRestarts(t *testing.T) {
	h := servers.StartHDFS(t, 1)
	h.NameNode.Restart()
}
