package kafkaio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"slipway/checkpoint"
	"slipway/conf/faultinject"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/kafkaio/client"
)

// Exactly once: the rows between two barriers are one transaction. At the barrier it
// is flushed and named in the checkpoint; the job commits it when the checkpoint is
// recorded, by its name alone, so that any later process could do it. Readers of
// committed records see the rows of a checkpoint at its completion, or never.
//
// Each transaction has a producer of its own, and an epoch of its own: a repeated
// commit can never mean another transaction. Transactional ids are a small pool per
// task and claim of the job; an id is used again when its commit is settled AND a later
// checkpoint that no longer names it is recorded. A claim's ids are its alone: a
// process that wakes up late cannot touch those of its successor.

// handle names a prepared transaction in a checkpoint.
type handle struct {
	client.Transaction
	Topic string `json:"topic"`
	// Group holds the proof of what this sink task committed last.
	Group string `json:"group"`
	Proof proof  `json:"proof"`
}

// proof names a transaction of a sink task and orders it among the others.
type proof struct {
	Claim      int64         `json:"claim"` // the job's epoch
	Checkpoint checkpoint.ID `json:"checkpoint"`
}

func (p proof) String() string { return fmt.Sprintf("claim %d checkpoint %d", p.Claim, p.Checkpoint) }

// covers tells whether the last proof of a group shows that p was committed. Numbers of
// checkpoints only grow, from claim to claim and from backend to backend, and the
// transactions of a task are committed in their order.
func (p proof) covers(last string) bool {
	var l proof
	if _, err := fmt.Sscanf(last, "claim %d checkpoint %d", &l.Claim, &l.Checkpoint); err != nil {
		return false
	}
	return l.Checkpoint > p.Checkpoint || l == p
}

// idPrefix begins the transactional ids and proof groups of a job.
func idPrefix(jobID string) string { return "slipway-" + jobID + "-" }

// maxSlots bounds the pool: that many checkpoints in a row have failed.
const maxSlots = 8

var afterFlush = faultinject.CrashPoint("transaction-flushed-not-proven")

// txSink is a sink task that writes in transactions.
type txSink struct {
	sink
	prefix  string // of the task's ids
	group   string
	timeout time.Duration
	slots   []*slot
	current *slot       // nil: none, or one is being opened
	opening chan opened // nil: none is being opened
	rows    int         // in the current transaction
}

// slot is one transactional id.
type slot struct {
	id     string
	client *client.Client
	writer *client.Writer // while it takes rows
	handle handle
	phase  slotPhase
	at     checkpoint.ID // of the phase
	since  time.Time     // when its first row was written
}

type slotPhase uint8

const (
	free     slotPhase = iota
	writing            // its transaction takes rows
	prepared           // named in checkpoint at and those behind it, not yet committed
	settled            // committed with checkpoint at; a later one must be recorded before it is free
)

// opened is the outcome of opening a slot beside the loop.
type opened struct {
	slot *slot
	err  error
}

// Open implements executor.Sink.
func (s *txSink) Open(ctx context.Context, env *executor.Env) error {
	if err := s.prepareOpen(ctx, env); err != nil {
		return err
	}
	s.prefix = fmt.Sprintf("%s%s-e%d-%d-", idPrefix(env.JobID), env.Operator, env.Epoch, env.Task.Subtask)
	s.group = fmt.Sprintf("%s%s-%d", idPrefix(env.JobID), env.Operator, env.Task.Subtask)
	admin, err := s.k.connect(ctx, s.options)
	if err != nil {
		return err
	}
	defer admin.Close()
	s.timeout, err = client.MaxTransactionTimeout(ctx, admin)
	return err
}

// open begins to open the next transaction beside the loop: it takes some round trips.
func (s *txSink) open() error {
	next := s.freeSlot()
	if next == nil {
		return fmt.Errorf("sink %s: %d transactions wait for a checkpoint that completes", s.plan.Name, len(s.slots))
	}
	next.phase = writing
	options, err := s.k.options(s.options, append(client.Writing(), client.Transactional(next.id, s.timeout)...)...)
	if err != nil {
		return err
	}
	if next.client, err = client.New(options...); err != nil {
		return err
	}
	done := make(chan opened, 1)
	s.opening = done
	go func() { // ends with the answer, or with the task's context; Close waits for it
		done <- opened{next, s.begin(next)}
	}()
	return nil
}

// begin begins a slot's transaction.
func (s *txSink) begin(c *slot) error {
	t, err := client.Begin(s.ctx, c.client, c.id)
	if err != nil {
		return fmt.Errorf("beginning transaction %s: %w", c.id, err)
	}
	c.handle = handle{Transaction: t, Topic: topicOption.Get(s.options), Group: s.group}
	o := s.writing()
	o.Transaction = &t
	c.writer, err = client.NewWriter(s.ctx, c.client, o)
	return err
}

