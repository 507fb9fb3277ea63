package kafkaio

import (
	"context"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/format"
	"slipway/kafkaio/client"
	"slipway/kafkaio/records"
	"slipway/sql/plan"
)

// sink writes at least once: Prepare waits until the broker has everything.
//
// Order: keyed rows go to the partition that Kafka's own clients choose, so the
// changes of one key stay in order. Rows without a key follow their input: those of
// one source partition, or of one task behind an exchange, go to one partition.
type sink struct {
	k        *Connector
	plan     *plan.Sink
	options  *conf.Values
	format   format.Writer
	env      *executor.Env
	ctx      context.Context // of the task: ends a Write that waits for the brokers
	topic    client.Topic
	client   *client.Client
	writer   *client.Writer
	record   format.Record // of the row at hand
	headers  []records.RecordHeader
	metadata writtenMetadata
	pending  int // rows since the last flush, when auto flush is off
	size     int
	due      time.Time
	every    time.Duration
	auto     bool
}

// Open implements executor.Sink.
func (s *sink) Open(ctx context.Context, env *executor.Env) error {
	if err := s.prepareOpen(ctx, env); err != nil {
		return err
	}
	opts, err := s.k.options(s.options, client.Writing()...)
	if err != nil {
		return err
	}
	if s.client, err = client.New(opts...); err != nil {
		return err
	}
	s.writer, err = client.NewWriter(ctx, s.client, s.writing())
	return err
}

// prepareOpen reads the settings and sees that the topic is there.
func (s *sink) prepareOpen(ctx context.Context, env *executor.Env) error {
	s.env, s.ctx = env, ctx
	s.auto = conf.AutoFlush.Get(env.Settings)
	s.size = int(conf.FlushSize.Get(env.Settings))
	s.every = conf.FlushInterval.Get(env.Settings)
	admin, err := s.k.connect(ctx, s.options)
	if err != nil {
		return err
	}
	defer admin.Close()
	s.topic, err = client.Describe(ctx, admin, topicOption.Get(s.options))
	return err
}

// writing says what is written where.
func (s *sink) writing() client.WriterOptions {
	return client.WriterOptions{Topic: topicOption.Get(s.options), ID: s.topic.ID, Partitions: s.topic.Partitions, Hold: !s.auto}
}

// Write implements executor.Sink.
func (s *sink) Write(b *column.Batch) error {
	if err := s.format.Takes(s.metadata.value(b)); err != nil {
		return err
	}
	if err := s.metadata.check(b); err != nil {
		return err
	}
	if err := s.writer.Begin(s.ctx); err != nil {
		return err
	}
	n, bytes := s.append(b)
	s.env.Counters.BytesOut.Add(bytes)
	return s.count(n)
}

// append gives the rows to the writer, and the writer back, whatever happens: who closes the
// sink behind a panic waits for it.
func (s *sink) append(b *column.Batch) (n int, bytes int64) {
	defer s.writer.End()
	hint := int32(b.Split)
	if s.env.Task.Stage > 0 {
		hint = int32(s.env.Task.Subtask)
	}
	value := s.metadata.value(b)
	b.Each(func(i int) {
		if s.format.Write(value, i, &s.record) {
			s.headers = s.headers[:0]
			for _, h := range s.record.Headers {
				s.headers = append(s.headers, records.RecordHeader(h))
			}
			s.writer.AppendAt(s.metadata.take(s, b, i), hint, s.record.Key, s.record.Value, s.headers...)
			bytes += int64(len(s.record.Key) + len(s.record.Value))
			n++
		}
	})
	return n, bytes
}

// count flushes the buffered rows when they are as many as asked for and auto flush is off.
func (s *sink) count(n int) error {
	if s.auto {
		return nil
	}
	if s.pending == 0 {
		s.due = time.Now().Add(s.every)
	}
	if s.pending += n; s.pending < s.size {
		return nil
	}
	return s.flush(s.ctx)
}

func (s *sink) flush(ctx context.Context) error {
	s.pending = 0
	return s.writer.Flush(ctx)
}

// Prepare implements executor.Sink.
func (s *sink) Prepare(ctx context.Context, _ checkpoint.ID) ([]byte, error) {
	return nil, s.flush(ctx)
}

// Commit implements executor.Sink: there is nothing left to do.
func (s *sink) Commit(context.Context, checkpoint.ID) error { return nil }

// lookAgain is when what the brokers have not taken is looked at again.
const lookAgain = 100 * time.Millisecond

// Tick implements executor.Sink: the next call is for what is not written yet.
func (s *sink) Tick(now time.Time) (next time.Time, err error) {
	if !s.auto && s.pending > 0 && !now.Before(s.due) {
		err = s.flush(s.ctx)
	} else {
		err = s.writer.Err()
	}
	switch {
	case s.pending > 0:
		next = s.due
	case s.writer.Buffered() > 0:
		next = now.Add(lookAgain)
	}
	return next, err
}

// Close implements executor.Sink. Records that were not flushed are given up: after
// a failure the restart writes them again.
func (s *sink) Close() error {
	if s.writer != nil {
		s.writer.Close(atOnce())
	}
	if s.client != nil {
		s.client.Close()
	}
	return nil
}

// atOnce is a context that has ended.
func atOnce() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
