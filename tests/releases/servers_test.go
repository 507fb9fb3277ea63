package releases

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"slipway/tests/process"
	"slipway/tests/servers"
)

// startLocal starts a server with all it stores, its broker's log too, below a folder.
func startLocal(t *testing.T, binary, dir string) *server {
	t.Helper()
	s := begin(t, binary, dir, "server", "server", "server.sql.listen=127.0.0.1:0", "server.console.listen=", "server.embedded.broker.listen=127.0.0.1:0")
	s.kafka = s.Kafka
	return s
}

// startOnQuorum starts a broker below a folder and a server on it and on a ZooKeeper.
func startOnQuorum(t *testing.T, binary, dir, quorum string) (broker, s *server) {
	t.Helper()
	broker = begin(t, binary, dir, "broker", "broker", "server.embedded.broker.listen=127.0.0.1:0")
	s = begin(t, binary, dir, "server", "server", "server.sql.listen=127.0.0.1:0", "server.console.listen=", "kafka.broker.list="+broker.Kafka,
		"spark.morphling.recovery.mode=zookeeper", "spark.morphling.zookeeper.quorum="+quorum,
		"spark.morphling.taskstate.checkpoint.directory=file://"+filepath.Join(dir, "taskstate"),
		"spark.morphling.completed.checkpoints.storage.dir=file://"+filepath.Join(dir, "completed"))
	s.kafka = broker.Kafka
	eventually(t, "the server leads", func() bool { _, err := s.ask("CREATE DATABASE IF NOT EXISTS other"); return err == nil })
	return broker, s
}

// begin starts a process of a binary; the built one if none is named.
func begin(t *testing.T, binary, dir, name, command string, sets ...string) *server {
	t.Helper()
	if binary == "" {
		binary = process.Binary(t)
	}
	args := []string{command}
	for _, x := range append(sets, "server.data.directory="+filepath.Join(dir, name)) {
		args = append(args, "--set", x)
	}
	log := filepath.Join(t.TempDir(), name+".log")
	p, err := process.StartBinary(t, binary, log, []string{process.LibraryRaces}, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		if b, _ := os.ReadFile(log); t.Failed() {
			lines := strings.Split(string(b), "\n")
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "checkpoint completed") })
			t.Logf("%s log:\n%s", name, strings.Join(lines[:min(len(lines), 300)], "\n"))
		}
	})
	return &server{Process: p, t: t}
}

// znodesFile holds the nodes of a quorum that outlive its sessions.
const znodesFile = "znodes.json"

func connectZooKeeper(t *testing.T, quorum string) *zk.Conn {
	t.Helper()
	c, _, err := zk.Connect([]string{quorum}, 10*time.Second, zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// loadNodes makes the stored nodes on a fresh ZooKeeper.
func loadNodes(t *testing.T, z *servers.ZooKeeper, dir string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, znodesFile))
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]string{}
	if err := json.Unmarshal(b, &nodes); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for p := range nodes {
		names = append(names, p)
	}
	slices.Sort(names) // parents first
	c := connectZooKeeper(t, z.Address)
	for _, p := range names {
		eventually(t, "making node "+p, func() bool {
			_, err := c.Create(p, []byte(nodes[p]), 0, zk.WorldACL(zk.PermAll))
			return err == nil || errors.Is(err, zk.ErrNodeExists)
		})
	}
}
