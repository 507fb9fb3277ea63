package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// joinConditions are the parts of ON that are looked at for each pair of rows; of an inner join
// those without subqueries.
func (a *analysis) joinConditions(ref *ast.Join, out *relation) (conds []plan.Expr, err error) {
	if ref.On == nil {
		return nil, nil
	}
	if f := findAggregate(ref.On); f != nil {
		return nil, sqlerr.At(f.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in JOIN conditions")
	}
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
