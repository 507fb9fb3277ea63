package optimizer

import "slipway/sql/logical"

// filterIntoJoin moves a filter on a join where it belongs: an equality of both sides makes rows meet,
// what is asked of one side is asked below the join, and a join whose NULL rows the filter throws
// away is no outer one.
func filterIntoJoin(n logical.Node) logical.Node {
	f, ok := n.(*logical.Filter)
	if !ok || !logical.AboveJoin(f.Input) {
		return n
	}
	return logical.Where(f.Input, logical.Conjuncts(f.Pred))
}
