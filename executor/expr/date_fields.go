package expr

import (
	"strings"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// timeField is a field of a time or interval.
type timeField uint8

const (
	noField timeField = iota
	fieldEpoch
	fieldMicros // the seconds with their fraction, in millionths
	fieldMillis // in thousandths
	fieldSecond // with its fraction
	fieldMinute
	fieldHour
	fieldDay
	fieldDow
	fieldIsoDow
	fieldDoy
	fieldWeek
	fieldMonth
	fieldQuarter
	fieldYear
	fieldIsoYear
	fieldDecade
	fieldCentury
	fieldMillennium
	fieldZone
	fieldZoneHour
	fieldZoneMinute
)

// fieldNames are the names that PostgreSQL knows.
var fieldNames = map[string]timeField{
	"epoch": fieldEpoch, "microseconds": fieldMicros, "microsecond": fieldMicros, "us": fieldMicros, "milliseconds": fieldMillis,
	"millisecond": fieldMillis, "ms": fieldMillis, "second": fieldSecond, "seconds": fieldSecond, "minute": fieldMinute,
	"minutes": fieldMinute, "hour": fieldHour, "hours": fieldHour, "day": fieldDay, "days": fieldDay, "dow": fieldDow, "isodow": fieldIsoDow,
	"doy": fieldDoy, "week": fieldWeek, "weeks": fieldWeek, "month": fieldMonth, "months": fieldMonth, "quarter": fieldQuarter,
	"year": fieldYear, "years": fieldYear, "isoyear": fieldIsoYear, "decade": fieldDecade, "decades": fieldDecade, "century": fieldCentury,
	"centuries": fieldCentury, "millennium": fieldMillennium, "millennia": fieldMillennium, "timezone": fieldZone,
	"timezone_hour": fieldZoneHour, "timezone_minute": fieldZoneMinute,
}

// units as rows name them: neighbours mostly have one.
type fieldReader struct {
	text  string
	field timeField
}

func (r *fieldReader) of(b []byte) timeField {
	if string(b) != r.text {
		r.text = string(b)
		r.field = fieldNames[strings.ToLower(r.text)]
	}
	return r.field
}

// fieldOf gives millionths of the field. ok is false where the type has no such field.
func (o Options) fieldOf(f timeField, v *column.Vector, i int) (n int64, ok bool) {
	if v.Type.Kind == types.Interval {
		return intervalField(f, intervalAt(v, i))
	}
	at := v.Ints[i]
	if v.Type.Kind == types.TimestampTZ {
		clock := value.WallClock(at, o.Location)
		switch offset := clock - at; f {
		case fieldEpoch:
			return at, true
		case fieldZone:
			return offset, true
		case fieldZoneHour:
			return offset / column.Hour * column.Second, true
		case fieldZoneMinute:
			return offset / column.Minute % 60 * column.Second, true
		}
		at = clock
	}
	days := column.FloorDiv(at, column.Day)
	clock := at - days*column.Day
	switch {
	case f == fieldEpoch:
		return at, true
	case f >= fieldMicros && f <= fieldHour:
		return clockField(f, clock), true
	case v.Type.Kind == types.Time:
		return 0, false
	}
	return dateField(f, days)
}

func clockField(f timeField, clock int64) int64 {
	switch f {
	case fieldMicros:
		return clock % column.Minute * column.Second
	case fieldMillis:
		return clock % column.Minute * 1000
	case fieldSecond:
		return clock % column.Minute
	case fieldMinute:
		return clock / column.Minute % 60 * column.Second
	}
	return clock / column.Hour * column.Second
}

func dateField(f timeField, days int64) (n int64, ok bool) {
	y, m, d := value.CivilFromDays(days)
	switch f {
	case fieldDay:
		n = d
	case fieldDow:
		n = ofWeek(days, 4)
	case fieldIsoDow:
		n = ofWeek(days, 3) + 1
	case fieldDoy:
		first, _ := value.DateOf(y, 1, 1)
		n = days - first + 1
	case fieldWeek:
		_, n = isoWeek(days)
	case fieldMonth:
		n = m
	case fieldQuarter:
		n = (m + 2) / 3
	case fieldYear:
		n = y
	case fieldIsoYear:
		n, _ = isoWeek(days)
	case fieldDecade:
		n = y / 10
	case fieldCentury:
		n = (y + 99) / 100
	case fieldMillennium:
		n = (y + 999) / 1000
	default:
		return 0, false
	}
	return n * column.Second, true
}

// isoWeek gives the year and week of ISO 8601: a week belongs to the year of its Thursday.
func isoWeek(days int64) (year, week int64) {
	thursday := days - ofWeek(days, 3) + 3
	year, _, _ = value.CivilFromDays(thursday)
	return year, (thursday-value.DaysFromCivil(year, 1, 1))/7 + 1
}

func intervalField(f timeField, v value.Interval) (n int64, ok bool) {
	years, months := v.Months/12, v.Months%12
	switch f {
	case fieldEpoch: // a year has 365.25 days here
		return years*31_557_600*column.Second + (months*30+v.Days)*column.Day + v.Micros, v.Months < 1<<21 && v.Months > -(1<<21)
	case fieldMicros, fieldMillis, fieldSecond, fieldMinute, fieldHour:
		return clockField(f, v.Micros), true
	case fieldDay:
		n = v.Days
	case fieldMonth:
		n = months
	case fieldQuarter:
		n = months/3 + 1
	case fieldYear:
		n = years
	case fieldDecade:
		n = years / 10
	case fieldCentury:
		n = years / 100
	case fieldMillennium:
		n = years / 1000
	default:
		return 0, false
	}
	return n * column.Second, true
}

func (o Options) field(r *fieldReader, vs []*column.Vector, i int) (n int64, err error) {
	f := r.of(vs[0].Bytes(i))
	if f == noField {
		return 0, sqlerr.New(sqlerr.InvalidParameter, "unit %q is not known", vs[0].Bytes(i))
	}
	n, ok := o.fieldOf(f, vs[1], i)
	if !ok {
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "%s has no unit %q", vs[1].Type, vs[0].Bytes(i))
	}
	return n, nil
}

// datePart is DATE_PART(unit, x), a DOUBLE.
func datePart(o Options) kernel {
	r := new(fieldReader)
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		n, err := o.field(r, vs, i)
		out.Floats[i] = float64(n) / 1e6
		return true, err
	}
}

// extractField is EXTRACT(unit FROM x): a whole number, or with six digits behind the point.
func extractField(o Options) kernel {
	r := new(fieldReader)
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		n, err := o.field(r, vs, i)
		if err != nil {
			return false, err
		}
		if out.Type.Kind == types.Decimal {
			return true, storeDecimal(out, i, column.FromInt64(n), true, out.Type)
		}
		out.Ints[i] = n / column.Second
		return true, nil
	}
}
