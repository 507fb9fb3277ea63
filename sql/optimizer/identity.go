package optimizer

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// dropIdentity removes a projection that gives its input as it is.
func dropIdentity(n logical.Node) logical.Node {
	p, ok := n.(*logical.Project)
	if !ok || len(p.Exprs) != len(p.Input.Schema()) {
		return n
	}
	for i, e := range p.Exprs {
		if c, ok := e.(*plan.Column); !ok || c.Index != i {
			return n
		}
	}
	return p.Input
}
