package logical

import (
	"slices"

	"slipway/sql/types"
)

// SetOp is the rows of all inputs (UNION ALL), whose columns have the same types in the
// same order.
type SetOp struct {
	In  []Node
	Out types.Schema
}

func (s *SetOp) Schema() types.Schema      { return s.Out }
func (s *SetOp) Inputs() []Node            { return s.In }
func (s *SetOp) WithInputs(in []Node) Node { return &SetOp{In: in, Out: s.Out} }

// Traits: a column is an event time if it is in all inputs; the watermark is that of the
// slowest one.
func (s *SetOp) Traits(in []Traits) Traits {
	t := Traits{Bounded: true}
	for _, x := range in {
		t.Bounded = t.Bounded && x.Bounded
		if x.Updating() {
			t.Changelog = Retract
		}
	}
	for _, c := range in[0].EventTimes {
		if !slices.ContainsFunc(in, func(x Traits) bool { return !slices.Contains(x.EventTimes, c) }) {
			t.EventTimes = append(t.EventTimes, c)
		}
	}
	t.Window = commonWindow(in, t.EventTimes)
	return t
}

// commonWindow is the window that rows belong to whichever input they are of: all are
// final, and end in the same column.
func commonWindow(in []Traits, times []int) *Attached {
	first, assigned := in[0].Window, false
	for _, x := range in {
		if w := x.Window; w == nil || !w.Final || w.End != first.End || !slices.Contains(times, w.End) {
			return nil
		}
		assigned = assigned || x.Window.Assigned
	}
	return &Attached{Start: -1, End: first.End, Kind: first.Kind, Final: true, Assigned: assigned}
}

func (s *SetOp) Lineage(in []Lineage) Lineage {
	l := in[0]
	for _, r := range in[1:] {
		columns := make([]string, len(l.Columns))
		for i := range columns {
			columns[i] = bounded(l.Columns[i] + " union " + r.Columns[i])
		}
		l = Lineage{Rows: bounded(l.Rows + " union " + r.Rows), Columns: columns}
	}
	return l
}

func (s *SetOp) Describe(in [][]string) (string, []string) {
	names := slices.Clone(in[0])
	for i, c := range s.Out {
		if !Made(c.Name) {
			names[i] = c.Name
			continue
		}
		names[i] = saidOf(in, i)
	}
	return "union all", names
}

// saidOf is what a column that the compiler made is in the first input that says something.
func saidOf(in [][]string, column int) string {
	for _, names := range in {
		if x := names[column]; x != "false" && x != "NULL" {
			return x
		}
	}
	return in[0][column]
}
