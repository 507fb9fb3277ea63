package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// timeFunction is a function of times that other expressions say; ok is false where the call is an ordinary one.
func (a *analysis) timeFunction(e *ast.FuncCall, s *scope) (out plan.Expr, ok bool, err error) {
	switch n := len(e.Args); {
	case e.Name == "add_months" && n == 2:
		out, err = a.call(e.Pos, s, "months_later", e.Args...)
	case e.Name == "age" && n == 1:
		today := &ast.FuncCall{Pos: e.Pos, Name: "current_date"}
		out, err = a.call(e.Pos, s, "age", today, e.Args[0])
	case e.Name == "unix_timestamp" && n == 0:
		now := &ast.FuncCall{Pos: e.Pos, Name: "current_timestamp"}
		out, err = a.call(e.Pos, s, "unix_timestamp", now)
	case e.Name == "unix_timestamp" && n == 2:
		read := &ast.FuncCall{Pos: e.Pos, Name: "to_timestamp", Args: e.Args}
		out, err = a.call(e.Pos, s, "unix_timestamp", read)
	case e.Name == "from_unixtime" && n == 2:
		out, err = a.formattedEpoch(e, s)
	case e.Name == "timestampadd" && n == 3:
		out, err = a.addUnits(e, s)
	case e.Name == "addtime" && n == 2, e.Name == "subtime" && n == 2:
		out, err = a.addText(e, s)
	case n == 1 && constructed[e.Name].Kind != types.Null:
		t := ast.TypeName{Pos: e.Pos, Type: constructed[e.Name]}
		out, err = a.conversion(&ast.Cast{Pos: e.Pos, OpPos: e.Pos, X: e.Args[0], Type: t}, s)
	case e.Name == "timestamp" && n == 2:
		out, err = a.addText(e, s)
	case e.Name == "str_to_date" && n == 2:
		return a.strToDate(e, s)
	case e.Name == "trunc" && n == 2:
		return a.truncDate(e, s)
	default:
		return nil, false, nil
	}
	return out, true, err
}

// constructed are the types that a call of their name converts to.
var constructed = map[string]types.Type{"date": types.Of(types.Date), "time": types.NewTime(types.MaxTimestampPrecision), "timestamp": types.NewTimestamp(types.MaxTimestampPrecision)}

// formattedEpoch is FROM_UNIXTIME(n, pattern).
func (a *analysis) formattedEpoch(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	x, err := a.call(e.Pos, s, "to_timestamp", e.Args[0])
	if err != nil {
		return nil, err
	}
	pattern, err := a.expr(e.Args[1], s)
	if err != nil {
		return nil, err
	}
	return a.resolve(e.Pos, "date_format", []plan.Expr{x, pattern}, e.Args)
}

// addUnits is TIMESTAMPADD(unit, n, t).
func (a *analysis) addUnits(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	unit, ok := e.Args[0].(*ast.Literal)
	if !ok {
		return nil, sqlerr.At(e.Args[0].Position(), sqlerr.InvalidParameter, "TIMESTAMPADD takes a unit: TIMESTAMPADD(DAY, 1, t)")
	}
	one := &ast.Literal{Pos: unit.Pos, Kind: ast.IntervalLiteral, Text: "1", Unit: strings.ToUpper(unit.Text)}
	by := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Mul, L: e.Args[1], R: one}
	if n, ok := e.Args[1].(*ast.Literal); ok && n.Kind == ast.IntLiteral {
		one.Text = n.Text
		return a.dateAdd(&ast.FuncCall{Pos: e.Pos, Name: "date_add", Args: []ast.Expr{e.Args[2], one}}, s)
	}
	return a.dateAdd(&ast.FuncCall{Pos: e.Pos, Name: "date_add", Args: []ast.Expr{e.Args[2], by}}, s)
}

// addText is ADDTIME, SUBTIME and TIMESTAMP(t, time): a time, and one of a day, or an interval, as a text perhaps.
func (a *analysis) addText(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	x, err := a.expr(e.Args[0], s)
	if err != nil {
		return nil, err
	}
	if k := x.Type().Kind; x.Type().IsText() || k == types.Null || k == types.Date || k == types.Timestamp {
		if x, err = a.to(e.Args[0], x, types.NewTimestamp(types.MaxTimestampPrecision)); err != nil {
			return nil, err
		}
	}
	by, err := a.expr(e.Args[1], s)
	if err != nil {
		return nil, err
	}
	if k := by.Type().Kind; !by.Type().IsText() && k != types.Time && k != types.Interval && k != types.Null || !x.Type().IsMoment() {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s(%s, %s): it takes a TIMESTAMP, and a TIME, INTERVAL or text", e.Name, x.Type(), by.Type())
	}
	if by, err = a.to(e.Args[1], by, types.Of(types.Interval)); err != nil {
		return nil, err
	}
	name := "add_interval"
	if e.Name == "subtime" {
		name = "subtract_interval"
	}
	return a.resolve(e.Pos, name, []plan.Expr{x, by}, e.Args)
}

// strToDate: by a constant pattern without a time it is a DATE, by one without a date a TIME.
func (a *analysis) strToDate(e *ast.FuncCall, s *scope) (plan.Expr, bool, error) {
	l, ok := e.Args[1].(*ast.Literal)
	if !ok || l.Kind != ast.StringLiteral {
		return nil, false, nil
	}
	dated, timed := strings.ContainsAny(l.Text, "YymcMbdejWa"), false
	for i := 0; i+1 < len(l.Text); i++ {
		if l.Text[i] == '%' {
			i++
			timed = timed || strings.IndexByte("HkhIlisSfpTr", l.Text[i]) >= 0
		}
	}
	name := "str_to_date"
	if !dated {
		name = "str_to_time"
	}
	out, err := a.call(e.Pos, s, name, e.Args...)
	if err == nil && dated && !timed {
		out = &plan.Cast{Arg: out, Typ: types.Of(types.Date)}
	}
	return out, true, err
}

// truncDate is Hive's TRUNC of a date, by a unit; of a number it is another function.
func (a *analysis) truncDate(e *ast.FuncCall, s *scope) (plan.Expr, bool, error) {
	if l, ok := e.Args[1].(*ast.Literal); !ok || l.Kind != ast.StringLiteral {
		return nil, false, nil
	}
	out, err := a.call(e.Pos, s, "trunc_date", e.Args...)
	return out, true, err
}
