package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// union gives the ends of all inputs: what follows runs at each of them.
func (b *builder) union(n *logical.SetOp, w wanted) *rows {
	out := &rows{schema: n.Out, places: plan.SamePlaces(len(n.Out))}
	var traits []logical.Traits
	for _, x := range n.In {
		r := b.node(x, wanted{before: w.before})
		b.exactly(r, x.Schema())
		out.before = out.before || r.before
		out.stages, traits = append(out.stages, r.stages...), append(traits, r.traits)
	}
	out.traits = n.Traits(traits)
	return out
}

// countedSetOp brings equal rows of both inputs to one task. What is taken back of either must
// be whole, since it is counted.
func (b *builder) countedSetOp(n *logical.CountedSetOp) *rows {
	l, r := b.node(n.Left, wanted{before: true}), b.node(n.Right, wanted{before: true})
	b.exactly(l, n.Left.Schema())
	b.exactly(r, n.Right.Schema())
	traits := []logical.Traits{l.traits, r.traits}
	all := numbers(len(n.Out))
	out := &rows{schema: n.Out, places: plan.SamePlaces(len(n.Out)), hashed: numbers(len(n.Out)), traits: n.Traits(traits)}
	s := b.stage(n.Kind.String()).ID
	for port, in := range []*rows{l, r} {
		for _, from := range in.stages {
			b.flow.Edges = append(b.flow.Edges, plan.Edge{From: from, To: s, Port: port, By: plan.Hash, Keys: all})
		}
	}
	op := &plan.SetOp{Op: n.Identity.ID("setop"), Kind: n.Kind, Final: out.traits.Bounded, Time: -1, TTL: b.StateTTL, Out: n.Out}
	if !op.Final {
		op.Time = n.WindowEnd(traits)
	}
	op.LeftLate, op.RightLate = l.takeLate(), r.takeLate()
	out.stages, out.ways = []int{s}, [][]int{numbers(len(n.Out))}
	if n.Kind == plan.IntersectAll || n.Kind == plan.ExceptAll { // a row that comes before it goes is there twice
		out.ways = slices.Concat(out.ways, l.ways, r.ways)
	}
	b.add(out, op)
	return out
}
