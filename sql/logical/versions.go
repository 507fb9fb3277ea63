package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Versions are the rows of its input as versions of rows by Keys: each replaces the one before it,
// and holds from its event time on. Only the right side of a temporal join, which keeps the versions
// itself, reads it.
type Versions struct {
	Input Node
	Keys  []int
	// Time is the column with the event time; -1 if the order in which they come is all there is.
	Time int
}

func (v *Versions) Schema() types.Schema { return v.Input.Schema() }
func (v *Versions) Inputs() []Node       { return []Node{v.Input} }

func (v *Versions) WithInputs(in []Node) Node {
	return &Versions{Input: in[0], Keys: v.Keys, Time: v.Time}
}

// Traits: a version that comes later replaces, whatever the input says of its rows.
func (v *Versions) Traits(in []Traits) Traits {
	t := Traits{Changelog: Upsert, Upsert: v.Keys, Unique: [][]int{v.Keys}, Fixed: v.Keys, Bounded: in[0].Bounded}
	if v.Time >= 0 {
		t.EventTimes = []int{v.Time}
	}
	return t
}

func (v *Versions) Lineage(in []Lineage) Lineage {
	text := in[0].Rows + " versions by " + in[0].pick(v.Keys)
	if v.Time >= 0 {
		text += " at " + in[0].Columns[v.Time]
	}
	return Lineage{Rows: bounded(text), Columns: in[0].Columns}
}

func (v *Versions) Describe(in [][]string) (string, []string) {
	line := "versions by (" + Pick(in[0], v.Keys) + ")"
	if v.Time >= 0 {
		line += " of " + NameOf(in[0], v.Time)
	}
	return line, in[0]
}

// dedupe tells rows that are the last ones by time of some columns, given what is known of the rows
// among which they are chosen: each of those is a version, which holds until the next one.
func (o *Order) dedupe(t Traits) bool {
	return !t.Updating() && len(o.Partition) > 0 && len(o.Keys) == 1 && o.Keys[0].Desc && slices.Contains(t.EventTimes, o.Keys[0].Column)
}

// OfVersions is the relation whose rows are the versions of which a node gives the last ones, with
// the columns of the node; rest is what the node asks of them besides. False if it gives no such rows.
func OfVersions(n Node) (versions Node, rest plan.Expr, ok bool) {
	switch n := n.(type) {
	case *Rank:
		first := n.Kind == plan.RowNumber && n.Offset == 0 && n.Limit == 1
		if !first || !n.Order.dedupe(TraitsOf(Endless(n.Input))) {
			return nil, nil, false
		}
		return n.Order.versions(n.Input, n.Schema()), nil, true
	case *Filter:
		over, numbers := n.Input.(*Over)
		if !numbers || len(over.Calls) != 1 || over.Calls[0].Func != "row_number" || !over.Order.dedupe(TraitsOf(Endless(over.Input))) {
			return nil, nil, false
		}
		number := len(over.Input.Schema())
		if p := PlacesOf(n.Pred, number); p.Offset > 0 || p.Limit != 1 {
			return nil, nil, false
		}
		others := slices.DeleteFunc(slices.Clone(Conjuncts(n.Pred)), func(x plan.Expr) bool { return OfPlaces(x, number) })
		return over.Order.versions(over.Input, over.Schema()), Conjunction(others), true
	}
	return nil, nil, false
}

// versions are the rows of an input with their number, if it is among the columns: that of a row
// which holds is 1.
func (o *Order) versions(in Node, out types.Schema) Node {
	v := &Versions{Input: in, Keys: o.Partition, Time: o.Keys[0].Column}
	if len(out) == len(in.Schema()) {
		return v
	}
	p := &Project{Input: v, Out: out}
	for i, c := range in.Schema() {
		p.Exprs = append(p.Exprs, &plan.Column{Index: i, Name: c.Name, Typ: c.Type})
	}
	p.Exprs = append(p.Exprs, &plan.Const{Typ: out[len(out)-1].Type, Int: 1})
	return p
}

// Endless is a relation as it would be of streams that never end: what holds of it then holds of each
// of its rows, not only of those that are left in the end.
func Endless(n Node) Node {
	if s, ok := n.(*Scan); ok && s.Bounded && !s.Table {
		out := *s
		out.Bounded = false
		return &out
	}
	return MapInputs(n, Endless)
}

// AreVersions tells a relation whose rows are versions, or are computed of such.
func AreVersions(n Node) bool {
	switch n := n.(type) {
	case *Versions:
		return true
	case *Scan:
		return n.Versions
	case *Project:
		return AreVersions(n.Input)
	}
	return false
}
