package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// sessionWindow keeps rows by key until their sessions have ended.
func (b *builder) sessionWindow(n *logical.SessionWindow) *rows {
	r := b.node(n.Input, wanted{before: true})
	keys := r.places.All(n.Keys)
	b.byKey(r, "sessions", keys)
	w := n.Window
	w.Time = r.places.Of(w.Time)
	bounds := n.Schema()[len(n.Input.Schema()):]
	r.places = append(slices.Clone(r.places), len(r.schema), len(r.schema)+1)
	b.add(r, &plan.SessionWindow{Op: n.Identity.ID("session"), Keys: keys, Window: w, Out: slices.Concat(r.schema, bounds)})
	return r.derive(n)
}

// eachSession keeps the rows of sessions, for aggregates whose values cannot be made one, and
// groups those of one that has ended.
func (b *builder) eachSession(r *rows, g grouping, w plan.Window) {
	width, bounds := len(r.schema), logical.BoundsOf(&w, r.schema)
	b.byKey(r, "sessions", g.keys)
	id := g.n.Identity.Within("session", "rows of "+string(g.n.ID()))
	b.add(r, &plan.SessionWindow{Op: id, Keys: g.keys, Window: w, Out: slices.Concat(r.schema, bounds)})
	g.keys = append(slices.Clone(g.keys), width, width+1)
	b.windowsOf(r, g, width+1)
}
