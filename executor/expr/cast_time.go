package expr

import (
	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

// zonedConversion is from or to TIMESTAMP WITH TIME ZONE: by the clocks of the session's zone.
func zonedConversion(from, to types.Type) converter {
	switch {
	case to.IsText():
		return toText
	case from.IsText():
		return readMoment
	case from.Kind == types.TimestampTZ && to.Kind == types.TimestampTZ:
		return conversion(types.NewTimestamp(from.Precision), types.NewTimestamp(to.Precision))
	case to.Kind == types.BigInt, from.IsInteger(): // milliseconds since 1970
		return conversion(asPlain(from), asPlain(to))
	case to.Kind == types.TimestampTZ && (from.Kind == types.Timestamp || from.Kind == types.Date):
		return toMoment
	case to.Kind == types.Timestamp || to.Kind == types.Date || to.Kind == types.Time:
		return fromMoment
	}
	return nil
}

// asPlain is the type without zone that is held in the same way.
func asPlain(t types.Type) types.Type {
	if t.Kind == types.TimestampTZ {
		return types.NewTimestamp(t.Precision)
	}
	return t
}

func readMoment(k *cast, x, out *column.Vector, i int) error {
	micros, _, f := value.ReadMoment(x.Bytes(i), k.to.Precision, k.zone)
	out.Ints[i] = micros
	return f.Error(k.to, x.Bytes(i))
}

func toMoment(k *cast, x, out *column.Vector, i int) error {
	clock := x.Ints[i]
	if k.from.Kind == types.Date {
		clock *= column.Day
	}
	at := value.Moment(clock, k.zone)
	if out.Ints[i] = value.CutTime(at, k.to.Precision); !value.TimeInRange(at) {
		return value.OutOfRange.Error(k.to, column.AppendText(nil, x, i))
	}
	return nil
}

func fromMoment(k *cast, x, out *column.Vector, i int) error {
	clock := value.WallClock(x.Ints[i], k.zone)
	if !value.TimeInRange(clock) {
		return value.OutOfRange.Error(k.to, column.AppendText(nil, x, i))
	}
	out.Ints[i] = clockAs(clock, k.to)
	return nil
}

// clockAs gives microseconds since 1970 as a TIMESTAMP, DATE or TIME.
func clockAs(clock int64, t types.Type) int64 {
	days := column.FloorDiv(clock, column.Day)
	switch t.Kind {
	case types.Date:
		return days
	case types.Time:
		clock -= days * column.Day
	}
	return value.CutTime(clock, t.Precision)
}

// ofDay is from or to TIME.
func ofDay(from, to types.Type) converter {
	switch {
	case to.Kind == types.Time && (from.Kind == types.Timestamp || from.Kind == types.Time):
		return func(k *cast, x, out *column.Vector, i int) error {
			out.Ints[i] = clockAs(x.Ints[i], k.to)
			return nil
		}
	case from.Kind == types.Time && to.Kind == types.Interval:
		return func(_ *cast, x, out *column.Vector, i int) error {
			_, err := setInterval(out, i, value.Interval{Micros: x.Ints[i]}, true)
			return err
		}
	case from.Kind == types.Interval && to.Kind == types.Time: // what is left of whole days
		return func(k *cast, x, out *column.Vector, i int) error {
			out.Ints[i] = clockAs(intervalAt(x, i).Micros, k.to)
			return nil
		}
	}
	return nil
}
