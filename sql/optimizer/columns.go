package optimizer

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// pruneColumns drops what nobody reads: expressions of projections, and columns of the
// source, which its format then need not decode. What leaves the stage stays, but for a
// source that is read by key: the stage behind it, which keeps its rows, says what it needs.
func pruneColumns(f *plan.Dataflow, s *plan.Stage) {
	ops := slices.Clone(s.Ops)
	wanted := make([]set, len(ops)+1) // in front of operator i; the last: what leaves
	wanted[len(ops)] = all(len(input(f, s, len(ops))))
	for i := len(ops) - 1; i >= 0; i-- {
		wanted[i] = reads(ops[i], wanted[i+1], len(input(f, s, i)))
	}
	places := narrowInput(f, s, wanted[0], len(input(f, s, 0)))
	for i, o := range ops {
		ops[i], places = replace(o, places, wanted[i+1])
	}
	s.Ops = ops
}

// set is a set of columns.
type set []bool

func all(n int) set { return slices.Repeat(set{true}, n) }

func (s set) add(list ...int) {
	for _, i := range list {
		if i >= 0 {
			s[i] = true
		}
	}
}

func (s set) addExpr(e plan.Expr) { plan.EachColumn(e, func(c *plan.Column) { s[c.Index] = true }) }

// reads gives the columns of its input that an operator needs for those of its output
// that are wanted.
func reads(o plan.Op, wanted set, width int) set {
	in := make(set, width)
	switch o := o.(type) {
	case *plan.Filter:
		copy(in, wanted)
		in.addExpr(o.Pred)
	case *plan.Project:
		for i, e := range o.Exprs {
			if wanted[i] {
				in.addExpr(e)
			}
		}
	case *plan.AssignWindow:
		copy(in, wanted)
		in.add(o.Window.Time)
	case *plan.PartialAggregate:
		in.add(o.Keys...)
		addAggs(in, o.Aggs)
		if o.Window != nil {
			in.add(o.Window.Time)
		}
	case *plan.GroupAggregate:
		in.add(o.Keys...)
		addAggs(in, o.Aggs)
	case *plan.ChangelogNormalize:
		copy(in, wanted)
		in.add(o.Keys...)
	case *plan.WindowAggregate:
		in.add(o.Keys...)
		addAggs(in, o.Aggs)
		in.add(o.Window.Time, o.Weight)
	case *plan.Limit, *plan.FinalRows:
		copy(in, wanted)
	case *plan.Sort:
		copy(in, wanted)
		for _, k := range o.Keys {
			in.add(k.Column)
		}
	default:
		return all(width)
	}
	return in
}

func addAggs(in set, aggs []plan.Agg) {
	for _, a := range aggs {
		in.add(a.Arg, a.Filter)
	}
}

// narrowInput takes unwanted columns from the source of a stage, or from the one in front.
func narrowInput(f *plan.Dataflow, s *plan.Stage, wanted set, width int) (places []int) {
	for i := range f.Edges {
		e := &f.Edges[i]
		from := &f.Stages[e.From]
		if e.To == s.ID && from.Source != nil && from.Source.Keys != nil {
			places = narrowSource(from, wanted, width)
			e.Keys = moveAll(e.Keys, func(k int) int { return places[k] })
			return places
		}
	}
	if s.Source != nil && s.Source.Keys == nil {
		return narrowSource(s, wanted, width)
	}
	return numbers(all(width))
}

// narrowSource takes unwanted columns from the source; places gives the new number of
// each old column, -1 for one that is gone.
func narrowSource(s *plan.Stage, wanted set, width int) (places []int) {
	src := *s.Source
	wanted.add(src.Keys...)
	if src.Watermark != nil {
		wanted[src.Watermark.Column] = true
	}
	if src.ArrivalColumn != "" {
		wanted[width-1] = true
	}
	if !slices.Contains(wanted, true) { // COUNT(*) reads no column, but rows need one
		wanted[cheapest(src.Out)] = true
	}
	places = numbers(wanted)
	src.Out = narrow(src.Out, wanted)
	src.Columns = slices.Clone(src.Columns[:0:0])
	for i, c := range s.Source.Columns {
		if wanted[i] {
			src.Columns = append(src.Columns, c)
		}
	}
	if src.Keys != nil {
		src.Keys = moveAll(src.Keys, func(k int) int { return places[k] })
	}
	if w := src.Watermark; w != nil {
		moved := *w
		moved.Column = places[w.Column]
		src.Watermark = &moved
	}
	s.Source = &src
	return places
}

