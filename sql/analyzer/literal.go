package analyzer

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

func boolConst(b bool) plan.Expr { return &plan.Const{Typ: types.Of(types.Boolean), Bool: b} }

func textConst(s string) *plan.Const { return &plan.Const{Typ: types.Of(types.String), Text: s} }

func bigConst(n int64) plan.Expr { return &plan.Const{Typ: types.Of(types.BigInt), Int: n} }

func literal(e *ast.Literal) (plan.Expr, error) {
	switch e.Kind {
	case ast.NullLiteral:
		return &plan.Const{Null: true}, nil
	case ast.BoolLiteral:
		return boolConst(e.Text == "TRUE"), nil
	case ast.IntLiteral:
		n, err := strconv.ParseInt(e.Text, 10, 64)
		if err != nil {
			return decimalLiteral(e)
		}
		t := types.BigInt
		if n <= math.MaxInt32 {
			t = types.Int
		}
		return &plan.Const{Typ: types.Of(t), Int: n}, nil
	case ast.DecimalLiteral:
		return decimalLiteral(e)
	case ast.FloatLiteral:
		f, err := strconv.ParseFloat(e.Text, 64)
		if err != nil {
			return nil, sqlerr.At(e.Pos, sqlerr.OutOfRange, "%s is out of range for DOUBLE", e.Text)
		}
		return &plan.Const{Typ: types.Of(types.Double), Float: f}, nil
	case ast.StringLiteral:
		return textConst(e.Text), nil
	case ast.HexLiteral:
		return &plan.Const{Typ: types.Of(types.Binary), Text: e.Text}, nil
	case ast.DateLiteral:
		return textAs(e.Pos, e.Text, types.Of(types.Date))
	case ast.TimestampLiteral:
		return textAs(e.Pos, e.Text, types.NewTimestamp(types.DefaultTimestamp))
	case ast.TimeLiteral:
		return textAs(e.Pos, e.Text, types.NewTime(types.MaxTimestampPrecision))
	case ast.IntervalLiteral:
		return intervalConst(e)
	}
	return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "this literal is not supported: %s", e)
}

func decimalLiteral(e *ast.Literal) (plan.Expr, error) {
	whole, fraction, _ := strings.Cut(e.Text, ".")
	whole = strings.TrimLeft(whole, "0")
	precision, scale := max(1, len(whole)+len(fraction)), len(fraction)
	if precision > types.MaxDecimalPrecision {
		return nil, sqlerr.At(e.Pos, sqlerr.OutOfRange, "%s has more than %d digits", value.Shorten(e.Text), types.MaxDecimalPrecision)
	}
	n, ok := new(big.Int).SetString("0"+whole+fraction, 10)
	if !ok {
		return nil, sqlerr.At(e.Pos, sqlerr.OutOfRange, "%s is no number", value.Shorten(e.Text))
	}
	c := &plan.Const{Typ: types.NewDecimal(precision, scale)}
	if c.Typ.Physical() == types.PhysicalInt64 {
		c.Int = n.Int64()
	} else {
		c.WideLo = new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		c.WideHi = new(big.Int).Rsh(n, 64).Int64()
	}
	return c, nil
}

func negative(l *ast.Literal) (plan.Expr, error) {
	if n, err := strconv.ParseInt("-"+l.Text, 10, 64); l.Kind == ast.IntLiteral && err == nil {
		t := types.BigInt
		if n >= math.MinInt32 {
			t = types.Int
		}
		return &plan.Const{Typ: types.Of(t), Int: n}, nil
	}
	x, err := decimalLiteral(l)
	if err != nil {
		return nil, err
	}
	return &plan.Call{Func: "negate", Args: []plan.Expr{x}, Typ: x.Type()}, nil
}

var unitLength = map[string]int64{"MICROSECOND": 1, "MILLISECOND": value.Millisecond, "SECOND": value.Second, "MINUTE": value.Minute,
	"HOUR": value.Hour, "DAY": value.Day, "WEEK": 7 * value.Day}

// microsOf reads an interval of fixed length.
func microsOf(e *ast.Literal) (int64, error) {
	unit, ok := unitLength[e.Unit]
	if !ok {
		return 0, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "an interval of %s has no fixed length here", e.Unit)
	}
	micros, f := value.Times([]byte(e.Text), unit)
	if f != value.OK {
		return 0, placedAt(e.Pos, f.Error(types.Of(types.Interval), []byte(e.Text+" "+e.Unit)))
	}
	return micros, nil
}

// interval reads the length of a window or a delay.
func interval(e *ast.Literal) (time.Duration, error) {
	micros, err := microsOf(e)
	if err == nil && (micros > math.MaxInt64/2000 || micros < -math.MaxInt64/2000) {
		return 0, sqlerr.At(e.Pos, sqlerr.DatetimeOverflow, "an interval of %s %s is too long here", e.Text, e.Unit)
	}
	return time.Duration(micros) * time.Microsecond, err
}

// months reads an interval of months; ok is false for one of fixed length.
func months(e ast.Expr) (n int64, ok bool, err error) {
	l, is := e.(*ast.Literal)
	if !is || l.Kind != ast.IntervalLiteral {
		return 0, false, nil
	}
	per, ok := map[string]int64{"MONTH": 1, "QUARTER": 3, "YEAR": 12}[l.Unit]
	if !ok {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(strings.TrimSpace(l.Text), 10, 32)
	if err != nil {
		return 0, true, sqlerr.At(l.Pos, sqlerr.InvalidDatetime, "invalid interval %q", l.Text)
	}
	return n * per, true, nil
}
