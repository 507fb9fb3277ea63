package logical

import (
	"slices"

	"slipway/sql/function"
	"slipway/sql/plan"
)

// volatile tells that an expression may give another value for the same columns.
func volatile(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call:
		return function.VolatilityOf(e.Func) != function.Immutable || slices.ContainsFunc(e.Args, volatile)
	case *plan.Case:
		return e.Else != nil && volatile(e.Else) || slices.ContainsFunc(e.Whens, func(w plan.When) bool { return volatile(w.Cond) || volatile(w.Then) })
	case *plan.Cast:
		return volatile(e.Arg)
	}
	return false
}

// Volatile tells that an expression may give another value for the same columns.
func Volatile(e plan.Expr) bool { return volatile(e) }
