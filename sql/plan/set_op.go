package plan

import (
	"time"

	"slipway/sql/types"
)

// SetOpKind is which rows a SetOp gives. Its number stands in encoded plans: it is never changed.
type SetOpKind uint8

const (
	// IntersectAll: a row as often as it is in the input that has it less often.
	IntersectAll SetOpKind = 0
	// Intersect: once, if it is in both.
	Intersect SetOpKind = 1
	// ExceptAll: as often as it is more often in the left input than in the right one.
	ExceptAll SetOpKind = 2
	// Except: once, if it is in the left input and not in the right one.
	Except SetOpKind = 3
)

func (k SetOpKind) String() string {
	return [...]string{"intersect all", "intersect", "except all", "except"}[k]
}

// Shrinks tells that a row which comes may take one back that was given.
func (k SetOpKind) Shrinks() bool { return k == ExceptAll || k == Except }

// SetOp compares how often each row is in its left input (port 0) and in its right one (port 1).
// Equal rows must come to one task; NULL equals NULL. Its rows have no old and new versions: one
// that is there once more is an Insert, one that is there once less a Delete.
type SetOp struct {
	Op   OperatorID
	Kind SetOpKind
	// Final: the inputs end, and rows are given then.
	Final bool
	// Time is the column with the end of the window that rows of both inputs belong to: they are
	// given when the watermark has passed it, and forgotten. -1: there is none, and every batch
	// gives what it changes.
	Time int
	// TTL is the idle time after which a row is forgotten; 0 keeps it for ever.
	TTL time.Duration
	Out types.Schema
	// LeftLate and RightLate: see LateRows.
	LeftLate, RightLate []int
}

var _ = tag[SetOp]("set_op")

func (o *SetOp) Schema() types.Schema { return o.Out }

func (o *SetOp) ID() OperatorID { return o.Op }

// StateSchema: each row with how often it is in either input; its columns are part of the ID.
func (o *SetOp) StateSchema() string { return "left, right" }

func (o *SetOp) Describe() string { return o.Kind.String() }

func (o *SetOp) Inputs() int { return 2 }

// Reads: rows are equal by all columns, wanted or not.
func (o *SetOp) Reads(port int, _ Columns) []int {
	return withLate(SamePlaces(len(o.Out)), o.LateColumns(port))
}

// Passes: a row that is given is in the left input, and of an intersection in both.
func (o *SetOp) Passes(port int) []int {
	if port == 1 && o.Kind.Shrinks() {
		return computed(len(o.Out))
	}
	return SamePlaces(len(o.Out))
}

// Needs: a watermark ends windows.
func (o *SetOp) Needs() Needs { return Needs{Watermarks: o.Time >= 0} }
