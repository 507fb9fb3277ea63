package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// semiJoin brings the rows of both inputs that may be partners to one task. Of the right one
// only whether there are partners counts, so that nobody needs old versions as such.
func (b *builder) semiJoin(n *logical.SemiJoin, w wanted) *rows {
	l, r := b.node(n.Left, wanted{before: true}), b.node(n.Right, wanted{before: true})
	b.exactly(l, n.Left.Schema())
	b.exactly(r, n.Right.Schema())
	op := &plan.SemiJoin{Op: n.Identity.ID("semi"), Kind: n.Kind, On: n.On, Unknown: n.Unknown, EmitBefore: w.before,
		RightAppends: !r.traits.Updating(), Final: l.traits.Bounded && r.traits.Bounded, TTL: b.StateTTL, Right: n.Right.Schema(), Out: n.Schema()}
	for _, p := range n.Equal {
		op.LeftKeys, op.RightKeys = append(op.LeftKeys, p.Left), append(op.RightKeys, p.Right)
	}
	hashed := [2][]int{op.LeftKeys, op.RightKeys}
	if n.Unknown && n.On == nil { // a row of NULL concerns all others
		hashed = [2][]int{}
	}
	out := b.meet(op.Kind.String()+" join", [2]*rows{l, r}, hashed)
	b.add(out, op)
	out.places = plan.SamePlaces(len(op.Out))
	out.traits = n.Traits([]logical.Traits{l.traits, r.traits})
	return out
}

// meet begins a stage with two ports, to which rows of equal keys come in one task, one alone
// without keys.
func (b *builder) meet(name string, in [2]*rows, keys [2][]int) *rows {
	s := b.stage(name)
	by := plan.Hash
	if len(keys[0]) == 0 {
		by = plan.Single
	}
	for port, r := range in {
		for _, from := range r.stages {
			b.flow.Edges = append(b.flow.Edges, plan.Edge{From: from, To: s.ID, Port: port, By: by, Keys: keys[port]})
		}
	}
	out := &rows{stages: []int{s.ID}, hashed: append([]int{}, slices.Clone(keys[0])...)}
	for port, r := range in {
		for _, way := range append(slices.Clip(r.ways), keys[port]) {
			out.ways = append(out.ways, onLeft(way, port, keys))
		}
	}
	return out
}

// onLeft names the columns of a way of one side by those of the left one, -1 for one that has no
// equal there.
func onLeft(way []int, port int, keys [2][]int) []int {
	out := slices.Clone(way)
	for i, c := range out {
		if port == 0 {
			continue
		}
		out[i] = -1
		if at := slices.Index(keys[1], c); at >= 0 {
			out[i] = keys[0][at]
		}
	}
	return out
}

// singleJoin brings rows of equal keys to one task; of the right input the newest versions must
// go, so that one row is left.
func (b *builder) singleJoin(n *logical.SingleJoin, w wanted) *rows {
	l, r := b.node(n.Left, wanted{before: true}), b.node(n.Right, wanted{before: true})
	b.exactly(l, n.Left.Schema())
	b.exactly(r, n.Right.Schema())
	op := &plan.SingleJoin{Op: n.Identity.ID("single"), Unique: n.Unique(r.traits), RightAppends: !r.traits.Updating(), EmitBefore: w.before,
		Final: l.traits.Bounded && r.traits.Bounded, TTL: b.StateTTL, Width: len(n.Left.Schema()), Out: n.Schema()}
	for _, p := range n.Equal {
		op.LeftKeys, op.RightKeys = append(op.LeftKeys, p.Left), append(op.RightKeys, p.Right)
	}
	out := b.meet("single join", [2]*rows{l, r}, [2][]int{op.LeftKeys, op.RightKeys})
	b.add(out, op)
	out.places = plan.SamePlaces(len(op.Out))
	out.traits = n.Traits([]logical.Traits{l.traits, r.traits})
	return out
}
