package column

import (
	"strconv"

	"slipway/sql/types"
	"slipway/sql/value"
)

// AppendText writes the value of row i as SQL text, which PostgreSQL clients,
// delimited records and casts to STRING share. NULL is for the caller to write. A nested
// value is written as JSON.
func AppendText(dst []byte, v *Vector, i int) []byte {
	switch v.Type.Kind {
	case types.Boolean:
		return strconv.AppendBool(dst, v.Bools[i])
	case types.Decimal:
		if v.Type.Precision > types.MaxDecimal64 {
			return value.AppendDecimal128(dst, v.Wides[i], v.Type.Scale)
		}
		return value.AppendDecimal64(dst, v.Ints[i], v.Type.Scale)
	case types.Date:
		return value.AppendDate(dst, v.Ints[i])
	case types.Timestamp:
		return value.AppendTimestamp(dst, v.Ints[i], v.Type.Precision)
	case types.TimestampTZ:
		return value.AppendTimestampTZ(dst, v.Ints[i], v.Type.Precision)
	case types.Time:
		return value.AppendTime(dst, v.Ints[i], v.Type.Precision)
	case types.Float:
		return value.AppendFloat(dst, v.Floats[i], 32)
	case types.Double:
		return value.AppendFloat(dst, v.Floats[i], 64)
	case types.Interval:
		return value.AppendInterval(dst, value.UnpackInterval(v.Wides[i]))
	case types.UUID:
		return value.AppendUUID(dst, v.Wides[i])
	case types.Duration:
		return value.AppendDuration(dst, v.Ints[i])
	case types.Null:
		return dst
	}
	if v.Type.IsNested() {
		return appendNested(dst, v, i)
	}
	if v.Type.Physical() == types.PhysicalInt64 {
		return value.AppendInt(dst, v.Ints[i])
	}
	return append(dst, v.Bytes(i)...)
}

// SetText reads a text as a value of the vector's type into row i: casts and formats
// share it. The row must be there; a text of a character type goes into the slab.
func (v *Vector) SetText(i int, b []byte) error {
	if v.Type.Kind == types.Timestamp { // the one that most records have
		n, f := value.ReadTimestamp(b, v.Type.Precision)
		if f == value.OK {
			v.Ints[i] = n
			return nil
		}
	}
	if v.Type.IsNested() {
		return v.setNested(i, b)
	}
	s, f := value.Read(b, v.Type)
	if f != value.OK {
		return f.Error(v.Type, b)
	}
	v.SetScalar(i, s)
	return nil
}

// SetBytes puts a string into row i, copying it into the slab.
func (v *Vector) SetBytes(i int, b []byte) {
	off := len(v.Slab)
	v.Slab = append(v.Slab, b...)
	v.Views[i] = View{uint32(off), uint32(len(b))}
}