// cheapest is the column that costs the format least.
func cheapest(s types.Schema) int {
	return max(0, slices.IndexFunc(s, func(c types.Column) bool { return c.Type.IsInteger() || c.Type.Kind == types.Boolean }))
}

func numbers(wanted set) []int {
	out, n := make([]int, len(wanted)), 0
	for i, w := range wanted {
		out[i] = -1
		if w {
			out[i] = n
			n++
		}
	}
	return out
}

func narrow[T any](list []T, wanted set) (out []T) {
	for i, x := range list {
		if wanted[i] {
			out = append(out, x)
		}
	}
	return out
}

// replace gives the operator over the narrowed input, and the places of its own
// output's columns.
func replace(o plan.Op, places []int, wanted set) (plan.Op, []int) {
	expr := func(e plan.Expr) plan.Expr {
		return plan.MapColumns(e, func(c *plan.Column) plan.Expr {
			moved := *c
			moved.Index = places[c.Index]
			return &moved
		})
	}
	here := func(i int) int {
		if i < 0 {
			return i
		}
		return places[i]
	}
	switch o := o.(type) {
	case *plan.Filter:
		return &plan.Filter{Pred: expr(o.Pred), Changes: o.Changes, Out: kept(o.Out, places)}, places
	case *plan.Project:
		out := &plan.Project{Out: narrow(o.Out, wanted)}
		for _, e := range narrow(o.Exprs, wanted) {
			out.Exprs = append(out.Exprs, expr(e))
		}
		return out, numbers(wanted)
	case *plan.AssignWindow:
		out := *o
		out.Window.Time = here(o.Window.Time)
		next := slices.Clone(places)
		for range 2 { // window_start and window_end stay, wanted or not
			next = append(next, countKept(next))
		}
		out.Out = kept(o.Out, next)
		return &out, next
	case *plan.PartialAggregate:
		out := *o
		out.Keys, out.Aggs, out.Window = moveAll(o.Keys, here), moveAggs(o.Aggs, here), moveWindow(o.Window, here)
		return &out, numbers(all(len(o.Out)))
	case *plan.GroupAggregate:
		out := *o
		out.Keys, out.Aggs = moveAll(o.Keys, here), moveAggs(o.Aggs, here)
		return &out, numbers(all(len(o.Out)))
	case *plan.ChangelogNormalize:
		out := *o
		out.Keys, out.Out = moveAll(o.Keys, here), kept(o.Out, places)
		return &out, places
	case *plan.WindowAggregate:
		out := *o
		out.Keys, out.Aggs, out.Window, out.Weight = moveAll(o.Keys, here), moveAggs(o.Aggs, here), *moveWindow(&o.Window, here), here(o.Weight)
		return &out, numbers(all(len(o.Out)))
	case *plan.Limit:
		out := *o
		out.Out = kept(o.Out, places)
		return &out, places
	case *plan.FinalRows:
		out := *o
		out.Out = kept(o.Out, places)
		return &out, places
	case *plan.Sort:
		out := *o
		out.Keys, out.Out = slices.Clone(o.Keys), kept(o.Out, places)
		for i := range out.Keys {
			out.Keys[i].Column = places[out.Keys[i].Column]
		}
		return &out, places
	}
	return o, places
}

func kept(s types.Schema, places []int) (out types.Schema) {
	for i, c := range s {
		if places[i] >= 0 {
			out = append(out, c)
		}
	}
	return out
}

func countKept(places []int) (n int) {
	for _, p := range places {
		if p >= 0 {
			n++
		}
	}
	return n
}

func moveAll(list []int, here func(int) int) []int {
	out := make([]int, len(list))
	for i, c := range list {
		out[i] = here(c)
	}
	return out
}

func moveAggs(list []plan.Agg, here func(int) int) []plan.Agg {
	out := slices.Clone(list)
	for i := range out {
		out[i].Arg, out[i].Filter = here(out[i].Arg), here(out[i].Filter)
	}
	return out
}

func moveWindow(w *plan.Window, here func(int) int) *plan.Window {
	if w == nil {
		return nil
	}
	out := *w
	out.Time = here(w.Time)
	return &out
}
