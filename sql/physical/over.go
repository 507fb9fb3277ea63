package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// rank brings the rows of a partition to one task.
func (b *builder) rank(n *logical.Rank, w wanted) *rows {
	r := b.node(n.Input, wanted{before: true})
	when := n.Order.When(r.traits, true)
	o := &plan.Rank{Op: n.Identity.ID("rank"), Kind: n.Kind, Order: ordered(r, n.Order), Offset: n.Offset, Limit: n.Limit, Number: n.Number != "", When: when,
		End: windowEnd(r), InputUpdates: r.traits.Updating(), EmitBefore: w.before && when == plan.WithChanges, TTL: b.StateTTL}
	if b.byKey(r, "rank", o.Order.Partition); n.Kind == plan.RowNumber && n.Limit-n.Offset == 1 {
		r.begin(o.Order.Partition) // one row per partition at each moment, whatever the order in which rows come
	}
	if o.Out = r.schema; o.Number {
		o.Out = slices.Concat(r.schema, types.Schema{{Name: n.Number, Type: types.Of(types.BigInt)}})
		r.places = append(slices.Clone(r.places), len(r.schema))
	}
	o.Late = r.takeLate()
	b.add(r, o)
	return r.derive(n)
}

// over does likewise.
func (b *builder) over(n *logical.Over, w wanted) *rows {
	r := b.node(n.Input, wanted{before: true})
	when := n.When(r.traits)
	o := &plan.Over{Op: n.Identity.ID("over"), Order: ordered(r, n.Order), When: when, End: windowEnd(r),
		InputUpdates: r.traits.Updating(), EmitBefore: w.before && when == plan.WithChanges, TTL: b.StateTTL}
	b.byKey(r, "over", o.Order.Partition)
	o.Out, r.places = slices.Clone(r.schema), slices.Clone(r.places)
	for i, c := range n.Calls {
		o.Calls = append(o.Calls, plan.OverCall{Func: c.Func, Agg: aggregateOf(r, c.Agg), N: c.N, Default: column(r, c.Default), Frame: c.Frame, IgnoreNulls: c.IgnoreNulls})
		r.places = append(r.places, len(o.Out))
		o.Out = append(o.Out, n.Schema()[len(n.Input.Schema())+i])
	}
	o.Late = r.takeLate()
	b.add(r, o)
	if when == plan.WithChanges && slices.ContainsFunc(n.Calls, func(c logical.Call) bool { return c.Func == "row_number" }) {
		r.ways = append(r.ways, r.identity())
	}
	return r.derive(n)
}

// identity is the fewest columns that tell rows apart, -1 if none do. Rows that are numbered anew are
// corrected one after the other: until all are, two have the same number, but each its own changes in order.
func (r *rows) identity() []int {
	if len(r.traits.Unique) == 0 {
		return []int{-1}
	}
	return r.places.All(slices.MinFunc(r.traits.Unique, func(a, b []int) int { return len(a) - len(b) }))
}

// ordered is an order over the columns of the rows.
func ordered(r *rows, o logical.Order) plan.Order {
	out := plan.Order{Partition: r.places.All(o.Partition), Latest: o.Latest}
	for _, k := range o.Keys {
		k.Column = r.places.Of(k.Column)
		out.Keys = append(out.Keys, k)
	}
	return out
}

// windowEnd is the column with the end of the window that rows belong to, -1 if there is none.
func windowEnd(r *rows) int {
	if r.traits.Window == nil {
		return -1
	}
	return r.places.Of(r.traits.Window.End)
}
