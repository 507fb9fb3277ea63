package expr

import (
	"fmt"
	"math"
	"strings"
	"time"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// clock is CURRENT_TIMESTAMP and CURRENT_DATE: one moment for a batch.
type clock struct {
	o   Options
	out scratch
	typ types.Type
}

func (k *clock) Eval(b *column.Batch, _ []int32) (*column.Vector, error) {
	out := k.out.ready(b.Rows)
	t := k.o.now()
	_, offset := t.Zone()
	micros := t.UnixMicro() + int64(offset)*column.Second // TIMESTAMP is the wall clock of server.timezone
	value := micros / column.Millisecond * column.Millisecond
	switch k.typ.Kind {
	case types.Date:
		value = column.FloorDiv(micros, column.Day)
	case types.Time:
		value -= column.FloorDiv(micros, column.Day) * column.Day
	}
	for i := range b.Rows {
		out.Ints[i] = value
	}
	return out, nil
}

// part makes a kernel of a part of a timestamp.
func part(f func(y, m, d, micros, days int64) int64) func(Options) kernel {
	return func(Options) kernel {
		return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
			t := vs[0].Ints[i]
			days := column.FloorDiv(t, column.Day)
			y, m, d := value.CivilFromDays(days)
			out.Ints[i] = f(y, m, d, t-days*column.Day, days)
			return true, nil
		}
	}
}

func ofWeek(days, shift int64) int64 { return ((days+shift)%7 + 7) % 7 }

var timeFuncs = map[string]func(Options) kernel{
	"year":       part(func(y, _, _, _, _ int64) int64 { return y }),
	"month":      part(func(_, m, _, _, _ int64) int64 { return m }),
	"dayofmonth": part(func(_, _, d, _, _ int64) int64 { return d }),
	"quarter":    part(func(_, m, _, _, _ int64) int64 { return (m + 2) / 3 }),
	"hour":       part(func(_, _, _, t, _ int64) int64 { return t / column.Hour }),
	"minute":     part(func(_, _, _, t, _ int64) int64 { return t / column.Minute % 60 }),
	"second":     part(func(_, _, _, t, _ int64) int64 { return t / column.Second % 60 }),
	"dayofweek":  part(func(_, _, _, _, days int64) int64 { return ofWeek(days, 4) + 1 }), // 1 is Sunday
	"weekday":    part(func(_, _, _, _, days int64) int64 { return ofWeek(days, 3) }),     // 0 is Monday
	"dayofyear": part(func(y, _, _, _, days int64) int64 {
		first, _ := value.DateOf(y, 1, 1)
		return days - first + 1
	}),
	"add_time":       func(Options) kernel { return addTime },
	"add_months":     func(Options) kernel { return addMonths },
	"datediff":       func(Options) kernel { return dateDiff },
	"timestampdiff":  func(Options) kernel { return timestampDiff },
	"date_trunc":     truncInZone,
	"date_format":    func(Options) kernel { return text(new(dateFormat).append) },
	"to_date":        func(Options) kernel { return readByPattern() },
	"to_timestamp":   func(Options) kernel { return readByPattern() },
	"unix_timestamp": unixTimestamp,
	"from_unixtime":  fromUnixtime,
}

func addTime(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	a, c := vs[0].Ints[i], vs[1].Ints[i]
	out.Ints[i] = a + c
	if (a^out.Ints[i])&(c^out.Ints[i]) < 0 || !value.TimeInRange(out.Ints[i]) {
		return false, timeOutOfRange(out.Type, "%s + %s", column.AppendText(nil, vs[0], i), column.AppendText(nil, vs[1], i))
	}
	return true, nil
}

func timeOutOfRange(t types.Type, format string, args ...any) error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "%s value is out of range in %s: years go from 0001 to 9999", t, fmt.Sprintf(format, args...))
}

func addMonths(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x, n := vs[0].Ints[i], vs[1].Ints[i]
	bounded := max(-12*10000, min(n, 12*10000))
	days, clock := x, int64(0)
	if out.Type.Kind != types.Date {
		days = column.FloorDiv(x, column.Day)
		clock = x - days*column.Day
	}
	days = value.AddMonths(days, bounded)
	if n != bounded || !value.DateInRange(days) {
		return false, timeOutOfRange(out.Type, "%s + %d months", column.AppendText(nil, vs[0], i), n)
	}
	if out.Ints[i] = days; out.Type.Kind != types.Date {
		out.Ints[i] = days*column.Day + clock
	}
	return true, nil
}

func dateDiff(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Ints[i] = vs[0].Ints[i] - vs[1].Ints[i]
	return true, nil
}

// units are the lengths of the fixed units.
var units = map[string]int64{"MICROSECOND": 1, "MILLISECOND": column.Millisecond, "SECOND": column.Second, "MINUTE": column.Minute,
	"HOUR": column.Hour, "DAY": column.Day, "WEEK": 7 * column.Day}

