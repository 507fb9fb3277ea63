package value

import (
	"math"
	"strconv"
)

// Interval is a value of type INTERVAL, as PostgreSQL has it: months, days and a time that are not brought
// into one another, since months have 28 to 31 days and days with a change of the clocks 23 or 25
// hours. What is added to a time is added in this order. Compared, a month counts as 30 days and a
// day as 24 hours.
type Interval struct {
	Months, Days int64 // within 32 bits
	Micros       int64
}

const (
	monthDays30 = 30
	microsMonth = monthDays30 * Day
)

// Pack gives the form in which vectors and constants hold an interval: what it is compared by as the high
// half, and months and days as the low one. ok is false outside of some 290,000 years, or 32 bits.
func (v Interval) Pack() (p Int128, ok bool) {
	if int64(int32(v.Months)) != v.Months || int64(int32(v.Days)) != v.Days {
		return p, false
	}
	length, ok := MulQuo(FromInt64(v.Months*monthDays30+v.Days), FromInt64(Day), FromInt64(1))
	total, fits := length.Add(FromInt64(v.Micros))
	hi, short := total.Int64()
	return Int128{Hi: hi, Lo: uint64(uint32(v.Months))<<32 | uint64(uint32(v.Days))}, ok && fits && short
}

// UnpackInterval is the inverse of Pack.
func UnpackInterval(p Int128) Interval {
	months, days := int64(int32(p.Lo>>32)), int64(int32(p.Lo))
	return Interval{months, days, p.Hi - (months*monthDays30+days)*Day}
}

// PlainInterval gives the one of equal intervals that has days and a time below a day, and no months.
func PlainInterval(p Int128) Int128 { return Int128{Hi: p.Hi, Lo: uint64(uint32(p.Hi / Day))} }

// Neg gives -v.
func (v Interval) Neg() Interval { return Interval{-v.Months, -v.Days, -v.Micros} }

// Add adds field by field; ok is false if the time does not fit.
func (v Interval) Add(w Interval) (sum Interval, ok bool) {
	t := v.Micros + w.Micros
	return Interval{v.Months + w.Months, v.Days + w.Days, t}, (v.Micros^t)&(w.Micros^t) >= 0
}

// Scale computes each field by f, which is a product or quotient; what is left of months becomes days of
// which there are 30 in a month, and what is left of days a time (PostgreSQL's interval_mul and
// interval_div).
func (v Interval) Scale(f func(x float64) float64) (out Interval, ok bool) {
	months, days := f(float64(v.Months)), f(float64(v.Days))
	if !(math.Abs(months) < 1<<31 && math.Abs(days) < 1<<31) {
		return out, false
	}
	out.Months, out.Days = int64(months), int64(days)
	rest := toMicro((months - float64(out.Months)) * monthDays30)
	seconds := toMicro((days - float64(out.Days) + rest - math.Trunc(rest)) * (24 * 3600))
	if math.Abs(seconds) >= 24*3600 {
		whole := math.Trunc(seconds / (24 * 3600))
		out.Days += int64(whole)
		seconds -= whole * (24 * 3600)
	}
	out.Days += int64(rest)
	micros := math.RoundToEven(f(float64(v.Micros)) + seconds*Second)
	out.Micros = int64(micros)
	return out, micros >= -(1<<63) && micros < 1<<63
}

// toMicro rounds to six digits behind the point.
func toMicro(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }

// Between gives the interval from a time to a later one: whole days and a time.
func Between(from, to int64) Interval {
	d := to - from
	return Interval{Days: d / Day, Micros: d % Day}
}

// AddInterval adds months, days and time to a time without zone; ok is false outside the years 1 to 9999.
func AddInterval(micros int64, v Interval) (sum int64, ok bool) {
	days := floorDiv(micros, Day)
	clock := micros - days*Day
	if v.Months != 0 {
		if days, ok = addMonthsWithin(days, v.Months); !ok {
			return 0, false
		}
	}
	days += v.Days
	if days < minDay-endDay || days > endDay+endDay-minDay { // the time may still bring it back
		return 0, false
	}
	at := days*Day + clock
	sum = at + v.Micros
	return sum, (at^sum)&(v.Micros^sum) >= 0 && TimeInRange(sum)
}

func addMonthsWithin(days, months int64) (int64, bool) {
	if months < -12*10000 || months > 12*10000 {
		return 0, false
	}
	return AddMonths(days, months), true
}

// AppendInterval writes an interval as PostgreSQL does: 1 year 2 mons 3 days 04:05:06.7.
func AppendInterval(dst []byte, v Interval) []byte {
	start, negative := len(dst), false
	for _, part := range [...]struct {
		n    int64
		name string
	}{{v.Months / 12, " year"}, {v.Months % 12, " mon"}, {v.Days, " day"}} {
		if part.n == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		if negative && part.n > 0 {
			dst = append(dst, '+')
		}
		dst = append(strconv.AppendInt(dst, part.n, 10), part.name...)
		if part.n != 1 {
			dst = append(dst, 's')
		}
		negative = part.n < 0
	}
	if len(dst) > start && v.Micros == 0 {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	if negative && v.Micros > 0 {
		dst = append(dst, '+')
	}
	return appendClock(dst, v.Micros)
}

// appendClock writes -100:00:00.5.
func appendClock(dst []byte, micros int64) []byte {
	rest := uint64(micros)
	if micros < 0 {
		dst, rest = append(dst, '-'), -rest
	}
	if hours := int64(rest / Hour); hours < 100 {
		dst = appendTwo(dst, hours)
	} else {
		dst = strconv.AppendInt(dst, hours, 10)
	}
	dst = appendTwo(append(dst, ':'), int64(rest/Minute%60))
	dst = appendTwo(append(dst, ':'), int64(rest/Second%60))
	if part := rest % Second; part > 0 {
		dst = appendPadded(append(dst, '.'), part, 6)
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}
