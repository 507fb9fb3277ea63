package logical

import (
	"math"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Places are the numbers of a column of whole numbers from 1 that a condition lets pass: those
// above Offset up to Limit.
type Places struct{ Offset, Limit int64 }

// PlacesOf gives what a condition says of a column that numbers rows.
func PlacesOf(pred plan.Expr, column int) Places {
	p := Places{Limit: math.MaxInt64}
	for _, x := range Conjuncts(pred) {
		p.narrow(x, column)
	}
	return p
}

// mirrored are comparisons with their sides exchanged.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}

// OfPlaces tells a condition that compares the column with a constant whole number and nothing else.
func OfPlaces(x plan.Expr, column int) bool { return (&Places{Limit: math.MaxInt64}).narrow(x, column) }

// narrow takes a condition in; it is false for one that is not a comparison with a constant.
func (p *Places) narrow(x plan.Expr, column int) bool {
	call, ok := x.(*plan.Call)
	if !ok || len(call.Args) != 2 || mirrored[call.Func] == "" {
		return false
	}
	op, l, r := call.Func, call.Args[0], call.Args[1]
	if _, constant := wholeNumber(l); constant {
		op, l, r = mirrored[op], r, l
	}
	n, constant := wholeNumber(r)
	if c, is := bare(l).(*plan.Column); !is || c.Index != column || !constant {
		return false
	}
	switch op {
	case "=":
		p.Offset, p.Limit = max(p.Offset, n-1), min(p.Limit, n)
	case "<":
		p.Limit = min(p.Limit, n-1)
	case "<=":
		p.Limit = min(p.Limit, n)
	case ">":
		p.Offset = max(p.Offset, n)
	case ">=":
		p.Offset = max(p.Offset, n-1)
	}
	return true
}

// bare is what a cast between whole numbers is of: none of them loses a place.
func bare(x plan.Expr) plan.Expr {
	if c, ok := x.(*plan.Cast); ok && wide(c.Typ) && c.Arg.Type().IsInteger() {
		return c.Arg
	}
	return x
}

// wide tells a type that holds every BIGINT.
func wide(t types.Type) bool {
	return t.Kind == types.BigInt || t.Kind == types.Decimal && t.Scale == 0 && t.Precision >= 19
}

// wholeNumber reads a constant that is one, and in the range of BIGINT with some room.
func wholeNumber(x plan.Expr) (int64, bool) {
	if c, ok := x.(*plan.Cast); ok && c.Typ.IsNumeric() {
		x = c.Arg
	}
	c, ok := x.(*plan.Const)
	if !ok || c.Null || !c.Typ.IsInteger() || c.Int == math.MaxInt64 || c.Int == math.MinInt64 {
		return 0, false
	}
	return c.Int, true
}
