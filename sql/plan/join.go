package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// JoinKind says which rows without a partner a join gives. Its number stands in encoded plans: it is
// never changed.
type JoinKind uint8

const (
	InnerJoin JoinKind = 0
	LeftJoin  JoinKind = 1
	RightJoin JoinKind = 2
	FullJoin  JoinKind = 3
)

func (k JoinKind) String() string {
	return [...]string{"join", "left join", "right join", "full join"}[k]
}

// Keeps tells whether a row of the input at a port is given without a partner too.
func (k JoinKind) Keeps(port int) bool {
	return k == FullJoin || k == LeftJoin && port == 0 || k == RightJoin && port == 1
}

// JoinSide is one input of a Join.
type JoinSide struct {
	// Keys are the columns whose values are equal in both rows of a pair, in the order of those
	// of the other side, whose types are the same. Rows of equal keys come to one task.
	Keys []int
	// Updates: the rows of the input are corrected.
	Updates bool
	// Fixed are columns that have the same value in both versions of a row that is corrected.
	Fixed []int
	// TTL is the time after which a row that has not come again is forgotten; 0 keeps it for ever.
	TTL time.Duration
}

// Join keeps the rows of both inputs and gives each pair whose keys are equal and for which On is
// true, when the second of the two comes; and takes it back with either. NULL equals nothing. Of a
// side that Kind keeps, a row without a partner goes out with NULL for the columns of the other side,
// until it has one. Output: the columns of port 0, then those of port 1.
type Join struct {
	Op    OperatorID
	Kind  JoinKind
	Sides []JoinSide // by port
	// Left is the number of columns of port 0.
	Left int
	// On, over the columns of both, must be true besides.
	On Expr `plan:"optional"`
	// EmitBefore: somebody needs the old version of a changed row, an UpdateBefore directly in
	// front of the UpdateAfter and in the same batch.
	EmitBefore bool
	// Final: both inputs end and are never corrected; rows without a partner are given then.
	Final bool
	Out   types.Schema
}

var _ = tag[Join]("join")

func (o *Join) Schema() types.Schema { return o.Out }

func (o *Join) ID() OperatorID { return o.Op }

// StateSchema lists what is kept of both sides: the columns, those of the key, and whether partners
// are counted.
func (o *Join) StateSchema() string {
	parts := make([]string, len(o.Sides))
	for port, s := range o.Sides {
		var list []string
		for _, c := range o.Columns(port) {
			list = append(list, c.Type.Stored())
		}
		parts[port] = fmt.Sprintf("%s by %v", strings.Join(list, ", "), s.Keys)
		if o.Kind.Keeps(1-port) && s.Updates {
			parts[port] += " counted"
		}
	}
	return strings.Join(parts, "; ")
}

// Columns are those of the input at a port.
func (o *Join) Columns(port int) types.Schema {
	if port == 0 {
		return o.Out[:o.Left]
	}
	return o.Out[o.Left:]
}

func (o *Join) Describe() string {
	line := o.Kind.String()
	if len(o.Sides[0].Keys) > 0 {
		line += fmt.Sprintf(" by (%s) = (%s)", columnNames(o.Columns(0), o.Sides[0].Keys), columnNames(o.Columns(1), o.Sides[1].Keys))
	}
	if o.On != nil {
		line += " on " + o.On.String()
	}
	return line
}

func (o *Join) Inputs() int { return 2 }

// Reads: what is wanted of the input, and what makes rows meet.
func (o *Join) Reads(port int, wanted Columns) []int {
	first, end := 0, o.Left
	if port == 1 {
		first, end = o.Left, len(o.Out)
	}
	read := slices.Clone(wanted)
	if o.On != nil {
		read.AddExpr(o.On)
	}
	return append(read[min(first, len(read)):min(end, len(read))].List(), o.Sides[port].Keys...)
}

// Passes: a column of a side that may be missing is not always that of its input.
func (o *Join) Passes(port int) []int {
	out := computed(len(o.Out))
	if o.Kind.Keeps(1 - port) {
		return out
	}
	first := port * o.Left
	for i := range o.Columns(port) {
		out[first+i] = i
	}
	return out
}

func (o *Join) Needs() Needs { return Needs{} }
