package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Compacted is a topic of one partition that keeps the newest record of each key: a
// table whose rows are few. It is read into memory, and read on when asked to.
type Compacted struct {
	topic    string
	options  []Opt // of further clients
	producer *Client
	consumer *Client
	mu       sync.Mutex // one Refresh at a time; guards what follows
	values   map[string][]byte
	next     int64 // offset behind the last record read
}

// EnsureCompacted makes a compacted topic if it is not there.
func EnsureCompacted(ctx context.Context, c *Client, topic string, partitions int) error {
	policy, size := "compact", "1048588"
	r, err := kadm.NewClient(c).CreateTopic(ctx, int32(partitions), -1, map[string]*string{"cleanup.policy": &policy, "max.message.bytes": &size}, topic)
	if errors.Is(err, kerr.TopicAlreadyExists) || errors.Is(r.Err, kerr.TopicAlreadyExists) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making topic %s: %w", topic, err)
	}
	return nil
}

// OpenCompacted opens a topic that is there.
func OpenCompacted(topic string, options []Opt) (*Compacted, error) {
	c := &Compacted{topic: topic, options: options, values: map[string][]byte{}}
	var err error
	if c.producer, err = New(append(
		slices.Clone(options), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0),
	)...); err != nil {
		return nil, err
	}
	c.consumer, err = New(append(slices.Clone(options), Consumer(topic, map[int32]int64{0: 0})...)...)
	if err != nil {
		c.producer.Close()
		return nil, err
	}
	return c, nil
}

// Close ends the connections.
func (c *Compacted) Close() {
	c.producer.Close()
	c.consumer.Close()
}

// Refresh reads on up to what is committed now.
func (c *Compacted) Refresh(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return retrying(ctx, func() error {
		bounds, err := Bounds(ctx, c.producer, c.topic)
		if err != nil {
			return err
		}
		return c.readTo(ctx, bounds[0].End)
	})
}

func (c *Compacted) readTo(ctx context.Context, end int64) error {
	for c.next < end {
		fetches := c.consumer.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		var failed error
		fetches.EachError(func(_ string, _ int32, err error) { failed = err })
		if failed != nil {
			return fmt.Errorf("reading topic %s: %w", c.topic, failed)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			c.next = r.Offset + 1
			switch {
			case r.Attrs.IsControl():
			case r.Value == nil:
				delete(c.values, string(r.Key))
			default:
				c.values[string(r.Key)] = r.Value
			}
		})
	}
	return nil
}

// Get gives the value of a key, as far as it has been read.
func (c *Compacted) Get(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.values[key]
	return v, ok
}

// Below gives what stands under the keys of a prefix, as far as it has been read.
func (c *Compacted) Below(prefix string) map[string][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string][]byte{}
	for k, v := range c.values {
		if strings.HasPrefix(k, prefix) {
			out[k] = v
		}
	}
	return out
}

func (c *Compacted) records(pairs map[string][]byte) (out []*Record) {
	for _, k := range slices.Sorted(maps.Keys(pairs)) {
		out = append(out, &Record{Topic: c.topic, Key: []byte(k), Value: pairs[k]})
	}
	return out
}

// Put writes values, nil for a deletion, and waits until they are durable.
func (c *Compacted) Put(ctx context.Context, pairs map[string][]byte) error {
	return c.producer.ProduceSync(ctx, c.records(pairs)...).FirstErr()
}

// ErrFenced: a later claimant of the same id has shut this one out.
var ErrFenced = errors.New("kafka: fenced by a later claimant")

// Claimed writes to the table in transactions under an id that only the last claimant
// can use.
type Claimed struct {
	table  *Compacted
	id     string
	client *Client
	broken bool // what became of the last transaction its client does not know
}

// claimTimeout is how long the broker keeps an open transaction of a writer that died.
const claimTimeout = 30 * time.Second

