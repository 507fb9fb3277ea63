package logical

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Agg is one aggregate, after the decomposition that its signature says (AVG has become
// SUM and COUNT and a division above).
type Agg struct {
	Kind plan.AggKind
	// Changing is what it is computed by in place of Kind over rows that may be taken back; empty
	// if by Kind too.
	Changing plan.AggKind
	Arg      plan.Expr // nil for CountStar
	Typ      types.Type
	// More are the arguments behind the first.
	More []plan.Expr
	// Filter, if set, must be true for a row to count.
	Filter plan.Expr
	// Distinct: rows of a group with equal arguments count as one.
	Distinct bool
	// Order is that of the values which a list is made of, and Param a constant (plan.Agg).
	Order []AggOrder
	Param string
	// Module and Nulls are of an aggregate in WebAssembly (plan.Agg).
	Module *plan.Module
	Nulls  bool
	// Values: values are kept beside the group.
	Values bool
	// Empty: of no rows the result is an array without elements.
	Empty bool
	// Merges: results for some of the rows can be combined to that for all of them.
	Merges bool
}

// AggOrder is a key by which the values of a list are ordered.
type AggOrder struct {
	X                plan.Expr
	Desc, NullsFirst bool
}

// Args are all arguments.
func (a *Agg) Args() []plan.Expr {
	if a.Arg == nil {
		return nil
	}
	return append([]plan.Expr{a.Arg}, a.More...)
}

// Map gives the aggregate with other expressions in place of its own.
func (a Agg) Map(f func(plan.Expr) plan.Expr) Agg {
	more := a.More
	a.More = nil
	if a.Arg != nil {
		a.Arg = f(a.Arg)
	}
	for _, x := range more {
		a.More = append(a.More, f(x))
	}
	if a.Filter != nil {
		a.Filter = f(a.Filter)
	}
	a.Order = slices.Clone(a.Order)
	for i := range a.Order {
		a.Order[i].X = f(a.Order[i].X)
	}
	return a
}

// Each calls f with each of the aggregate's expressions.
func (a Agg) Each(f func(plan.Expr)) {
	a.Map(func(e plan.Expr) plan.Expr { f(e); return e })
}

// Stored is the stored form over the columns of the input: equal ones compute the same.
func (a Agg) Stored() string { return a.stored(plan.Stored) }

func (a Agg) stored(of func(plan.Expr) string) string {
	text := plan.Agg{Kind: a.Kind, Typ: a.Typ, Distinct: a.Distinct, Param: a.Param, Module: a.Module, Nulls: a.Nulls}.Stored()
	for _, x := range a.Args() {
		text += " " + of(x)
	}
	return text + a.choice(of)
}

// choice is which rows count, and in which order.
func (a *Agg) choice(of func(plan.Expr) string) (text string) {
	if a.Filter != nil {
		text = " FILTER " + of(a.Filter)
	}
	for _, o := range a.Order {
		text += fmt.Sprintf(" ORDER %s %t %t", of(o.X), o.Desc, o.NullsFirst)
	}
	return text
}

// Aggregate is GROUP BY. Its rows have the keys, then window_start and window_end if
// Window is set, then the aggregates. It gives one row per group, which is corrected as
// rows come, or one per group and window, when the window has ended.
type Aggregate struct {
	Identity Identity
	Input    Node
	Keys     []plan.Expr
	Aggs     []Agg
	// Empty are the numbers of the grouping sets that have no key: each is a group also of no rows (plan.GroupAggregate).
	Empty []int64
	// Window, if set, cuts the rows by a time column of the input.
	Window *plan.Window
	// Updates, if set, lets the rows of a window come before it has ended, or be corrected later.
	Updates *Updates
	// TimeKey is the key that is the end of the window that the input's rows belong to
	// already, -1 if there is none: groups are then of one window each, and final.
	TimeKey int
	// Late, if set, are the columns that a row is written with that comes when its window has
	// ended; nil for the reason.
	Late []plan.Expr
	// Presence: nobody reads the aggregates, only which groups there are.
	Presence bool
	Out      types.Schema
}

func (a *Aggregate) Schema() types.Schema { return a.Out }
func (a *Aggregate) Inputs() []Node       { return []Node{a.Input} }

func (a *Aggregate) WithInputs(in []Node) Node {
	out := *a
	out.Input = in[0]
	return &out
}

// Windowed tells whether each group is of one window.
func (a *Aggregate) Windowed() bool { return a.Window != nil || a.TimeKey >= 0 }

func (a *Aggregate) Traits(in []Traits) Traits {
	keys := make([]int, len(a.Keys))
	for i := range keys {
		keys[i] = i
	}
	t := Traits{Bounded: in[0].Bounded, Unique: [][]int{keys}, Fixed: keys}
	switch {
	case a.Window != nil:
		start := len(keys)
		t.Unique = [][]int{slices.Concat(keys, []int{start}), slices.Concat(keys, []int{start + 1})}
		t.Window = &Attached{Start: start, End: start + 1, Kind: a.Window.Kind, Final: true}
		t.EventTimes = []int{start + 1}
		if a.Window.Kind == plan.Cumulate {
			t.Unique = t.Unique[1:]
		}
		if a.Updates != nil && !t.Bounded {
			t.Changelog, t.Window, t.EventTimes = Retract, nil, nil
			t.Fixed = slices.Concat(keys, []int{start, start + 1})
		}
	case a.TimeKey >= 0:
		t.Window = &Attached{Start: a.keyOf(in[0].Window.Start), End: a.TimeKey, Kind: in[0].Window.Kind, Final: true}
		t.EventTimes = []int{a.TimeKey}
	case !t.Bounded:
		t.Changelog = Retract
	}
	return t
}

// keyOf is the key that is a column of the input, -1 if none is.
func (a *Aggregate) keyOf(column int) int {
	return slices.IndexFunc(a.Keys, func(k plan.Expr) bool {
		c, ok := k.(*plan.Column)
		return ok && c.Index == column
	})
}

// Meaning is what is computed, in terms of declared columns.
func (a *Aggregate) Meaning(in []Lineage) (kind, meaning string) {
	var b strings.Builder
	l := in[0]
	fmt.Fprintf(&b, "%s by %s", l.Rows, bounded(strings.Join(l.ofAll(a.Keys), ", ")))
	for _, x := range a.Aggs {
		b.WriteString("; " + x.stored(l.Of))
	}
	window := ""
	if a.Window != nil {
		window = a.Window.Stored(l.Columns[a.Window.Time])
	}
	fmt.Fprintf(&b, "; %s %d", window, a.TimeKey)
	return a.kind(), b.String()
}

func (a *Aggregate) kind() string {
	if a.Updates != nil {
		return "updates"
	}
	if a.Windowed() {
		return "window"
	}
	return "group"
}

// ID is what its state is known by.
func (a *Aggregate) ID() plan.OperatorID { return a.Identity.ID(a.kind()) }

func (a *Aggregate) Identified(id Identity) Node {
	out := *a
	out.Identity = id
	return &out
}

// Lineage: results are told apart by their number, as they come in the order of the
// meaning. Two columns are those of a window, be there one of this aggregate or not.
func (a *Aggregate) Lineage(in []Lineage) Lineage {
	id := a.ID()
	l := Lineage{Rows: string(id)}
	for _, k := range in[0].ofAll(a.Keys) {
		l.Columns = append(l.Columns, bounded(fmt.Sprintf("%s by %s", id, k)))
	}
	first := 0
	if a.TimeKey >= 0 {
		first = 2
	}
	for i := range len(a.Out) - len(a.Keys) {
		l.Columns = append(l.Columns, fmt.Sprintf("%s.%d", id, first+i))
	}
	return l
}

func (a *Aggregate) Describe(in [][]string) (string, []string) {
	columns := showAll(a.Keys, in[0])
	line := "aggregate"
	if len(columns) > 0 {
		line += " by " + strings.Join(columns, ", ")
	}
	switch {
	case a.Window != nil:
		line += " over " + ShowWindow(*a.Window, in[0]) + a.Updates.show()
		columns = append(columns, ColumnNames(Bounds())...)
	case a.TimeKey >= 0:
		line += " over windows that end at " + columns[a.TimeKey]
	}
	var aggs []string
	for _, x := range a.Aggs {
		aggs = append(aggs, showAgg(x, in[0]))
	}
	if len(aggs) > 0 {
		line += ": " + strings.Join(aggs, ", ")
	}
	return line, append(columns, aggs...)
}

func showAgg(a Agg, in []string) string {
	text := strings.ToLower(fmt.Sprint(a.Kind))
	if a.Arg != nil {
		text += "(" + ShowDistinct(a.Distinct) + strings.Join(showAll(a.Args(), in), ", ") + a.showOrder(in) + ")"
	}
	if a.Filter != nil {
		text += " filter (where " + Show(a.Filter, in) + ")"
	}
	return text
}

func (a Agg) showOrder(in []string) string {
	var list []string
	for _, o := range a.Order {
		key := Show(o.X, in)
		if o.Desc {
			key += " desc"
		}
		list = append(list, key)
	}
	if len(list) == 0 {
		return ""
	}
	return " order by " + strings.Join(list, ", ")
}

// ShowDistinct is the word in front of arguments of which equal ones count as one.
func ShowDistinct(distinct bool) string {
	if distinct {
		return "distinct "
	}
	return ""
}
