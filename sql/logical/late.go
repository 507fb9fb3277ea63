package logical

import "slipway/sql/plan"

// MapLate gives the columns of late rows with other expressions in place of their own.
func MapLate(list []plan.Expr, f func(plan.Expr) plan.Expr) []plan.Expr {
	if list == nil {
		return nil
	}
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		if e != nil {
			out[i] = f(e)
		}
	}
	return out
}
