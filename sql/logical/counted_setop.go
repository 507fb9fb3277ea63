package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// CountedSetOp is INTERSECT or EXCEPT, with or without ALL, of two inputs whose columns have the
// same types in the same order: what is given of a row hangs on how often it is in either.
type CountedSetOp struct {
	Identity    Identity
	Kind        plan.SetOpKind
	Left, Right Node
	Out         types.Schema
}

func (s *CountedSetOp) Schema() types.Schema { return s.Out }
func (s *CountedSetOp) Inputs() []Node       { return []Node{s.Left, s.Right} }

func (s *CountedSetOp) WithInputs(in []Node) Node {
	out := *s
	out.Left, out.Right = in[0], in[1]
	return &out
}

// Traits: an intersection only grows with inputs that do. Within windows that both inputs belong
// to, rows are given when these have ended.
func (s *CountedSetOp) Traits(in []Traits) Traits {
	l, r := in[0], in[1]
	t := Traits{Bounded: l.Bounded && r.Bounded, Unique: slices.Clone(l.Unique)}
	if !s.Kind.Shrinks() {
		t.Unique = append(t.Unique, r.Unique...)
	}
	if all := plan.AllColumns(len(s.Out)).List(); s.distinct() {
		t.Unique = append(t.Unique, all)
	}
	grows := !s.Kind.Shrinks() && !l.Updating() && !r.Updating()
	switch w := s.window(in); {
	case t.Bounded:
	case w != nil:
		t.Window, t.EventTimes = w, []int{w.End}
	case !grows:
		t.Changelog = Retract
	}
	return t
}

func (s *CountedSetOp) distinct() bool { return s.Kind == plan.Intersect || s.Kind == plan.Except }

// window is the one that rows of both inputs belong to, nil if there is none.
func (s *CountedSetOp) window(in []Traits) *Attached {
	l, r := in[0], in[1]
	if l.Window == nil || r.Window == nil || l.Updating() || r.Updating() {
		return nil
	}
	return commonWindow(in, common(l.EventTimes, r.EventTimes))
}

// common lists what is in both.
func common(a, b []int) (out []int) {
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// WindowEnd is the column with the end of the window that rows of both inputs belong to, -1 if
// there is none.
func (s *CountedSetOp) WindowEnd(in []Traits) int {
	if w := s.window(in); w != nil {
		return w.End
	}
	return -1
}

// Meaning: rows are kept whole, so all columns are part of it.
func (s *CountedSetOp) Meaning(in []Lineage) (kind, meaning string) {
	return "setop", s.Lineage(in).Rows
}

func (s *CountedSetOp) Identified(id Identity) Node {
	out := *s
	out.Identity = id
	return &out
}

// stored names the kinds in lineage, for ever.
func (s *CountedSetOp) stored() string {
	return [...]string{"intersect all", "intersect", "except all", "except"}[s.Kind]
}

func (s *CountedSetOp) Lineage(in []Lineage) Lineage {
	l, r := in[0], in[1]
	out := Lineage{Columns: make([]string, len(l.Columns))}
	for i := range out.Columns {
		out.Columns[i] = bounded(l.Columns[i] + " " + s.stored() + " " + r.Columns[i])
	}
	out.Rows = bounded(l.Rows + " " + s.stored() + " " + r.Rows + " by " + out.pick(plan.AllColumns(len(s.Out)).List()))
	return out
}

func (s *CountedSetOp) Describe(in [][]string) (string, []string) {
	names := slices.Clone(in[0])
	for i, c := range s.Out {
		if !Made(c.Name) {
			names[i] = c.Name
		}
	}
	return s.Kind.String(), names
}
