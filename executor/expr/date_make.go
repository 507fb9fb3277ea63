package expr

import (
	"maps"
	"math"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

func init() {
	maps.Copy(timeFuncs, map[string]func(Options) kernel{
		"make_date":        func(Options) kernel { return makeDate },
		"make_time":        func(Options) kernel { return makeTime },
		"make_timestamp":   func(Options) kernel { return makeTimestamp },
		"make_timestamptz": makeMoment,
		"make_interval":    func(Options) kernel { return makeInterval },
	})
}

// splitSeconds gives whole seconds and millionths, rounded.
func splitSeconds(x float64) (whole, micros int64) {
	f := math.Floor(x)
	return int64(f), int64(math.RoundToEven((x - f) * 1e6))
}

func noSuch(t types.Type) error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "there is no such %s", t)
}

func makeDate(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	days, ok := value.DateOf(vs[0].Ints[i], vs[1].Ints[i], vs[2].Ints[i])
	if out.Ints[i] = days; !ok {
		return false, noSuch(out.Type)
	}
	return true, nil
}

// clockOf is hours, minutes and seconds; 23:59:60 is 24:00:00, which a TIMESTAMP takes and a TIME does not.
func clockOf(hour, minute int64, second float64) (micros int64, ok bool) {
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60) {
		return 0, false
	}
	micros = hour*column.Hour + minute*column.Minute + int64(math.RoundToEven(second*1e6))
	return micros, micros <= column.Day
}

func makeTime(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	clock, ok := clockOf(vs[0].Ints[i], vs[1].Ints[i], vs[2].Floats[i])
	if out.Ints[i] = clock; !ok || clock == column.Day {
		return false, noSuch(out.Type)
	}
	return true, nil
}

func timeOf(vs []*column.Vector, i int) (micros int64, ok bool) {
	days, ok := value.DateOf(vs[0].Ints[i], vs[1].Ints[i], vs[2].Ints[i])
	clock, fits := clockOf(vs[3].Ints[i], vs[4].Ints[i], vs[5].Floats[i])
	micros = days*column.Day + clock
	return micros, ok && fits && value.TimeInRange(micros)
}

func makeTimestamp(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	micros, ok := timeOf(vs, i)
	if out.Ints[i] = micros; !ok {
		return false, noSuch(out.Type)
	}
	return true, nil
}

func makeMoment(o Options) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		zone := o.Location
		if len(vs) == 7 {
			var err error
			if zone, err = zoneAt(vs[6], i); err != nil {
				return false, err
			}
		}
		clock, ok := timeOf(vs, i)
		if out.Ints[i] = value.Moment(clock, zone); !ok || !value.TimeInRange(out.Ints[i]) {
			return false, noSuch(out.Type)
		}
		return true, nil
	}
}

// makeInterval takes years, months, weeks, days, hours, minutes and seconds, the last ones missing.
func makeInterval(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	var n [6]int64
	for k := range min(len(vs), 6) {
		n[k] = vs[k].Ints[i]
		if int64(int32(n[k])) != n[k] {
			return setInterval(out, i, value.Interval{}, false)
		}
	}
	v := value.Interval{Months: n[0]*12 + n[1], Days: n[2]*7 + n[3], Micros: n[4]*column.Hour + n[5]*column.Minute}
	if len(vs) == 7 {
		seconds := math.RoundToEven(vs[6].Floats[i] * 1e6)
		if !(math.Abs(seconds) < 1<<62) {
			return setInterval(out, i, v, false)
		}
		v.Micros += int64(seconds)
	}
	return setInterval(out, i, v, true)
}

// dateBin is the beginning of the stride from an origin on in which a time lies.
func dateBin(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	stride := intervalAt(vs[0], i)
	p := vs[0].Wides[i]
	switch {
	case stride.Months != 0:
		return false, sqlerr.New(sqlerr.FeatureNotSupported, "times cannot be put into bins of months or years")
	case p.Hi <= 0:
		return false, sqlerr.New(sqlerr.DatetimeOverflow, "the stride must be greater than zero")
	}
	origin := vs[2].Ints[i]
	if out.Ints[i] = origin + column.FloorDiv(vs[1].Ints[i]-origin, p.Hi)*p.Hi; !value.TimeInRange(out.Ints[i]) {
		return false, timeOutOfRange(out.Type, "date_bin(%s, %s)", column.AppendText(nil, vs[0], i), column.AppendText(nil, vs[1], i))
	}
	return true, nil
}
