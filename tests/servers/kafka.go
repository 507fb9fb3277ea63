package servers

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/tests/process"
)

// Kafka is one real broker.
type Kafka struct {
	*Process
	Address string
}

// StartKafka starts a broker of the given version (Kafka4, Kafka3) in its own folder. Lines
// are further settings, in the place of those here.
func StartKafka(t testing.TB, version string, lines ...string) *Kafka {
	t.Helper()
	return startKafka(t, version, process.FreePort(t), lines)
}

// StartKafkaBehindProxy starts a broker that its clients reach through a proxy alone.
func StartKafkaBehindProxy(t testing.TB, version string) (*Kafka, *Proxy) {
	t.Helper()
	port := process.FreePort(t)
	p := StartProxy(t, address(port))
	k := startKafka(t, version, port, []string{"advertised.listeners=PLAINTEXT://" + p.Address})
	k.Address = p.Address
	return k, p
}

func startKafka(t testing.TB, version string, port int, lines []string) *Kafka {
	t.Helper()
	jars, err := classPath(kafkaBundle(version))
	if err != nil {
		unavailable(t, err)
	}
	dir := t.TempDir()
	controller := process.FreePort(t)
	config := write(t, dir, "server.properties", fmt.Sprintf(`process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[1]d
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.quorum.voters=1@127.0.0.1:%[2]d
log.dirs=%[3]s
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
transaction.max.timeout.ms=3600000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
auto.create.topics.enable=false
log.cleaner.backoff.ms=1000
%[4]s
`, port, controller, filepath.Join(dir, "log"), strings.Join(lines, "\n")))
	java(t, "-Xmx256m", "-cp", jars, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", config)
	k := &Kafka{Address: address(port)}
	k.Process = &Process{t: t, name: "Kafka " + version, log: filepath.Join(dir, "out.log"), up: func() error { return pingKafka(k.Address) },
		args: []string{"-Xmx512m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", jars, "kafka.Kafka", config}}
	k.Start()
	t.Cleanup(k.Kill)
	return k
}

func pingKafka(address string) error {
	c, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.DisableClientMetrics())
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return c.Ping(ctx)
}

// KafkaTool prepares one of Kafka's own command line tools by its class name, for
// use against any broker.
func KafkaTool(t testing.TB, class string, args ...string) *exec.Cmd {
	t.Helper()
	jars, err := classPath(toolsBundle)
	if err != nil {
		unavailable(t, err)
	}
	return exec.Command("java", append([]string{"-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", jars, class}, args...)...)
}