// timestampDiff is TIMESTAMPDIFF(unit, from, to): whole units between the two.
func timestampDiff(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	unit := strings.ToUpper(string(vs[0].Bytes(i)))
	from, to := vs[1].Ints[i], vs[2].Ints[i]
	if n, ok := units[unit]; ok {
		out.Ints[i] = (to - from) / n
		return true, nil
	}
	per, ok := map[string]int64{"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
	if !ok {
		return false, sqlerr.New(sqlerr.InvalidParameter, "unknown unit %q", unit)
	}
	out.Ints[i] = monthsBetween(from, to) / per
	return true, nil
}

// monthsBetween counts whole months.
func monthsBetween(from, to int64) int64 {
	if to < from {
		return -monthsBetween(to, from)
	}
	fd, td := column.FloorDiv(from, column.Day), column.FloorDiv(to, column.Day)
	y1, m1, d1 := value.CivilFromDays(fd)
	y2, m2, d2 := value.CivilFromDays(td)
	n := (y2-y1)*12 + m2 - m1
	if d2 < d1 || d2 == d1 && to-td*column.Day < from-fd*column.Day {
		n--
	}
	return n
}

func dateTrunc(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	at, ok := truncatedTo(string(vs[0].Bytes(i)), vs[1].Ints[i])
	if !ok {
		return false, sqlerr.New(sqlerr.InvalidParameter, "unknown unit %q", vs[0].Bytes(i))
	}
	if out.Ints[i] = at; !value.TimeInRange(at) { // the Monday before the first day there is
		return false, timeOutOfRange(out.Type, "date_trunc(%s, %s)", vs[0].Bytes(i), column.AppendText(nil, vs[1], i))
	}
	return true, nil
}

// truncatedTo gives the beginning of a unit; ok is false if there is none of the name.
func truncatedTo(name string, t int64) (at int64, ok bool) {
	days := column.FloorDiv(t, column.Day)
	y, m, _ := value.CivilFromDays(days)
	switch unitNamed(name) {
	case "week": // begins on Monday
		return (days - ofWeek(days, 3)) * column.Day, true
	case "month":
		return value.DaysFromCivil(y, m, 1) * column.Day, true
	case "quarter":
		return value.DaysFromCivil(y, (m-1)/3*3+1, 1) * column.Day, true
	case "year":
	case "decade":
		y = y / 10 * 10
	case "century":
		y = (y+99)/100*100 - 99
	case "millennium":
		y = (y+999)/1000*1000 - 999
	default:
		n, ok := units[strings.ToUpper(unitNamed(name))]
		if !ok {
			return 0, false
		}
		return column.FloorDiv(t, n) * n, true
	}
	return value.DaysFromCivil(y, 1, 1) * column.Day, true
}

// unitNamed gives a unit's name in small letters and in the singular.
func unitNamed(name string) string {
	switch name = strings.ToLower(name); name {
	case "centuries":
		return "century"
	case "millennia":
		return "millennium"
	}
	return strings.TrimSuffix(name, "s")
}

// truncInZone is DATE_TRUNC of a moment: by the clocks of the session's zone.
func truncInZone(o Options) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		if vs[1].Type.Kind != types.TimestampTZ {
			return dateTrunc(vs, out, i)
		}
		at, ok := truncatedTo(string(vs[0].Bytes(i)), value.WallClock(vs[1].Ints[i], o.Location))
		if !ok {
			return false, sqlerr.New(sqlerr.InvalidParameter, "unknown unit %q", vs[0].Bytes(i))
		}
		if out.Ints[i] = value.Moment(at, o.Location); !value.TimeInRange(out.Ints[i]) {
			return false, timeOutOfRange(out.Type, "date_trunc(%s, %s)", vs[0].Bytes(i), column.AppendText(nil, vs[1], i))
		}
		return true, nil
	}
}

func parseInto(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	return true, out.SetText(i, vs[0].Bytes(i))
}

// unixTimestamp reads a TIMESTAMP as the wall clock of server.timezone.
func unixTimestamp(o Options) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		t := value.ToTime(vs[0].Ints[i])
		if o.Location != nil {
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, o.Location)
		}
		out.Ints[i] = t.Unix()
		return true, nil
	}
}

func fromUnixtime(o Options) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		seconds := vs[0].Ints[i]
		if seconds > math.MaxInt64/column.Second || seconds < math.MinInt64/column.Second || !value.TimeInRange(seconds*column.Second) {
			return false, timeOutOfRange(types.Of(types.Timestamp), "from_unixtime(%d)", seconds)
		}
		t := time.Unix(seconds, 0).UTC()
		if o.Location != nil {
			t = t.In(o.Location)
		}
		off := len(out.Slab)
		out.Slab = t.AppendFormat(out.Slab, "2006-01-02 15:04:05")
		out.Views[i] = column.View{Off: uint32(off), Len: uint32(len(out.Slab) - off)}
		return true, nil
	}
}
