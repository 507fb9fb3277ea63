package plan

import (
	"fmt"
	"slices"

	"slipway/sql/types"
)

// MarkDistinct says of each row whether it is the first with its values: the aggregates over DISTINCT
// values behind it, in whatever task, count the rows that are, and all other aggregates every row. Rows with
// equal values come to one task, and none is taken back. Output: the columns of the input, then a BOOLEAN
// for each of Filters.
type MarkDistinct struct {
	Op OperatorID
	// Keys are those of a group, Args the arguments that are DISTINCT in it; a row with a NULL
	// among the latter is never marked.
	Keys, Args []int
	// Filters are input columns of BOOLEAN: a row is the first of those for which it is true. -1 is
	// the first of all.
	Filters []int
	// Windows: it is the first in a window, of which Time is the last moment in event time. What is known of the values goes
	// when the window has ended; a row that comes then is late: dropped and counted.
	Windows bool
	Time    int
	// Final: the input ends.
	Final bool
	Out   types.Schema
}

var _ = tag[MarkDistinct]("mark_distinct")

func (o *MarkDistinct) Schema() types.Schema { return o.Out }

func (o *MarkDistinct) ID() OperatorID { return o.Op }

// StateSchema: which values there were, with a bit for each filter; what they are is part of the ID.
func (o *MarkDistinct) StateSchema() string {
	text := fmt.Sprintf("first of %d", len(o.Filters))
	if o.Windows {
		text += " in each window"
	}
	return text
}

func (o *MarkDistinct) Describe() string {
	text := fmt.Sprintf("mark the first of %v by %v, filters %v", o.Args, o.Keys, o.Filters)
	if o.Windows {
		text += fmt.Sprintf(", in windows that end at %d", o.Time)
	}
	return text
}

// WindowTime is the column of the last moment of windows, -1 if there are none.
func (o *MarkDistinct) WindowTime() int {
	if o.Windows {
		return o.Time
	}
	return -1
}

func (o *MarkDistinct) Inputs() int { return 1 }

// Reads: what is known of values has to be complete, whichever columns are wanted.
func (o *MarkDistinct) Reads(_ int, wanted Columns) []int {
	list := slices.Concat(o.Keys, o.Args, o.Filters, wanted[:len(wanted)-len(o.Filters)].List())
	if o.Windows {
		list = append(list, o.Time)
	}
	return slices.DeleteFunc(list, func(c int) bool { return c < 0 })
}

func (o *MarkDistinct) Passes(int) []int {
	n := len(o.Filters)
	return append(SamePlaces(len(o.Out)-n), computed(n)...)
}

// Needs: a watermark ends windows.
func (o *MarkDistinct) Needs() Needs { return Needs{Watermarks: o.Windows} }

// Keeps implements Keeper.
func (o *MarkDistinct) Keeps() Kept {
	n := rowBytes + 8
	for _, c := range slices.Concat(o.Keys, o.Args) {
		n += bytesOfType(o.Out[c].Type)
	}
	if o.Windows {
		return Kept{Each: "value of a group in a window", Bytes: n, Until: "its window has ended"}
	}
	return Kept{Each: "value of a group", Bytes: n, Until: orEnd(o.Final, "")}
}
