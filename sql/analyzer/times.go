package analyzer

import (
	"cmp"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// timeArithmetic is a time plus or minus an interval.
func (a *analysis) timeArithmetic(e *ast.Binary, s *scope) (plan.Expr, bool, error) {
	x, y := e.L, e.R
	if isInterval(x) && e.Op == ast.Add {
		x, y = y, x
	}
	if !isInterval(y) {
		return nil, false, nil
	}
	return a.addInterval(e.Pos, s, x, y, e.Op == ast.Sub)
}

func isInterval(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.IntervalLiteral
}

func (a *analysis) addInterval(pos int, s *scope, x, y ast.Expr, minus bool) (plan.Expr, bool, error) {
	t, err := a.expr(x, s)
	if err != nil {
		return nil, true, err
	}
	if t, err = a.textAsTime(x, t); err != nil {
		return nil, true, err
	}
	n, isMonths, err := months(y)
	if err != nil {
		return nil, true, err
	}
	by, name := bigConst(n), "add_months"
	if !isMonths {
		if by, err = literal(y.(*ast.Literal)); err != nil {
			return nil, true, err
		}
		name = "add_time"
	}
	c := by.(*plan.Const)
	if minus {
		c.Int = -c.Int
	}
	days := c.Int%(24*3600*1e6) == 0
	out, err := a.resolve(pos, name, []plan.Expr{t, c}, []ast.Expr{x, y})
	if err == nil && name == "add_time" && t.Type().Kind == types.Date && days {
		out = &plan.Cast{Arg: out, Typ: t.Type()} // whole days keep a DATE
	}
	return out, true, err
}

func (a *analysis) textAsTime(x ast.Expr, t plan.Expr) (plan.Expr, error) {
	if c, ok := t.(*plan.Const); ok && c.Typ.IsText() {
		return textAs(x.Position(), c.Text, types.NewTimestamp(types.DefaultTimestamp))
	}
	return t, nil
}

// dateAdd takes an interval, or days (Hive).
func (a *analysis) dateAdd(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	minus := strings.Contains(e.Name, "sub")
	by := e.Args[1]
	if !isInterval(by) {
		l, ok := by.(*ast.Literal)
		if !ok || l.Kind != ast.IntLiteral {
			return nil, sqlerr.At(by.Position(), sqlerr.FeatureNotSupported, "%s takes a constant interval or number of days", e.Name)
		}
		by = &ast.Literal{Pos: l.Pos, Kind: ast.IntervalLiteral, Text: l.Text, Unit: "DAY"}
	}
	out, _, err := a.addInterval(e.Pos, s, e.Args[0], by, minus)
	return out, err
}

// extracted are the units that EXTRACT gives, by the function that does.
var extracted = map[string]string{"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "dayofmonth", "DOY": "dayofyear",
	"HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
	"WEEK": "week", "DOW": "dow", "ISODOW": "isodow", "EPOCH": "epoch", "MILLISECOND": "millisecond", "MICROSECOND": "microsecond"}

func (a *analysis) extract(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	unit := ""
	if l, ok := e.Args[0].(*ast.Literal); ok {
		unit = strings.ToUpper(l.Text)
	}
	f, ok := extracted[unit]
	if !ok || function.KindOf(f) != function.Scalar {
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "EXTRACT(%s FROM …) is not supported", cmp.Or(unit, "…")).
			WithHint("EXTRACT gives YEAR, QUARTER, MONTH, DAY, DOY, HOUR, MINUTE and SECOND; DAYOFWEEK(x) counts from Sunday = 1.")
	}
	return a.call(e.Pos, s, f, e.Args[1])
}
