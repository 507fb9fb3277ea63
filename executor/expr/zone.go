package expr

import (
	"time"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// zoneAt gives the zone of a row: a name, or an interval to the east.
func zoneAt(v *column.Vector, i int) (zone *time.Location, err error) {
	if v.Type.Kind == types.Interval {
		x := intervalAt(v, i)
		if x.Months != 0 || x.Days != 0 || x.Micros%column.Second != 0 || x.Micros <= -16*column.Hour || x.Micros >= 16*column.Hour {
			return nil, sqlerr.New(sqlerr.InvalidParameter, "interval %s is no distance of a time zone", column.AppendText(nil, v, i))
		}
		return time.FixedZone("", int(x.Micros/column.Second)), nil
	}
	zone, ok := value.Zone(string(v.Bytes(i)))
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameter, "time zone %q is not known", v.Bytes(i))
	}
	return zone, nil
}

func atTimeZone(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	zone, err := zoneAt(vs[1], i)
	if err != nil {
		return false, err
	}
	if out.Type.Kind == types.Timestamp {
		out.Ints[i] = value.WallClock(vs[0].Ints[i], zone)
	} else {
		out.Ints[i] = value.Moment(vs[0].Ints[i], zone)
	}
	if !value.TimeInRange(out.Ints[i]) {
		return false, timeOutOfRange(out.Type, "%s AT TIME ZONE %s", column.AppendText(nil, vs[0], i), column.AppendText(nil, vs[1], i))
	}
	return true, nil
}
