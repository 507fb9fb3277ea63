package column

import (
	"strconv"
	"time"
)

// Microseconds of the usual units.
const (
	Millisecond = 1000
	Second      = 1000 * Millisecond
	Minute      = 60 * Second
	Hour        = 60 * Minute
	Day         = 24 * Hour
)

// daysFromCivil gives the days since 1970-01-01 in the proleptic Gregorian
// calendar. Algorithm: Howard Hinnant, "chrono-compatible low-level date algorithms".
func daysFromCivil(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// CivilFromDays is the inverse.
func CivilFromDays(z int64) (y, m, d int64) {
	z += 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = mp + 3
	if m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// FloorDiv divides toward minus infinity: how times are cut, also before 1970.
func FloorDiv(a, b int64) int64 { return floorDiv(a, b) }

var monthDays = [...]int64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// DaysIn is the length of a month.
func DaysIn(y, m int64) int64 {
	if m == 2 && (y%4 == 0 && y%100 != 0 || y%400 == 0) {
		return 29
	}
	return monthDays[m-1]
}

// DateOf gives the days of a date; ok is false if there is no such day in the years 1 to 9999.
func DateOf(y, m, d int64) (days int64, ok bool) {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > DaysIn(y, m) {
		return 0, false
	}
	return daysFromCivil(y, m, d), true
}

func twoDigits(b []byte) (int64, bool) {
	hi, lo := b[0]-'0', b[1]-'0'
	return int64(hi)*10 + int64(lo), hi <= 9 && lo <= 9
}

// ParseDate reads 2026-01-31; anything behind it makes it no date.
func ParseDate(b []byte) (days int64, ok bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y1, ok1 := twoDigits(b)
	y2, ok2 := twoDigits(b[2:])
	m, ok3 := twoDigits(b[5:])
	d, ok4 := twoDigits(b[8:])
	if !(ok1 && ok2 && ok3 && ok4) {
		return 0, false
	}
	return DateOf(y1*100+y2, m, d)
}

// ParseTimestamp reads `2026-01-31 00:00:00[.fraction]`, the same with T, with a
// zone (Z, +08:00, +0800, +08) brought to UTC, and a bare date. Fractions beyond
// microseconds are cut.
func ParseTimestamp(b []byte) (micros int64, ok bool) {
	if len(b) < 10 {
		return 0, false
	}
	days, ok := ParseDate(b[:10])
	if !ok {
		return 0, false
	}
	micros = days * Day
	if len(b) == 10 {
		return micros, true
	}
	if len(b) < 16 || (b[10] != ' ' && b[10] != 'T') || b[13] != ':' {
		return 0, false
	}
	h, ok1 := twoDigits(b[11:])
	m, ok2 := twoDigits(b[14:])
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	micros += h*Hour + m*Minute
	rest := b[16:]
	if len(rest) >= 3 && rest[0] == ':' {
		s, ok := twoDigits(rest[1:])
		if !ok || s > 59 {
			return 0, false
		}
		micros += s * Second
		rest = rest[3:]
		if len(rest) > 1 && rest[0] == '.' {
			f, n := fraction(rest[1:])
			micros += f
			rest = rest[1+n:]
		}
	}
	offset, ok := zone(rest)
	return micros - offset, ok
}

// fraction reads digits as microseconds.
func fraction(b []byte) (micros int64, n int) {
	unit := int64(100_000)
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		micros += int64(b[n]-'0') * unit
		unit /= 10
		n++
	}
	return micros, n
}

func zone(b []byte) (micros int64, ok bool) {
	switch {
	case len(b) == 0 || len(b) == 1 && b[0] == 'Z':
		return 0, true
	case len(b) < 3 || b[0] != '+' && b[0] != '-':
		return 0, false
	}
	h, ok := twoDigits(b[1:])
	m := int64(0)
	rest := b[3:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
	}
	if len(rest) == 2 {
		var ok2 bool
		m, ok2 = twoDigits(rest)
		ok = ok && ok2
	} else if len(rest) != 0 {
		return 0, false
	}
	micros = h*Hour + m*Minute
	if b[0] == '-' {
		micros = -micros
	}
	return micros, ok && h <= 18 && m <= 59
}

func appendTwo(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// AppendDate writes 2026-01-31.
func AppendDate(dst []byte, days int64) []byte {
	y, m, d := CivilFromDays(days)
	if y < 0 || y > 9999 {
		return strconv.AppendInt(append(dst, "day "...), days, 10)
	}
	dst = appendTwo(dst, y/100)
	dst = appendTwo(dst, y%100)
	dst = appendTwo(append(dst, '-'), m)
	return appendTwo(append(dst, '-'), d)
}

// AppendTimestamp writes 2026-01-31 00:00:00 with the given fractional digits.
func AppendTimestamp(dst []byte, micros int64, digits int) []byte {
	days := floorDiv(micros, Day)
	rest := micros - days*Day
	dst = AppendDate(dst, days)
	dst = appendTwo(append(dst, ' '), rest/Hour)
	dst = appendTwo(append(dst, ':'), rest/Minute%60)
	dst = appendTwo(append(dst, ':'), rest/Second%60)
	if digits > 0 {
		f := uint64(rest % Second)
		for range 6 - digits {
			f /= 10
		}
		dst = appendPadded(append(dst, '.'), f, digits)
	}
	return dst
}

// AddMonths moves a day by months, to the last day of a shorter month.
func AddMonths(days, months int64) int64 {
	y, m, d := CivilFromDays(days)
	n := y*12 + m - 1 + months
	y, m = floorDiv(n, 12), n-floorDiv(n, 12)*12+1
	return daysFromCivil(y, m, min(d, DaysIn(y, m)))
}

// ToTime gives the moment as Go's time, in UTC.
func ToTime(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
