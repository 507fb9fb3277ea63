package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// brokers gives the broker alone in a process of its own, and the one inside a server.
func brokers(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	alone, err := process.Start(t, filepath.Join(dir, "broker.log"), nil, "broker", "--set", "server.data.directory="+dir, "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(alone.Kill)
	inside, err := process.Start(t, filepath.Join(dir, "server.log"), nil, "server", "--set", "server.data.directory="+dir+"/server", "--set", "server.sql.listen=127.0.0.1:0",
		"--set", "server.console.listen=", "--set", "server.embedded.broker.listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(inside.Kill)
	return map[string]string{"slipway broker": alone.Kafka, "slipway server": inside.Kafka}
}

func output(t *testing.T, cmd *exec.Cmd, stdin string) string {
	t.Helper()
	var out, errs strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, out.String(), errs.String())
	}
	return out.String()
}

// TestKafkaTools: Kafka's own command line tools make topics, produce, consume in a
// group and show its offsets.
func TestKafkaTools(t *testing.T) {
	for name, address := range brokers(t) {
		t.Run(name, func(t *testing.T) {
			tool := func(stdin, class string, args ...string) string {
				t.Helper()
				return output(t, servers.KafkaTool(t, class, append([]string{"--bootstrap-server", address}, args...)...), stdin)
			}
			tool("", "org.apache.kafka.tools.TopicCommand", "--create", "--topic", "t", "--partitions", "1", "--replication-factor", "1")
			if got := tool("", "org.apache.kafka.tools.TopicCommand", "--describe", "--topic", "t"); !strings.Contains(got, "PartitionCount: 1") {
				t.Errorf("the topic is described as %s", got)
			}
			tool("one\ntwo\nthree\n", "org.apache.kafka.tools.ConsoleProducer", "--topic", "t")
			got := tool("", "org.apache.kafka.tools.consumer.ConsoleConsumer", "--topic", "t", "--group", "g", "--from-beginning", "--max-messages", "2", "--timeout-ms", "20000")
			if got != "one\ntwo\n" {
				t.Errorf("read %q", got)
			}
			groups := tool("", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--describe", "--group", "g")
			if fields := strings.Fields(groups[strings.LastIndex(groups, "\ng"):]); len(fields) < 5 || fields[1] != "t" || fields[3] != "2" || fields[4] != "3" {
				t.Errorf("the group is shown as %s", groups)
			}
		})
	}
}

// TestLibrdkafka: kcat, and with it librdkafka, produces with keys and headers, lists,
// consumes alone and in a group, and reads committed records only.
func TestLibrdkafka(t *testing.T) {
	if _, err := exec.LookPath("kcat"); err != nil {
		if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
			t.Fatal("kcat is not installed")
		}
		t.Skip("KCAT IS NOT INSTALLED, test not run")
	}
	for name, address := range brokers(t) {
		t.Run(name, func(t *testing.T) {
			kcat := func(stdin string, args ...string) string {
				t.Helper()
				return output(t, exec.Command("kcat", append([]string{"-b", address}, args...)...), stdin)
			}
			kcat("a:one\nb:two\n", "-P", "-t", "r", "-K", ":", "-H", "h=1", "-z", "snappy")
			kcat("c:three\n", "-P", "-t", "r", "-K", ":", "-X", "enable.idempotence=true", "-z", "lz4")
			if got := kcat("", "-L", "-t", "r"); !strings.Contains(got, `topic "r"`) {
				t.Errorf("listed as %s", got)
			}
			lines := strings.Fields(kcat("", "-C", "-t", "r", "-e", "-q", "-f", "%k=%s/%h\n", "-X", "isolation.level=read_committed"))
			seen := strings.Join(lines, " ")
			for _, want := range []string{"a=one/h=1", "b=two/h=1", "c=three/"} {
				if !strings.Contains(seen, want) || len(lines) != 3 {
					t.Errorf("read %s, want %s in it", seen, want)
				}
			}
			if got := strings.Fields(kcat("", "-G", "kg", "-c", "3", "-q", "-f", "%s\n", "-X", "auto.offset.reset=earliest", "r")); len(got) != 3 {
				t.Errorf("the group read %v", got)
			}
		})
	}
}
