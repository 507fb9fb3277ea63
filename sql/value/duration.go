package value

import (
	"math"
	"strconv"
)

// Units of fixed length in microseconds, by the names they go by.
var intervalUnits = []struct {
	micros int64
	names  []string
}{
	{1, []string{"us", "microsecond", "microseconds", "usec", "usecs"}}, {Millisecond, []string{"ms", "millisecond", "milliseconds", "msec", "msecs"}},
	{Second, []string{"s", "second", "seconds", "sec", "secs"}}, {Minute, []string{"m", "minute", "minutes", "min", "mins"}},
	{Hour, []string{"h", "hour", "hours", "hr", "hrs"}}, {Day, []string{"d", "day", "days"}}, {7 * Day, []string{"w", "week", "weeks"}},
}

// unitOf gives the length of a unit of fixed length; 0 if it is none.
func unitOf(word []byte) int64 {
	for _, u := range intervalUnits {
		for _, n := range u.names {
			if equalFold(word, n) {
				return u.micros
			}
		}
	}
	return 0
}

// ReadDuration reads numbers with units of fixed length and a time of day, added up: 1
// day 2 hours, -1.5 h, 3 days 04:05:06. A bare number is seconds. A day has 24 hours.
// Months and years have no fixed length and are Malformed here.
func ReadDuration(b []byte) (micros int64, f Fault) {
	b = trim(b)
	if len(b) == 0 {
		return 0, Malformed
	}
	for len(b) > 0 {
		n := 0
		for n < len(b) && !blank(b[n]) {
			n++
		}
		var part int64
		word := b[:n]
		b = trim(b[n:])
		if part, f = readClockDuration(word); f == Malformed {
			if part, b, f = readAmount(word, b); f != OK {
				return 0, f
			}
		}
		sum := micros + part
		if f == OutOfRange || (micros^sum)&(part^sum) < 0 {
			return 0, OutOfRange
		}
		micros = sum
	}
	return micros, OK
}

// readAmount reads a number whose unit is glued to it or the next word.
func readAmount(word, rest []byte) (micros int64, behind []byte, f Fault) {
	n := len(word)
	for n > 0 && (word[n-1]|0x20 >= 'a' && word[n-1]|0x20 <= 'z') {
		n--
	}
	amount, unit := word[:n], word[n:]
	if len(unit) == 0 {
		end := 0
		for end < len(rest) && !blank(rest[end]) {
			end++
		}
		unit, rest = rest[:end], trim(rest[end:])
	}
	length := unitOf(unit)
	if len(unit) == 0 {
		length = Second
	}
	if length == 0 {
		return 0, rest, Malformed
	}
	micros, f = Times(amount, length)
	return micros, rest, f
}

// Times is a written number of units in microseconds, rounded.
func Times(amount []byte, unit int64) (micros int64, f Fault) {
	v, f := ReadDecimal(amount, 38, 12)
	if f != OK {
		return 0, f
	}
	v, ok := MulQuo(v, FromInt64(unit), WidePow10[12])
	if micros, fits := v.Int64(); ok && fits {
		return micros, OK
	}
	return 0, OutOfRange
}

// readClockDuration reads [-]h:mm[:ss[.fraction]].
func readClockDuration(b []byte) (micros int64, f Fault) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	h, rest, n := digitRun(b, 10)
	if n == 0 || len(rest) < 3 || rest[0] != ':' {
		return 0, Malformed
	}
	if h > math.MaxInt64/Hour {
		return 0, OutOfRange
	}
	m, ok := twoDigits(rest[1:])
	micros, rest = h*Hour+m*Minute, rest[3:]
	if !ok || m > 59 {
		return 0, Malformed
	}
	if len(rest) > 0 {
		if len(rest) < 3 || rest[0] != ':' {
			return 0, Malformed
		}
		s, ok := twoDigits(rest[1:])
		part, n := int64(0), 0
		if rest = rest[3:]; len(rest) > 1 && rest[0] == '.' {
			part, n = fraction(rest[1:])
			n++
		}
		if !ok || s > 59 || n != len(rest) {
			return 0, Malformed
		}
		micros += s*Second + part
	}
	switch {
	case negative && uint64(micros) <= 1<<63: // of the least one the sign is there already
		return -micros, OK
	case micros < 0:
		return 0, OutOfRange
	}
	return micros, OK
}

// AppendDuration writes an interval as PostgreSQL does: 3 days, 1 day 02:00:00, -00:00:01.5.
func AppendDuration(dst []byte, micros int64) []byte {
	days, rest := micros/Day, micros%Day
	if days != 0 {
		dst = append(strconv.AppendInt(dst, days, 10), " day"...)
		if days != 1 {
			dst = append(dst, 's')
		}
		if rest == 0 {
			return dst
		}
		dst = append(dst, ' ')
	}
	if rest < 0 {
		dst = append(dst, '-')
		rest = -rest
	}
	dst = appendTwo(dst, rest/Hour)
	dst = appendTwo(append(dst, ':'), rest/Minute%60)
	dst = appendTwo(append(dst, ':'), rest/Second%60)
	if part := rest % Second; part > 0 {
		dst = appendPadded(append(dst, '.'), uint64(part), 6)
		for dst[len(dst)-1] == '0' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}
