package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// splits tells that the distinct values of a group can be found by many tasks: all its aggregates are over the
// distinct values of one column, which are never taken back, nor forgotten before their group.
func (b *builder) splits(r *rows, g *grouping) bool {
	if !b.SplitDistinct || r.traits.Updating() || b.StateTTL > 0 || len(g.aggs) == 0 {
		return false
	}
	lists := slices.ContainsFunc(g.n.Aggs, func(a logical.Agg) bool { return a.Values })
	return !lists && !slices.ContainsFunc(g.aggs, func(a plan.Agg) bool {
		return !a.Distinct || a.Filter >= 0 || len(a.More) > 0 || a.Arg != g.aggs[0].Arg
	})
}

// split leaves one row of each group and value, which are found by the tasks of the value: a group with many values
// is then no work of one task alone. NULL is one of the values, so that each group has a row.
func (b *builder) split(r *rows, g *grouping) {
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
