package analyzer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/ast"
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
	if err := textBesideNumber(args, e.L, e.R); err != nil {
		return nil, err
	}
	return a.resolve(e.OpPos, binaryNames[e.Op], args, []ast.Expr{e.L, e.R})
}

// textBesideNumber reads a quoted text as a value of the type of the number that it is added to, as PostgreSQL does.
func textBesideNumber(args []plan.Expr, list ...ast.Expr) (err error) {
	for i, x := range list {
		l, ok := x.(*ast.Literal)
		other := args[1-i].Type()
		if !ok || l.Kind != ast.StringLiteral || !other.IsNumeric() {
			continue
		}
		if _, fraction := strconv.ParseUint(strings.Replace(l.Text, ".", "", 1), 10, 64); fraction == nil && other.Kind == types.Decimal {
			args[i], err = decimalLiteral(&ast.Literal{Pos: l.Pos, Kind: ast.DecimalLiteral, Text: l.Text}) // with its own digits
			return err
		}
		args[i], err = textAs(l.Pos, l.Text, other)
		return err
	}
	return nil
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
	k := t.Type().Kind
	plain := k == types.Date || k == types.Timestamp || k == types.Null || k == types.TimestampTZ && fixed
	if !plain || v.Months != 0 && (v.Days != 0 || v.Micros != 0) {
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
	out, err := a.ofValues(op, []plan.Expr{t, n})
	if err == nil && t.Type().Kind == types.Date && ofDays(by) {
		out = &plan.Cast{Arg: out, Typ: t.Type()}
	}
	return out, err
}

// ofDays tells a number of units that are whole days: INTERVAL n MONTH.
func ofDays(e ast.Expr) bool {
	if b, ok := e.(*ast.Binary); ok && b.Op == ast.Mul {
		e = b.R
	}
	l, ok := e.(*ast.Literal)
	return ok && l.Kind == ast.IntervalLiteral && slices.Contains([]string{"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}, l.Unit)
}

// extracted are the units that EXTRACT gives, by the function that does.
var extracted = map[string]string{"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "dayofmonth", "DOY": "dayofyear",
	"HOUR": "hour", "MINUTE": "minute", "SECOND": "second", "MICROSECOND": "microsecond"}

func (a *analysis) extract(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	unit := ""
	if l, ok := e.Args[0].(*ast.Literal); ok {
		unit = strings.ToUpper(l.Text)
	}
	x, err := a.expr(e.Args[1], s)
	if err != nil {
		return nil, err
	}
	k := x.Type().Kind
	_, ofClock := clockUnits[unit]
	if f, ok := extracted[unit]; ok && k != types.Interval && (k != types.Time || ofClock) {
		return a.resolve(e.Pos, f, []plan.Expr{x}, e.Args[1:])
	}
	f, ok := fieldFunctions[unit]
	if !ok {
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "EXTRACT(%s FROM …) is not supported", cmp.Or(unit, "…"))
	}
	if c, isConst := x.(*plan.Const); isConst && c.Typ.IsText() && !c.Null {
		if x, err = textAs(e.Args[1].Position(), c.Text, types.NewTimestamp(types.MaxTimestampPrecision)); err != nil {
			return nil, err
		}
	}
	return a.resolve(e.Pos, f, []plan.Expr{textConst(strings.ToLower(unit)), x}, e.Args)
}

// clockUnits are those that a TIME has.
var clockUnits = map[string]bool{"HOUR": true, "MINUTE": true, "SECOND": true, "MICROSECOND": true}

// fieldFunctions are the other units of EXTRACT, and those of an interval, by the function that gives them.
var fieldFunctions = map[string]string{
	"EPOCH": "extract_fraction", "MILLISECOND": "extract_fraction", "MILLISECONDS": "extract_fraction", "MICROSECOND": "extract_field",
	"MICROSECONDS": "extract_field", "SECOND": "extract_field", "MINUTE": "extract_field", "HOUR": "extract_field", "DAY": "extract_field",
	"DOW": "extract_field", "ISODOW": "extract_field", "WEEK": "extract_field", "MONTH": "extract_field", "QUARTER": "extract_field",
	"YEAR": "extract_field", "ISOYEAR": "extract_field", "DECADE": "extract_field", "CENTURY": "extract_field", "MILLENNIUM": "extract_field",
	"TIMEZONE": "extract_field", "TIMEZONE_HOUR": "extract_field", "TIMEZONE_MINUTE": "extract_field",
}
