package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"slipway/executor"
	"slipway/kafkaio/client"
	"slipway/kafkaio/records"
)

// brokers are three, with topic "in" of three partitions.
func brokers(t *testing.T) (*kfake.Cluster, *client.Client) {
	t.Helper()
	cluster, c, _ := joined(t)
	return cluster, c
}

// joined are brokers, a client to write to them, and what readers share.
func joined(t *testing.T) (*kfake.Cluster, *client.Client, *client.Cluster) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.SeedTopics(3, "in"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	options := append(client.Fetching(), kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics(),
		kgo.MetadataMinAge(10*time.Millisecond), kgo.ProducerLinger(0))
	c, err := client.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	shared, err := new(client.Clusters).Join("", slog.New(slog.DiscardHandler), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shared.Leave)
	return cluster, c, shared
}

func produce(t *testing.T, c *client.Client, partition int32, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: "in", Partition: partition, Value: []byte(strconv.Itoa(n))}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// reading is a Fetcher and what says that it has an answer.
type reading struct {
	*client.Fetcher
	ready executor.Signal
}

func fetcher(t *testing.T, c *client.Cluster, next map[int32]int64) reading {
	t.Helper()
	topic, err := client.Describe(t.Context(), c.Client(), "in")
	if err != nil {
		t.Fatal(err)
	}
	ready := executor.NewSignal()
	f := client.NewFetcher(c, "in", topic.ID, next, ready.Set)
	t.Cleanup(f.Close)
	return reading{f, ready}
}

// fetch reads until there are n rows or an error; the rows are by partition.
func fetch(t *testing.T, f reading, n int, each func(got int)) (map[int32][]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, got := map[int32][]string{}, 0
	for got < n {
		answers, err := f.Poll()
		if err != nil {
			return out, err
		}
		if answers == nil {
			select {
			case <-f.ready:
			case <-ctx.Done():
				t.Fatalf("only %d rows: %v", got, out)
			}
		}
		for _, a := range answers {
			for r := (records.Record{}); ; got++ {
				more, err := a.Records.Next(&r)
				if err != nil {
					t.Fatal(err)
				}
				if !more {
					break
				}
				if string(r.Value) != strconv.FormatInt(r.Offset, 10) {
					t.Fatalf("partition %d offset %d holds %s", a.Partition, r.Offset, r.Value)
				}
				out[a.Partition] = append(out[a.Partition], string(r.Value))
			}
		}
		each(got)
	}
	return out, nil
}

func nothing(int) {}

func numbers(from, to int) (out []string) {
	for n := from; n < to; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// TestFetcherFollowsLeaders: every row once and in order, while leaders move and requests
// are lost, also with more brokers than partitions on one of them.
func TestFetcherFollowsLeaders(t *testing.T) {
	cluster, c, shared := joined(t)
	for p := range int32(3) {
		produce(t, c, p, 0, 100)
	}
	var asked atomic.Int64
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if asked.Add(1)%3 == 0 {
			return nil, errors.New("lost"), true
		}
		return nil, nil, false
	})
	f := fetcher(t, shared, map[int32]int64{0: 0, 1: 40, 2: 100})
	moved := 0
	go func() { // ends with its last row
		for n := 100; n < 200; n += 10 {
			for p := range int32(3) {
				produce(t, c, p, n, n+10)
			}
		}
	}()
	got, err := fetch(t, f, 200+160+100, func(int) {
		for p := range int32(3) {
			if err := cluster.MoveTopicPartition("in", p, int32((moved+int(p))%3)); err != nil {
				t.Error(err)
			}
		}
		moved++
	})
	if err != nil {
		t.Fatal(err)
	}
	for p, from := range map[int32]int{0: 0, 1: 40, 2: 100} {
		if !slices.Equal(got[p], numbers(from, 200)) {
			t.Errorf("partition %d: %v", p, got[p])
		}
	}
	if moved < 3 || asked.Load() < 10 {
		t.Errorf("%d moves, %d requests", moved, asked.Load())
	}
}

// TestFetcherAdds: a partition that is added is read.
func TestFetcherAdds(t *testing.T) {
	_, c, shared := joined(t)
	produce(t, c, 0, 0, 5)
	produce(t, c, 2, 0, 5)
	f := fetcher(t, shared, map[int32]int64{0: 0})
	if got, err := fetch(t, f, 5, nothing); err != nil || !slices.Equal(got[0], numbers(0, 5)) {
		t.Fatal(got, err)
	}
	f.Add(2, 3)
	if got, err := fetch(t, f, 2, nothing); err != nil || !slices.Equal(got[2], numbers(3, 5)) {
		t.Fatal(got, err)
	}
}

func remove(t *testing.T, cluster *kfake.Cluster) {
	t.Helper()
	if err := cluster.DeleteTopic("in"); err != nil {
		t.Fatal(err)
	}
}

// TestFetcherGivesUp: what no waiting mends is said.
func TestFetcherGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(t *testing.T, cluster *kfake.Cluster)
		want error
	}{
		"the topic is gone": {func(t *testing.T, cluster *kfake.Cluster) { remove(t, cluster) }, kerr.UnknownTopicOrPartition},
		"the topic is another": {func(t *testing.T, cluster *kfake.Cluster) {
			remove(t, cluster)
			if err := cluster.CreateTopic("in", 3, nil); err != nil {
				t.Fatal(err)
			}
		}, client.UnknownTopicID},
		"what was read is gone": {func(t *testing.T, cluster *kfake.Cluster) {
			cluster.ControlKey(int16(kmsg.OffsetForLeaderEpoch), func(r kmsg.Request) (kmsg.Response, error, bool) {
				asked := r.(*kmsg.OffsetForLeaderEpochRequest).Topics[0].Partitions[0]
				answer := r.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
				topic, p := kmsg.NewOffsetForLeaderEpochResponseTopic(), kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
				topic.Topic, p.Partition, p.LeaderEpoch, p.EndOffset = "in", asked.Partition, asked.LeaderEpoch, 3
				topic.Partitions = append(topic.Partitions, p)
				answer.Topics = append(answer.Topics, topic)
				return answer, nil, true
			})
			for to := range int32(3) {
				if err := cluster.MoveTopicPartition("in", 0, to); err != nil {
					t.Fatal(err)
				}
			}
		}, client.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster, own, shared := joined(t)
			produce(t, own, 0, 0, 5)
			f := fetcher(t, shared, map[int32]int64{0: 0})
			if _, err := fetch(t, f, 5, nothing); err != nil {
				t.Fatal(err)
			}
			c.harm(t, cluster)
			if _, err := fetch(t, f, 1, nothing); !errors.Is(err, c.want) {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
		})
	}
}

// TestFetcherDecompresses: records of each codec, as the library's producer writes them.
func TestFetcherDecompresses(t *testing.T) {
	cluster, _, shared := joined(t)
	for i, codec := range []kgo.CompressionCodec{kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		p, err := client.New(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics(), kgo.ProducerBatchCompression(codec))
		if err != nil {
			t.Fatal(err)
		}
		for n := i * 1000; n < (i+1)*1000; n++ {
			p.Produce(t.Context(), &kgo.Record{Topic: "in", Value: fmt.Append(nil, n)}, nil)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.Close()
	}
	got, err := fetch(t, fetcher(t, shared, map[int32]int64{0: 17}), 4000-17, nothing)
	if err != nil || !slices.Equal(got[0], numbers(17, 4000)) {
		t.Errorf("%d rows, %v", len(got[0]), err)
	}
}
