// Package client is the only door to the Kafka library (franz-go). It turns stream
// properties into client options and holds the few administrative calls.
package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/conf"
	"slipway/conf/near"
	"slipway/sql/sqlerr"
)

// Client is one connection to a cluster.
type Client = kgo.Client

// Record is one Kafka record.
type Record = kgo.Record

// Opt is an option of a client.
type Opt = kgo.Opt

// Options of a client to some brokers; properties are Kafka's own keys.
func Options(brokers string, properties map[string]string) ([]Opt, error) {
	opts := []Opt{kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.DisableClientMetrics(), kgo.ClientID("slipway"),
		kgo.RetryTimeout(30 * time.Second), kgo.MetadataMinAge(100 * time.Millisecond)}
	var s security
	for key, value := range properties {
		if s.take(strings.ToLower(key), value) {
			continue
		}
		set, ok := known[strings.ToLower(key)]
		if !ok {
			return nil, unknownSetting(key)
		}
		opt, err := set(value)
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "Kafka client setting %q: %v", key, err)
		}
		if opt != nil {
			opts = append(opts, opt)
		}
	}
	signIn, err := s.options()
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "Kafka client settings: %v", err)
	}
	return append(opts, signIn...), nil
}

// unknownSetting names the setting that a key is like, or says that Kafka's own names are meant.
func unknownSetting(key string) error {
	e := sqlerr.New(sqlerr.InvalidParameter, "unknown Kafka client setting %q", key)
	if like := near.Name(strings.ToLower(key), slices.Sorted(maps.Keys(known))); like != "" {
		return e.WithHint("Perhaps you meant %q.", like)
	}
	return e.WithHint("The names are those of Kafka's own clients, such as fetch.max.bytes, security.protocol and sasl.mechanism.")
}

// known maps Kafka's keys to options; a nil option accepts and ignores the key.
var known = map[string]func(string) (Opt, error){
	"client.id":                 func(v string) (Opt, error) { return kgo.ClientID(v), nil },
	"fetch.max.bytes":           whole(func(n int) Opt { return kgo.FetchMaxBytes(int32(n)) }),
	"max.partition.fetch.bytes": whole(func(n int) Opt { return kgo.FetchMaxPartitionBytes(int32(n)) }),
	"fetch.min.bytes":           whole(func(n int) Opt { return kgo.FetchMinBytes(int32(n)) }),
	"fetch.max.wait.ms":         whole(func(n int) Opt { return kgo.FetchMaxWait(time.Duration(n) * time.Millisecond) }),
	"linger.ms":                 whole(func(n int) Opt { return kgo.ProducerLinger(time.Duration(n) * time.Millisecond) }),
	"batch.size":                whole(func(n int) Opt { return kgo.ProducerBatchMaxBytes(int32(n)) }),
	"compression.type":          compression,
	"isolation.level":           nothing, "enable.auto.commit": nothing, "auto.offset.commit": nothing, "auto.offset.reset": nothing, "acks": nothing,
	"key.deserializer": nothing, "value.deserializer": nothing, "key.serializer": nothing, "value.serializer": nothing, "session.timeout.ms": nothing,
	"heartbeat.interval.ms": nothing, "max.poll.records": nothing, "max.poll.interval.ms": nothing, "auto.commit.interval.ms": nothing, "retries": nothing,
	"buffer.memory": nothing, "enable.idempotence": nothing, "ssl.truststore.type": nothing, "ssl.keystore.type": nothing,
}

func nothing(string) (Opt, error) { return nil, nil }

func whole(f func(int) Opt) func(string) (Opt, error) {
	return func(v string) (Opt, error) {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is not a whole number", v)
		}
		return f(n), nil
	}
}

func compression(v string) (Opt, error) {
	codec, ok := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}[strings.ToLower(v)]
	if !ok {
		return nil, fmt.Errorf("%q is none of none, gzip, snappy, lz4, zstd", v)
	}
	return kgo.ProducerBatchCompression(codec), nil
}

// New connects lazily.
func New(opts ...Opt) (*Client, error) { return kgo.NewClient(opts...) }

// Partition is what is known of one partition.
type Partition struct {
	Number     int32
	Start, End int64 // log start and end (last stable) offsets
}

// Topic is what is known of a topic.
type Topic struct {
	ID         [16]byte
	Partitions int
}

// Describe reads a topic's id and partitions.
func Describe(ctx context.Context, c *Client, topic string) (Topic, error) {
	list, err := kadm.NewClient(c).ListTopics(ctx, topic)
	if err != nil {
		return Topic{}, unreachable(c, err)
	}
	d, ok := list[topic]
	if !ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition) {
		return Topic{}, sqlerr.New(
			sqlerr.UndefinedObject, "Kafka topic %q does not exist on brokers %s", topic, Seeds(c),
		).WithHint("ALTER STREAM … SET (\"topic.create\"=\"true\") makes it, or SET (\"topic\"=…) names another.")
	}
	if d.Err != nil {
		return Topic{}, fmt.Errorf("reading topic %s: %w", topic, d.Err)
	}
	return Topic{ID: d.ID, Partitions: len(d.Partitions)}, nil
}

// seeds are the brokers as they were given.
func seeds(c *Client) []string {
	list, _ := c.OptValue(kgo.SeedBrokers).([]string)
	return list
}

// Seeds are the brokers as they were given, for a message.
func Seeds(c *Client) string { return conf.Redact(strings.Join(seeds(c), ",")) }

