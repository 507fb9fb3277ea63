//go:build serve

package servers_test

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"slipway/tests/servers"
)

// TestServe starts Kafka, ZooKeeper and HDFS, prints what a server's configuration wants
// to know of them, and leaves them up until it is interrupted: `make servers`.
func TestServe(t *testing.T) {
	k, z, h := servers.StartKafka(t, servers.Kafka4), servers.StartZooKeeper(t), servers.StartHDFS(t, 1)
	fmt.Printf(`
kafka.broker.list: %s
spark.morphling.recovery.mode: zookeeper
spark.morphling.zookeeper.quorum: %s
spark.morphling.taskstate.checkpoint.directory: hdfs://%s/morphling/taskstate
spark.morphling.completed.checkpoints.storage.dir: /morphling/completed

Ctrl-C ends them.
`, k.Address, z.Address, h.Address)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
}
