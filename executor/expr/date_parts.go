package expr

import (
	"maps"
	"strings"
	"time"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

func init() {
	maps.Copy(timeFuncs, map[string]func(Options) kernel{
		"date_part":        datePart,
		"extract_field":    extractField,
		"extract_fraction": extractField,
		"microsecond":      part(func(_, _, _, t, _ int64) int64 { return t % column.Second }),
		"to_days":          part(func(_, _, _, _, days int64) int64 { return days + daysOfMySQL }),
		"to_seconds":       part(func(_, _, _, t, days int64) int64 { return (days+daysOfMySQL)*86400 + t/column.Second }),
		"time_to_sec":      part(func(_, _, _, t, _ int64) int64 { return t / column.Second }),
		"weekofyear":       part(func(_, _, _, _, days int64) int64 { _, w := isoWeek(days); return w }),
		"week":             func(Options) kernel { return weekNumber(false) },
		"yearweek":         func(Options) kernel { return weekNumber(true) },
		"dayname":          func(Options) kernel { return text(dayName) },
		"monthname":        func(Options) kernel { return text(monthName) },
		"last_day":         func(Options) kernel { return lastDay },
		"from_days":        func(Options) kernel { return fromDays },
		"sec_to_time":      func(Options) kernel { return secToTime },
		"timediff":         func(Options) kernel { return timeDiff },
		"months_later":     func(Options) kernel { return monthsLater },
		"months_between":   func(Options) kernel { return monthsApart },
		"next_day":         func(Options) kernel { return nextDay },
		"trunc_date":       func(Options) kernel { return truncDate },
		"convert_tz":       func(Options) kernel { return convertZone },
		"to_char":          func(Options) kernel { return toChar() },
		"str_to_date":      func(Options) kernel { return strToDate },
		"str_to_time":      func(Options) kernel { return strToDate },
		"age":              func(Options) kernel { return age },
		"date_bin":         func(Options) kernel { return dateBin },
		"justify_days":     func(Options) kernel { return justify(value.Interval.JustifyDays) },
		"justify_hours":    func(Options) kernel { return justify(value.Interval.JustifyHours) },
		"justify_interval": func(Options) kernel { return justify(value.Interval.Justify) },
	})
}

// daysOfMySQL is TO_DAYS of 1970-01-01.
const daysOfMySQL = 719528

// weekMode is how MySQL counts weeks: from Monday or Sunday on, by the year of the week or the calendar's, the first
// week being the first with the first day of the week in it, or the one with four days.
type weekMode struct{ monday, ofWeek, firstDay bool }

func modeOf(n int64) weekMode {
	m := weekMode{n&1 != 0, n&2 != 0, n&4 != 0}
	if !m.monday {
		m.firstDay = !m.firstDay
	}
	return m
}

// late tells that the days before the first full week belong to the last week of the year before.
func (m weekMode) late(weekday int64) bool {
	return m.firstDay && weekday != 0 || !m.firstDay && weekday >= 4
}

func daysOfYear(y int64) int64 {
	return value.DaysFromCivil(y+1, 1, 1) - value.DaysFromCivil(y, 1, 1)
}

// week is MySQL's calc_week.
func (m weekMode) week(days int64) (year, week int64) {
	year, month, day := value.CivilFromDays(days)
	first := value.DaysFromCivil(year, 1, 1)
	shift := int64(4)
	if m.monday {
		shift = 3
	}
	weekday := ofWeek(first, shift)
	if month == 1 && day <= 7-weekday {
		if !m.ofWeek && m.late(weekday) {
			return year, 0
		}
		m.ofWeek = true
		if m.late(weekday) {
			year--
			n := daysOfYear(year)
			first -= n
			weekday = (weekday + 53*7 - n) % 7
		}
	}
	n := days - (first - weekday)
	if m.late(weekday) {
		n = days - (first + 7 - weekday)
	}
	if m.ofWeek && n >= 52*7 {
		if next := (weekday + daysOfYear(year)) % 7; !m.late(next) {
			return year + 1, 1
		}
	}
	return year, n/7 + 1
}

func weekNumber(withYear bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		mode := weekMode{firstDay: true} // 0
		if len(vs) == 2 {
			mode = modeOf(vs[1].Ints[i] & 7)
		}
		mode.ofWeek = mode.ofWeek || withYear
		year, week := mode.week(column.FloorDiv(vs[0].Ints[i], column.Day))
		if out.Ints[i] = week; withYear {
			out.Ints[i] = year*100 + week
		}
		return true, nil
	}
}

func dayName(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	day := ofWeek(column.FloorDiv(vs[0].Ints[i], column.Day), 4)
	return append(dst, time.Weekday(day).String()...), true
}

func monthName(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	_, m, _ := value.CivilFromDays(column.FloorDiv(vs[0].Ints[i], column.Day))
	return append(dst, time.Month(m).String()...), true
}

func lastDay(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	y, m, d := value.CivilFromDays(vs[0].Ints[i])
	out.Ints[i] = vs[0].Ints[i] - d + value.DaysIn(y, m)
	return true, nil
}

func fromDays(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	n := vs[0].Ints[i]
	if out.Ints[i] = n - daysOfMySQL; n < 0 || n > 1<<30 || !value.DateInRange(out.Ints[i]) {
		return false, timeOutOfRange(out.Type, "from_days(%d)", n)
	}
	return true, nil
}

func secToTime(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	n := vs[0].Ints[i]
	if n < 0 || n >= 86400 {
		return false, value.OutOfRange.Error(out.Type, column.AppendText(nil, vs[0], i))
	}
	out.Ints[i] = n * column.Second
	return true, nil
}

