package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"slipway/kafkaio/records"
)

// Writer writes records to one topic: those of a partition in their order, each once while
// the Writer lives, in one transaction or in none. It fills batches in place and makes the
// requests itself, because the library's producer makes an object of each record.
//
// While a leader has a request under way, batches fill; so they are as large as the load
// makes them, and nobody waits for a linger.
type Writer struct {
	routing
	o           WriterOptions
	producer    records.Producer
	limit       int // bytes of a batch
	partitioner kgo.TopicPartitioner
	compress    records.Compress
	work        context.Context // of the requests; ends with Close
	cancel      context.CancelFunc
	running     sync.WaitGroup
	idle        sync.WaitGroup // no request is under way, and none will be

	mu         sync.Mutex // guards what follows, also within the partitions
	changed    *sync.Cond
	partitions []*partitionQueue
	senders    map[int32]bool // leaders that are written to
	spare      [][]byte       // memory of batches that the brokers have
	millis     int64          // the time of records, since Begin
	buffered   int            // bytes that the brokers do not have
	flushing   int            // calls of Flush
	stopped    bool           // nothing more is sent
	err        error
}

// WriterOptions say what is written where.
type WriterOptions struct {
	Topic      string
	ID         [16]byte
	Partitions int
	// Transaction that the records are part of; nil for none.
	Transaction *Transaction
	// Hold keeps records until Flush, or until a batch is full.
	Hold bool
}

// partitionQueue is one partition.
type partitionQueue struct {
	leader   int32 // noLeader: not known
	asked    bool  // a request is under way
	added    bool  // to the transaction
	sequence int32
	failing  time.Time  // since when the brokers have not taken anything; zero: they did last
	sending  *sentBatch // what is under way, or has to be sent again
	full     []openBatch
	open     openBatch
}

// openBatch is a batch that takes records, or took as many as it may.
type openBatch struct {
	records.Builder
	bytes int // that it counts for in buffered
}

// sentBatch is a batch that brokers may know already.
type sentBatch struct {
	data  []byte
	bytes int
	again bool // it was sent before
}

const (
	// MaxBufferedBytes of one Writer wait for the brokers; then writing blocks.
	MaxBufferedBytes = 8 << 20
	// maxSpareBytes of memory are kept between two calls of Flush for batches to come.
	maxSpareBytes = MaxBufferedBytes
	// deliveryTimeout is how long a record may wait for the brokers to take it.
	deliveryTimeout = 60 * time.Second
)

// NewWriter begins to write. The producer's id is new, so nobody knows its sequences, or it
// is the transaction's.
func NewWriter(ctx context.Context, c *Client, o WriterOptions) (*Writer, error) {
	w := &Writer{
		routing:     newRouting(c, o.Topic, o.ID),
		o:           o,
		limit:       int(c.OptValue(kgo.ProducerBatchMaxBytes).(int32)),
		senders:     map[int32]bool{},
		partitioner: kgo.StickyKeyPartitioner(nil).ForTopic(o.Topic),
	}
	w.changed = sync.NewCond(&w.mu)
	if t := o.Transaction; t != nil {
		w.producer = records.Producer{ID: t.PID, Epoch: t.Epoch, Transactional: true}
	} else {
		pid, epoch, err := c.ProducerID(ctx)
		if err != nil {
			return nil, fmt.Errorf("writing to topic %s: %w", o.Topic, err)
		}
		w.producer = records.Producer{ID: pid, Epoch: epoch}
	}
	var err error
	if w.compress, err = compressor(c); err != nil {
		return nil, err
	}
	for range o.Partitions {
		w.partitions = append(w.partitions, &partitionQueue{leader: noLeader, failing: time.Now()})
	}
	w.work, w.cancel = context.WithCancel(context.Background())
	w.running.Go(func() { w.route(w.work, w.assign) }) // ends with Close
	w.reroute()
	return w, nil
}

// compressor is the compression that a client's options ask for; nil for none.
func compressor(c *Client) (records.Compress, error) {
	codecs, _ := c.OptValue(kgo.ProducerBatchCompression).([]kgo.CompressionCodec)
	packer, err := kgo.DefaultCompressor(codecs...)
	if err != nil || packer == nil {
		return nil, err
	}
	return func(data []byte) ([]byte, int) {
		packed, codec := packer.Compress(new(bytes.Buffer), data)
		return packed, int(codec)
	}, nil
}

var errClosed = errors.New("the writer is closed")

