package plan

import (
	"fmt"
	"strings"
	"time"

	"slipway/sql/types"
)

// TimedSide is what a join by time knows of one of its inputs.
type TimedSide struct {
	// Keys are the columns that equal those of the other side, in the same order; with none
	// there is one key.
	Keys []int
	// Time is the TIMESTAMP column, an event time.
	Time int
	// Keep: a row that meets none is given too, with NULL for the columns of the other side.
	Keep bool
	// Distinct: no two rows are equal.
	Distinct bool
	// Late: see LateRows.
	Late []int
}

// IntervalJoin gives the pairs of rows of two inputs, neither of which corrects rows, whose keys
// are equal and whose times are near: left is from right+Lower to right+Upper. A row is kept
// until no partner can come for it any more; one before the watermark is late and left out. A
// row without a key or a time meets none.
//
// Out is the columns of the left input, then those of the right one.
type IntervalJoin struct {
	Op           OperatorID
	Left, Right  TimedSide
	Lower, Upper time.Duration
	// Windows: the times are the ends of windows, and both bounds are 0. A row waits until the
	// watermark has passed its end: an aggregate over windows that have ended gives its rows only
	// then.
	Windows bool
	// On is what must be true besides, over Out; nil for nothing.
	On Expr `plan:"optional"`
	// Width is how many columns the left input has.
	Width int
	Out   types.Schema
}

var _ = tag[IntervalJoin]("interval_join")

func (o *IntervalJoin) Schema() types.Schema { return o.Out }

func (o *IntervalJoin) ID() OperatorID { return o.Op }

// StateSchema lists the columns of both sides, which are kept.
func (o *IntervalJoin) StateSchema() string {
	return storedColumns(o.Out[:o.Width]) + "; " + storedColumns(o.Out[o.Width:])
}

// storedColumns lists columns in stored forms.
func storedColumns(s types.Schema) string {
	parts := make([]string, len(s))
	for i, c := range s {
		parts[i] = c.Name + " " + c.Type.Stored()
	}
	return strings.Join(parts, ", ")
}

func (o *IntervalJoin) Describe() string {
	l, r := o.Out[o.Left.Time].Name, o.Out[o.Width+o.Right.Time].Name
	line := fmt.Sprintf("%sinterval join%s; %s from %s%+v to %+v", o.kind(), o.terms(), l, r, o.Lower, o.Upper)
	if o.Windows {
		line = fmt.Sprintf("%swindow join%s; windows that end at %s = %s", o.kind(), o.terms(), l, r)
	}
	if o.On != nil {
		line += "; if " + o.On.String()
	}
	return line
}

// kind is which rows without a partner are given.
func (o *IntervalJoin) kind() string { return keptSides(o.Left.Keep, o.Right.Keep) }

func keptSides(left, right bool) string {
	switch {
	case left && right:
		return "full "
	case left:
		return "left "
	case right:
		return "right "
	}
	return ""
}

// terms are the keys.
func (o *IntervalJoin) terms() string { return joinTerms(o.Out, o.Width, o.Left.Keys, o.Right.Keys) }

// joinTerms are the keys of a join, of which the left input has the first columns.
func joinTerms(s types.Schema, width int, left, right []int) string {
	parts := make([]string, len(left))
	for i, k := range left {
		parts[i] = s[k].Name + " = " + s[width+right[i]].Name
	}
	if len(parts) == 0 {
		return ""
	}
	return " on " + strings.Join(parts, " and ")
}

func (o *IntervalJoin) Inputs() int { return 2 }

func (o *IntervalJoin) Reads(port int, wanted Columns) []int {
	side := o.Left
	if port == 1 {
		side = o.Right
	}
	return withLate(append(joinReads(port, wanted, o.Width, len(o.Out), o.On), append(side.Keys, side.Time)...), side.Late)
}

// joinReads are the columns of an input of a join that are wanted of its output, or read by its condition.
func joinReads(port int, wanted Columns, width, all int, on Expr) (in []int) {
	from, to := 0, width
	if port == 1 {
		from, to = width, all
	}
	list := wanted.List()
	if on != nil {
		list = append(list, columnsOf(on)...)
	}
	for _, c := range list {
		if from <= c && c < to {
			in = append(in, c-from)
		}
	}
	return in
}

func (o *IntervalJoin) Passes(port int) []int {
	other := o.Right
	if port == 1 {
		other = o.Left
	}
	return joinPasses(port, o.Width, len(o.Out), other.Keep)
}

// joinPasses: a column of the output is one of an input, unless it is NULL beside a lonely row of
// the other one.
func joinPasses(port, width, all int, mayMiss bool) []int {
	out := computed(all)
	for i := range out {
		switch {
		case mayMiss:
		case port == 0 && i < width:
			out[i] = i
		case port == 1 && i >= width:
			out[i] = i - width
		}
	}
	return out
}

// Needs: a pair may hold a time that is as far behind the watermark as the bounds let it.
func (o *IntervalJoin) Needs() Needs {
	return Needs{Watermarks: true, Delay: max(0, -o.Lower, o.Upper)}
}