// timeDiff is MySQL's: a time, not days and a time.
func timeDiff(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return setInterval(out, i, value.Interval{Micros: vs[0].Ints[i] - vs[1].Ints[i]}, true)
}

// monthsLater is Hive's ADD_MONTHS: the last day of a month stays the last.
func monthsLater(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	last, n := vs[0].Ints[i], vs[1].Ints[i]
	y, m, d := value.CivilFromDays(last)
	if bounded := max(-12*10000, min(n, 12*10000)); bounded == n {
		days := value.AddMonths(last, n)
		if y2, m2, d2 := value.CivilFromDays(days); d == value.DaysIn(y, m) {
			days += value.DaysIn(y2, m2) - d2
		}
		if out.Ints[i] = days; value.DateInRange(days) {
			return true, nil
		}
	}
	return false, timeOutOfRange(out.Type, "add_months(%s, %d)", column.AppendText(nil, vs[0], i), n)
}

// monthsApart is Hive's MONTHS_BETWEEN: whole where both are the same day of a month or both its last, else a day is
// a 31st of a month; eight digits.
func monthsApart(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	d1, d2 := column.FloorDiv(vs[0].Ints[i], column.Day), column.FloorDiv(vs[1].Ints[i], column.Day)
	y1, m1, day1 := value.CivilFromDays(d1)
	y2, m2, day2 := value.CivilFromDays(d2)
	months := float64((y1-y2)*12 + m1 - m2)
	if day1 != day2 && (day1 != value.DaysIn(y1, m1) || day2 != value.DaysIn(y2, m2)) {
		seconds := (day1-day2)*86400 + (vs[0].Ints[i]-d1*column.Day)/column.Second - (vs[1].Ints[i]-d2*column.Day)/column.Second
		months += float64(seconds) / (31 * 86400)
	}
	out.Floats[i] = roundHalfUp(months*1e8) / 1e8
	return true, nil
}

func roundHalfUp(x float64) float64 {
	if x < 0 {
		return -roundHalfUp(-x)
	}
	return float64(int64(x + 0.5))
}

// weekdays are the names that NEXT_DAY takes, from Sunday on: two letters, three, or all.
var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// nextDay is the first day of a name behind a date; of no name it is NULL.
func nextDay(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	name := strings.ToLower(string(vs[1].Bytes(i)))
	for n, w := range weekdays {
		if name == w || name == w[:3] || name == w[:2] {
			days := vs[0].Ints[i]
			if out.Ints[i] = days + 7 - ofWeek(days-int64(n), 4); !value.DateInRange(out.Ints[i]) {
				return false, timeOutOfRange(out.Type, "next_day(%s, '%s')", column.AppendText(nil, vs[0], i), name)
			}
			return true, nil
		}
	}
	return false, nil
}

// truncDate is Hive's TRUNC of a date; by an unknown unit it is NULL.
func truncDate(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	y, m, d := value.CivilFromDays(vs[0].Ints[i])
	switch strings.ToUpper(string(vs[1].Bytes(i))) {
	case "YEAR", "YYYY", "YY":
		out.Ints[i] = value.DaysFromCivil(y, 1, 1)
	case "QUARTER", "Q":
		out.Ints[i] = value.DaysFromCivil(y, (m-1)/3*3+1, 1)
	case "MONTH", "MON", "MM":
		out.Ints[i] = vs[0].Ints[i] - d + 1
	default:
		return false, nil
	}
	return true, nil
}

// convertZone is MySQL's CONVERT_TZ: of an unknown zone it is NULL.
func convertZone(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	from, ok := zoneOrOffset(vs[1].Bytes(i))
	to, known := zoneOrOffset(vs[2].Bytes(i))
	if !ok || !known {
		return false, nil
	}
	out.Ints[i] = value.WallClock(value.Moment(vs[0].Ints[i], from), to)
	return value.TimeInRange(out.Ints[i]), nil
}

// zoneOrOffset is a name of the tz database, or a distance to the east: +02:00, -5:30.
func zoneOrOffset(b []byte) (*time.Location, bool) {
	if len(b) < 5 || b[0] != '+' && b[0] != '-' {
		return value.Zone(string(b))
	}
	hours, minutes, ok := strings.Cut(string(b[1:]), ":")
	h, ok1 := smallNumber(hours)
	m, ok2 := smallNumber(minutes)
	if !ok || !ok1 || !ok2 || m > 59 || h > 14 || h == 14 && m > 0 || b[0] == '-' && h == 14 {
		return nil, false
	}
	if h = h*3600 + m*60; b[0] == '-' {
		h = -h
	}
	return time.FixedZone("", h), true
}

func smallNumber(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(s) == 1 || len(s) == 2
}

func age(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return setInterval(out, i, value.Age(vs[0].Ints[i], vs[1].Ints[i]), true)
}

func justify(f func(value.Interval) value.Interval) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		return setInterval(out, i, f(intervalAt(vs[0], i)), true)
	}
}

// fromEpoch is TO_TIMESTAMP of seconds since 1970.
func fromEpoch(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	f := vs[0].Floats[i] * 1e6
	if !(f > -1e18 && f < 1e18) || !value.TimeInRange(int64(f)) {
		return false, timeOutOfRange(types.NewTimestampTZ(6), "to_timestamp(%s)", column.AppendText(nil, vs[0], i))
	}
	whole, fraction := splitSeconds(vs[0].Floats[i])
	out.Ints[i] = whole*column.Second + fraction
	return true, nil
}