// Begin takes the Writer for some records. It waits while too much is buffered, until ctx ends.
func (w *Writer) Begin(ctx context.Context) error {
	w.mu.Lock()
	if w.buffered > MaxBufferedBytes {
		w.wait(ctx, func() bool { return w.buffered <= MaxBufferedBytes })
	}
	err := w.err
	if err == nil && w.stopped {
		err = errClosed
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		w.mu.Unlock()
		return err
	}
	w.millis = time.Now().UnixMilli()
	return nil
}

// wait waits under mu until something is so, or ctx ends, or the Writer has failed.
func (w *Writer) wait(ctx context.Context, is func() bool) {
	defer context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.changed.Broadcast()
	})()
	for !is() && ctx.Err() == nil && w.err == nil && !w.stopped {
		w.changed.Wait()
	}
}

// Append copies a record, between Begin and End. With a key it goes where Kafka's own
// clients send it (murmur2), without to the partition that is hinted at. A nil value is a
// deletion.
func (w *Writer) Append(hint int32, key, value []byte, headers ...records.RecordHeader) {
	w.AppendAt(Now, hint, key, value, headers...)
}

// Now stands for the time at which a record is appended.
const Now = -1

// AppendAt is Append of a record that is of some time, in milliseconds since 1970, or of Now.
func (w *Writer) AppendAt(millis int64, hint int32, key, value []byte, headers ...records.RecordHeader) {
	if millis == Now {
		millis = w.millis
	}
	n := len(w.partitions)
	at := int(hint) % n
	if key != nil {
		at = w.partitioner.Partition(&kgo.Record{Key: key}, n)
	}
	p := w.partitions[at]
	if p.open.Count() > 0 && p.open.Len()+records.Size(key, value, headers...) > w.limit {
		w.fill(p)
	}
	if n := len(w.spare); n > 0 && p.open.Count() == 0 {
		p.open.Builder, w.spare = records.NewBuilder(w.spare[n-1]), w.spare[:n-1]
	}
	before := p.open.Len()
	p.open.Append(key, value, millis, headers...)
	grown := p.open.Len() - before
	p.open.bytes += grown
	w.buffered += grown
}

// fill puts a batch away that is full. The next one will be as large: without spare memory it gets all of its own at
// once, since growing to that size would copy it several times.
func (w *Writer) fill(p *partitionQueue) {
	size := p.open.Len()
	p.full, p.open = append(p.full, p.open), openBatch{}
	if len(w.spare) == 0 {
		p.open.Builder = records.NewBuilder(make([]byte, 0, min(size+size/8, w.limit)))
	}
}

// End gives the Writer back, and lets the records go.
func (w *Writer) End() {
	w.changed.Broadcast()
	w.mu.Unlock()
}

// Flush waits until the brokers have everything.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushing++
	w.changed.Broadcast()
	w.wait(ctx, func() bool { return w.buffered == 0 })
	w.flushing--
	w.spare = w.spare[:min(len(w.spare), w.alwaysSpare())]
	clear(w.spare[len(w.spare):cap(w.spare)])
	switch {
	case w.err != nil:
		return w.err
	case w.buffered == 0:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errClosed
}

// Buffered is how many bytes the brokers do not have.
func (w *Writer) Buffered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buffered
}

// Err is what the Writer failed of.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close ends the Writer; what the brokers do not have is given up. What is under way is
// waited for until ctx ends: until then nobody knows whether they take it.
func (w *Writer) Close(ctx context.Context) {
	w.mu.Lock()
	w.stopped = true
	w.changed.Broadcast()
	stop := context.AfterFunc(ctx, w.cancel)
	w.mu.Unlock()
	w.idle.Wait()
	stop()
	w.cancel()
	w.running.Wait()
}

// recycle keeps the memory of a batch for another; mu is held.
func (w *Writer) recycle(memory []byte) {
	bytes := cap(memory)
	for _, m := range w.spare {
		bytes += cap(m)
	}
	if len(w.spare) < w.alwaysSpare() || bytes <= maxSpareBytes {
		w.spare = append(w.spare, memory)
	}
}

// alwaysSpare is how many batches' memory is kept also when nothing is written.
func (w *Writer) alwaysSpare() int { return len(w.partitions) + 1 }

// fail ends everything; mu is held.
func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = fmt.Errorf("writing to topic %s: %w", w.o.Topic, err)
	}
	w.stopped = true
	w.changed.Broadcast()
}
