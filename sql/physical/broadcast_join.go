package physical

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// broadcastJoin gives each task all rows of the side that ends, which is at a port. The rows of the
// other side stay where they are.
func (b *builder) broadcastJoin(n *logical.Join, port int) *rows {
	op := &plan.BroadcastJoin{Op: n.Identity.ID("join"), Table: port, LeftKeys: n.Keys(0), RightKeys: n.Keys(1), Keep: n.Kind != logical.Inner, On: n.On,
		Width: len(n.Left.Schema()), Out: n.Schema()}
	sides := make([]*rows, 2)
	for p, in := range n.Inputs() {
		first := len(b.flow.Stages)
		sides[p] = b.node(in, wanted{})
		b.exactly(sides[p], in.Schema())
		for i := first; p == port && i < len(b.flow.Stages); i++ {
			b.flow.Stages[i].Anew = true
		}
	}
	stream := sides[1-port]
	out := &rows{schema: op.Out, places: plan.SamePlaces(len(op.Out)), traits: n.Traits([]logical.Traits{sides[0].traits, sides[1].traits})}
	for _, way := range stream.ways {
		out.ways = append(out.ways, shiftedColumns(way, (1-port)*op.Width))
	}
	if len(stream.stages) > 1 {
		out.ways = append(out.ways, []int{-1})
	} else if stream.hashed != nil {
		out.hashed = shiftedColumns(stream.hashed, (1-port)*op.Width)
	}
	s := b.stage("join")
	s.Ops, out.stages = []plan.Op{op}, []int{s.ID}
	for p, r := range sides {
		for _, from := range r.stages {
			e := plan.Edge{From: from, To: s.ID, Port: p, By: plan.Broadcast}
			switch {
			case p != port && len(stream.stages) == 1:
				e.By = plan.Forward
			case p != port:
				e.By = plan.Rebalance
			}
			b.flow.Edges = append(b.flow.Edges, e)
		}
	}
	return out
}
