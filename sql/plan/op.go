package plan

import "slipway/sql/types"

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
	// Reads gives the columns of an input, of so many, that are needed for those of the output
	// that are wanted.
	Reads(port, width int, wanted Columns) Columns
	// Passes tells of each output column which column of an input it is, unchanged; -1 if it
	// is computed or comes from another input.
	Passes(port int) []int
	// Narrow gives the operator over inputs that have lost columns. inputs[port] has the new place
	// of each former column, -1 of one that is gone, which none is that Reads named. An output
	// column that is not wanted may go too; places has the new place of each.
	Narrow(inputs []Places, wanted Columns) (o Op, places Places)
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
}

// Stateful is an Op that keeps keyed state.
type Stateful interface {
	Op
	ID() OperatorID
	// StateSchema describes what is kept, in stored forms, for the check at restore: the
	// same ID with another StateSchema refuses to start.
	StateSchema() string
}
