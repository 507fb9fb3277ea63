package optimizer

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// intoUnion moves filters and projections on a union into its inputs, where they meet the
// filters and projections that are there.
func intoUnion(n logical.Node) logical.Node {
	switch n.(type) {
	case *logical.Filter, *logical.Project:
	default:
		return n
	}
	if f, ok := n.(*logical.Filter); ok && !logical.Volatile(f.Pred) {
		if out := belowSets(f); out != nil {
			return out
		}
	}
	u, ok := n.Inputs()[0].(*logical.SetOp)
	if !ok {
		return n
	}
	in := make([]logical.Node, len(u.In))
	for i, x := range u.In {
		in[i] = intoUnion(n.WithInputs([]logical.Node{x}))
	}
	return &logical.SetOp{In: in, Out: n.Schema()}
}

// belowSets moves a filter into both inputs of INTERSECT and EXCEPT, and below the DISTINCT of a UNION: rows that
// are equal pass it alike, so it leaves the same ones, and what does not pass is not kept. Nil of anything else.
func belowSets(f *logical.Filter) logical.Node {
	below := func(n logical.Node) logical.Node { return intoUnion(&logical.Filter{Input: n, Pred: f.Pred}) }
	switch n := f.Input.(type) {
	case *logical.CountedSetOp:
		return n.WithInputs([]logical.Node{below(n.Left), below(n.Right)})
	case *logical.Aggregate:
		if _, union := n.Input.(*logical.SetOp); union && isDistinct(n) && readsOnly(f.Pred, len(n.Keys)) {
			return n.WithInputs([]logical.Node{below(n.Input)})
		}
	}
	return nil
}

// isDistinct tells an aggregate whose keys are the columns of its input, as they are.
func isDistinct(n *logical.Aggregate) bool {
	for i, k := range n.Keys {
		if c, ok := k.(*plan.Column); !ok || c.Index != i {
			return false
		}
	}
	return n.Window == nil && n.TimeKey < 0 && len(n.Keys) == len(n.Input.Schema())
}

// readsOnly tells an expression of the first columns alone, and of one at least.
func readsOnly(e plan.Expr, width int) bool {
	some, all := false, true
	plan.EachColumn(e, func(c *plan.Column) { some, all = true, all && c.Index < width })
	return some && all
}
