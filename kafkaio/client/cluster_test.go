package client_test

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/client"
)

// several are readers of all three partitions, from where each has five rows.
func several(t *testing.T, shared *client.Cluster, n int) (out []reading) {
	t.Helper()
	for range n {
		out = append(out, fetcher(t, shared, map[int32]int64{0: 5, 1: 5, 2: 5}))
	}
	return out
}

// TestIdleReadersShareRequests: a hundred who have nothing to read ask no more than one, and
// each gets the rows that come then, also when others are closed.
func TestIdleReadersShareRequests(t *testing.T) {
	cluster, c, shared := joined(t)
	for p := range int32(3) {
		produce(t, c, p, 0, 5)
	}
	var asked, waits atomic.Int64
	cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if asked.Add(1); r.(*kmsg.FetchRequest).MaxWaitMillis > 0 {
			waits.Add(1)
		}
		return nil, nil, false
	})
	readers := several(t, shared, 100)
	for deadline := time.Now().Add(30 * time.Second); asked.Load() < 100 || waits.Load() < 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d requests, %d that wait", asked.Load(), waits.Load())
		}
	}
	time.Sleep(time.Second) // what is still under way; of a hundred that ask for themselves there would be six hundred
	before := asked.Load()
	time.Sleep(2 * time.Second)
	if n := asked.Load() - before; n > 60 {
		t.Errorf("%d requests in 2 s", n)
	}
	for _, r := range readers[:50] {
		r.Close()
	}
	for p := range int32(3) {
		produce(t, c, p, 5, 7)
	}
	for i, r := range readers[50:] {
		got, err := fetch(t, r, 6, nothing)
		if err != nil {
			t.Fatal(err)
		}
		for p := range int32(3) {
			if !slices.Equal(got[p], numbers(5, 7)) {
				t.Errorf("reader %d, partition %d: %v", i, p, got[p])
			}
		}
	}
}

// TestReaderThatDoesNotTakeHoldsNobodyBack: whose answers nobody takes asks for no more, and
// the others read on.
func TestReaderThatDoesNotTakeHoldsNobodyBack(t *testing.T) {
	cluster, c, shared := joined(t)
	var asked atomic.Int64
	cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if p := r.(*kmsg.FetchRequest).Topics[0].Partitions[0]; p.FetchOffset < 5 {
			asked.Add(1)
		}
		return nil, nil, false
	})
	produce(t, c, 0, 0, 5)
	stuck := fetcher(t, shared, map[int32]int64{0: 0})
	<-stuck.ready
	r := fetcher(t, shared, map[int32]int64{0: 5})
	for from := 5; from < 300; from += 5 {
		produce(t, c, 0, from, from+5)
		if got, err := fetch(t, r, 5, nothing); err != nil || !slices.Equal(got[0], numbers(from, from+5)) {
			t.Fatal(got, err)
		}
	}
	if n := asked.Load(); n > 3 {
		t.Errorf("%d requests for rows that nobody takes", n)
	}
	if got, err := fetch(t, stuck, 300, nothing); err != nil || !slices.Equal(got[0], numbers(0, 300)) {
		t.Error(len(got[0]), err)
	}
}

// TestWaitersSeeTransactions: who waits at the end of a partition is woken when a transaction
// is committed there, not when its rows are written.
func TestWaitersSeeTransactions(t *testing.T) {
	cluster, c, shared := joined(t)
	for p := range int32(3) {
		produce(t, c, p, 0, 5)
	}
	readers := several(t, shared, 2)
	w, err := client.New(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.TransactionalID("tx"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, w, 0, 5, 8)
	if err := w.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	for _, r := range readers {
		if got, err := fetch(t, r, 3, nothing); err != nil || !slices.Equal(got[0], numbers(5, 8)) {
			t.Error(got, err)
		}
	}
}

// TestEndsAreAskedForOnce: all who want to know where a topic ends share the answers, and
// learn that there is none.
func TestEndsAreAskedForOnce(t *testing.T) {
	cluster, c, shared := joined(t)
	produce(t, c, 1, 0, 5)
	var asked atomic.Int64
	var away atomic.Bool
	release := make(chan struct{})
	cluster.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		asked.Add(1)
		if away.Load() {
			cluster.SleepControl(func() { <-release })
		}
		return nil, nil, false
	})
	defer close(release)
	var heard sync.WaitGroup
	var stop []func()
	for range 50 {
		heard.Add(1)
		once := sync.OnceFunc(heard.Done)
		stop = append(stop, shared.Ends("in", time.Hour, func(ends map[int32]int64, err error) {
			if err != nil || len(ends) != 3 || ends[1] != 5 {
				t.Error(ends, err)
			}
			once()
		}))
	}
	heard.Wait()
	for _, f := range stop {
		f()
	}
	if n := asked.Load(); n > 3 { // one of each broker
		t.Errorf("%d requests", n)
	}
	away.Store(true)
	none := make(chan error, 1)
	defer shared.Ends("in", 50*time.Millisecond, func(_ map[int32]int64, err error) {
		if err != nil {
			select {
			case none <- err:
			default:
			}
		}
	})()
	select {
	case <-none:
	case <-time.After(30 * time.Second):
		t.Error("nobody said that the brokers do not answer")
	}
}

// lines counts what a log was told.
type lines struct{ n atomic.Int64 }

func (l *lines) Write(b []byte) (int, error) { l.n.Add(1); return len(b), nil }

// TestOutageIsSaidOnce: however many topics are read, and again when it comes back.
func TestOutageIsSaidOnce(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "a", "b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	said := &lines{}
	shared, err := new(client.Clusters).Join("", slog.New(slog.NewTextHandler(said, nil)), append(client.Fetching(), kgo.SeedBrokers(cluster.ListenAddrs()...))...)
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Leave()
	var known, unknown [3]atomic.Int64 // answers per topic
	for i, topic := range []string{"a", "b", "c"} {
		defer shared.Ends(topic, 10*time.Millisecond, func(_ map[int32]int64, err error) {
			if err == nil {
				known[i].Add(1)
			} else {
				unknown[i].Add(1)
			}
		})()
	}
	more := func(of *[3]atomic.Int64) {
		t.Helper()
		for i := range of {
			for before, deadline := of[i].Load(), time.Now().Add(30*time.Second); of[i].Load() < before+3; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("topic %d is not heard of", i)
				}
			}
		}
	}
	for outage := int64(1); outage <= 2; outage++ {
		more(&known)
		fault := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.BrokerNotAvailable, Count: -1})
		more(&unknown)
		fault.Remove()
		if n := said.n.Load(); n != outage {
			t.Errorf("%d lines on %d outages", n, outage)
		}
	}
}

// TestClustersAreSharedByKey: and closed by the last who leaves.
func TestClustersAreSharedByKey(t *testing.T) {
	cluster, _ := brokers(t)
	var all client.Clusters
	join := func(key string) *client.Cluster {
		c, err := all.Join(key, slog.New(slog.DiscardHandler), append(client.Fetching(), kgo.SeedBrokers(cluster.ListenAddrs()...))...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, b, other := join("x"), join("x"), join("y")
	if a != b || a == other {
		t.Error("clusters are not shared by their keys")
	}
	a.Leave()
	if err := b.Client().Ping(t.Context()); err != nil {
		t.Errorf("one left, and the other cannot ask: %v", err)
	}
	b.Leave()
	if err := b.Client().Ping(t.Context()); err == nil {
		t.Error("all left, and it is not closed")
	}
	if err := other.Client().Ping(t.Context()); err != nil {
		t.Error(err)
	}
	other.Leave()
}
