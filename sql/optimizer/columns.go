package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// pruneColumns drops what nobody reads: expressions of projections, and columns of
// streams, which their formats then need not decode.
func pruneColumns(n logical.Node) logical.Node {
	return pruneParts(n)
}

// prune gives a node without columns that are not wanted, and the place of each of its
// former columns. Of a kind of node that is not named here all columns are wanted.
func prune(n logical.Node, wanted plan.Columns) (logical.Node, plan.Places) {
	switch n := n.(type) {
	case *logical.Scan:
		return pruneScan(n, wanted)
	case *logical.Filter:
		wanted.AddExpr(n.Pred)
		in, places := prune(n.Input, wanted)
		return &logical.Filter{Input: in, Pred: places.Expr(n.Pred)}, places
	case *logical.Project:
		return pruneProject(n, wanted)
	case *logical.Window:
		return pruneWindow(n, wanted)
	case *logical.ConditionSession:
		return pruneSessions(n, wanted)
	case *logical.Expand:
		return pruneExpand(n, wanted)
	case *logical.Aggregate:
		return pruneAggregate(n)
	case *logical.Values:
		return pruneValues(n, wanted)
	case *logical.Unnest:
		return pruneUnnest(n, wanted)
	case *logical.Series:
		return pruneSeries(n, wanted)
	case *logical.SingleJoin:
		return pruneSingleJoin(n, wanted)
	case *logical.SemiJoin:
		return pruneSemiJoin(n, wanted)
	case *logical.Sort:
		return pruneSort(n, wanted)
	case *logical.Join:
		return pruneJoin(n, wanted)
	case *logical.Versions:
		return pruneVersions(n, wanted)
	case *logical.Rank:
		return pruneRank(n, wanted)
	case *logical.Over:
		return pruneOver(n, wanted)
	case *logical.Match:
		return pruneMatch(n, wanted)
	case *logical.LateColumns:
		return pruneLate(n, wanted)
	case *logical.Limit:
		in, places := prune(n.Input, wanted)
		return n.WithInputs([]logical.Node{in}), places
	case *sharedColumns:
		return n.prune(wanted)
	}
	return logical.MapInputs(n, pruneAll), plan.SamePlaces(len(wanted))
}

// pruneAll wants all columns of a node.
func pruneAll(n logical.Node) logical.Node {
	out, _ := prune(n, plan.AllColumns(len(n.Schema())))
	return out
}

// pruneScan: an event time that nobody reads is none.
func pruneScan(s *logical.Scan, wanted plan.Columns) (logical.Node, plan.Places) {
	wanted.Add(s.Keys...)
	if s.Arrival {
		wanted.Add(s.ArrivalAt())
	}
	if !slices.Contains(wanted, true) { // COUNT(*) reads no column, but rows need one
		wanted.Add(cheapest(s.Schema()))
	}
	places := wanted.Places()
	out := *s
	out.Columns = plan.Keep(s.Columns, places)
	out.Metadata = plan.Keep(s.Metadata, places[len(s.Columns):])
	out.Origin = plan.Keep(s.Origin, places[len(places)-len(s.Origin):])
	if s.Keys != nil {
		out.Keys = places.All(s.Keys)
	}
	if out.RowKey = places.All(s.RowKey); s.RowKey == nil || slices.Contains(out.RowKey, -1) {
		out.RowKey = nil
	}
	if w := s.Watermark; w != nil {
		out.Watermark = pruneTime(w, places)
	}
	return &out, places
}

func pruneTime(w *plan.WatermarkSpec, places plan.Places) *plan.WatermarkSpec {
	out := *w
	if w.Computed == nil {
		if out.Column = places.Of(w.Column); out.Column < 0 {
			return nil
		}
		return &out
	}
	all := true
	plan.EachColumn(w.Computed, func(c *plan.Column) { all = all && places.Of(c.Index) >= 0 })
	if !all {
		return nil
	}
	out.Computed = places.Expr(w.Computed)
	return &out
}

// cheapest is the column that costs the format least.
func cheapest(s types.Schema) int {
	return max(0, slices.IndexFunc(s, func(c types.Column) bool { return c.Type.IsInteger() || c.Type.Kind == types.Boolean }))
}

