package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// joinConditions are the parts of ON that are looked at for each pair of rows; of an inner join
// those without subqueries.
func (a *analysis) joinConditions(ref *ast.Join, out *relation) (conds []plan.Expr, err error) {
	parts := []ast.Expr{ref.On}
	if isInner(ref) && hasSubquery(ref.On) {
		parts = slices.DeleteFunc(allOf(ref.On, false), hasSubquery)
	}
	for _, e := range parts {
		x, err := a.condition(e, out.scope())
		if err != nil {
			return nil, err
		}
		conds = append(conds, logical.Conjuncts(x)...)
	}
	return conds, nil
}

// joinTests keeps the pairs of an inner join for which the tests of subqueries in ON are true.
func (a *analysis) joinTests(ref *ast.Join, out *relation) error {
	if ref.On == nil || !isInner(ref) || !hasSubquery(ref.On) {
		return nil
	}
	for _, e := range allOf(ref.On, false) {
		if hasSubquery(e) {
			if err := a.filterTest(out, e, out.scope()); err != nil {
				return err
			}
		}
	}
	return nil
}
