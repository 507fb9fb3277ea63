package value

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // machines without a database of zones
)

// Zone gives a zone by its name in the tz database, in any case; ok is false if there is none. A distance
// such as +02 is no name: POSIX, and with it PostgreSQL, counts it to the west, ISO 8601 to the east.
func Zone(name string) (zone *time.Location, ok bool) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), true
	}
	if name == "" || len(name) > 40 || strings.EqualFold(name, "local") {
		return nil, false
	}
	for _, spelled := range []string{name, capitals(name), strings.ToUpper(name)} {
		if z, err := time.LoadLocation(spelled); err == nil {
			zones.Store(name, z)
			return z, true
		}
	}
	return nil, false
}

// zones are those that were found: there are some hundred, in as many spellings as are used.
var zones sync.Map

// capitals writes each word of a name with a capital: europe/berlin.
func capitals(name string) string {
	b := []byte(strings.ToLower(name))
	for i, c := range b {
		if c >= 'a' && c <= 'z' && (i == 0 || b[i-1] == '/' || b[i-1] == '_' || b[i-1] == '-') {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// WallClock gives what clocks in a zone show at a moment, as microseconds without zone; nil is UTC.
func WallClock(moment int64, zone *time.Location) int64 {
	if zone == nil || zone == time.UTC {
		return moment
	}
	return moment + offsetAt(moment, zone)
}

func offsetAt(moment int64, zone *time.Location) int64 {
	_, seconds := time.UnixMicro(moment).In(zone).Zone()
	return int64(seconds) * Second
}

// Moment gives the moment at which clocks in a zone show a time. Of one that they show twice it is the
// second, and one that they never show is counted with the offset before the change: as PostgreSQL does.
func Moment(clock int64, zone *time.Location) int64 {
	if zone == nil || zone == time.UTC {
		return clock
	}
	before, after := clock-offsetAt(clock-Day, zone), clock-offsetAt(clock+Day, zone)
	if before == after || WallClock(after, zone) != clock {
		return before
	}
	if WallClock(before, zone) == clock {
		return max(before, after)
	}
	return after
}

// AddInZone adds months and days by the calendar of a zone, and the time to the moment.
func AddInZone(moment int64, v Interval, zone *time.Location) (sum int64, ok bool) {
	if v.Months != 0 || v.Days != 0 {
		clock, ok := AddInterval(WallClock(moment, zone), Interval{Months: v.Months, Days: v.Days})
		if !ok {
			return 0, false
		}
		moment = Moment(clock, zone)
	}
	return AddInterval(moment, Interval{Micros: v.Micros})
}

// ReadMoment reads a time with a zone: a distance, Z, UTC, or a name of the tz database. One without a zone is
// what clocks in the given one show. zoned tells whether there was one.
func ReadMoment(b []byte, digits int, zone *time.Location) (micros int64, zoned bool, f Fault) {
	days, rest, f := readDay(trim(b))
	if f == Malformed {
		return 0, false, f
	}
	micros, at := days*Day, []byte(nil)
	if len(rest) > 0 {
		clock, behind, ok := readClock(rest)
		if !ok {
			clock, behind = 0, rest
		}
		micros, at = micros+clock, behind
	}
	offset, ok := readZone(at)
	named := string(trim(at))
	switch z, found := Zone(named); {
	case !ok && !found:
		return 0, false, Malformed
	case !ok:
		micros = Moment(micros, z)
	case named == "":
		micros = Moment(micros, zone)
	default:
		micros -= offset
	}
	if f == OutOfRange || !TimeInRange(micros) {
		return 0, named != "", OutOfRange
	}
	return CutTime(micros, digits), named != "", OK
}

// readMoment takes a time without a zone as one of UTC.
func readMoment(b []byte, digits int) (micros int64, f Fault) {
	plain := b
	if n := len(b); n > 19 && b[n-1] == 'Z' {
		plain = b[:n-1]
	}
	if micros, ok := plainTime(plain, digits); ok {
		return micros, OK
	}
	micros, _, f = ReadMoment(b, digits, nil)
	return micros, f
}

// AppendMoment writes a moment as clocks in a zone show it, with their distance from UTC: 2026-07-01 02:00:00+02.
func AppendMoment(dst []byte, micros int64, digits int, zone *time.Location) []byte {
	if zone == nil || zone == time.UTC {
		return AppendTimestampTZ(dst, micros, digits)
	}
	offset := offsetAt(micros, zone)
	dst = AppendTimestamp(dst, micros+offset, digits)
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = appendTwo(append(dst, sign), offset/Hour)
	if offset%Hour != 0 {
		dst = appendTwo(append(dst, ':'), offset/Minute%60)
	}
	if offset%Minute != 0 {
		dst = appendTwo(append(dst, ':'), offset/Second%60)
	}
	return dst
}
