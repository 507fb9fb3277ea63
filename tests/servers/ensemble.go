package servers

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"slipway/tests/process"
)

// KafkaCluster is three brokers that replicate to one another.
type KafkaCluster struct {
	Brokers []*Kafka
}

// Address lists the brokers.
func (c *KafkaCluster) Address() string {
	var all []string
	for _, b := range c.Brokers {
		all = append(all, b.Address)
	}
	return strings.Join(all, ",")
}

// StartKafkaCluster starts three brokers, each also a controller. Topics get three
// replicas, of which two must have a record before it counts.
func StartKafkaCluster(t testing.TB, version string) *KafkaCluster {
	t.Helper()
	jars, err := classPath(kafkaBundle(version))
	if err != nil {
		unavailable(t, err)
	}
	const n = 3
	var ports, controllers [n]int
	var voters []string
	for i := range n {
		ports[i], controllers[i] = process.FreePort(t), process.FreePort(t)
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", i+1, controllers[i]))
	}
	c := &KafkaCluster{}
	for i := range n {
		dir := t.TempDir()
		config := write(t, dir, "server.properties", fmt.Sprintf(`process.roles=broker,controller
node.id=%d
listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
advertised.listeners=PLAINTEXT://127.0.0.1:%[2]d
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.quorum.voters=%[4]s
log.dirs=%[5]s
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
group.initial.rebalance.delay.ms=0
transaction.max.timeout.ms=3600000
auto.create.topics.enable=false
broker.session.timeout.ms=6000
`, i+1, ports[i], controllers[i], strings.Join(voters, ","), filepath.Join(dir, "log")))
		java(t, "-Xmx256m", "-cp", jars, "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", config)
		k := &Kafka{Address: address(ports[i])}
		k.Process = &Process{t: t, name: fmt.Sprintf("Kafka %s broker %d", version, i+1), log: filepath.Join(dir, "out.log"), up: func() error { return nil },
			args: []string{"-Xmx384m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", jars, "kafka.Kafka", config}}
		c.Brokers = append(c.Brokers, k)
	}
	for _, k := range c.Brokers { // none answers before two of them are up
		k.Start()
		t.Cleanup(k.Kill)
	}
	for _, k := range c.Brokers {
		k.Process.up = func() error { return pingKafka(k.Address) }
		k.await()
	}
	return c
}

// Ensemble is three ZooKeeper servers.
type Ensemble struct {
	Servers []*ZooKeeper
}

// Address lists the servers.
func (e *Ensemble) Address() string {
	var all []string
	for _, s := range e.Servers {
		all = append(all, s.Address)
	}
	return strings.Join(all, ",")
}

// StartEnsemble starts three servers.
func StartEnsemble(t testing.TB) *Ensemble {
	t.Helper()
	jars, err := classPath(zooKeeperBundle)
	if err != nil {
		unavailable(t, err)
	}
	const n = 3
	var members strings.Builder
	for i := range n {
		fmt.Fprintf(&members, "server.%d=127.0.0.1:%d:%d\n", i+1, process.FreePort(t), process.FreePort(t))
	}
	e := &Ensemble{}
	for i := range n {
		dir, port := t.TempDir(), process.FreePort(t)
		write(t, filepath.Join(dir, "data"), "myid", fmt.Sprint(i+1))
		config := write(t, dir, "zoo.cfg", fmt.Sprintf(`tickTime=500
initLimit=20
syncLimit=10
dataDir=%s
clientPort=%d
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=*
minSessionTimeout=1000
maxSessionTimeout=60000
maxClientCnxns=0
forceSync=no
%s`, filepath.Join(dir, "data"), port, members.String()))
		z := &ZooKeeper{Address: address(port)}
		z.Process = &Process{t: t, name: fmt.Sprintf("ZooKeeper %d", i+1), log: filepath.Join(dir, "out.log"), up: func() error { return ruok(z.Address) },
			args: []string{"-Xmx192m", "-XX:+UseSerialGC", "-Dzookeeper.jmx.log4j.disable=true", "-cp", jars, "org.apache.zookeeper.server.quorum.QuorumPeerMain", config}}
		z.Start()
		t.Cleanup(z.Kill)
		e.Servers = append(e.Servers, z)
	}
	return e
}
