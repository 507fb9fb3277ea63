// Package kafkatest starts a Kafka broker inside a test and gives it topics and
// records. Only tests import it.
package kafkatest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is one broker in memory on a free loopback port; the test's end closes it.
type Broker struct {
	// Cluster is for faults and for what a broker does to its logs.
	Cluster *kfake.Cluster
	Address string
	t       testing.TB
	client  *kgo.Client
}

// deadline bounds every wait of the fixture.
const deadline = 20 * time.Second

// Start starts a broker.
func Start(t testing.TB) *Broker {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	b := &Broker{Cluster: cluster, Address: cluster.ListenAddrs()[0], t: t}
	b.client, err = kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0), kgo.DisableClientMetrics(),
		kgo.MetadataMinAge(10*time.Millisecond), kgo.UnknownTopicRetries(10))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.client.Close)
	return b
}

func (b *Broker) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), deadline)
}

// Topic makes a topic.
func (b *Broker) Topic(topic string, partitions int) {
	b.t.Helper()
	if err := b.Cluster.CreateTopic(topic, int32(partitions), nil); err != nil {
		b.t.Fatal(err)
	}
}

// Grow brings a topic to a greater number of partitions.
func (b *Broker) Grow(topic string, partitions int) {
	b.t.Helper()
	ctx, cancel := b.context()
	defer cancel()
	r, err := kadm.NewClient(b.client).UpdatePartitions(ctx, partitions, topic)
	if err == nil {
		err = r.Error()
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Produce writes values to one partition, in order. It has a client of its own, so
// that a topic that was made again is not confused with its namesake.
func (b *Broker) Produce(topic string, partition int, values ...string) {
	b.t.Helper()
	records := make([]Record, len(values))
	for i, v := range values {
		records[i] = Record{Partition: partition, Value: v}
	}
	b.Send(topic, records...)
}

// Send writes records as they are, in order and those of a partition together; an empty key is none.
func (b *Broker) Send(topic string, list ...Record) {
	b.t.Helper()
	ctx, cancel := b.context()
	defer cancel()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ManualFlushing(),
		kgo.MaxBufferedRecords(len(list)+1), kgo.DisableClientMetrics())
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	records := make([]*kgo.Record, len(list))
	for i, r := range list {
		records[i] = &kgo.Record{Topic: topic, Partition: int32(r.Partition)}
		if r.Key != "" {
			records[i].Key = []byte(r.Key)
		}
		if !r.Tombstone {
			records[i].Value = []byte(r.Value)
		}
		for _, h := range r.Headers {
			records[i].Headers = append(records[i].Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
		}
	}
	var sent kgo.FirstErrPromise
	for _, r := range records {
		c.Produce(ctx, r, sent.Promise())
	}
	if err := errors.Join(c.Flush(ctx), sent.Err()); err != nil {
		b.t.Fatal(err)
	}
}

// Record is a record as a reader of committed records sees it.
type Record struct {
	Partition  int
	Offset     int64
	Key, Value string
	Tombstone  bool
	Headers    [][2]string // names and values, in order
}

func read(r *kgo.Record) Record {
	out := Record{Partition: int(r.Partition), Offset: r.Offset, Key: string(r.Key), Value: string(r.Value), Tombstone: r.Value == nil}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, [2]string{h.Key, string(h.Value)})
	}
	return out
}

// Consume reads n records of a topic from its beginning, by partition and offset.
func (b *Broker) Consume(topic string, n int) []Record {
	b.t.Helper()
	ctx, cancel := b.context()
	defer cancel()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.DisableClientMetrics())
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	var out []Record
	for len(out) < n {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			b.t.Fatalf("reading topic %s: %d of %d records, then %v", topic, len(out), n, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			out = append(out, read(r))
		})
	}
	slices.SortFunc(out, func(a, b Record) int {
		if a.Partition != b.Partition {
			return a.Partition - b.Partition
		}
		return int(a.Offset - b.Offset)
	})
	return out
}

// Committable reads what a reader of committed records sees now, up to the last stable offset.
func (b *Broker) Committable(topic string) []Record {
	b.t.Helper()
	ctx, cancel := b.context()
	defer cancel()
	ends, err := kadm.NewClient(b.client).ListCommittedOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.DisableClientMetrics(), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	var out []Record
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			b.t.Fatalf("reading topic %s: %v still to be read, %v", topic, left, err)
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			for _, r := range p.Records {
				if !r.Attrs.IsControl() {
					out = append(out, read(r))
				}
				if r.Offset+1 >= left[p.Partition] {
					delete(left, p.Partition)
				}
			}
			if p.LastStableOffset > 0 && len(p.Records) == 0 {
				delete(left, p.Partition)
			}
		})
	}
	return out
}

// Values joins the values of records, for comparison.
func Values(records []Record) string {
	parts := make([]string, len(records))
	for i, r := range records {
		parts[i] = r.Value
	}
	return strings.Join(parts, " ")
}

// Committed reads the offsets that a group has committed.
func (b *Broker) Committed(group, topic string) map[int]int64 {
	b.t.Helper()
	ctx, cancel := b.context()
	defer cancel()
	list, err := kadm.NewClient(b.client).FetchOffsets(ctx, group)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		b.t.Fatal(err)
	}
	out := map[int]int64{}
	list.Each(func(o kadm.OffsetResponse) {
		if o.Topic == topic {
			out[int(o.Partition)] = o.At
		}
	})
	return out
}
