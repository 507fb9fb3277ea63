package value

import "time"

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
	if uint64(z) < plainDays {
		return plainCivil(uint32(z))
	}
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

// plainDays is how many days plainCivil is right for, at least.
const plainDays = 1 << 28

// plainCivil gives the date of a day since 0000-03-01. Algorithm: Cassio Neri, Lorenz Schneider, "Euclidean affine
// functions and their application to calendar algorithms"; months run from March, as 3, to February, as 14.
func plainCivil(n uint32) (y, m, d int64) {
	century, ofCentury := (4*n+3)/146097, (4*n+3)%146097/4
	product := 2939745 * uint64(4*ofCentury+3)
	ofYear := uint32(product) / 2939745 / 4
	n = 2141*ofYear + 197913
	y, m, d = int64(100*century)+int64(product>>32), int64(n>>16), int64(n&0xffff/2141)+1
	if m > 12 {
		return y + 1, m - 12, d
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

// DaysFromCivil gives the days from 1970-01-01 to a day that there is in the calendar.
func DaysFromCivil(y, m, d int64) int64 { return daysFromCivil(y, m, d) }

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

func appendTwo(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// AppendDate writes 2026-01-31. The end of the last window there is may lie in the year
// 10000, which no reader takes for a DATE.
func AppendDate(dst []byte, days int64) []byte {
	y, m, d := CivilFromDays(days)
	if y < 0 || y > 9999 {
		return appendTwo(append(appendTwo(append(AppendInt(dst, y), '-'), m), '-'), d)
	}
	x := digitsOf(uint64(y*10_000+m*100+d)) | eightZeros
	return append(dst, byte(x), byte(x>>8), byte(x>>16), byte(x>>24), '-', byte(x>>32), byte(x>>40), '-', byte(x>>48), byte(x>>56))
}

// AppendTimestamp writes 2026-01-31 00:00:00 with the given fractional digits.
func AppendTimestamp(dst []byte, micros int64, digits int) []byte {
	days := floorDiv(micros, Day)
	rest := micros - days*Day
	dst = AppendDate(dst, days)
	return AppendTime(append(dst, ' '), rest, digits)
}

// TimeText writes times of which most lie in the minute of the one before, as event times do: its text is kept.
type TimeText struct {
	since int64 // microseconds since 1970
	text  []byte
}

// AppendTimestamp writes what the function of this name does.
func (t *TimeText) AppendTimestamp(dst []byte, micros int64, digits int) []byte {
	rest := uint64(micros - t.since)
	if rest >= Minute || len(t.text) == 0 {
		t.since = floorDiv(micros, Minute) * Minute
		t.text = AppendTimestamp(t.text[:0], t.since, 0)
		t.text = t.text[:len(t.text)-len("00")]
		rest = uint64(micros - t.since)
	}
	x := digitsOf(rest) // two of seconds, six behind the point
	dst = appendEight(append(dst, t.text...), x, 2)
	if digits == 0 {
		return dst
	}
	return appendEight(append(dst, '.'), x>>16, digits)
}

// AppendTimestampTZ writes a moment with the zone of UTC: 2026-01-31 00:00:00+00.
func AppendTimestampTZ(dst []byte, micros int64, digits int) []byte {
	return append(AppendTimestamp(dst, micros, digits), "+00"...)
}

// AppendTime writes the time of a day, 00:00:00 with the given fractional digits.
func AppendTime(dst []byte, micros int64, digits int) []byte {
	seconds := micros / Second
	x := digitsOf(uint64(seconds/3600*10_000+seconds/60%60*100+seconds%60)) | eightZeros
	dst = append(dst, byte(x>>16), byte(x>>24), ':', byte(x>>32), byte(x>>40), ':', byte(x>>48), byte(x>>56))
	if digits == 0 {
		return dst
	}
	fraction := digitsOf(uint64(micros % Second * 100)) // six digits in front
	return appendEight(append(dst, '.'), fraction, digits)
}

// AddMonths moves a day by months, to the last day of a shorter month.
func AddMonths(days, months int64) int64 {
	y, m, d := CivilFromDays(days)
	n := y*12 + m - 1 + months
	y, m = floorDiv(n, 12), n-floorDiv(n, 12)*12+1
	return daysFromCivil(y, m, min(d, DaysIn(y, m)))
}

// The range of DATE and TIMESTAMP: the years 1 to 9999.
var (
	minDay  = daysFromCivil(1, 1, 1)
	endDay  = daysFromCivil(10000, 1, 1)
	minTime = minDay * Day
	endTime = endDay * Day
)

// DateInRange tells whether days since 1970 are a DATE.
func DateInRange(days int64) bool { return days >= minDay && days < endDay }

// TimeInRange tells whether microseconds since 1970 are a TIMESTAMP.
func TimeInRange(micros int64) bool { return micros >= minTime && micros < endTime }

// CutTime cuts a time to a number of fractional digits: a time is never rounded into the next window.
func CutTime(micros int64, digits int) int64 {
	if digits >= 6 {
		return micros
	}
	unit := Pow10[6-digits]
	return floorDiv(micros, unit) * unit
}

// ToTime gives the moment as Go's time, in UTC.
func ToTime(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
