package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// arrayOrder reads the ORDER BY of an aggregate that makes an array.
func (a *analysis) arrayOrder(f *ast.FuncCall, s *scope, agg *logical.Agg) error {
	if f.Star {
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes one argument", f.Name)
	}
	return a.listOrder(f, s, agg)
}

// setOrder: different elements come in their own order, or in that of ORDER BY of the argument, as in
// PostgreSQL. Another one would be that of some row with the element.
func setOrder(f *ast.FuncCall, agg *logical.Agg) error {
	of := plan.Stored(agg.Arg)
	for i, o := range agg.Order {
		if plan.Stored(o.X) != of {
			return sqlerr.At(f.OrderBy[i].X.Position(), sqlerr.InvalidColumnRef, "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
		}
	}
	if len(agg.Order) == 0 {
		agg.Order = []logical.AggOrder{{X: agg.Arg}}
	}
	return nil
}
