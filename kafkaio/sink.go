package kafkaio

import (
	"context"
	"fmt"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/kafkaio/client"
	"slipway/kafkaio/format"
	"slipway/sql/plan"
)

// sink writes at least once: Prepare waits until the broker has everything.
//
// Order: keyed rows go to the partition that Kafka's own clients choose, so the
// changes of one key stay in order. Rows without a key follow their input: those of
// one source partition, or of one task behind an exchange, go to one partition.
type sink struct {
	k       *Connector
	plan    *plan.Sink
	encoder format.Encoder
	env     *executor.Env
	ctx     context.Context // of the task: ends a Write that waits for the brokers
	client  *client.Client
	slab    []byte
	records []client.Record
	lot     int // rows since the last flush, when auto flush is off
	size    int
	due     time.Time
	every   time.Duration
	auto    bool
	mu      struct {
		sync.Mutex
		err error // the first record that was not delivered
	}
	promise func(*client.Record, error)
}

const (
	slabBytes    = 1 << 20
	recordChunk  = 1024
	maxBuffered  = 100_000
	promptLinger = 2 * time.Millisecond
)

// Open implements executor.Sink.
func (s *sink) Open(ctx context.Context, env *executor.Env) error {
	if err := s.prepareOpen(ctx, env); err != nil {
		return err
	}
	opts, err := s.k.options(s.plan.Properties, s.producer()...)
	if err != nil {
		return err
	}
	s.client, err = client.New(opts...)
	return err
}

// prepareOpen reads the settings and sees that the topic is there.
func (s *sink) prepareOpen(ctx context.Context, env *executor.Env) error {
	s.env, s.ctx = env, ctx
	s.auto = conf.AutoFlush.Get(env.Settings)
	s.size = int(conf.FlushSize.Get(env.Settings))
	s.every = conf.FlushInterval.Get(env.Settings)
	s.promise = s.delivered
	admin, err := s.k.connect(ctx, s.plan.Properties)
	if err != nil {
		return err
	}
	defer admin.Close()
	_, err = client.Describe(ctx, admin, s.plan.Properties[conf.Topic.Name()])
	return err
}

// producer gives the options of the clients that write.
func (s *sink) producer() []client.Opt {
	linger := promptLinger
	if !s.auto {
		linger = s.every
	}
	return client.Producer(s.plan.Properties[conf.Topic.Name()], len(s.plan.Keys) > 0, linger, max(maxBuffered, s.size))
}

func (s *sink) delivered(r *client.Record, err error) {
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.err == nil {
		s.mu.err = fmt.Errorf("writing to topic %s: %w", r.Topic, err)
	}
}

func (s *sink) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mu.err
}

// Write implements executor.Sink.
func (s *sink) Write(b *column.Batch) error {
	if err := s.failed(); err != nil {
		return err
	}
	hint := int32(b.Split)
	if s.env.Task.Stage > 0 {
		hint = int32(s.env.Task.Subtask)
	}
	before := len(s.slab)
	n := 0
	if b.Sel == nil {
		for i := range b.Rows {
			n += s.row(b, i, hint)
		}
	} else {
		for _, i := range b.Sel {
			n += s.row(b, int(i), hint)
		}
	}
	s.env.Counters.BytesOut.Add(int64(max(0, len(s.slab)-before)))
	return s.count(n)
}

// row encodes and hands over one row; 0 if it is one that is left out.
func (s *sink) row(b *column.Batch, i int, hint int32) int {
	kind := b.Kind(i)
	switch {
	case kind == column.UpdateBefore, kind == column.Delete && s.plan.Mode != plan.Upsert:
		return 0
	}
	if cap(s.slab)-len(s.slab) < slabBytes/16 {
		s.slab = make([]byte, 0, slabBytes)
	}
	if len(s.records) == 0 {
		s.records = make([]client.Record, recordChunk)
	}
	r := &s.records[0]
	s.records = s.records[1:]
	r.Partition = hint
	if len(s.plan.Keys) > 0 {
		from := len(s.slab)
		s.slab = s.encoder.AppendKey(s.slab, b, i)
		r.Key = s.slab[from:len(s.slab):len(s.slab)]
	}
	if kind != column.Delete {
		from := len(s.slab)
		s.slab = s.encoder.Append(s.slab, b, i)
		r.Value = s.slab[from:len(s.slab):len(s.slab)]
	}
	s.client.Produce(s.ctx, r, s.promise)
	return 1
}

// count flushes a lot when auto flush is off.
func (s *sink) count(n int) error {
	if s.auto {
		return nil
	}
	if s.lot == 0 {
		s.due = time.Now().Add(s.every)
	}
	if s.lot += n; s.lot < s.size {
		return nil
	}
	return s.flush(s.ctx)
}

func (s *sink) flush(ctx context.Context) error {
	s.lot = 0
	if err := s.client.Flush(ctx); err != nil {
		return fmt.Errorf("flushing topic %s: %w", s.plan.Properties[conf.Topic.Name()], err)
	}
	return s.failed()
}

// Prepare implements executor.Sink.
func (s *sink) Prepare(ctx context.Context, _ checkpoint.ID) ([]byte, error) {
	return nil, s.flush(ctx)
}

// Commit implements executor.Sink: there is nothing left to do.
func (s *sink) Commit(context.Context, checkpoint.ID) error { return nil }

// Tick implements executor.Sink.
func (s *sink) Tick(now time.Time) error {
	if !s.auto && s.lot > 0 && !now.Before(s.due) {
		return s.flush(s.ctx)
	}
	return s.failed()
}

// Close implements executor.Sink. Records that were not flushed are given up: after
// a failure the restart writes them again.
func (s *sink) Close() error {
	if s.client != nil {
		s.client.Close()
	}
	return nil
}
