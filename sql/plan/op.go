package plan

import (
	"time"

	"slipway/sql/types"
)

// OperatorID names a stateful operator, a source or a sink across recompilations:
// a hash of its meaning (kind, keys, aggregates, input relation), not of its place
// in the plan. State in a checkpoint is found by it.
type OperatorID string

// Op is one operator of a stage's chain. It is plain data that answers for itself what the
// compiler and the executor want to know of it, and it is never changed, only replaced. The
// executor has one implementation per concrete type and one switch over them (executor/build);
// plantest has a sample of each, at which the answers are checked.
type Op interface {
	// Schema is the output columns.
	Schema() types.Schema
	// Describe is the line EXPLAIN prints.
	Describe() string
	// Inputs is the number of input ports. Several has only the first operator of a stage: its
	// port p is what the edges with that Port bring.
	Inputs() int
	// Reads lists the columns of an input that are needed for those of the output that are
	// wanted; one may be there twice.
	Reads(port int, wanted Columns) []int
	// Passes tells of each output column which column of an input it is, unchanged; -1 if it
	// is computed or comes from another input.
	Passes(port int) []int
	// Needs tells what the operator cannot do without.
	Needs() Needs
}

// Needs is what an operator wants from those in front of it and from its task.
type Needs struct {
	// Watermarks: it does something when event time has come so far, other than the end of
	// its input. Sources behind which nothing needs them send none.
	Watermarks bool
	// Timers: it asks its task to be called at a time.
	Timers bool
	// Delay is how far behind the watermark the times of the rows may be that it gives: behind it
	// event time is as much later.
	Delay time.Duration
}

// Stateful is an Op that keeps keyed state.
type Stateful interface {
	Op
	ID() OperatorID
	// StateSchema describes what is kept, in stored forms, for the check at restore: the
	// same ID with another StateSchema refuses to start.
	StateSchema() string
}
