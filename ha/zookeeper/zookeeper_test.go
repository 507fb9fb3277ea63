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

const sessionTimeout = 4 * time.Second

func connect(t *testing.T, address, namespace string) *zookeeper.Conn {
	t.Helper()
	c, err := zookeeper.Connect(zookeeper.Options{Quorum: []string{address}, Root: "/morphling", Namespace: namespace,
		CheckpointPath: "/checkpoints", JobPath: "/runningjobs", SessionTimeout: sessionTimeout, Log: slog.New(slog.DiscardHandler)})
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
	t.Parallel()
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

// TestSlow: the suite again, with a quorum that every piece takes 3 ms to reach.
func TestSlow(t *testing.T) {
	t.Parallel()
	p := servers.StartProxy(t, servers.StartZooKeeper(t).Address)
	p.Slow(3 * time.Millisecond)
	var n atomic.Int64
	checkpointtest.Metadata(t, func(t *testing.T) (checkpoint.MetadataStore, func() checkpoint.MetadataStore) {
		namespace := fmt.Sprintf("/s%d", n.Add(1))
		files, err := localfs.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		open := func() checkpoint.MetadataStore {
			return zookeeper.NewMetadata(connect(t, p.Address, namespace), files, noLeader)
		}
		return open(), open
	})
}

// faults that a message of a client can meet on its way to the quorum.
var faults = map[string]func(*servers.Proxy) checkpointtest.Injector{
	"lost":                   func(p *servers.Proxy) checkpointtest.Injector { return p.BreakAt },
	"late":                   late(sessionTimeout * 3 / 4),
	"later than the session": late(sessionTimeout * 5 / 4),
}

func late(d time.Duration) func(*servers.Proxy) checkpointtest.Injector {
	return func(p *servers.Proxy) checkpointtest.Injector {
		return func(n int) func() bool { return p.StallAt(n, d) }
	}
}

// TestFaults: any one piece of what is said to the quorum that is lost, with its connection,
// or comes when the connection or even the session is given up, leaves nothing half done.
func TestFaults(t *testing.T) {
	t.Parallel()
	z := servers.StartZooKeeper(t)
	var n atomic.Int64
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
					}, fault(p)
			})
		})
	}
}
