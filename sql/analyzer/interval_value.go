package analyzer

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// intervalValue gives a literal as a value.
func intervalValue(e ast.Expr) (v value.Interval, ok bool, err error) {
	f := value.OK
	switch e := e.(type) {
	case *ast.Literal:
		if e.Kind != ast.IntervalLiteral {
			return v, false, nil
		}
		v, f = value.ReadInterval([]byte(e.Text + " " + e.Unit))
	case *ast.IntervalRange:
		v, f = rangeValue(e)
	default:
		return v, false, nil
	}
	if f != value.OK {
		return v, true, placedAt(e.Position(), f.Error(types.Of(types.Interval), []byte(strings.ReplaceAll(strings.TrimPrefix(e.String(), "INTERVAL "), "'", ""))))
	}
	return v, true, nil
}

func intervalConst(e ast.Expr) (plan.Expr, error) {
	v, _, err := intervalValue(e)
	if err != nil {
		return nil, err
	}
	p, ok := v.Pack()
	if !ok {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "%s is out of range", e)
	}
	return &plan.Const{Typ: types.Of(types.Interval), WideHi: p.Hi, WideLo: p.Lo}, nil
}

// fields are the units of an interval that names two of them, from the greatest on.
var fields = []string{"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND"}

// rangeValue reads '1 02:03' DAY TO MINUTE and MySQL's '1 2' DAY_HOUR: whole numbers with anything between them. Where
// MySQL's have fewer than there are units the greatest are left out.
func rangeValue(e *ast.IntervalRange) (v value.Interval, f value.Fault) {
	first, last, standard := strings.Cut(e.Unit, " TO ")
	if e.Unit == "" {
		return value.ReadInterval([]byte(e.Text))
	}
	if !standard {
		first, last, _ = strings.Cut(e.Unit, "_")
	}
	units := unitsBetween(first, last)
	text, negative := strings.CutPrefix(strings.TrimSpace(e.Text), "-")
	numbers, fraction := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }), ""
	if whole, part, ok := strings.Cut(text, "."); ok && last == "SECOND" {
		numbers, fraction = strings.FieldsFunc(whole, func(r rune) bool { return r < '0' || r > '9' }), "."+part
	}
	if len(units) == 0 || len(numbers) == 0 || len(numbers) > len(units) || standard && len(numbers) != len(units) {
		return v, value.Malformed
	}
	units = units[len(units)-len(numbers):]
	var parts []string
	for i, n := range numbers {
		if units[i] == "MICROSECOND" && !standard { // digits behind the point of the seconds
			n = (n + "000000")[:max(6, len(n))]
		}
		if i == len(numbers)-1 {
			n += fraction
		}
		parts = append(parts, n+" "+units[i])
	}
	if v, f = value.ReadInterval([]byte(strings.Join(parts, " "))); negative {
		v = v.Neg()
	}
	return v, f
}

// unitsBetween lists the units from one to a smaller one; none where there are no such.
func unitsBetween(first, last string) (list []string) {
	for _, u := range fields {
		if u == first || len(list) > 0 {
			list = append(list, u)
		}
		if u == last {
			return list
		}
	}
	return nil
}

// fixedLiteral gives an interval without months as a literal of one unit, as windows and delays want it.
func fixedLiteral(e ast.Expr) (*ast.Literal, bool) {
	if l, ok := e.(*ast.Literal); ok {
		return l, l.Kind == ast.IntervalLiteral
	}
	v, ok, err := intervalValue(e)
	if !ok || err != nil || v.Months != 0 {
		return nil, false
	}
	p, _ := v.Pack()
	return &ast.Literal{Pos: e.Position(), Kind: ast.IntervalLiteral, Text: strconv.FormatInt(p.Hi, 10), Unit: "MICROSECOND"}, true
}

// timeOperator is an operator between times, intervals and numbers; ok is false where it is one of numbers. A
// constant text beside a time or an interval is read as what the operator wants there.
func (a *analysis) timeOperator(e *ast.Binary, args []plan.Expr) (out plan.Expr, ok bool, err error) {
	operator, places := binaryNames[e.Op], []ast.Expr{e.L, e.R}
	if err := a.textBesideTime(operator, args, places); err != nil {
		return nil, true, err
	}
	name, swap := function.TimeOperator(operator, args[0].Type(), args[1].Type())
	if name == "" {
		return nil, false, nil
	}
	if swap {
		args, places = []plan.Expr{args[1], args[0]}, []ast.Expr{e.R, e.L}
	}
	out, err = a.resolve(e.OpPos, name, args, places)
	return out, true, err
}

// textBesideTime: t - '2026-01-01' is between times, t + '1 day' adds an interval.
func (a *analysis) textBesideTime(operator string, args []plan.Expr, places []ast.Expr) (err error) {
	if operator != "+" && operator != "-" {
		return nil
	}
	for i, x := range args {
		c, ok := x.(*plan.Const)
		other := args[1-i].Type()
		if !ok || c.Null || !c.Typ.IsText() {
			continue
		}
		switch other.Kind {
		case types.Timestamp, types.TimestampTZ, types.Time, types.Date:
			if operator == "+" {
				other = types.Of(types.Interval)
			}
		case types.Interval:
			if operator == "-" && i == 0 {
				other = types.NewTimestamp(types.MaxTimestampPrecision)
			}
		default:
			continue
		}
		if args[i], err = textAs(places[i].Position(), c.Text, other); err != nil {
			return err
		}
	}
	return nil
}
