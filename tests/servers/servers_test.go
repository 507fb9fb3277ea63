package servers_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

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

// TestEnsembleLosesOne: two of three go on.
func TestEnsembleLosesOne(t *testing.T) {
	e := servers.StartEnsemble(t)
	c, _, err := zk.Connect(strings.Split(e.Address(), ","), 5*time.Second, zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	write := func(path string) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			_, err := c.Create(path, nil, 0, zk.WorldACL(zk.PermAll))
			if err == nil || err == zk.ErrNodeExists {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
		}
	}
	write("/with-three")
	e.Servers[0].Kill()
	write("/with-two")
}

// TestProxy: what is cut is silent, and comes when it is mended.
func TestProxy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() { // echoes one connection, ends with it
		c, err := l.Accept()
		if err == nil {
			io.Copy(c, c)
		}
	}()
	p := servers.StartProxy(t, l.Addr().String())
	c, err := net.Dial("tcp", p.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	say := func(text string) error {
		if _, err := c.Write([]byte(text)); err != nil {
			return err
		}
		c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		_, err := io.ReadFull(c, make([]byte, len(text)))
		return err
	}
	if err := say("one"); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if err := say("two"); err == nil {
		t.Fatal("the cut proxy passed bytes on")
	}
	p.Mend()
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadFull(c, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
}
