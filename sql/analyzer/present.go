package analyzer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// noneNull tells that no column is NULL ever.
func noneNull(r *relation) bool {
	for i := range r.columns {
		if !presentColumn(r.node, i) {
			return false
		}
	}
	return true
}

// presentColumn tells that a column of a node is never NULL.
func presentColumn(n logical.Node, column int) bool {
	switch n := n.(type) {
	case *logical.Project:
		return presentExpr(n.Input, n.Exprs[column])
	case *logical.Filter:
		tested := slices.ContainsFunc(logical.Conjuncts(n.Pred), func(e plan.Expr) bool {
			not, ok := e.(*plan.Call)
			if !ok || not.Func != "not" {
				return false
			}
			null, ok := not.Args[0].(*plan.Call)
			if !ok || null.Func != "is_null" {
				return false
			}
			c, ok := null.Args[0].(*plan.Column)
			return ok && c.Index == column
		})
		return tested || presentColumn(n.Input, column)
	case *logical.Aggregate:
		return column < len(n.Keys) && presentExpr(n.Input, n.Keys[column])
	}
	return false
}

// presentExpr tells that an expression over a node is never NULL.
func presentExpr(n logical.Node, e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Column:
		return e.Index >= 0 && presentColumn(n, e.Index)
	case *plan.Const:
		return !e.Null
	case *plan.Cast:
		return !e.Try && presentExpr(n, e.Arg)
	}
	return false
}