// Claim shuts out every earlier claimant of the id, and ends what it had open.
func (c *Compacted) Claim(ctx context.Context, id string) (*Claimed, error) {
	own, err := New(append(
		slices.Clone(c.options),
		append(Transactional(id, claimTimeout), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0))...,
	)...)
	if err != nil {
		return nil, err
	}
	if _, _, err := own.ProducerID(ctx); err != nil {
		own.Close()
		return nil, fmt.Errorf("claiming %s: %w", id, err)
	}
	return &Claimed{table: c, id: id, client: own}, nil
}

// Close ends the connection; the claim stays until another is made.
func (w *Claimed) Close() { w.client.Close() }

// Put writes values, nil for a deletion: all or none. After an error other than
// ErrFenced nobody knows, until the table is read again, whether they are there.
func (w *Claimed) Put(ctx context.Context, pairs map[string][]byte) error {
	if w.broken {
		return ErrFenced
	}
	if err := w.client.BeginTransaction(); err != nil {
		return w.lost(err)
	}
	pid, epoch, err := w.client.ProducerID(ctx)
	if err != nil {
		return w.lost(err)
	}
	if err := w.client.ProduceSync(ctx, w.table.records(pairs)...).FirstErr(); err != nil {
		return w.lost(err)
	}
	if err := w.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		// Decided or not: asked by name until that is known. This writer ends with it.
		if lost := w.lost(err); errors.Is(lost, ErrFenced) {
			return lost
		}
	}
	// The first success means decided; readers see it when a repeated one succeeds too.
	if err = End(ctx, w.table.producer, Transaction{w.id, pid, epoch}, true); errors.Is(err, ErrUndecided) {
		w.broken = true
		return ErrFenced
	}
	return err
}

// lost says whether an error means that another has claimed the id.
func (w *Claimed) lost(err error) error {
	w.broken = true
	if errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.InvalidProducerIDMapping) {
		return fmt.Errorf("%w: %w", ErrFenced, err)
	}
	return err
}

// Chunks writes a long value as records of a topic, each under its own key, and says
// where the first stands and behind which offset the last.
func Chunks(ctx context.Context, c *Client, topic string, partition int32, keys []string, values [][]byte) (first, behind int64, err error) {
	records := make([]*Record, len(keys))
	for i := range keys {
		records[i] = &Record{Topic: topic, Partition: partition, Key: []byte(keys[i]), Value: values[i]}
	}
	results := c.ProduceSync(ctx, records...)
	if err := results.FirstErr(); err != nil {
		return 0, 0, err
	}
	first, behind = results[0].Record.Offset, 0
	for _, r := range results {
		first, behind = min(first, r.Record.Offset), max(behind, r.Record.Offset+1)
	}
	return first, behind, nil
}

// ReadChunks reads the records of a range whose keys are wanted, and hands each to use.
func ReadChunks(ctx context.Context, options []Opt, topic string, partition int32, first, behind int64, use func(key string, value []byte)) error {
	limited := append(slices.Clone(options), Fetching()...)
	c, err := New(append(limited, append(Consumer(topic, map[int32]int64{partition: first}), kgo.FetchMaxWait(100*time.Millisecond))...)...)
	if err != nil {
		return err
	}
	defer c.Close()
	for at := first; at < behind; {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		var failed error
		fetches.EachError(func(_ string, _ int32, err error) { failed = err })
		if failed != nil {
			return fmt.Errorf("reading topic %s: %w", topic, failed)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			at = r.Offset + 1
			if r.Offset < behind && !r.Attrs.IsControl() {
				use(string(r.Key), r.Value)
			}
		})
	}
	return nil
}

// ChunkProducer gives a producer for chunks.
func ChunkProducer(options []Opt) (*Client, error) {
	return New(append(
		slices.Clone(options), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0),
		kgo.ProducerBatchMaxBytes(1<<20), kgo.MaxBufferedRecords(64),
	)...)
}
