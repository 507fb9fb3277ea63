package column

import (
	"math"
	"strconv"

	"slipway/sql/types"
)

// AppendText writes the value of row i as SQL text, which PostgreSQL clients,
// delimited records and casts to STRING share. NULL is for the caller to write.
func AppendText(dst []byte, v *Vector, i int) []byte {
	switch v.Type.Kind {
	case types.Boolean:
		return strconv.AppendBool(dst, v.Bools[i])
	case types.Decimal:
		if v.Type.Precision > types.MaxDecimal64 {
			return AppendDecimal128(dst, v.Wides[i], v.Type.Scale)
		}
		return AppendDecimal64(dst, v.Ints[i], v.Type.Scale)
	case types.Date:
		return AppendDate(dst, v.Ints[i])
	case types.Timestamp:
		return AppendTimestamp(dst, v.Ints[i], v.Type.Precision)
	case types.Float:
		return AppendFloat(dst, v.Floats[i], 32)
	case types.Double:
		return AppendFloat(dst, v.Floats[i], 64)
	case types.Interval:
		return append(strconv.AppendInt(dst, v.Ints[i], 10), " microseconds"...)
	case types.Null:
		return dst
	}
	if v.Type.Physical() == types.PhysicalInt64 {
		return strconv.AppendInt(dst, v.Ints[i], 10)
	}
	return append(dst, v.Bytes(i)...)
}

// AppendFloat writes the shortest text that reads back as the same number, as
// PostgreSQL 12 and later do.
func AppendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e15) {
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}
