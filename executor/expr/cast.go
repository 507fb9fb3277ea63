package expr

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// cast converts row by row; conversions that keep the representation and cannot fail
// are the argument itself (newCast).
type cast struct {
	arg      Evaluator
	from, to types.Type
	try      bool
	whole    bool // a fraction is an error
	out      scratch
	row      func(k *cast, x, out *column.Vector, i int) error
	buf      []byte
	zone     *time.Location // of the session or server; nil is UTC
}

func newCast(arg Evaluator, e *plan.Cast, o Options) (Evaluator, error) {
	from, to := e.Arg.Type(), e.Typ
	if from.Kind == types.Null {
		return constantNull(to), nil
	}
	if keeps(from, to) {
		return &retyped{arg: arg, typ: to}, nil
	}
	if from.IsNested() && to.IsNested() {
		return newNestedCast(arg, e, o)
	}
	k := &cast{arg: arg, from: from, to: to, try: e.Try, whole: e.Whole, out: newScratch(to), zone: o.Location}
	k.row = conversion(from, to)
	if k.row == nil {
		return nil, sqlerr.New(sqlerr.CannotCoerce, "cannot cast %s to %s", from, to)
	}
	return k, nil
}

func constantNull(t types.Type) *constant {
	c := &constant{full: column.NewVector(t), null: true}
	return c
}

// keeps tells the casts under which every value stays as it is.
func keeps(from, to types.Type) bool {
	switch {
	case from == to:
		return true
	case from.IsInteger() && to.IsInteger():
		return to.Kind >= from.Kind
	case from.IsText() && to.IsText():
		return to.Kind == types.String || to.Length() == 0
	case from.Kind == types.Float && to.Kind == types.Double:
		return true
	case from.Kind == to.Kind && (from.IsMoment() || from.Kind == types.Time):
		return to.Precision >= from.Precision
	case from.Kind == types.JSON && to.IsText():
		return to.Length() == 0
	case from.Kind == types.Decimal && to.Kind == types.Decimal:
		return from.Scale == to.Scale && from.Precision <= to.Precision && from.Physical() == to.Physical()
	}
	return false
}

// retyped shows a vector under another type.
type retyped struct {
	arg Evaluator
	typ types.Type
	v   column.Vector
}

func (k *retyped) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.arg.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	k.v = *x
	k.v.Type = k.typ
	return &k.v, nil
}

func (k *cast) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.arg.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	out := k.out.ready(b.Rows)
	err = rows(b, sel, out, []*column.Vector{x}, func(i int) error {
		err := k.row(k, x, out, i)
		switch {
		case err != nil && k.try:
			k.out.setNull(i, b.Rows)
			return nil
		case err == nil && len(out.Slab) > maxSlab:
			return ErrTooMuch
		}
		return err
	})
	return out, err
}

type converter = func(k *cast, x, out *column.Vector, i int) error

func conversion(from, to types.Type) converter {
	switch {
	case to.IsNested() && (from.IsText() || from.Kind == types.JSON):
		return fromText
	case from.IsNested() && to.Kind == types.JSON:
		return toText
	case from.Kind == types.TimestampTZ || to.Kind == types.TimestampTZ:
		return zonedConversion(from, to)
	case to.Kind == types.Duration || to.Kind >= types.Array && to.Kind <= types.Struct:
		return nil
	case to.IsText():
		return toText
	case from.IsText() || from.Kind == types.JSON && to.Kind == types.JSON:
		return fromText
	case from.Kind == types.Time || to.Kind == types.Time:
		return ofDay(from, to)
	case from.Kind == types.Boolean && to.IsNumeric():
		return func(k *cast, x, out *column.Vector, i int) error {
			n := int64(0)
			if x.Bools[i] {
				n = 1
			}
			return k.fromInt(n, out, i)
		}
	case from.IsNumeric() && to.Kind == types.Boolean:
		return toBool
	case from.IsInteger() && to.IsNumeric():
		return func(k *cast, x, out *column.Vector, i int) error { return k.fromInt(x.Ints[i], out, i) }
	case from.Kind == types.Decimal && to.IsNumeric():
		return fromDecimal
	case (from.Kind == types.Double || from.Kind == types.Float) && to.IsNumeric():
		return fromFloat
	case from.Kind == types.Date && to.Kind == types.Timestamp:
		return func(_ *cast, x, out *column.Vector, i int) error { out.Ints[i] = x.Ints[i] * column.Day; return nil }
	case from.Kind == types.Timestamp && to.Kind == types.Date:
		return func(_ *cast, x, out *column.Vector, i int) error {
			out.Ints[i] = column.FloorDiv(x.Ints[i], column.Day)
			return nil
		}
	case from.Kind == types.Timestamp && to.Kind == types.Timestamp:
		return func(_ *cast, x, out *column.Vector, i int) error {
			out.Ints[i] = value.CutTime(x.Ints[i], to.Precision)
			return nil
		}
	case from.Kind == types.Timestamp && to.Kind == types.BigInt: // milliseconds since 1970
		return func(_ *cast, x, out *column.Vector, i int) error {
			out.Ints[i] = column.FloorDiv(x.Ints[i], column.Millisecond)
			return nil
		}
	case from.IsInteger() && to.Kind == types.Timestamp:
		return func(_ *cast, x, out *column.Vector, i int) error {
			hi, lo := mul64(x.Ints[i], column.Millisecond)
			out.Ints[i] = lo
			if hi != lo>>63 || !value.TimeInRange(lo) {
				return value.OutOfRange.Error(to, strconv.AppendInt(nil, x.Ints[i], 10))
			}
			out.Ints[i] = value.CutTime(lo, to.Precision)
			return nil
		}
	}
	return nil
}

