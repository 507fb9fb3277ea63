package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/client"
)

func writer(t *testing.T, cluster *kfake.Cluster, hold bool, more ...client.Opt) *client.Writer {
	t.Helper()
	c, err := client.New(append(append(client.Writing(), kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DisableClientMetrics(), kgo.RequestTimeoutOverhead(time.Second)), more...)...)
	if err != nil {
		t.Fatal(err)
	}
	topic, err := client.Describe(t.Context(), c, "in")
	if err != nil {
		t.Fatal(err)
	}
	w, err := client.NewWriter(t.Context(), c, client.WriterOptions{Topic: "in", ID: topic.ID, Partitions: topic.Partitions, Hold: hold})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.Close(t.Context())
		c.Close()
	})
	return w
}

func put(t *testing.T, w *client.Writer, partition int32, values ...string) {
	t.Helper()
	if err := w.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		w.Append(partition, nil, []byte(v))
	}
	w.End()
}

func flush(t *testing.T, w *client.Writer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := w.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestWriterFollowsLeaders: every row once and in order, while leaders move, requests are
// lost, and requests come when their sender has given them up.
func TestWriterFollowsLeaders(t *testing.T) {
	cluster, _, shared := joined(t)
	var asked atomic.Int64
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		switch n := asked.Add(1); {
		case n%5 == 0:
			return nil, errors.New("lost"), true
		case n == 7: // acted upon when the client has sent it again
			cluster.SleepControl(func() { time.Sleep(12 * time.Second) })
		}
		return nil, nil, false
	})
	w := writer(t, cluster, false)
	const rows = 300
	for n := 0; n < rows; n += 10 {
		for p := range int32(3) {
			put(t, w, p, numbers(n, n+10)...)
			if err := cluster.MoveTopicPartition("in", p, int32(n/10+int(p))%3); err != nil {
				t.Fatal(err)
			}
		}
		for sent := asked.Load(); asked.Load() == sent && w.Buffered() > 0; { // the next move meets requests under way
			time.Sleep(time.Millisecond)
		}
	}
	flush(t, w)
	got, err := fetch(t, fetcher(t, shared, map[int32]int64{0: 0, 1: 0, 2: 0}), 3*rows, nothing)
	if err != nil {
		t.Fatal(err)
	}
	for p := range int32(3) {
		if !slices.Equal(got[p], numbers(0, rows)) {
			t.Errorf("partition %d: %v", p, got[p])
		}
	}
	if asked.Load() < 10 {
		t.Errorf("only %d requests", asked.Load())
	}
}

// TestWriterPartitions: a key goes where the library's producer, and with it Kafka's own,
// sends it.
func TestWriterPartitions(t *testing.T) {
	cluster, _ := brokers(t)
	w := writer(t, cluster, false)
	theirs, err := client.New(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DisableClientMetrics(), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	where := map[string]int32{}
	for n := range 200 {
		key := strings.Repeat("k", n%9) + strconv.Itoa(n)
		r, err := theirs.ProduceSync(t.Context(), &kgo.Record{Topic: "in", Key: []byte(key)}).First()
		if err != nil {
			t.Fatal(err)
		}
		where[key] = r.Partition
		if err := w.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Append(1, []byte(key), []byte(key))
		w.End()
	}
	flush(t, w)
	reader, err := client.New(append(client.Consumer("in", map[int32]int64{0: 0, 1: 0, 2: 0}), kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DisableClientMetrics())...)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for seen := 0; seen < 400; {
		reader.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) {
			seen++
			if r.Value != nil && where[string(r.Key)] != r.Partition {
				t.Errorf("key %s is in partition %d, the library's in %d", r.Key, r.Partition, where[string(r.Key)])
			}
		})
	}
}

// TestWriterFillsBatches: one batch of a partition is as large as it may be, or as the rows
// that came while the one before was under way; packed with any codec.
func TestWriterFillsBatches(t *testing.T) {
	for name, codec := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		t.Run(name, func(t *testing.T) {
			cluster, _, shared := joined(t)
			var requests atomic.Int64
			cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				requests.Add(1)
				return nil, nil, false
			})
			w := writer(t, cluster, true, kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(10_000))
			put(t, w, 0, numbers(0, 100)...)
			if time.Sleep(50 * time.Millisecond); requests.Load() != 0 {
				t.Error("records left that were to be held")
			}
			put(t, w, 0, numbers(100, 5000)...)
			flush(t, w)
			got, err := fetch(t, fetcher(t, shared, map[int32]int64{0: 0}), 5000, nothing)
			if err != nil || !slices.Equal(got[0], numbers(0, 5000)) {
				t.Errorf("%d rows, %v", len(got[0]), err)
			}
			if n := requests.Load(); n < 5 || n > 10 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestWriterFails: what no waiting mends is said by the next call.
func TestWriterFails(t *testing.T) {
	cluster, _ := brokers(t)
	w := writer(t, cluster, false)
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "in", Err: kerr.MessageTooLarge, Count: -1})
	put(t, w, 0, "x")
	if err := w.Flush(t.Context()); !errors.Is(err, kerr.MessageTooLarge) || !strings.Contains(fmt.Sprint(err), "topic in: partition 0") {
		t.Errorf("Flush said %v", err)
	}
	if err := w.Begin(t.Context()); !errors.Is(err, kerr.MessageTooLarge) {
		t.Errorf("Begin said %v", err)
	}
}

// TestWriterMissesItsTopic: a topic that is gone, or is another, is not waited for.
func TestWriterMissesItsTopic(t *testing.T) {
	cluster, _ := brokers(t)
	w := writer(t, cluster, false)
	put(t, w, 0, "x")
	flush(t, w)
	remove(t, cluster)
	if err := cluster.CreateTopic("in", 3, nil); err != nil {
		t.Fatal(err)
	}
	put(t, w, 0, "y")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := w.Flush(ctx); !errors.Is(err, client.UnknownTopicID) {
		t.Errorf("Flush said %v", err)
	}
}

// TestWriterWaits: much that the brokers do not take makes the next Begin wait, until it may
// go on or its context ends.
func TestWriterWaits(t *testing.T) {
	cluster, _ := brokers(t)
	w := writer(t, cluster, true)
	large := string(bytes.Repeat([]byte("v"), 500_000))
	free := cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "in", Err: kerr.NotLeaderForPartition, Count: -1})
	for w.Buffered() <= client.MaxBufferedBytes {
		put(t, w, 0, large)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := w.Begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Begin said %v", err)
	}
	free.Remove()
	put(t, w, 0, "x")
	flush(t, w)
	if n := w.Buffered(); n != 0 {
		t.Errorf("%d bytes are buffered behind Flush", n)
	}
}

// TestWriterClosed: what is closed with records in hand does not say that they are there.
func TestWriterClosed(t *testing.T) {
	cluster, _ := brokers(t)
	w := writer(t, cluster, true)
	put(t, w, 0, "x")
	w.Close(t.Context())
	if err := w.Flush(t.Context()); err == nil {
		t.Error("Flush of a closed writer succeeded")
	}
	if err := w.Begin(t.Context()); err == nil {
		t.Error("Begin of a closed writer succeeded")
	}
}
