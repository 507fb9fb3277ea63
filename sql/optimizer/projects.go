package optimizer

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// mergeProject makes one projection of two that follow one another, if nothing is computed
// twice by it.
func mergeProject(n logical.Node) logical.Node {
	upper, ok := n.(*logical.Project)
	if !ok {
		return n
	}
	lower, ok := upper.Input.(*logical.Project)
	if !ok || !onceEach(lower, upper) {
		return n
	}
	out := &logical.Project{Input: lower.Input, Exprs: make([]plan.Expr, len(upper.Exprs)), Out: upper.Out}
	for i, e := range upper.Exprs {
		out.Exprs[i] = plan.MapColumns(e, func(c *plan.Column) plan.Expr { return lower.Exprs[c.Index] })
	}
	return out
}

// onceEach tells that upper reads nothing twice that lower computes.
func onceEach(lower, upper *logical.Project) bool {
	read := make([]int, len(lower.Exprs))
	for _, e := range upper.Exprs {
		plan.EachColumn(e, func(c *plan.Column) { read[c.Index]++ })
	}
	for i, e := range lower.Exprs {
		if read[i] > 1 && !free(e) {
			return false
		}
	}
	return true
}

func free(e plan.Expr) bool {
	switch e.(type) {
	case *plan.Column, *plan.Const:
		return true
	}
	return false
}
