package optimizer

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// filterDown moves a filter in front of a projection if it reads only columns that the
// projection passes on: what is computed is then computed for fewer rows.
func filterDown(n logical.Node) logical.Node {
	f, ok := n.(*logical.Filter)
	if !ok {
		return n
	}
	switch in := f.Input.(type) {
	case *logical.ConditionSession:
		return belowSessions(f, in)
	case *logical.SetOp, *logical.CountedSetOp, *logical.Aggregate: // that a rule before this one has found below a join
		return intoUnion(f)
	}
	p, ok := f.Input.(*logical.Project)
	if !ok || !passes(p, f.Pred) {
		return n
	}
	below := &logical.Filter{Input: p.Input, Pred: plan.MapColumns(f.Pred, func(c *plan.Column) plan.Expr { return p.Exprs[c.Index] })}
	return p.WithInputs([]logical.Node{filterDown(below)})
}

// passes tells that an expression reads at least one column, and only such as a
// projection passes on.
func passes(p *logical.Project, e plan.Expr) bool {
	some, all := false, true
	plan.EachColumn(e, func(c *plan.Column) {
		_, plain := p.Exprs[c.Index].(*plan.Column)
		some, all = true, all && plain
	})
	return some && all
}
