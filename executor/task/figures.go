package task

import (
	"sync/atomic"

	"slipway/executor/state"
)

// figures are what a task counts of its operators; the task writes them, anybody reads.
type figures struct {
	// passed has the rows that came to each operator, and last those that left the chain.
	passed []atomic.Int64
	// bytes and rows are what each operator keeps, as it was at the last tick.
	bytes, rows []atomic.Int64
}

func newFigures(chain int) figures {
	return figures{passed: make([]atomic.Int64, chain+1), bytes: make([]atomic.Int64, chain), rows: make([]atomic.Int64, chain)}
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

// Left is how many rows have left the chain.
func (t *Task) Left() int64 { return t.figures.passed[len(t.Chain)].Load() }
