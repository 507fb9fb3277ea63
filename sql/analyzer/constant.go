package analyzer

import (
	"math"
	"math/bits"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Where a number must be known when a query is compiled, it may be computed of such numbers.

// constantOf computes a number of constants; what it cannot compute it does not change.
func constantOf(x plan.Expr) (*plan.Const, bool) {
	switch x := x.(type) {
	case *plan.Const:
		return x, true
	case *plan.Cast:
		c, ok := constantOf(x.Arg)
		if !ok || c.Null || !c.Typ.IsInteger() || !x.Typ.IsInteger() {
			return nil, false
		}
		return wholeOf(c.Int, x.Typ)
	case *plan.Call:
		return constantCall(x)
	}
	return nil, false
}

func constantCall(x *plan.Call) (*plan.Const, bool) {
	args := make([]int64, len(x.Args))
	for i, arg := range x.Args {
		c, ok := constantOf(arg)
		if !ok || c.Null || !c.Typ.IsInteger() || !x.Typ.IsInteger() {
			return nil, false
		}
		args[i] = c.Int
	}
	n, ok := int64(0), len(args) == 2
	switch {
	case x.Func == "negate" && len(args) == 1:
		n, ok = -args[0], args[0] != math.MinInt64
	case !ok:
	case x.Func == "+":
		n, ok = sumOf(args[0], args[1])
	case x.Func == "-" && args[1] != math.MinInt64:
		n, ok = sumOf(args[0], -args[1])
	case x.Func == "*":
		n, ok = productOf(args[0], args[1])
	default:
		ok = false
	}
	if !ok {
		return nil, false
	}
	return wholeOf(n, x.Typ)
}

// wholeOf is a whole number of a type, false if that does not hold it.
func wholeOf(n int64, t types.Type) (*plan.Const, bool) {
	least := int64(math.MinInt64)
	switch t.Kind {
	case types.TinyInt:
		least = math.MinInt8
	case types.SmallInt:
		least = math.MinInt16
	case types.Int:
		least = math.MinInt32
	}
	return &plan.Const{Typ: t, Int: n}, n >= least && n <= -(least+1)
}

func sumOf(a, b int64) (int64, bool) {
	n := a + b
	return n, (n > a) == (b > 0)
}

func productOf(a, b int64) (int64, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if high > 0 || low > math.MaxInt64 {
		return 0, false
	}
	return a * b, true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// intervalOf computes an interval of constants, in microseconds or in months.
func (a *analysis) intervalOf(e ast.Expr) (n int64, isMonths, ok bool) {
	switch e := e.(type) {
	case *ast.Literal:
		return literalInterval(e)
	case *ast.IntervalRange:
		l, ok := fixedLiteral(e)
		if !ok {
			return 0, false, false
		}
		return literalInterval(l)
	case *ast.Unary:
		n, isMonths, ok = a.intervalOf(e.X)
		return -n, isMonths, ok && e.Op == ast.Neg && n != math.MinInt64
	case *ast.Binary:
		return a.intervalBinary(e)
	}
	return 0, false, false
}

func literalInterval(e *ast.Literal) (n int64, isMonths, ok bool) {
	if e.Kind != ast.IntervalLiteral {
		return 0, false, false
	}
	n, isMonths, err := months(e)
	if err == nil && !isMonths {
		n, err = microsOf(e)
	}
	return n, isMonths, err == nil
}

func (a *analysis) intervalBinary(e *ast.Binary) (n int64, isMonths, ok bool) {
	l, months, isInterval := a.intervalOf(e.L)
	r, also, are := a.intervalOf(e.R)
	switch {
	case e.Op == ast.Mul && isInterval != are:
		by := e.R
		if are {
			l, months, by = r, also, e.L
		}
		x, err := a.expr(by, &scope{})
		if err != nil {
			return 0, false, false
		}
		c, ok := constantOf(x)
		if !ok || c.Null || !c.Typ.IsInteger() {
			return 0, false, false
		}
		n, ok = productOf(l, c.Int)
		return n, months, ok
	case !isInterval || !are || months != also:
		return 0, false, false
	case e.Op == ast.Add:
		n, ok = sumOf(l, r)
	case e.Op == ast.Sub && r != math.MinInt64:
		n, ok = sumOf(l, -r)
	}
	return n, months, ok
}