func pruneProject(p *logical.Project, wanted plan.Columns) (logical.Node, plan.Places) {
	out := wanted.Places()
	exprs := plan.Keep(p.Exprs, out)
	reads := make(plan.Columns, len(p.Input.Schema()))
	for _, e := range exprs {
		reads.AddExpr(e)
	}
	in, places := prune(p.Input, reads)
	return &logical.Project{Input: in, Exprs: moved(exprs, places), Out: out.Schema(p.Out)}, out
}

func moved(exprs []plan.Expr, places plan.Places) []plan.Expr {
	out := make([]plan.Expr, len(exprs))
	for i, e := range exprs {
		out[i] = places.Expr(e)
	}
	return out
}

// pruneWindow: the bounds stay, wanted or not.
func pruneWindow(w *logical.Window, wanted plan.Columns) (logical.Node, plan.Places) {
	width := len(w.Input.Schema())
	reads := slices.Clone(wanted[:width])
	reads.Add(w.Window.Time)
	in, places := prune(w.Input, reads)
	out := &logical.Window{Input: in, Window: w.Window}
	out.Window.Time = places.Of(w.Window.Time)
	start := len(in.Schema())
	return out, append(slices.Clone(places), start, start+1)
}

// pruneSessions: the bounds stay, wanted or not.
func pruneSessions(s *logical.ConditionSession, wanted plan.Columns) (logical.Node, plan.Places) {
	reads := slices.Clone(wanted[:len(s.Input.Schema())])
	reads.Add(s.Sessions.Columns()...)
	logical.MapLate(s.Late, func(e plan.Expr) plan.Expr { reads.AddExpr(e); return e })
	in, places := prune(s.Input, reads)
	out := *s
	out.Input, out.Sessions, out.Late = in, s.Sessions.At(places), logical.MapLate(s.Late, places.Expr)
	start := len(in.Schema())
	return &out, append(slices.Clone(places), start, start+1, start+2)
}

// pruneExpand: the number of the set stays, wanted or not.
func pruneExpand(x *logical.Expand, wanted plan.Columns) (logical.Node, plan.Places) {
	in, places := prune(x.Input, wanted[:len(x.Input.Schema())])
	out := &logical.Expand{Input: in}
	for _, s := range x.Sets {
		nulls := slices.DeleteFunc(places.All(s.Nulls), func(c int) bool { return c < 0 })
		out.Sets = append(out.Sets, plan.GroupingSet{Nulls: nulls})
	}
	return out, append(slices.Clone(places), len(in.Schema()))
}

// pruneAggregate: its results stay, wanted or not, and what they are made of.
func pruneAggregate(a *logical.Aggregate) (logical.Node, plan.Places) {
	reads := make(plan.Columns, len(a.Input.Schema()))
	for _, k := range a.Keys {
		reads.AddExpr(k)
	}
	for _, x := range a.Aggs {
		x.Each(reads.AddExpr)
	}
	logical.MapLate(a.Late, func(e plan.Expr) plan.Expr { reads.AddExpr(e); return e })
	if a.Window != nil {
		reads.Add(a.Window.Time)
	}
	in, places := prune(a.Input, reads)
	return moveAggregate(a, in, places), plan.SamePlaces(len(a.Out))
}

// moveAggregate is the aggregate over an input whose columns have moved.
func moveAggregate(a *logical.Aggregate, in logical.Node, places plan.Places) logical.Node {
	out := *a
	out.Input, out.Keys, out.Aggs = in, moved(a.Keys, places), slices.Clone(a.Aggs)
	for i, x := range a.Aggs {
		out.Aggs[i] = x.Map(places.Expr)
	}
	out.Late = logical.MapLate(a.Late, places.Expr)
	if a.Window != nil {
		w := *a.Window
		w.Time = places.Of(w.Time)
		out.Window = &w
	}
	return &out
}

func pruneSort(s *logical.Sort, wanted plan.Columns) (logical.Node, plan.Places) {
	for _, k := range s.Keys {
		wanted.Add(k.Column)
	}
	in, places := prune(s.Input, wanted)
	out := *s
	out.Input, out.Keys = in, slices.Clone(s.Keys)
	for i := range out.Keys {
		out.Keys[i].Column = places.Of(out.Keys[i].Column)
	}
	return &out, places
}
