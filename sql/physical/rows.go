package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// scan is a source. Where it is read as its newest row per key, these are kept behind it,
// unless the reader does just that itself.
func (b *builder) scan(n *logical.Scan, w wanted) *rows {
	src := &plan.Source{Op: n.Identity.ID("source"), Name: n.Name, Connector: n.Connector, Declared: n.Declared, Columns: n.Columns,
		Properties: n.Properties, Keys: n.Keys, Unique: n.Unique, Changes: n.Changes, Out: n.Schema(), Bounded: n.Bounded, Wait: n.Wait}
	src.Origin, src.Metadata, src.Defaults = n.Origin, n.Metadata, n.Defaults
	if n.Arrival {
		src.ArrivalColumn = logical.ArrivalColumn
	}
	s := b.stage("read " + n.Relation)
	s.Source = src
	if n.Watermark != nil && !n.Bounded {
		b.eventTimes[s.ID] = n.Watermark
	}
	r := &rows{stages: []int{s.ID}, schema: src.Out, places: plan.SamePlaces(len(src.Out)), traits: n.Traits(nil)}
	switch {
	case n.Versions:
	case n.Keys != nil:
		b.newest(r, n, w)
	case n.Changes && n.Bounded:
		all := make([]int, len(r.schema))
		for i := range all {
			all[i] = i
		}
		b.byKey(r, "rows of "+n.Name, all)
		b.add(r, &plan.FinalRows{Op: n.Identity.Within("final", n.Name), Out: r.schema})
	}
	return r
}

// newest brings the records of a key to one task and keeps the newest. Of a bounded stream
// only what is left at its end goes on.
func (b *builder) newest(r *rows, n *logical.Scan, w wanted) {
	b.exchange(r, "rows of "+n.Name, plan.Hash, n.Keys)
	if !n.Bounded && !w.before && w.upsert != nil && sameSet(w.upsert, n.Keys) {
		return
	}
	id := n.Identity.Within("newest", n.NewestMeaning())
	b.add(r, &plan.ChangelogNormalize{Op: id, Name: n.Name, Keys: n.Keys, EmitBefore: w.before || n.Bounded, Out: r.schema})
	if n.Bounded {
		b.add(r, &plan.FinalRows{Op: n.Identity.Within("final", n.Name), Out: r.schema})
	}
}

// filter: of a row that changes the old version says whether it must be deleted.
func (b *builder) filter(n *logical.Filter) *rows {
	if r := b.lookupWhere(n); r != nil {
		return r
	}
	r := b.node(n.Input, wanted{before: true})
	if s, ok := n.Input.(*logical.Scan); ok && s.Table {
		b.flow.Stages[r.stages[0]].Source.Reject = logical.AskedConditions(n.Pred, 0)
	}
	b.add(r, &plan.Filter{Pred: r.places.Expr(n.Pred), Changes: r.traits.Updating(), Out: r.schema})
	return r.derive(n)
}

func (b *builder) project(n *logical.Project, w wanted) *rows {
	w.upsert = readBy(n, w.upsert)
	r := b.node(n.Input, w)
	exprs := make([]plan.Expr, len(n.Exprs))
	for i, e := range n.Exprs {
		exprs[i] = r.places.Expr(e)
	}
	b.add(r, &plan.Project{Exprs: exprs, Out: n.Out})
	r.places = plan.SamePlaces(len(n.Out))
	return r.derive(n)
}

// readBy gives the columns of the input that some columns are, nil if one is computed.
func readBy(n *logical.Project, columns []int) (in []int) {
	for _, c := range columns {
		x, ok := n.Exprs[c].(*plan.Column)
		if !ok {
			return nil
		}
		in = append(in, x.Index)
	}
	return in
}

func (b *builder) window(n *logical.Window, w wanted) *rows {
	in := wanted{before: w.before}
	if n.Window.Kind != plan.Tumble { // other versions of a row may be in other windows
		in.before = true
	}
	r := b.node(n.Input, in)
	op := &plan.AssignWindow{Window: n.Window, Out: slices.Concat(r.schema, logical.Bounds())}
	op.Window.Time = r.places.Of(n.Window.Time)
	r.places = append(slices.Clone(r.places), len(r.schema), len(r.schema)+1)
	b.add(r, op)
	return r.derive(n)
}

func (b *builder) sort(n *logical.Sort, w wanted) *rows {
	r := b.node(n.Input, wanted{before: w.before})
	keys := slices.Clone(n.Keys)
	for i := range keys {
		keys[i].Column = r.places.Of(keys[i].Column)
	}
	b.single(r)
	b.add(r, &plan.Sort{Op: n.Identity.ID("sort"), Keys: keys, Top: n.Top, Out: r.schema})
	return r.derive(n)
}

func (b *builder) limit(n *logical.Limit, w wanted) *rows {
	r := b.node(n.Input, wanted{before: w.before})
	b.single(r)
	b.add(r, &plan.Limit{Count: n.Count, Offset: n.Offset, Out: r.schema})
	return r.derive(n)
}

// sameSet tells that two lists have the same columns.
func sameSet(a, b []int) bool { return subset(a, b) && subset(b, a) }

// subset tells that all of a is in b.
func subset(a, b []int) bool {
	return !slices.ContainsFunc(a, func(x int) bool { return !slices.Contains(b, x) })
}
