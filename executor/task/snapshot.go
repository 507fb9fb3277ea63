package task

import (
	"context"
	"fmt"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/state"
)

// writing is what the loop hands to the writer at a barrier.
type writing struct {
	barrier checkpoint.Barrier
	parts   []part
	began   time.Time // the barrier was complete
	frozen  time.Duration
}

// part is one operator's contribution: bytes that are there, or state to be written.
type part struct {
	state  checkpoint.OperatorState
	bytes  []byte
	frozen *state.Frozen
}

// barrier takes the task's part of a checkpoint: position and state are frozen, the
// sink prepares, the barrier goes on, and the rest happens beside the loop.
func (t *Task) barrier(ctx context.Context, b checkpoint.Barrier) error {
	w := writing{barrier: b, began: time.Now()}
	t.schedule.touched(w.began)
	beforeFreeze.Here()
	if err := t.flush(); err != nil {
		return err
	}
	t.setPhase("freezing state")
	if err := t.freeze(ctx, &w); err != nil {
		return err
	}
	w.frozen = time.Since(w.began)
	if err := t.broadcast(executor.Message{Kind: executor.BarrierMessage, Barrier: b}); err != nil {
		return err
	}
	if t.ended = b.Kind.Ends() && !t.Anew; t.ended {
		t.last = b.ID
	}
	t.unwritten.Add(1)
	select {
	case t.writes <- w:
	default:
		t.unwritten.Done()
		t.Reports.Declined(b.ID, t.ID, fmt.Errorf("the state of an earlier checkpoint is still being written"))
	}
	return nil
}

func (t *Task) freeze(ctx context.Context, w *writing) error {
	id := w.barrier.ID
	if t.Source != nil {
		position, err := t.Source.Snapshot()
		if err != nil {
			return fmt.Errorf("noting the source's position: %w", err)
		}
		t.sent[id] = position
		w.parts = append(w.parts, t.part(checkpoint.SourcePosition, string(t.SourceID), position))
	}
	if w.barrier.Kind.Keeps() {
		for _, n := range t.Chain {
			if n.State == nil {
				continue
			}
			f, err := n.State.Freeze(id)
			if err != nil {
				return err
			}
			p := t.part(checkpoint.KeyedState, string(n.ID), nil)
			p.state.Schema, p.frozen = n.Schema, f
			w.parts = append(w.parts, p)
		}
	}
	afterFreeze.Here()
	if t.Sink == nil {
		return nil
	}
	t.setPhase("preparing the sink")
	prepared, err := t.Sink.Prepare(ctx, id)
	if err != nil {
		return fmt.Errorf("flushing the sink: %w", err)
	}
	afterPrepare.Here()
	w.parts = append(w.parts, t.part(checkpoint.SinkPrepared, string(t.SinkID), prepared))
	return nil
}

func (t *Task) part(kind checkpoint.StateKind, operator string, bytes []byte) part {
	p := part{bytes: bytes, state: checkpoint.OperatorState{Operator: operator, Subtask: t.ID.Subtask, Kind: kind}}
	if kind != checkpoint.KeyedState {
		p.state.Format = checkpoint.StateFormat
	}
	return p
}

// writer writes beside the loop, one checkpoint at a time.
func (t *Task) writer() {
	defer close(t.written)
	for w := range t.writes {
		t.writeOne(w)
		t.unwritten.Done()
	}
}

// writeOne writes the task's part of a checkpoint and reports it.
func (t *Task) writeOne(w writing) {
	t.setPhase("writing state")
	began := time.Now()
	ack := checkpoint.Ack{Checkpoint: w.barrier.ID, Task: t.ID, Frozen: w.frozen, Aligned: w.began.Sub(w.barrier.Triggered)}
	err := t.write(&ack, w)
	ack.Written = time.Since(began)
	t.setPhase("waiting for the barrier")
	if err != nil {
		t.Reports.Declined(w.barrier.ID, t.ID, err)
		return
	}
	afterWrite.Here()
	t.Reports.Ack(ack)
}

func (t *Task) write(ack *checkpoint.Ack, w writing) error {
	for _, p := range w.parts {
		if p.frozen != nil {
			chain, n, err := p.frozen.Write(t.Reports.Sections(w.barrier.ID))
			if err != nil {
				return err
			}
			p.state.Sections = chain
			ack.Bytes += n
		} else {
			p.state.Sections = []checkpoint.Section{inline(p.bytes)}
		}
		ack.State = append(ack.State, p.state)
	}
	return nil
}

func inline(b []byte) checkpoint.Section {
	return checkpoint.Section{Inline: b, Length: int64(len(b)), CRC: checkpoint.Checksum(b)}
}

// finish reports what the task ends with, for the checkpoints that come after it.
func (t *Task) finish(ctx context.Context) error {
	w := writing{barrier: checkpoint.Barrier{ID: EndOfInput, Kind: checkpoint.Final}}
	if t.Volatile {
		w.barrier.Kind = checkpoint.FinalFlush
	}
	if err := t.awaitWrites(ctx); err != nil {
		return err
	}
	if err := t.freeze(ctx, &w); err != nil {
		return err
	}
	var ack checkpoint.Ack
	if err := t.write(&ack, w); err != nil {
		return err
	}
	t.Reports.Finished(t.ID, ack.State)
	return nil
}

// awaitWrites waits until the state of the last barrier is written and reported: to freeze again would
// give it up, and with it a checkpoint that may complete; and that checkpoint would take what the task
// ends with for its part.
func (t *Task) awaitWrites(ctx context.Context) error {
	done := make(chan struct{})
	go func() { // ends with the writer at the latest
		t.unwritten.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// EndOfInput stands for "no checkpoint": the state of a task at the end of its input.
const EndOfInput checkpoint.ID = 1 << 62

// committed confirms what a completed checkpoint holds.
func (t *Task) committed(ctx context.Context, id checkpoint.ID) error {
	if id >= t.last {
		t.last = 0
	}
	for _, n := range t.Chain {
		if n.State != nil {
			n.State.Confirm(id)
		}
	}
	if t.Source != nil {
		if p, ok := t.sent[id]; ok {
			t.Source.Committed(p)
		}
		for old := range t.sent {
			if old <= id {
				delete(t.sent, old)
			}
		}
	}
	if t.Sink == nil {
		return nil
	}
	if err := t.Sink.Commit(ctx, id); err != nil {
		return fmt.Errorf("committing checkpoint %d: %w", id, err)
	}
	return nil
}
