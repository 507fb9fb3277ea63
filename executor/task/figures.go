package task

import (
	"sync/atomic"
	"time"

	"slipway/executor"
	"slipway/executor/state"
)

// figures are what a task counts of its operators; the task writes them, anybody reads.
type figures struct {
	// passed has the rows that came to each operator, and last those that left the chain.
	passed []atomic.Int64
	// bytes and rows are what each operator keeps, as it was at the last tick.
	bytes, rows []atomic.Int64
	// began runs as long as the task's loop does.
	began executor.Stopwatch
}

// of makes room for a chain of operators.
func (f *figures) of(chain int) {
	f.passed, f.bytes, f.rows = make([]atomic.Int64, chain+1), make([]atomic.Int64, chain), make([]atomic.Int64, chain)
}

func (f *figures) kept(i int, s *state.Store) {
	f.bytes[i].Store(s.Bytes())
	f.rows[i].Store(int64(s.Rows()))
}

// OperatorFigures is what one operator has done and keeps: In rows came to it, Out left it.
type OperatorFigures struct {
	In, Out               int64
	StateBytes, StateRows int64
}

// Operators gives the figures of the chain; callable from any goroutine.
func (t *Task) Operators() []OperatorFigures {
	out := make([]OperatorFigures, len(t.Chain))
	for i := range out {
		f := &t.figures
		out[i] = OperatorFigures{In: f.passed[i].Load(), Out: f.passed[i+1].Load(), StateBytes: f.bytes[i].Load(), StateRows: f.rows[i].Load()}
	}
	return out
}

// Entered is how many rows have come to the chain, Left how many have left it.
func (t *Task) Entered() int64 { return t.figures.passed[0].Load() }

// Left is how many rows have left the chain.
func (t *Task) Left() int64 { return t.figures.passed[len(t.Chain)].Load() }

// Spent is what a task has spent its time with since its loop began.
type Spent struct {
	Running time.Duration
	// Idle: there was nothing to do. Blocked: an edge behind it was full.
	Idle, Blocked time.Duration
}

// Spent is callable from any goroutine. The rest of Running is work.
func (t *Task) Spent() Spent {
	c := t.Env.Counters
	return Spent{Running: t.figures.began.Total(), Idle: c.Idle.Total(), Blocked: c.Blocked.Total()}
}
