package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Split says of which aggregates the DISTINCT values are found by the tasks of the values, where they can be. What it
// says of one is never changed: its operators are in checkpoints.
type Split uint8

const (
	// SplitNone: of none.
	SplitNone Split = iota
	// SplitKeyless: of those without keys, whose only group one task would have.
	SplitKeyless
	// SplitAlone: of those that are all over the values of one column, without FILTER.
	SplitAlone
	// SplitAll: of all.
	SplitAll
	// SplitOneTask: of none, since the job has one task.
	SplitOneTask
)

// splits tells that the distinct values of a group are found by many tasks. EXPLAIN says why, or why not.
func (b *builder) splits(r *rows, g *grouping) bool {
	if b.SplitDistinct == SplitNone || !slices.ContainsFunc(g.aggs, isDistinct) {
		return false
	}
	keyless := !slices.ContainsFunc(g.n.Keys, func(k plan.Expr) bool { return !constant(g.n.Input, k) })
	if (b.SplitDistinct == SplitKeyless || b.SplitDistinct == SplitOneTask) && !keyless {
		return false
	}
	if why := b.inOneTask(r, g); why != "" {
		b.remark(g.n, "DISTINCT values of a group found by one task, as "+why)
		return false
	}
	why := "as the job asks for"
	if keyless {
		why = "as one task would have the only group"
	}
	if g.n.Window != nil {
		b.flow.SplitWindows = true
	}
	b.remark(g.n, "DISTINCT values found by many tasks, "+why)
	b.flow.SplitDistinct = true
	return true
}

func isDistinct(a plan.Agg) bool { return a.Distinct }

// remark is a line about a node for EXPLAIN.
func (b *builder) remark(n logical.Node, text string) {
	b.flow.Logical = append(b.flow.Logical, text+": "+logical.Print(n)[0])
}

// constant tells a key that is written as one value. A rule of the optimizer that finds more of them must not make
// them so here: jobs that are there would have another plan.
func constant(in logical.Node, key plan.Expr) bool {
	p, ok := in.(*logical.Project)
	c, column := key.(*plan.Column)
	if !ok || !column {
		return false
	}
	_, is := p.Exprs[c.Index].(*plan.Const)
	return is
}

// inOneTask says why the values of a group are found by one task, empty if they need not be: they are never taken back,
// nor forgotten before their group, and what else is computed can be put together.
func (b *builder) inOneTask(r *rows, g *grouping) string {
	switch {
	case b.SplitDistinct == SplitOneTask:
		return "the job has one"
	case r.traits.Updating():
		return "rows are taken back"
	case g.n.Window != nil && g.n.Window.Kind == plan.Session:
		return "a session is made of all of its rows"
	case g.late != nil:
		return "rows that come late are written elsewhere"
	case b.StateTTL > 0 && g.n.Window == nil:
		return "a group that is idle is forgotten with them"
	case slices.ContainsFunc(g.n.Aggs, func(a logical.Agg) bool { return a.Values }):
		return "other values are kept beside them"
	case ofOneColumn(g.aggs) && g.n.Window == nil:
		return ""
	case b.SplitDistinct == SplitAlone && !ofOneColumn(g.aggs):
		return "not all aggregates are over those of one column, without FILTER"
	case !marks(g):
		return "not all results for some of the rows can be put together"
	}
	return ""
}

// ofOneColumn tells aggregates that are all over the distinct values of one column.
func ofOneColumn(aggs []plan.Agg) bool {
	return !slices.ContainsFunc(aggs, func(a plan.Agg) bool {
		return !a.Distinct || a.Filter >= 0 || len(a.More) > 0 || a.Arg != aggs[0].Arg
	})
}

// split has the values found by the tasks that they are spread over, in front of the task of their group.
func (b *builder) split(r *rows, g *grouping) {
	if ofOneColumn(g.aggs) {
		b.splitAlone(r, g)
	} else {
		b.mark(r, g, -1)
	}
}

// splitAlone leaves one row of each group and value, which are found by the tasks of the value: a group with many values
// is then no work of one task alone. NULL is one of the values, so that each group has a row.
func (b *builder) splitAlone(r *rows, g *grouping) {
	width, arg := len(g.keys), g.aggs[0].Arg
	n := *g.n
	n.Out = append(slices.Clone(n.Out[:width]), r.schema[arg], types.Column{Name: "rows", Type: types.Of(types.BigInt)})
	count := plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}
	values := grouping{n: &n, keys: append(slices.Clone(g.keys), arg), aggs: []plan.Agg{count}}
	if !b.OnePhase {
		b.partial(r, &values, nil)
	}
	b.byKey(r, "distinct values", values.keys)
	b.add(r, &plan.GroupAggregate{Op: n.Identity.Within("values", string(n.ID())), Keys: values.keys, Aggs: values.aggs, Final: r.traits.Bounded,
		Presence: true, Out: n.Out})
	g.keys = numbers(width)
	for i := range g.aggs {
		g.aggs[i].Distinct, g.aggs[i].Arg = false, width
	}
}