func toBool(_ *cast, x, out *column.Vector, i int) error {
	s := x.Scalar(i) // two of its numbers are zero
	out.Bools[i] = s.Int != 0 || s.Float != 0 || s.Wide != column.Int128{}
	return nil
}

// fromInt stores a whole number as any numeric type.
func (k *cast) fromInt(n int64, out *column.Vector, i int) error {
	switch {
	case k.to.IsInteger():
		out.Ints[i] = n
		return checkInt(n, k.to)
	case k.to.Kind == types.Decimal:
		v, ok := column.FromInt64(n).Rescale(0, k.to.Scale)
		return storeDecimal(out, i, v, ok, k.to)
	}
	out.Floats[i] = float64(n)
	if k.to.Kind == types.Float {
		out.Floats[i] = float64(float32(n))
	}
	return nil
}

func checkInt(n int64, t types.Type) error {
	if !value.FitsInt(n, t.Kind) {
		return outOfRange(strconv.FormatInt(n, 10), t)
	}
	return nil
}

func fromDecimal(k *cast, x, out *column.Vector, i int) error {
	v := column.Int128{}
	if x.Type.Physical() == types.PhysicalInt128 {
		v = x.Wides[i]
	} else {
		v = column.FromInt64(x.Ints[i])
	}
	switch {
	case k.to.Kind == types.Decimal:
		v, ok := v.Rescale(k.from.Scale, k.to.Scale)
		return storeDecimal(out, i, v, ok, k.to)
	case k.to.IsInteger():
		given := v
		v, ok := v.Rescale(k.from.Scale, 0)
		n, fits := v.Int64()
		if back, _ := v.Rescale(0, k.from.Scale); k.whole && back != given {
			return value.Fraction.Error(k.to, value.AppendDecimal128(k.buf[:0], given, k.from.Scale))
		}
		if !ok || !fits {
			return outOfRange(string(value.AppendDecimal128(nil, v, 0)), k.to)
		}
		out.Ints[i] = n
		return checkInt(n, k.to)
	}
	f, err := strconv.ParseFloat(string(value.AppendDecimal128(k.buf[:0], v, k.from.Scale)), 64)
	out.Floats[i] = f
	return err
}

func fromFloat(k *cast, x, out *column.Vector, i int) error {
	f := x.Floats[i]
	switch {
	case k.to.Kind == types.Double:
		out.Floats[i] = f
	case k.to.Kind == types.Float:
		out.Floats[i] = float64(float32(f))
		if math.IsInf(out.Floats[i], 0) && !math.IsInf(f, 0) || out.Floats[i] == 0 && f != 0 {
			return outOfRange(strconv.FormatFloat(f, 'g', -1, 64), k.to)
		}
	case k.to.IsInteger():
		r := math.Round(f)
		if k.whole && r != f && !math.IsNaN(f) {
			return value.Fraction.Error(k.to, strconv.AppendFloat(k.buf[:0], f, 'g', -1, 64))
		}
		if !(r >= -(1<<63) && r < 1<<63) {
			return outOfRange(strconv.FormatFloat(f, 'g', -1, 64), k.to)
		}
		out.Ints[i] = int64(r)
		return checkInt(int64(r), k.to)
	default:
		k.buf = strconv.AppendFloat(k.buf[:0], f, 'f', -1, 64)
		v, fits, ok := value.ParseDecimal(k.buf, k.to.Precision, k.to.Scale)
		if !ok || !fits {
			return outOfRange(strconv.FormatFloat(f, 'g', -1, 64), k.to)
		}
		return storeDecimal(out, i, v, true, k.to)
	}
	return nil
}

func toText(k *cast, x, out *column.Vector, i int) error {
	off := len(out.Slab)
	if k.from.Kind == types.TimestampTZ {
		out.Slab = value.AppendMoment(out.Slab, x.Ints[i], k.from.Precision, k.zone)
	} else {
		out.Slab = column.AppendText(out.Slab, x, i)
	}
	n := len(out.Slab) - off
	if limit := k.to.Length(); limit > 0 && n > limit && utf8.RuneCount(out.Slab[off:]) > limit {
		if k.from.IsText() && k.to.Kind != types.Char && k.to.Kind != types.Varchar {
			return nil
		}
		return sqlerr.New(sqlerr.StringTooLong, "value too long for type %s", k.to)
	}
	out.Views[i] = column.View{Off: uint32(off), Len: uint32(n)}
	return nil
}

func fromText(_ *cast, x, out *column.Vector, i int) error { return out.SetText(i, x.Bytes(i)) }
