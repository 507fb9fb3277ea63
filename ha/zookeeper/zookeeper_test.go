package zookeeper_test

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/localfs"
	"slipway/ha/zookeeper"
	"slipway/tests/servers"
)

func connect(t *testing.T, address, namespace string) *zookeeper.Conn {
	t.Helper()
	c, err := zookeeper.Connect(zookeeper.Options{Quorum: []string{address}, Root: "/morphling", Namespace: namespace,
		CheckpointPath: "/checkpoints", JobPath: "/runningjobs", SessionTimeout: 4 * time.Second, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func noLeader() int32 { return -1 }

// TestMetadataConformance runs the suite of all metadata stores on a real server;
// "a new process" is a second session.
func TestMetadataConformance(t *testing.T) {
	z := servers.StartZooKeeper(t)
	var n atomic.Int64
	checkpointtest.Metadata(t, func(t *testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore) {
		namespace := fmt.Sprintf("/n%d", n.Add(1))
		files, err := localfs.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return zookeeper.NewMetadata(connect(t, z.Address, namespace), files, noLeader),
			func() checkpoint.MetadataStore {
				return zookeeper.NewMetadata(connect(t, z.Address, namespace), files, noLeader)
			}
	})
}

// TestFaults: the loss of any one piece of what is said to the quorum, with its connection,
// leaves nothing half done.
func TestFaults(t *testing.T) {
	z := servers.StartZooKeeper(t)
	var n atomic.Int64
	checkpointtest.MetadataFaults(t, 30, func(t *testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore, checkpointtest.Injector) {
		namespace := fmt.Sprintf("/f%d", n.Add(1))
		files, err := localfs.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		p := servers.StartProxy(t, z.Address)
		return zookeeper.NewMetadata(connect(t, p.Address, namespace), files, noLeader),
			func() checkpoint.MetadataStore {
				return zookeeper.NewMetadata(connect(t, z.Address, namespace), files, noLeader)
			}, p.BreakAt
	})
}
