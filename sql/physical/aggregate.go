package physical

import (
	"fmt"
	"slices"
	"time"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// aggregate spreads groups over tasks by their keys.
func (b *builder) aggregate(n *logical.Aggregate, w wanted) *rows {
	r := b.node(n.Input, wanted{before: true})
	g := grouping{n: n, keys: make([]int, len(n.Keys))}
	for i, k := range n.Keys {
		g.keys[i] = column(r, k)
	}
	for _, a := range n.Aggs {
		if r.traits.Updating() && a.Changing != "" {
			a.Kind, g.values = a.Changing, true
		}
		g.values = g.values || a.Distinct || a.Values
		g.aggs = append(g.aggs, aggregateOf(r, a))
	}
	if n.Windowed() && !r.traits.Bounded {
		if g.late = r.takeLate(); g.late == nil {
			g.late = r.lateColumns(n.Late)
		}
	}
	switch {
	case n.Window != nil && n.Updates != nil && !r.traits.Bounded:
		b.windowUpdates(r, g, w)
	case n.Window != nil:
		b.windowAggregate(r, g)
	case n.TimeKey >= 0:
		b.windowsAgain(r, g)
	default:
		b.groupAggregate(r, g, w)
	}
	return r.derive(n)
}

// aggregateOf is an aggregate over the columns of rows.
func aggregateOf(r *rows, a logical.Agg) plan.Agg {
	x := plan.Agg{Kind: a.Kind, Arg: column(r, a.Arg), Filter: column(r, a.Filter), Distinct: a.Distinct, Param: a.Param, Typ: a.Typ, Module: a.Module, Nulls: a.Nulls}
	for _, o := range a.Order {
		x.Order = append(x.Order, plan.SortKey{Column: column(r, o.X), Desc: o.Desc, NullsFirst: o.NullsFirst})
	}
	for _, e := range a.More {
		x.More = append(x.More, column(r, e))
	}
	return x
}

// expand gives each row once for each grouping set.
func (b *builder) expand(n *logical.Expand, w wanted) *rows {
	r := b.node(n.Input, wanted{before: w.before})
	op := &plan.Expand{Out: append(slices.Clone(r.schema), logical.SetNumber)}
	for _, s := range n.Sets {
		op.Sets = append(op.Sets, plan.GroupingSet{Nulls: r.places.All(s.Nulls)})
	}
	r.places = append(slices.Clone(r.places), len(r.schema))
	b.add(r, op)
	return r.derive(n)
}

// column is the column that an aggregate reads, -1 for none.
func column(r *rows, e plan.Expr) int {
	if e == nil {
		return -1
	}
	return r.places.Of(e.(*plan.Column).Index)
}

// grouping is an aggregate over the columns of its rows.
type grouping struct {
	n    *logical.Aggregate
	keys []int
	aggs []plan.Agg
	// values: there are aggregates for which values are kept beside a group. What is kept for
	// slices of a window cannot be put together to what the window needs.
	values bool
	// split: the distinct values of windows are found by the tasks of the values.
	split bool
	// late are the columns that late rows are written with; nil: they are dropped.
	late []int
}

// merges tells that rows can be combined before they are exchanged, and slices of a window
// behind it.
func (g *grouping) merges() bool {
	return !slices.ContainsFunc(g.n.Aggs, func(a logical.Agg) bool { return !a.Merges })
}

// partial combines rows in front of the exchange; what is behind it then merges the
// results, by keys that come first.
func (b *builder) partial(r *rows, g *grouping, w *plan.Window) {
	out := types.Schema{}
	for i := range g.keys {
		out = append(out, types.Column{Name: g.n.Out[i].Name, Type: g.n.Out[i].Type})
	}
	if w != nil {
		out = append(out, types.Column{Name: "slice_start", Type: types.NewTimestamp(types.MaxTimestampPrecision)})
	}
	merged := make([]plan.Agg, len(g.aggs))
	for i, a := range g.aggs {
		merged[i] = plan.Agg{Kind: a.Kind, Arg: len(out), Typ: a.Typ, Merge: true, Filter: -1, Module: a.Module, Nulls: a.Nulls}
		out = append(out, types.Column{Name: fmt.Sprintf("p%d", i), Type: a.Typ})
	}
	b.add(r, &plan.PartialAggregate{Keys: g.keys, Window: w, Aggs: g.aggs, Out: out})
	g.keys, g.aggs = numbers(len(g.keys)), merged
}

// groupAggregate: rows that are corrected are not combined before, since each correction
// counts on its own.
func (b *builder) groupAggregate(r *rows, g grouping, w wanted) {
	updates, merges := r.traits.Updating(), g.merges()
	if b.splits(r, &g) {
		b.split(r, &g)
		merges = true
	}
	if !updates && merges && !b.OnePhase {
		b.partial(r, &g, nil)
	}
	b.byKey(r, "aggregate", g.keys)
	r.begin(g.keys)
	final := r.traits.Bounded
	b.add(r, &plan.GroupAggregate{Op: g.n.ID(), Keys: g.keys, Aggs: g.aggs, Empty: g.n.Empty, InputUpdates: updates, EmitBefore: w.before && !final,
		Final: final, Presence: g.n.Presence, TTL: b.StateTTL, Out: g.n.Out})
	r.places = plan.SamePlaces(len(g.n.Out))
}

// windowAggregate combines rows by slice before the exchange, if they can be; of each slice
// it is counted how many rows it stands for, in case it is late.
func (b *builder) windowAggregate(r *rows, g grouping) {
	results, w := len(g.aggs), *g.n.Window
	w.Time = r.places.Of(w.Time)
	g.split = b.SplitWindows && b.splits(r, &g)
	if g.values && w.Kind == plan.Session {
		b.eachSession(r, g, w)
		return
	}
	if g.split || g.values && w.Kind != plan.Tumble {
		b.eachWindow(r, g)
		return
	}
	r.places = plan.SamePlaces(len(g.n.Out))
	if w.Kind == plan.Session {
		b.byKey(r, "aggregate", g.keys)
		b.add(r, &plan.SessionAggregate{Op: g.n.ID(), Keys: g.keys, Window: w, Aggs: g.aggs, Out: g.n.Out, Late: g.late})
		return
	}
	if b.OnePhase || !g.merges() || g.late != nil {
		b.byKey(r, "aggregate", g.keys)
		b.add(r, &plan.WindowAggregate{Op: g.n.ID(), Keys: g.keys, Window: w, Weight: -1, Aggs: g.aggs, Out: g.n.Out, Late: g.late})
		return
	}
	weight := slices.IndexFunc(g.aggs, func(a plan.Agg) bool { return a.Kind == plan.CountStar })
	if weight < 0 {
		weight = len(g.aggs)
		g.aggs = append(g.aggs, plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)})
	}
	b.partial(r, &g, &w)
	b.byKey(r, "aggregate", g.keys)
	sliced := w
	sliced.Time = len(g.keys)
	b.add(r, &plan.WindowAggregate{Op: g.n.ID(), Keys: g.keys, Window: sliced, Sliced: true, Weight: g.aggs[weight].Arg, Aggs: g.aggs[:results], Out: g.n.Out})
}

