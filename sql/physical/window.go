package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// sessionWindow keeps rows by key: until their sessions have ended, or are not corrected any more, or as long as they are there.
func (b *builder) sessionWindow(n *logical.SessionWindow) *rows {
	r := b.node(n.Input, wanted{before: true})
	keys, given, changing := r.places.All(n.Keys), r.schema, n.Changing(r.traits)
	var late []int
	if late = r.takeLate(); late == nil && !changing {
		late = b.computeLate(r, n.Late)
	}
	b.byKey(r, "sessions", keys)
	w := n.Window
	w.Time = r.places.Of(w.Time)
	bounds := n.Schema()[len(n.Input.Schema()):]
	r.places = append(slices.Clone(r.places), len(given), len(given)+1)
	out := slices.Concat(given, bounds)
	switch u := n.Updates; {
	case changing:
		b.add(r, &plan.SessionChanges{Op: n.ID(), Keys: keys, Window: w, TTL: b.StateTTL, Updates: r.traits.Updating(), Out: out})
	case u != nil && !r.traits.Bounded:
		b.add(r, &plan.SessionRowUpdates{Op: n.ID(), Keys: keys, Window: w, Lateness: u.Lateness, Every: u.Every, Out: out, Late: late})
	default:
		b.add(r, &plan.SessionWindow{Op: n.ID(), Keys: keys, Window: w, Out: out, Late: late})
	}
	return r.derive(n)
}

// eachSession keeps the rows of sessions, for aggregates whose values cannot be made one, and
// groups those of one that has ended.
func (b *builder) eachSession(r *rows, g grouping, w plan.Window) {
	width, bounds := len(r.schema), logical.BoundsOf(&w, r.schema)
	b.byKey(r, "sessions", g.keys)
	id := g.n.Identity.Within("session", "rows of "+string(g.n.ID()))
	b.add(r, &plan.SessionWindow{Op: id, Keys: g.keys, Window: w, Out: slices.Concat(r.schema, bounds), Late: g.late})
	g.late = nil
	g.keys = append(slices.Clone(g.keys), width, width+1)
	b.windowsOf(r, g, width+1)
}

// windowUpdates gives windows before they have ended, and corrects them afterwards.
func (b *builder) windowUpdates(r *rows, g grouping, want wanted) {
	w, u := *g.n.Window, g.n.Updates
	w.Time = r.places.Of(w.Time)
	b.byKey(r, "aggregate", g.keys)
	if r.places = plan.SamePlaces(len(g.n.Out)); w.Kind == plan.Session {
		b.add(r, &plan.SessionUpdates{Op: g.n.ID(), Keys: g.keys, Window: w, Lateness: u.Lateness, Every: u.Every, EmitBefore: want.before, Rows: g.values,
			Aggs: g.aggs, Out: g.n.Out, Late: g.late})
		return
	}
	b.add(r, &plan.WindowUpdates{Op: g.n.ID(), Keys: g.keys, Window: w, Lateness: u.Lateness, Every: u.Every, EmitBefore: want.before, Aggs: g.aggs, Out: g.n.Out, Late: g.late})
}

// conditionSession keeps rows by key until their sessions have ended.
func (b *builder) conditionSession(n *logical.ConditionSession) *rows {
	r := b.node(n.Input, wanted{before: true})
	given, o := r.schema, &plan.ConditionSession{Op: n.Identity.ID("session"), Sessions: n.Sessions.At(r.places)}
	if o.Late = r.takeLate(); o.Late == nil && !r.traits.Bounded {
		o.Late = b.computeLate(r, n.Late)
	}
	b.byKey(r, "sessions", o.Sessions.Keys)
	bounds := n.Schema()[len(n.Input.Schema()):]
	r.places = append(slices.Clone(r.places), len(given), len(given)+1, len(given)+2)
	o.Out, o.Final = slices.Concat(given, bounds), r.traits.Bounded
	b.add(r, o)
	return r.derive(n)
}
