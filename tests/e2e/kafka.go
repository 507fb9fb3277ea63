package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	partitions = 4
	textTime   = "2006-01-02 15:04:05.000"
)

func kafka(t testing.TB, broker string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(strings.Split(broker, ",")...), kgo.DisableClientMetrics()}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func createTopics(t testing.TB, broker string, names ...string) {
	t.Helper()
	createReplicated(t, broker, 1, names...)
}

func createReplicated(t testing.TB, broker string, replicas int, names ...string) {
	t.Helper()
	resp, err := kadm.NewClient(kafka(t, broker)).CreateTopics(context.Background(), partitions, int16(replicas), nil, names...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resp {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
}

// generate makes n events over some keys; event time goes on by a millisecond each,
// so that a window of ten seconds holds ten thousand.
func generate(n int) []event {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	out := make([]event, n)
	for i := range out {
		x := uint64(i) * 0x9E3779B97F4A7C15
		out[i] = event{ID: int64(i) + 1, Key: fmt.Sprintf("key-%d", x>>32%997), Value: int64(x >> 40 % 1000), Time: base + int64(i)}
	}
	return out
}

// produce writes events at a rate, each key to one partition, then one sentinel per
// partition, whose time is far enough ahead to end every window. The sentinels have
// negative ids and keys of their own.
func produce(ctx context.Context, c *kgo.Client, topic string, events []event, perSecond int) error {
	start := time.Now()
	for i, e := range events {
		if i%1000 == 0 {
			due := start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		c.Produce(ctx, record(topic, e, int32(hash(e.Key)%partitions)), nil)
	}
	for p := range int32(partitions) {
		last := event{ID: -1 - int64(p), Key: fmt.Sprintf("sentinel-%d", p), Value: -1, Time: events[len(events)-1].Time + 3_600_000}
		c.Produce(ctx, record(topic, last, p), nil)
	}
	return c.Flush(ctx)
}

func hash(key string) (h uint32) {
	h = 2166136261
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return h
}

func record(topic string, e event, partition int32) *kgo.Record {
	at := e.Time - 5*e.Value // up to five seconds out of order
	value := fmt.Appendf(nil, `{"id":%d,"k":%q,"v":%d,"ts":%q,"at":%d}`, e.ID, e.Key, e.Value, time.UnixMilli(e.Time).UTC().Format(textTime), at)
	return &kgo.Record{Topic: topic, Key: []byte(e.Key), Value: value, Partition: partition}
}

// consumeAll reads what is committed in a topic.
func consumeAll(t testing.TB, broker, topic string, each func(*kgo.Record)) {
	t.Helper()
	consume(t, broker, topic, func(r *kgo.Record) {
		if !r.Attrs.IsControl() {
			each(r)
		}
	})
}

// consume reads a topic from its beginning to its present last stable offset: what is
// committed, and the marks of the transactions.
func consume(t testing.TB, broker, topic string, each func(*kgo.Record)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	ends, err := kadm.NewClient(kafka(t, broker)).ListCommittedOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	c := kafka(t, broker, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords())
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("reading %s: %v, left %v", topic, err, left)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			end, ok := left[r.Partition]
			if !ok {
				return
			}
			if r.Offset < end {
				each(r)
			}
			// The last record before the end may be of a transaction that was aborted, and its mark may lie behind
			// the end: nobody is given that record.
			if r.Offset >= end-1 {
				delete(left, r.Partition)
			}
		})
	}
}

// openTransactions lists transactional ids of ours that readers wait for.
func openTransactions(t testing.TB, broker string) (out []string) {
	t.Helper()
	list, err := kadm.NewClient(kafka(t, broker)).ListTransactions(context.Background(), nil, []string{"Ongoing", "PrepareCommit", "PrepareAbort"})
	if err != nil {
		t.Fatal(err)
	}
	for id := range list {
		out = append(out, id)
	}
	return out
}

func decode[T any](t testing.TB, r *kgo.Record) (v T) {
	t.Helper()
	if err := json.Unmarshal(r.Value, &v); err != nil {
		t.Fatalf("%s/%d@%d: %v in %q", r.Topic, r.Partition, r.Offset, err, r.Value)
	}
	return v
}

func millis(t testing.TB, text string) int64 {
	t.Helper()
	at, err := time.Parse(textTime, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}
