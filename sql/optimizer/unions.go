package optimizer

import "slipway/sql/logical"

// intoUnion moves filters and projections on a union into its inputs, where they meet the
// filters and projections that are there.
func intoUnion(n logical.Node) logical.Node {
	switch n.(type) {
	case *logical.Filter, *logical.Project:
	default:
		return n
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
