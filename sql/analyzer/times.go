package analyzer

import (
	"cmp"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// timeArithmetic is + - * and /, which stand between times and intervals too.
func (a *analysis) timeArithmetic(e *ast.Binary, s *scope) (plan.Expr, error) {
	x, y := e.L, e.R
	if isInterval(x) && e.Op == ast.Add {
		x, y = y, x
	}
	if e.Op != ast.Add && e.Op != ast.Sub || !isInterval(y) || isInterval(x) {
		args := make([]plan.Expr, 2)
		for i, x := range []ast.Expr{e.L, e.R} {
			var err error
			if args[i], err = a.expr(x, s); err != nil {
				return nil, err
			}
		}
		return a.ofValues(e, args)
	}
	t, err := a.expr(x, s)
	if err != nil {
		return nil, err
	}
	return a.addInterval(e.Pos, x, t, y, e.Op == ast.Sub)
}

// ofValues is an operator over values that are there.
func (a *analysis) ofValues(e *ast.Binary, args []plan.Expr) (plan.Expr, error) {
	if out, ok, err := a.timeOperator(e, args); ok || err != nil {
		return out, err
	}
	return a.resolve(e.OpPos, binaryNames[e.Op], args, []ast.Expr{e.L, e.R})
}

func isInterval(e ast.Expr) bool {
	_, ok, err := intervalValue(e)
	return ok && err == nil
}

// addInterval adds a literal to a time. One of a fixed length, or of months alone, is added to a DATE or TIMESTAMP by
// functions of their own, which are older than values of the type.
func (a *analysis) addInterval(pos int, x ast.Expr, t plan.Expr, y ast.Expr, minus bool) (plan.Expr, error) {
	t, err := a.textAsTime(x, t)
	if err != nil {
		return nil, err
	}
	v, _, err := intervalValue(y)
	if err != nil {
		return nil, err
	}
	fixed := v.Months == 0 && v.Days == 0
	if k := t.Type().Kind; k != types.Date && k != types.Timestamp && k != types.Null && (k != types.TimestampTZ || !fixed) || v.Months != 0 && (v.Days != 0 || v.Micros != 0) {
		by, err := intervalConst(y)
		if err != nil {
			return nil, err
		}
		op := &ast.Binary{Pos: pos, OpPos: pos, Op: ast.Add, L: x, R: y}
		if minus {
			op.Op = ast.Sub
		}
		return a.ofValues(op, []plan.Expr{t, by})
	}
	p, _ := v.Pack()
	name, c := "add_time", &plan.Const{Typ: types.Of(types.Duration), Int: p.Hi}
	if v.Months != 0 {
		name, c = "add_months", &plan.Const{Typ: types.Of(types.BigInt), Int: v.Months}
	}
	if minus {
		c.Int = -c.Int
	}
	days := c.Int%(24*3600*1e6) == 0
	out, err := a.resolve(pos, name, []plan.Expr{t, c}, []ast.Expr{x, y})
	if err == nil && name == "add_time" && t.Type().Kind == types.Date && days {
		out = &plan.Cast{Arg: out, Typ: t.Type()} // whole days keep a DATE
	}
	return out, err
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
	t, err := a.expr(e.Args[0], s)
	if err != nil {
		return nil, err
	}
	by := e.Args[1]
	if l, ok := by.(*ast.Literal); ok && l.Kind == ast.IntLiteral {
		by = &ast.Literal{Pos: l.Pos, Kind: ast.IntervalLiteral, Text: l.Text, Unit: "DAY"}
	}
	if isInterval(by) {
		return a.addInterval(e.Pos, e.Args[0], t, by, minus)
	}
	if t, err = a.textAsTime(e.Args[0], t); err != nil {
		return nil, err
	}
	n, err := a.expr(by, s)
	if err != nil {
		return nil, err
	}
	op := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Add, L: e.Args[0], R: by}
	if minus {
		op.Op = ast.Sub
	}
	if n.Type().IsInteger() && t.Type().Kind != types.Date { // days
		one := &plan.Const{Typ: types.Of(types.Interval)}
		p, _ := value.Interval{Days: 1}.Pack()
		one.WideHi, one.WideLo = p.Hi, p.Lo
		if n, err = a.resolve(e.Pos, "multiply_interval", []plan.Expr{one, n}, []ast.Expr{by, by}); err != nil {
			return nil, err
		}
	}
	return a.ofValues(op, []plan.Expr{t, n})
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
