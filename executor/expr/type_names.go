package expr

import (
	"math"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

func init() {
	withNulls["typeof"] = text(func(dst []byte, vs []*column.Vector, _ int) ([]byte, bool) {
		return append(dst, vs[0].Type.String()...), true
	})
	withNulls["pg_typeof"] = text(func(dst []byte, vs []*column.Vector, _ int) ([]byte, bool) {
		return append(dst, postgresName(vs[0].Type)...), true
	})
	kernels(map[string]kernel{"bround": roundToEven})
	timeFuncs["maketime"] = func(Options) kernel { return timeOfParts }
	timeFuncs["time_format"] = func(Options) kernel { return text(new(dateFormat).append) }
}

// spelled are the types that PostgreSQL writes otherwise than it names them.
var spelled = map[uint32]string{
	types.OIDBool: "boolean", types.OIDInt2: "smallint", types.OIDInt4: "integer", types.OIDInt8: "bigint", types.OIDFloat4: "real", types.OIDFloat8: "double precision",
	types.OIDVarchar: "character varying", types.OIDBpchar: "character", types.OIDTimestamp: "timestamp without time zone", types.OIDTimestamptz: "timestamp with time zone",
	types.OIDTime: "time without time zone",
}

// postgresName is what PostgreSQL calls a type.
func postgresName(t types.Type) string {
	if t.Kind == types.Array {
		return postgresName(t.Element()) + "[]"
	}
	if s := spelled[t.OID()]; s != "" {
		return s
	}
	return types.NameOf(t.OID())
}

// roundToEven is Hive's BROUND: a half goes to the even digit.
func roundToEven(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x, digits := vs[0].Floats[i], int64(0)
	if len(vs) > 1 {
		digits = min(max(vs[1].Ints[i], -400), 400)
	}
	by := math.Pow(10, float64(digits))
	y := math.RoundToEven(x*by) / by
	if digits < 0 {
		by = math.Pow(10, float64(-digits))
		y = math.RoundToEven(x/by) * by
	}
	if math.IsNaN(y) || math.IsInf(y, 0) {
		y = x
		if digits < 0 {
			y = 0
		}
	}
	out.Floats[i] = y
	return true, nil
}

// timeOfParts is MySQL's MAKETIME, of a time of day.
func timeOfParts(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	h, m, s := vs[0].Ints[i], vs[1].Ints[i], vs[2].Ints[i]
	if m < 0 || m > 59 || s < 0 || s > 59 {
		return false, nil
	}
	if h < 0 || h > 23 {
		return false, value.OutOfRange.Error(out.Type, column.AppendText(nil, vs[0], i))
	}
	out.Ints[i] = h*column.Hour + m*column.Minute + s*column.Second
	return true, nil
}
