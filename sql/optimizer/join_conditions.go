package optimizer

import "slipway/sql/logical"

// conditionsBelow asks of one side of a join, before it is kept, what its condition says of that side
// alone.
func conditionsBelow(n logical.Node) logical.Node {
	j, ok := n.(*logical.Join)
	if !ok || j.On == nil {
		return n
	}
	return j.ConditionsBelow()
}
