package kafkaio

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/kafkaio/kafkatest"
	"slipway/sql/plan"
)

func boundedPlan(topic string, wait time.Duration, properties ...string) *plan.Source {
	p := sourcePlan(topic, properties...)
	p.Bounded, p.Wait = true, wait
	return p
}

// whole reads a source to its end.
func whole(t *testing.T, s *source) string {
	t.Helper()
	var got []string
	err := until(t, s, func() bool { return false }, func(split int, id string) { got = append(got, fmt.Sprintf("%d:%s", split, id)) })
	if err != io.EOF {
		t.Fatal(err)
	}
	slices.Sort(got)
	return strings.Join(got, " ")
}

// transaction writes records in one that is committed, aborted or left open.
func transaction(t *testing.T, b *kafkatest.Broker, topic, end string, values ...string) {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Address), kgo.TransactionalID(topic+end+values[0]), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	switch end {
	case "commit":
		err = c.EndTransaction(t.Context(), kgo.TryCommit)
	case "abort":
		err = c.EndTransaction(t.Context(), kgo.TryAbort)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestBoundedSource: a bounded source gives what its partitions held when it was opened,
// and ends, whatever stands at their ends.
func TestBoundedSource(t *testing.T) {
	for name, c := range map[string]struct {
		fill func(t *testing.T, b *kafkatest.Broker)
		want string
	}{
		"nothing": {func(*testing.T, *kafkatest.Broker) {}, ""},
		"records": {func(t *testing.T, b *kafkatest.Broker) {
			b.Produce("in", 0, id(1), id(2))
			b.Produce("in", 2, id(3))
		}, "0:1 0:2 2:3"},
		"a marker at the end":                {func(t *testing.T, b *kafkatest.Broker) { transaction(t, b, "in", "commit", id(1), id(2)) }, "0:1 0:2"},
		"nothing but an aborted transaction": {func(t *testing.T, b *kafkatest.Broker) { transaction(t, b, "in", "abort", id(1)) }, ""},
		"an open transaction, and records behind it": {func(t *testing.T, b *kafkatest.Broker) {
			b.Produce("in", 0, id(1))
			transaction(t, b, "in", "open", id(2))
			b.Produce("in", 0, id(3))
		}, "0:1"},
		"more than a batch": {func(t *testing.T, b *kafkatest.Broker) {
			var many []string
			for range 5000 {
				many = append(many, id(7))
			}
			b.Produce("in", 1, many...)
		}, strings.TrimSuffix(strings.Repeat("1:7 ", 5000), " ")},
	} {
		t.Run(name, func(t *testing.T) {
			b := kafkatest.Start(t)
			b.Topic("in", 3)
			c.fill(t, b)
			s := openSource(t, b, boundedPlan("in", 0))
			b.Produce("in", 0, id(100))
			b.Produce("in", 1, id(101))
			b.Grow("in", 5)
			b.Produce("in", 4, id(102))
			if got := whole(t, s); got != c.want {
				t.Errorf("the source gave %q, want %q", got, c.want)
			}
		})
	}
}

// TestBoundedBehindCompaction: what a compaction took away at the end of a partition has
// offsets and no records.
func TestBoundedBehindCompaction(t *testing.T) {
	const last = 5
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), id(2))
	b.Cluster.ControlKey(int16(kmsg.ListOffsets), func(r kmsg.Request) (kmsg.Response, error, bool) {
		b.Cluster.KeepControl()
		answer := r.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, asked := range r.(*kmsg.ListOffsetsRequest).Topics {
			topic := kmsg.NewListOffsetsResponseTopic()
			topic.Topic = asked.Topic
			for _, p := range asked.Partitions {
				partition := kmsg.NewListOffsetsResponseTopicPartition()
				if partition.Partition = p.Partition; p.Timestamp == -1 {
					partition.Offset = last
				} else {
					partition.Offset = 0
				}
				topic.Partitions = append(topic.Partitions, partition)
			}
			answer.Topics = append(answer.Topics, topic)
		}
		return answer, nil, true
	})
	b.Cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		b.Cluster.KeepControl()
		asked := r.(*kmsg.FetchRequest).Topics[0]
		if asked.Partitions[0].FetchOffset < 2 {
			return nil, nil, false
		}
		answer := r.ResponseKind().(*kmsg.FetchResponse)
		topic, partition := kmsg.NewFetchResponseTopic(), kmsg.NewFetchResponseTopicPartition()
		topic.Topic, topic.TopicID = asked.Topic, asked.TopicID
		partition.HighWatermark, partition.LastStableOffset = last, last
		topic.Partitions = append(topic.Partitions, partition)
		answer.Topics = append(answer.Topics, topic)
		return answer, nil, true
	})
	s := openSource(t, b, boundedPlan("in", 0))
	if got := whole(t, s); got != "0:1 0:2" || s.at.Next[0] != last {
		t.Errorf("the source gave %q and stands at %v", got, s.at.Next)
	}
}

// TestBoundedStarts: a bounded source that begins at the end has ended.
func TestBoundedStarts(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1), id(2), id(3))
	for strategy, want := range map[string]string{"latest": "", "offset:0=1": "0:2 0:3", "earliest": "0:1 0:2 0:3"} {
		if got := whole(t, openSource(t, b, boundedPlan("in", 0, "transwarp.consumer.reset.offset.strategy", strategy))); got != want {
			t.Errorf("%s: the source gave %q, want %q", strategy, got, want)
		}
	}
}

// TestBoundedWaits: a source that waits takes what comes behind its end.
func TestBoundedWaits(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("in", 1)
	b.Produce("in", 0, id(1))
	s := openSource(t, b, boundedPlan("in", time.Hour))
	if got := read(t, s, 1); got != "0:1" {
		t.Errorf("the source gave %q", got)
	}
	b.Produce("in", 0, id(2))
	if got := read(t, s, 1); got != "0:2" {
		t.Errorf("the source gave %q", got)
	}
	if b, err := s.Next(context.Background()); err != nil || b != nil && b.Rows > 0 {
		t.Errorf("the source gave %v, %v", b, err)
	}
	ended := openSource(t, b, boundedPlan("in", 50*time.Millisecond))
	if got := whole(t, ended); got != "0:1 0:2" {
		t.Errorf("the source gave %q", got)
	}
}
