package wasm

import (
	"math"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// values are those of a column that a function has given, as they lie in its memory.
type values struct {
	kind
	nulls, data, offsets []byte
}

// find looks up a column of so many values by its descriptor. What the host has made room for lies at a place in the block, whatever the
// descriptor says; nothing else is believed either until it is seen to lie within the memory.
func (f *instance) find(at int, k kind, n int, block uint32, p place) (v values, err error) {
	memory := f.running.Memory()
	d, ok := memory.Read(f.block+uint32(at)*descriptor, descriptor)
	if !ok {
		return v, f.lost("its memory is gone")
	}
	where := place{nulls: little.Uint32(d[4:]), data: little.Uint32(d[8:]), offsets: little.Uint32(d[12:])}
	if block > 0 {
		where.nulls, where.offsets = block+p.nulls, block+p.offsets
		if k != text {
			where.data = block + p.data
		}
	}
	v.kind = k
	if block == 0 && n > 0 && (k == text && where.offsets == 0 || k != text && where.data == 0) {
		return v, f.lost("a column of the rows that it gives it has not set")
	}
	within := true
	part := func(at uint32, size uint64) (b []byte) {
		if size > uint64(memory.Size()) || n == 0 {
			within = within && n == 0
			return nil
		}
		b, ok := memory.Read(at, uint32(size))
		within = within && ok
		return b
	}
	if where.nulls != 0 {
		v.nulls = part(where.nulls, uint64(n))
	}
	if k == text {
		v.offsets = part(where.offsets, uint64(n+1)*4)
		v.data, _ = memory.Read(where.data, memory.Size()-min(where.data, memory.Size())) // of which texts are parts
	} else {
		v.data = part(where.data, uint64(n*widths[k]))
	}
	if !within {
		return v, f.lost("a column that it gives is not within its memory")
	}
	return v, nil
}

func (v values) null(n int) bool { return v.nulls != nil && v.nulls[n] != 0 }

// text is the bytes of a text; ok is false where they are not within the memory.
func (v values) text(n int) (b []byte, ok bool) {
	from, to := little.Uint32(v.offsets[n*4:]), little.Uint32(v.offsets[n*4+4:])
	if from > to || uint64(to) > uint64(len(v.data)) {
		return nil, false
	}
	return v.data[from:to], true
}

// put puts value n, which is not NULL, into a row of out.
func (v values) put(f *instance, out *column.Vector, row, n int, t types.Type) error {
	switch v.kind {
	case boolean:
		out.Bools[row] = v.data[n] != 0
	case float:
		out.Floats[row] = math.Float64frombits(little.Uint64(v.data[n*8:]))
	case whole:
		x := int64(little.Uint64(v.data[n*8:]))
		if !inRange(x, t) {
			return outOfRange(f, t)
		}
		out.Ints[row] = x
	case wide:
		x := column.Int128{Lo: little.Uint64(v.data[n*16:]), Hi: int64(little.Uint64(v.data[n*16+8:]))}
		if !inDigits(x, t.Precision) {
			return outOfRange(f, t)
		}
		out.Wides[row] = x
	case interval:
		x, ok := intervalAt(v.data[n*16:]).Pack()
		if !ok {
			return outOfRange(f, t)
		}
		out.Wides[row] = x
	case text:
		return v.putText(f, out, row, n, t)
	}
	return nil
}

func (v values) putText(f *instance, out *column.Vector, row, n int, t types.Type) error {
	b, ok := v.text(n)
	if !ok {
		return f.lost("a text of its result is not within its memory")
	}
	if t.Kind == types.String && !isText(b) {
		return sqlerr.New(sqlerr.InvalidCharacter, "what function %s gives is no text in UTF-8", f.name)
	}
	out.Views[row] = column.View{Off: uint32(len(out.Slab)), Len: uint32(len(b))}
	out.Slab = append(out.Slab, b...)
	return nil
}

func intervalAt(b []byte) value.Interval {
	return value.Interval{Micros: int64(little.Uint64(b)), Days: int64(int32(little.Uint32(b[8:]))), Months: int64(int32(little.Uint32(b[12:])))}
}

func outOfRange(f *instance, t types.Type) error {
	return sqlerr.New(sqlerr.OutOfRange, "what function %s gives is out of range for %s", f.name, t)
}

// inRange tells that a number can be a value of a type.
func inRange(x int64, t types.Type) bool {
	switch t.Kind {
	case types.Date:
		return value.DateInRange(x)
	case types.Timestamp, types.TimestampTZ:
		return value.TimeInRange(x)
	case types.Time:
		return x >= 0 && x < column.Day
	case types.Decimal:
		return inDigits(column.FromInt64(x), t.Precision)
	}
	return true
}

func inDigits(x column.Int128, digits int) bool {
	most := value.WidePow10[digits]
	return x.Cmp(most) < 0 && x.Cmp(most.Neg()) > 0
}

func isText(b []byte) bool {
	for _, c := range b {
		if c == 0 {
			return false
		}
	}
	return utf8.Valid(b)
}
