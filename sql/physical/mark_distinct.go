package physical

import (
	"fmt"
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// marked is what aggregates over the same DISTINCT arguments have in common.
type marked struct{ args, filters []int }

// mark spreads rows by each of the arguments that are DISTINCT in turn, where the first row with a value is marked for
// each filter. Behind that DISTINCT is FILTER by the mark, and the results of tasks can be put together.
// Of a group in windows it is the first in each of them, which ends when event time has passed a column; -1: there are none.
func (b *builder) mark(r *rows, g *grouping, time int) {
	sets := markedBy(g.aggs)
	if len(sets) == 1 && !b.OnePhase && time < 0 {
		b.combine(r, g, &sets[0])
	}
	aggs := slices.Clone(g.aggs)
	for n, s := range sets {
		at := len(r.schema)
		op := &plan.MarkDistinct{Op: g.n.Identity.Within("marks", fmt.Sprintf("%s %d", g.n.ID(), n)), Keys: g.keys, Args: s.args, Filters: s.filters,
			Windows: time >= 0, Time: max(0, time), Final: r.traits.Bounded, Out: slices.Clone(r.schema)}
		for i := range s.filters {
			op.Out = append(op.Out, types.Column{Name: fmt.Sprintf("first%d", i), Type: types.Of(types.Boolean)})
		}
		b.byKey(r, "distinct values", slices.Concat(g.keys, s.args))
		b.add(r, op)
		for i, a := range g.aggs {
			if a.Distinct && slices.Equal(a.Args(), s.args) {
				aggs[i].Distinct, aggs[i].Filter = false, at+slices.Index(s.filters, a.Filter)
			}
		}
	}
	g.aggs = aggs
}

// markedBy lists what DISTINCT aggregates are over, and their filters, in the order in which they come.
func markedBy(aggs []plan.Agg) (out []marked) {
	for _, a := range aggs {
		if !a.Distinct {
			continue
		}
		i := slices.IndexFunc(out, func(s marked) bool { return slices.Equal(s.args, a.Args()) })
		if i < 0 {
			i = len(out)
			out = append(out, marked{args: a.Args()})
		}
		if !slices.Contains(out[i].filters, a.Filter) {
			out[i].filters = append(out[i].filters, a.Filter)
		}
	}
	return out
}

// marks tells aggregates whose results for some of the values, or of the rows, can be put together.
func marks(g *grouping) bool {
	kinds := []plan.AggKind{plan.Count, plan.Sum, plan.Min, plan.Max}
	return !slices.ContainsFunc(g.n.Aggs, func(a logical.Agg) bool { return !a.Merges && !(a.Distinct && slices.Contains(kinds, a.Kind)) })
}

// combine puts rows with equal values together in front of where these are found: so those of one value that is
// everywhere, such as NULL, are no work of one task alone.
func (b *builder) combine(r *rows, g *grouping, s *marked) {
	n := *g.n
	values := grouping{n: &n, keys: slices.Concat(g.keys, s.args)}
	filters := slices.DeleteFunc(slices.Clone(s.filters), func(f int) bool { return f < 0 })
	values.keys = append(values.keys, filters...)
	n.Out = slices.Clone(n.Out[:len(g.keys)])
	for _, c := range values.keys[len(g.keys):] {
		n.Out = append(n.Out, r.schema[c])
	}
	for _, a := range g.aggs {
		if !a.Distinct {
			values.aggs = append(values.aggs, a)
		}
	}
	if len(values.aggs) == 0 {
		values.aggs = []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}}
	}
	was, width := g.keys, len(g.keys)
	b.partial(r, &values, nil)
	place := func(c int) int { return slices.Index(filters, c) + width + len(s.args) }
	g.keys = numbers(len(was))
	args := numbers(width + len(s.args))[width:]
	for i, a := range g.aggs {
		if !a.Distinct {
			g.aggs[i], values.aggs = values.aggs[0], values.aggs[1:]
			continue
		}
		g.aggs[i].Arg, g.aggs[i].More = args[0], slices.Clone(args[1:])
		if len(args) == 1 {
			g.aggs[i].More = nil
		}
		if a.Filter >= 0 {
			g.aggs[i].Filter = place(a.Filter)
		}
	}
	s.args = args
	for i, f := range s.filters {
		if f >= 0 {
			s.filters[i] = place(f)
		}
	}
}
