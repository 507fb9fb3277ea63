package expr

import (
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Functions of intervals, and of times and intervals.

func intervalAt(v *column.Vector, i int) value.Interval { return value.UnpackInterval(v.Wides[i]) }

// setInterval stores an interval, or 22008.
func setInterval(out *column.Vector, i int, x value.Interval, ok bool) (bool, error) {
	p, fits := x.Pack()
	if !ok || !fits {
		return false, sqlerr.New(sqlerr.DatetimeOverflow, "INTERVAL value is out of range")
	}
	out.Wides[i] = p
	return true, nil
}

var intervalFuncs = map[string]func(Options) kernel{
	"add_interval":       func(o Options) kernel { return moveBy(o, false) },
	"subtract_interval":  func(o Options) kernel { return moveBy(o, true) },
	"at_time_zone":       func(Options) kernel { return atTimeZone },
	"subtract_times":     func(Options) kernel { return subtractTimes },
	"subtract_dates":     func(Options) kernel { return dateDiff },
	"add_days":           func(Options) kernel { return addDays },
	"subtract_days":      func(Options) kernel { return subtractDays },
	"date_and_time":      func(Options) kernel { return dateAndTime },
	"add_intervals":      func(Options) kernel { return addIntervals },
	"subtract_intervals": func(Options) kernel { return subtractIntervals },
	"multiply_interval":  func(Options) kernel { return multiplyInterval },
	"divide_interval":    func(Options) kernel { return divideInterval },
	"plain_interval":     func(Options) kernel { return plainInterval },
}

// moveBy adds an interval to a time. A time of day goes round: 23:00 and two hours is 01:00. Of a moment months and
// days are added by the calendar of the session's zone.
func moveBy(o Options, back bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		t, v := vs[0].Ints[i], intervalAt(vs[1], i)
		if back {
			v = v.Neg()
		}
		if out.Type.Kind == types.Time {
			at := t + v.Micros%column.Day + column.Day
			out.Ints[i] = at % column.Day
			return true, nil
		}
		sum, ok := int64(0), false
		if out.Type.Kind == types.TimestampTZ {
			sum, ok = value.AddInZone(t, v, o.Location)
		} else {
			sum, ok = value.AddInterval(t, v)
		}
		if out.Ints[i] = sum; !ok {
			sign := "+"
			if back {
				sign = "-"
			}
			return false, timeOutOfRange(out.Type, "%s %s %s", column.AppendText(nil, vs[0], i), sign, column.AppendText(nil, vs[1], i))
		}
		return true, nil
	}
}

func subtractTimes(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return setInterval(out, i, value.Between(vs[1].Ints[i], vs[0].Ints[i]), true)
}

func addDays(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return moveDays(vs, out, i, "+", vs[1].Ints[i])
}

func subtractDays(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return moveDays(vs, out, i, "-", -vs[1].Ints[i])
}

func moveDays(vs []*column.Vector, out *column.Vector, i int, sign string, n int64) (bool, error) {
	const most = 1 << 32
	if out.Ints[i] = vs[0].Ints[i] + n; n < -most || n > most || !value.DateInRange(out.Ints[i]) {
		return false, timeOutOfRange(out.Type, "%s %s %d", column.AppendText(nil, vs[0], i), sign, vs[1].Ints[i])
	}
	return true, nil
}

func dateAndTime(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Ints[i] = vs[0].Ints[i]*column.Day + vs[1].Ints[i]
	return true, nil
}

func addIntervals(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x, ok := intervalAt(vs[0], i).Add(intervalAt(vs[1], i))
	return setInterval(out, i, x, ok)
}

func subtractIntervals(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x, ok := intervalAt(vs[0], i).Add(intervalAt(vs[1], i).Neg())
	return setInterval(out, i, x, ok)
}

func negateInterval(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return setInterval(out, i, intervalAt(vs[0], i).Neg(), true)
}

func multiplyInterval(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	by := vs[1].Floats[i]
	x, ok := intervalAt(vs[0], i).Scale(func(x float64) float64 { return x * by })
	return setInterval(out, i, x, ok)
}

// divideInterval: division by zero is NULL.
func divideInterval(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	by := vs[1].Floats[i]
	if by == 0 {
		return false, nil
	}
	x, ok := intervalAt(vs[0], i).Scale(func(x float64) float64 { return x / by })
	return setInterval(out, i, x, ok)
}

func plainInterval(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Wides[i] = value.PlainInterval(vs[0].Wides[i])
	return true, nil
}
