// Package function knows the names and signatures of functions, operators and
// aggregates: which types they take, to which types arguments are brought, what
// they give. It computes nothing; executor/expr has one kernel per function and a
// test that none is missing. Semantics are MySQL 8's where nothing else is said.
package function

import "slipway/sql/types"

// Common shorthand.
var (
	boolT   = types.Of(types.Boolean)
	bigT    = types.Of(types.BigInt)
	doubleT = types.Of(types.Double)
	textT   = types.Of(types.String)
	dateT   = types.Of(types.Date)
	timeT   = types.NewTimestamp(types.DefaultTimestamp)
	microT  = types.NewTimestamp(types.MaxTimestampPrecision)
	fixedT  = types.Of(types.Duration)
	ivlT    = types.Of(types.Interval)
	dayT    = types.NewTime(types.MaxTimestampPrecision)
	zonedT  = types.NewTimestampTZ(types.MaxTimestampPrecision)
)

// digits is the precision with which an integer takes part in DECIMAL arithmetic.
var digits = map[types.Kind]int{types.TinyInt: 3, types.SmallInt: 5, types.Int: 10, types.BigInt: 19}

// AsDecimal gives the DECIMAL that holds every value of an exact numeric type.
func AsDecimal(t types.Type) (types.Type, bool) {
	if t.Kind == types.Decimal {
		return t, true
	}
	if n, ok := digits[t.Kind]; ok {
		return types.NewDecimal(n, 0), true
	}
	return types.Type{}, false
}

func isFloat(t types.Type) bool { return t.Kind == types.Float || t.Kind == types.Double }

// decimal caps a precision at 38, taking away fractional digits but keeping six.
func decimal(precision, scale int) types.Type {
	if over := precision - types.MaxDecimalPrecision; over > 0 {
		scale = max(min(scale, 6), scale-over)
		precision = types.MaxDecimalPrecision
	}
	return types.NewDecimal(precision, scale)
}

// Common gives the type to which values of both types are brought to be compared,
// united or chosen between.
func Common(a, b types.Type) (types.Type, bool) {
	switch {
	case a == b:
		return a, true
	case a.Kind == types.Null:
		return b, true
	case b.Kind == types.Null:
		return a, true
	case a.IsNested() || b.IsNested():
		return commonNested(a, b)
	case a.IsInteger() && b.IsInteger():
		return types.Of(max(a.Kind, b.Kind)), true
	case a.IsNumeric() && b.IsNumeric():
		if isFloat(a) || isFloat(b) {
			return doubleT, true
		}
		x, _ := AsDecimal(a)
		y, _ := AsDecimal(b)
		scale := max(x.Scale, y.Scale)
		return decimal(max(x.Precision-x.Scale, y.Precision-y.Scale)+scale, scale), true
	case a.IsText() && b.IsText():
		return textT, true
	case isTime(a) && isTime(b):
		if a.Kind == types.Date && b.Kind == types.Date {
			return dateT, true
		}
		digits := max(a.Precision, b.Precision, types.DefaultTimestamp)
		if a.Kind == types.TimestampTZ || b.Kind == types.TimestampTZ {
			return types.NewTimestampTZ(digits), true
		}
		return types.NewTimestamp(digits), true
	case a.Kind == types.Time && b.Kind == types.Time:
		return types.NewTime(max(a.Precision, b.Precision)), true
	case a.Kind == b.Kind:
		return a, true
	}
	return types.Type{}, false
}

// isTime tells the types of a day or a moment, which convert to one another.
func isTime(t types.Type) bool { return t.Kind == types.Date || t.IsMoment() }

// Assignable tells whether INSERT brings a value of one type into a column of
// another by itself: what may lose by range is checked per row, what changes the
// meaning wants a CAST.
func Assignable(from, to types.Type) bool {
	switch {
	case from.IsNested() && to.IsNested():
		return eachPart(from, to, Assignable)
	case from.IsNested():
		return false
	case from == to, from.Kind == types.Null, from.IsNumeric() && to.IsNumeric(), from.IsText() && to.IsText(), isTime(from) && isTime(to):
		return true
	case to.IsText():
		return from.Kind != types.Binary && from.Kind != types.Duration
	}
	return from.Kind == to.Kind
}

// Castable tells whether CAST exists.
func Castable(from, to types.Type) bool {
	switch {
	case from.IsNested() && to.IsNested():
		return eachPart(from, to, Castable)
	case from.IsNested():
		return to.IsText() || to.Kind == types.JSON
	case to.IsNested():
		return from.IsText() || from.Kind == types.JSON || from.Kind == types.Null
	case from.Kind == types.Null, from.Kind == to.Kind, from.IsText(), to.IsText():
		return to.Kind != types.Duration && to.Kind != types.Null
	case from.IsNumeric() && (to.IsNumeric() || to.Kind == types.Boolean), from.Kind == types.Boolean && to.IsNumeric():
		return true
	case isTime(from) && isTime(to):
		return true
	case from.IsMoment() && (to.Kind == types.BigInt || to.Kind == types.Time), from.IsInteger() && to.IsMoment():
		return true
	case from.Kind == types.Time && to.Kind == types.Interval, from.Kind == types.Interval && to.Kind == types.Time:
		return true
	}
	return false
}
