package kafkaio

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/kafkaio/client"
	"slipway/kafkaio/kafkatest"
	"slipway/sql/plan"
)

func sinkPlan(topic string, mode plan.SinkMode, keys ...int) *plan.Sink {
	return &plan.Sink{Name: "default.t", Properties: map[string]string{topicOption.Name(): topic, conf.Format.Name(): "json"}, Mode: mode, Keys: keys, Schema: idSchema, Delivery: conf.AtLeastOnce}
}

func openSink(t *testing.T, b *kafkatest.Broker, p *plan.Sink, job ...conf.Property) executor.Sink {
	t.Helper()
	s, err := (&Connector{Brokers: b.Address}).NewSink(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Open(t.Context(), testEnv(t, 0, 1, job...)); err != nil {
		t.Fatal(err)
	}
	return s
}

func rows(split int, kinds []column.RowKind, ids ...int64) *column.Batch {
	b := column.NewBatch(idSchema)
	for _, n := range ids {
		b.Cols[0].AppendInt(n)
	}
	b.Rows, b.Kinds, b.Split = len(ids), kinds, split
	return b
}

func write(t *testing.T, s executor.Sink, b *column.Batch) {
	t.Helper()
	if err := s.Write(b); err != nil {
		t.Fatal(err)
	}
}

func prepare(t *testing.T, s executor.Sink) {
	t.Helper()
	if _, err := s.Prepare(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
}

// TestSinkAppends: rows without a key keep the order and the partition of their input.
func TestSinkAppends(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 2)
	s := openSink(t, b, sinkPlan("out", plan.Append))
	write(t, s, rows(0, nil, 1, 2))
	write(t, s, rows(1, nil, 3))
	write(t, s, rows(0, nil, 4))
	prepare(t, s)
	var got []string
	for _, r := range b.Consume("out", 4) {
		got = append(got, fmt.Sprintf("%d:%s", r.Partition, r.Value))
	}
	if all := strings.Join(got, " "); all != `0:{"id":1} 0:{"id":2} 0:{"id":4} 1:{"id":3}` {
		t.Error(all)
	}
}

// TestSinkUpserts: key, no old versions, a tombstone for a deletion.
func TestSinkUpserts(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	s := openSink(t, b, sinkPlan("out", plan.Upsert, 0))
	write(t, s, rows(0, []column.RowKind{column.Insert, column.UpdateBefore, column.UpdateAfter, column.Delete}, 1, 1, 2, 3))
	prepare(t, s)
	var got []string
	for _, r := range b.Consume("out", 3) {
		got = append(got, fmt.Sprintf("%s=%s/%t", r.Key, r.Value, r.Tombstone))
	}
	if all := strings.Join(got, " "); all != `{"id":1}={"id":1}/false {"id":2}={"id":2}/false {"id":3}=/true` {
		t.Error(all)
	}
}

// TestLongFlushInterval: lots leave when they are full, however long they may wait.
func TestLongFlushInterval(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	s := openSink(t, b, sinkPlan("out", plan.Append), conf.P(conf.AutoFlush.Name(), "false"), conf.P(conf.FlushInterval.Name(), "3600000"), conf.P(conf.FlushSize.Name(), "3"))
	write(t, s, rows(0, nil, 1, 2))
	write(t, s, rows(0, nil, 3))
	if got := kafkatest.Values(b.Consume("out", 3)); got != `{"id":1} {"id":2} {"id":3}` {
		t.Error(got)
	}
}

// TestSinkReportsFailure: a record that the broker refuses fails the checkpoint.
func TestSinkReportsFailure(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	s := openSink(t, b, sinkPlan("out", plan.Append))
	b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.InvalidRecord, Count: -1})
	write(t, s, rows(0, nil, 1))
	_, err := s.Prepare(t.Context(), 1)
	if err == nil || !strings.Contains(err.Error(), "topic out") {
		t.Errorf("Prepare said %v", err)
	}
	if err := s.Write(rows(0, nil, 2)); err == nil {
		t.Error("Write went on")
	}
}

// TestTopicsAreMadeOnlyOnTheEmbeddedBroker: a stream that names brokers of its own
// never has its topic made there.
func TestTopicsAreMadeOnlyOnTheEmbeddedBroker(t *testing.T) {
	embedded, other := kafkatest.Start(t), kafkatest.Start(t)
	k := &Connector{Brokers: embedded.Address, CreateTopics: true}
	p := sourcePlan("typo")
	if n, err := k.Splits(t.Context(), p); err != nil || n != DefaultPartitions {
		t.Errorf("%d splits, %v", n, err)
	}
	p = sourcePlan("typo", brokerList.Name(), other.Address)
	_, err := k.Splits(t.Context(), p)
	if err == nil || other.Cluster.TopicInfo("typo") != nil {
		t.Fatalf("the topic was made on brokers that the stream names (%v)", err)
	}
	for _, w := range []string{"typo", other.Address, "does not exist"} {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// TestStopWhileTheBrokersAreSilent: a Write that waits for room ends with its task.
func TestStopWhileTheBrokersAreSilent(t *testing.T) {
	b := kafkatest.Start(t)
	b.Topic("out", 1)
	s, err := (&Connector{Brokers: b.Address}).NewSink(sinkPlan("out", plan.Append))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := s.Open(ctx, testEnv(t, 0, 1)); err != nil {
		t.Fatal(err)
	}
	b.Cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.NotLeaderForPartition, Count: -1})
	ended := make(chan error, 1)
	go func() { // ends with an error: the brokers take nothing
		batch := rows(0, nil, make([]int64, column.BatchRows)...)
		for {
			if err := s.Write(batch); err != nil {
				ended <- err
				return
			}
		}
	}()
	for s.(*sink).writer.Buffered() <= client.MaxBufferedBytes {
		runtime.Gosched()
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("Write still waits")
	}
}
