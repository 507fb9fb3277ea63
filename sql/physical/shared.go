package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// What is shared is built once; then its last stages are held: nothing is put behind their
// operators any more, and each reader begins with edges of its own from them.

// shared gives the rows of a relation that several nodes read, old versions among them.
func (b *builder) sharedRows(n *logical.Shared) *rows {
	r := b.shared[n]
	if r == nil {
		r = b.node(n.Input, wanted{before: true})
		b.exactly(r, n.Schema())
		for _, s := range r.stages {
			b.held[s] = true
		}
		b.shared[n] = r
	}
	out := *r
	out.stages, out.hashed, out.places = slices.Clone(r.stages), slices.Clone(r.hashed), slices.Clone(r.places)
	out.ways = nil
	for _, way := range r.ways {
		out.ways = append(out.ways, slices.Clone(way))
	}
	out.before = out.traits.Updating()
	return &out
}

// own gives a reader stages of its own where it stands on ones that are held.
func (b *builder) own(r *rows) {
	for i, from := range r.stages {
		if b.held[from] {
			s := b.stage("behind " + b.flow.Stages[from].Name)
			b.flow.Edges = append(b.flow.Edges, plan.Edge{From: from, To: s.ID, By: plan.Forward})
			r.stages[i] = s.ID
		}
	}
}