func (s *txSink) freeSlot() *slot {
	for _, c := range s.slots {
		if c.phase == free {
			return c
		}
	}
	if len(s.slots) == maxSlots {
		return nil
	}
	s.slots = append(s.slots, &slot{id: fmt.Sprintf("%s%d", s.prefix, len(s.slots))})
	return s.slots[len(s.slots)-1]
}

// ready waits for the transaction that takes the next rows.
func (s *txSink) ready() error {
	if s.current != nil {
		return nil
	}
	if s.opening == nil {
		if err := s.open(); err != nil {
			return err
		}
	}
	o := <-s.opening
	s.opening = nil
	s.current, s.writer = o.slot, o.slot.writer
	return o.err
}

// Write implements executor.Sink.
func (s *txSink) Write(b *column.Batch) error {
	if err := s.ready(); err != nil {
		return err
	}
	first := s.rows == 0
	if s.rows += b.Live(); first && s.rows > 0 {
		s.current.since = time.Now()
		s.tally()
	}
	return s.sink.Write(b)
}

// Tick implements executor.Sink.
func (s *txSink) Tick(now time.Time) (time.Time, error) {
	if s.writer == nil {
		return time.Time{}, nil
	}
	return s.sink.Tick(now)
}

// Prepare implements executor.Sink.
func (s *txSink) Prepare(ctx context.Context, id checkpoint.ID) ([]byte, error) {
	if s.rows > 0 {
		if err := s.close(ctx, id); err != nil {
			return nil, err
		}
	}
	var open []handle
	for _, c := range s.slots {
		if c.phase == prepared {
			open = append(open, c.handle)
		}
	}
	return json.Marshal(open)
}

// close ends the current transaction's rows: all on the brokers, and proven.
func (s *txSink) close(ctx context.Context, id checkpoint.ID) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	afterFlush.Here()
	c := s.current
	c.handle.Proof = proof{Claim: s.env.Epoch, Checkpoint: id}
	if err := client.Prove(ctx, c.client, c.handle.Transaction, c.handle.Group, c.handle.Topic, s.topic.ID, c.handle.Proof.String()); err != nil {
		return err
	}
	c.writer.Close(ctx)
	c.phase, c.at, c.writer = prepared, id, nil
	s.current, s.writer, s.rows = nil, nil, 0
	return s.open()
}

// Commit implements executor.Sink: the job's committer has committed everything up to
// the checkpoint, and now the ids come back.
func (s *txSink) Commit(_ context.Context, id checkpoint.ID) error {
	for _, c := range s.slots {
		switch {
		case c.phase == prepared && c.at <= id:
			c.phase, c.at = settled, id
			c.client.Close() // sends nothing
			c.client = nil
		case c.phase == settled && c.at < id:
			c.phase = free
		}
	}
	s.tally()
	return nil
}

// tally says how many transactions hold rows that nobody may read yet, and since when.
func (s *txSink) tally() {
	open, oldest := int64(0), time.Time{}
	for _, c := range s.slots {
		if c.phase == prepared || c == s.current && s.rows > 0 {
			if open++; oldest.IsZero() || c.since.Before(oldest) {
				oldest = c.since
			}
		}
	}
	s.env.Counters.OpenTransactions.Store(open)
	s.env.Counters.OldestTransaction.Store(0)
	if open > 0 {
		s.env.Counters.OldestTransaction.Store(oldest.UnixMicro())
	}
}

// abortPatience bounds the abort of an open transaction by a task that ends; what it
// leaves open, the next start aborts.
const abortPatience = 3 * time.Second

// Close implements executor.Sink.
func (s *txSink) Close() error {
	if s.opening != nil {
		o := <-s.opening
		s.opening, s.current = nil, o.slot
	}
	if c := s.current; c != nil && c.writer != nil {
		s.abort(c)
	}
	for _, c := range s.slots {
		if c.client != nil {
			c.client.Close()
		}
	}
	return nil
}

// abort ends the current transaction, when the brokers have said what they took of it: a
// batch that came later would belong to nothing.
func (s *txSink) abort(c *slot) {
	ctx, cancel := context.WithTimeout(context.Background(), abortPatience)
	defer cancel()
	c.writer.Close(ctx)
	if s.rows == 0 {
		return
	}
	if err := client.End(ctx, c.client, c.handle.Transaction, false); err != nil && !errors.Is(err, client.ErrUndecided) {
		s.env.Logger.Warn("a transaction stays open until the next start or its timeout", "transaction", c.id, "error", err)
	}
}