func unreachable(c *Client, err error) error {
	return sqlerr.New(sqlerr.CannotConnect, "the Kafka brokers do not answer: %v", err).WithCause(err)
}

// NewTopic is a topic to be made; numbers that are 0 are the brokers' defaults.
type NewTopic struct {
	Name                    string
	Partitions, Replication int
	Config                  [][2]string // key and value, under Kafka's own names
}

// Make makes a topic; one that is there is fine. What the brokers refuse is the user's fault.
func Make(ctx context.Context, c *Client, t NewTopic) error {
	config := map[string]*string{}
	for _, kv := range t.Config {
		config[kv[0]] = kadm.StringPtr(kv[1])
	}
	r, err := kadm.NewClient(c).CreateTopic(ctx, orDefault(t.Partitions), int16(orDefault(t.Replication)), config, t.Name)
	if errors.Is(err, kerr.TopicAlreadyExists) || errors.Is(r.Err, kerr.TopicAlreadyExists) {
		return nil
	}
	if refused, ok := errors.AsType[*kerr.Error](err); ok && !refused.Retriable {
		text := r.ErrMessage
		if text == "" {
			text = refused.Description
		}
		return sqlerr.New(
			sqlerr.InvalidParameter, "Kafka topic %q cannot be made: %s", t.Name, text,
		).WithDetail("The brokers answered %s.", refused.Message).WithCause(err)
	}
	if err != nil {
		return unreachable(c, err)
	}
	return nil
}

// orDefault leaves a number to the brokers.
func orDefault(n int) int32 {
	if n == 0 {
		return -1
	}
	return int32(n)
}

// Bounds reads the first and the end offset of every partition.
func Bounds(ctx context.Context, c *Client, topic string) (map[int32]Partition, error) {
	adm := kadm.NewClient(c)
	starts, err := listed(adm.ListStartOffsets(ctx, topic))
	if err != nil {
		return nil, unreachable(c, err)
	}
	ends, err := listed(adm.ListCommittedOffsets(ctx, topic))
	if err != nil {
		return nil, unreachable(c, err)
	}
	out := map[int32]Partition{}
	starts.Each(func(o kadm.ListedOffset) { out[o.Partition] = Partition{Number: o.Partition, Start: o.Offset} })
	ends.Each(func(o kadm.ListedOffset) {
		p := out[o.Partition]
		p.End = o.Offset
		out[o.Partition] = p
	})
	return out, nil
}

// listed refuses an answer in which any partition failed: its offset is then -1,
// which must never be taken for a position.
func listed(l kadm.ListedOffsets, err error) (kadm.ListedOffsets, error) {
	if err == nil {
		err = l.Error()
	}
	return l, err
}

// Group reads the committed offsets of a group, per partition; absent where there is none.
func Group(ctx context.Context, c *Client, group, topic string) (map[int32]int64, error) {
	list, err := kadm.NewClient(c).FetchOffsetsForTopics(ctx, group, topic)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return map[int32]int64{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the offsets of group %s: %w", group, err)
	}
	out := map[int32]int64{}
	list.Each(func(o kadm.OffsetResponse) {
		if o.At >= 0 {
			out[o.Partition] = o.At
		}
	})
	return out, nil
}

// After reads the offsets of the first records at or behind a time.
func After(ctx context.Context, c *Client, topic string, millis int64) (map[int32]int64, error) {
	list, err := listed(kadm.NewClient(c).ListOffsetsAfterMilli(ctx, millis, topic))
	if err != nil {
		return nil, unreachable(c, err)
	}
	out := map[int32]int64{}
	list.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out, nil
}

// Commit commits offsets, for tools that show how far a group is, and for what begins without a checkpoint.
func Commit(ctx context.Context, c *Client, group, topic string, next map[int32]int64) error {
	offsets := kadm.Offsets{}
	for p, at := range next {
		offsets.AddOffset(topic, p, at, -1)
	}
	r, err := kadm.NewClient(c).CommitOffsets(ctx, group, offsets)
	if err != nil {
		return err
	}
	return r.Error()
}

// Consumer gives the options of reading some partitions from exact offsets, by the library.
func Consumer(topic string, next map[int32]int64) []Opt {
	at := map[int32]kgo.Offset{}
	for p, n := range next {
		at[p] = kgo.NewOffset().At(n)
	}
	return []Opt{kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: at}), kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords()}
}

// Fetching gives the limits of a Fetcher's requests.
func Fetching() []Opt {
	return []Opt{kgo.FetchMaxPartitionBytes(2 << 20), kgo.FetchMaxBytes(16 << 20), kgo.FetchMaxWait(500 * time.Millisecond)}
}

// PartitionError is the failure of reading one partition.
type PartitionError struct {
	Partition int32
	Err       error
}

func (e PartitionError) Error() string { return fmt.Sprintf("partition %d: %v", e.Partition, e.Err) }

func (e PartitionError) Unwrap() error { return e.Err }

// Errors that stop a source for good.
var (
	OutOfRange     = kerr.OffsetOutOfRange
	UnknownTopicID = kerr.UnknownTopicID
	ErrTruncated   = errors.New("records that were read are gone, by an unclean election")
)

// Writing gives the limits of a Writer's batches.
func Writing() []Opt {
	return []Opt{kgo.ProducerBatchMaxBytes(1 << 20), kgo.ProducerBatchCompression(kgo.NoCompression())}
}