// eachWindow gives each row once for each window that it belongs to, and groups by window and
// keys. A window has ended a microsecond behind the time by which its rows are sorted into it.
func (b *builder) eachWindow(r *rows, g grouping) {
	w, width, bounds := *g.n.Window, len(r.schema), logical.Bounds()
	w.Time = r.places.Of(w.Time)
	b.add(r, &plan.AssignWindow{Window: w, Out: slices.Concat(r.schema, bounds)})
	end := types.Column{Name: "window_time", Type: types.NewTimestamp(types.MaxTimestampPrecision)}
	p := &plan.Project{Out: slices.Concat(r.schema, types.Schema{end})}
	for i, c := range r.schema {
		p.Exprs = append(p.Exprs, &plan.Column{Index: i, Name: c.Name, Typ: c.Type})
	}
	before := &plan.Const{Typ: types.Of(types.Duration), Int: -1}
	p.Exprs = append(p.Exprs, &plan.Call{Func: "add_time", Args: []plan.Expr{&plan.Cast{Arg: p.Exprs[width+1], Typ: end.Type}, before}, Typ: end.Type})
	b.add(r, p)
	if g.split {
		b.mark(r, &g, width+2)
	}
	g.keys = append(slices.Clone(g.keys), width, width+1)
	b.windowsOf(r, g, width+2)
}

// windowsAgain groups rows by the window that they belong to: the watermark that passes
// the end of it says that all are there. The operator for that is one of windows of a
// microsecond round the end, whose own bounds nobody reads.
func (b *builder) windowsAgain(r *rows, g grouping) { b.windowsOf(r, g, g.keys[g.n.TimeKey]) }

// windowsOf groups rows that have equal times, if they have equal keys.
func (b *builder) windowsOf(r *rows, g grouping, at int) {
	keys := len(g.keys)
	w := plan.Window{Kind: plan.Tumble, Time: at, Size: time.Microsecond, Slide: time.Microsecond}
	combined := g.split && !b.OnePhase // of which none is late
	if combined {
		of := w
		b.partial(r, &g, &of)
		w.Time = keys
	}
	b.byKey(r, "aggregate", g.keys)
	bounds := logical.Bounds()
	out := slices.Concat(g.n.Out[:keys], bounds, g.n.Out[keys:])
	b.add(r, &plan.WindowAggregate{Op: g.n.ID(), Keys: g.keys, Window: w, Sliced: combined, Weight: -1, Aggs: g.aggs, Out: out, Late: g.late})
	r.places = numbers(len(g.n.Out))
	for i := keys; i < len(r.places); i++ {
		r.places[i] += len(bounds)
	}
}

// numbers are 0 to n-1.
func numbers(n int) []int { return plan.SamePlaces(n) }
