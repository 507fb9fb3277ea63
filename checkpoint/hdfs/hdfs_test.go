package hdfs_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/checkpoint/hdfs"
	"slipway/tests/servers"
)

// TestConformance runs the suite of all stores against a real name node and data node.
func TestConformance(t *testing.T) {
	t.Parallel()
	h := servers.StartHDFS(t, 1)
	var n atomic.Int64
	checkpointtest.Storage(t, func(t *testing.T) checkpoint.Storage {
		s, err := hdfs.New(context.Background(), hdfs.Options{Addresses: []string{h.Address}, User: "slipway", Root: fmt.Sprintf("/store-%d", n.Add(1))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	})
}

// TestNameNodeRestart: what was closed is there, and the store goes on by itself.
func TestNameNodeRestart(t *testing.T) {
	h := servers.StartHDFS(t, 1)
	s, err := hdfs.New(context.Background(), hdfs.Options{Addresses: []string{h.Address}, User: "slipway", Root: "/slipway/state"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkpointtest.Write(t, s, "job/chk-1", "before")
	h.NameNode.Restart()
	h.Data[0].Restart()
	names, err := s.List(context.Background(), "job/")
	if err != nil || fmt.Sprint(names) != "[job/chk-1]" {
		t.Fatalf("%v %v", names, err)
	}
}

// TestSlow: the suite again, with a name node that every piece of every call takes 3 ms to reach.
func TestSlow(t *testing.T) {
	t.Parallel()
	h := servers.StartHDFS(t, 1)
	p := servers.StartProxy(t, h.Address)
	p.Slow(3 * time.Millisecond)
	var n atomic.Int64
	checkpointtest.Storage(t, func(t *testing.T) checkpoint.Storage {
		return open(t, hdfs.Options{Addresses: []string{p.Address}, User: "slipway", Root: fmt.Sprintf("/slow-%d", n.Add(1))})
	})
}

// TestFaults: any one piece of what is said to the name node that is lost, with its
// connection, or comes behind the deadline, leaves nothing half done.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := servers.StartHDFS(t, 1)
	faults := map[string]func(*servers.Proxy) checkpointtest.Injector{
		"lost": func(p *servers.Proxy) checkpointtest.Injector { return p.BreakAt },
		"late": func(p *servers.Proxy) checkpointtest.Injector {
			return func(n int) func() bool { return p.StallAt(n, 1500*time.Millisecond) }
		},
	}
	var n atomic.Int64
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkpointtest.StorageFaults(t, 40, func(t *testing.T) (checkpoint.Storage, func() checkpoint.Storage, checkpointtest.Injector) {
				root := fmt.Sprintf("/faults-%d", n.Add(1))
				p := servers.StartProxy(t, h.Address)
				through := hdfs.Options{Addresses: []string{p.Address}, User: "slipway", Root: root, Step: time.Second}
				direct := hdfs.Options{Addresses: []string{h.Address}, User: "slipway", Root: root}
				return open(t, through), func() checkpoint.Storage { return open(t, direct) }, fault(p)
			})
		})
	}
}
