package wasm

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// A batch in a module's memory is a descriptor of 16 bytes for each argument and, behind them, one for the result:
//
//	0  kind     of the values
//	4  nulls    address of a byte for each row, 1 where it is NULL; 0: no row is
//	8  data     address of the values; of texts, that of their bytes
//	12 offsets  address of an offset into data for each row, and one for the end; 0 of what are no texts
//
// and then what they name. All numbers have their lowest byte first.
const descriptor = 16

// place is where the parts of a column lie, from the beginning of the block; 0 where it has none.
type place struct{ nulls, data, offsets uint32 }

// layOut gives every column its place for the rows of a call, and tells how many bytes they take.
func (f *Function) layOut(vs []*column.Vector) uint32 {
	f.places = f.places[:0]
	n, end := len(f.rows), (len(vs)+1)*descriptor
	take := func(size int) uint32 {
		at := end
		end = (end + size + 7) &^ 7
		return uint32(at)
	}
	for i, v := range vs {
		var p place
		if v.Valid != nil {
			p.nulls = take(n)
		}
		if f.arguments[i] == text {
			p.offsets = take((n + 1) * 4)
			bytes := 0
			for _, row := range f.rows {
				bytes += int(v.Views[row].Len)
			}
			p.data = take(max(bytes, 1))
		} else {
			p.data = take(n * widths[f.arguments[i]])
		}
		f.places = append(f.places, p)
	}
	given := place{nulls: take(n)}
	if f.given == text {
		given.offsets = take((n + 1) * 4)
	} else {
		given.data = take(n * widths[f.given])
	}
	f.places = append(f.places, given)
	return uint32(end)
}

var little = binary.LittleEndian

// write puts the arguments into the block.
func (f *Function) write(m []byte, vs []*column.Vector) {
	for i, p := range f.places {
		k := f.given
		if i < len(vs) {
			k = f.arguments[i]
		}
		d := m[i*descriptor:]
		little.PutUint32(d, uint32(k))
		for n, at := range [...]uint32{p.nulls, p.data, p.offsets} {
			if at > 0 {
				at += f.block
			}
			little.PutUint32(d[4+4*n:], at)
		}
	}
	given := f.places[len(vs)]
	clear(m[given.nulls:])
	for i, v := range vs {
		f.writeNulls(m, f.places[i], v)
		f.writeValues(m, f.places[i], f.arguments[i], v)
	}
}

func (f *Function) writeNulls(m []byte, p place, v *column.Vector) {
	if p.nulls == 0 {
		return
	}
	to := m[p.nulls:]
	for n, row := range f.rows {
		to[n] = 0
		if !v.Valid.Get(int(row)) {
			to[n] = 1
		}
	}
}

func (f *Function) writeValues(m []byte, p place, k kind, v *column.Vector) {
	to := m[p.data:]
	switch k {
	case boolean:
		for n, row := range f.rows {
			to[n] = 0
			if v.Bools[row] {
				to[n] = 1
			}
		}
	case whole:
		for n, row := range f.rows {
			little.PutUint64(to[n*8:], uint64(v.Ints[row]))
		}
	case float:
		for n, row := range f.rows {
			little.PutUint64(to[n*8:], math.Float64bits(v.Floats[row]))
		}
	case wide:
		for n, row := range f.rows {
			little.PutUint64(to[n*16:], v.Wides[row].Lo)
			little.PutUint64(to[n*16+8:], uint64(v.Wides[row].Hi))
		}
	case text:
		offsets, end := m[p.offsets:], 0
		for n, row := range f.rows {
			little.PutUint32(offsets[n*4:], uint32(end))
			end += copy(to[end:], v.Bytes(int(row)))
		}
		little.PutUint32(offsets[len(f.rows)*4:], uint32(end))
	}
}

// read takes the result out of the module's memory. What it finds there is no more to be trusted than what a client sends.
func (f *Function) read(out *column.Vector, null func(row int)) error {
	p, n := f.places[len(f.places)-1], uint32(len(f.rows))
	memory := f.instance.Memory()
	d, ok := memory.Read(f.block+uint32(len(f.places)-1)*descriptor, descriptor)
	if !ok {
		return f.lost("its memory is gone")
	}
	at := little.Uint32(d[8:]) // only that of texts is the function's to say
	if f.given != text {
		at = f.block + p.data
	}
	nulls, ok := memory.Read(f.block+p.nulls, n)
	if !ok {
		return f.lost("its memory is gone")
	}
	for i, row := range f.rows {
		if nulls[i] != 0 {
			null(int(row))
		}
	}
	if f.given == text {
		return f.readTexts(out, nulls, at)
	}
	data, ok := memory.Read(at, n*uint32(widths[f.given]))
	if !ok {
		return f.lost("its memory is gone")
	}
	return f.readValues(out, nulls, data)
}

func (f *Function) readValues(out *column.Vector, nulls, data []byte) error {
	switch f.given {
	case boolean:
		for n, row := range f.rows {
			out.Bools[row] = data[n] != 0
		}
	case float:
		for n, row := range f.rows {
			out.Floats[row] = math.Float64frombits(little.Uint64(data[n*8:]))
		}
	case whole:
		for n, row := range f.rows {
			x := int64(little.Uint64(data[n*8:]))
			if nulls[n] == 0 && !inRange(x, f.result) {
				return f.outOfRange()
			}
			out.Ints[row] = x
		}
	case wide:
		for n, row := range f.rows {
			x := column.Int128{Lo: little.Uint64(data[n*16:]), Hi: int64(little.Uint64(data[n*16+8:]))}
			if nulls[n] == 0 && !inDigits(x, f.result.Precision) {
				return f.outOfRange()
			}
			out.Wides[row] = x
		}
	}
	return nil
}

func (f *Function) outOfRange() error {
	return sqlerr.New(sqlerr.OutOfRange, "what function %s gives is out of range for %s", f.name, f.result)
}

// inRange tells that a number can be a value of a type.
func inRange(x int64, t types.Type) bool {
	switch t.Kind {
	case types.Date:
		return value.DateInRange(x)
	case types.Timestamp:
		return value.DateInRange(column.FloorDiv(x, column.Day))
	case types.Decimal:
		return inDigits(column.FromInt64(x), t.Precision)
	}
	return true
}

func inDigits(x column.Int128, digits int) bool {
	most := value.WidePow10[digits]
	return x.Cmp(most) < 0 && x.Cmp(most.Neg()) > 0
}

// readTexts copies the texts that lie at an address.
func (f *Function) readTexts(out *column.Vector, nulls []byte, at uint32) error {
	p, memory := f.places[len(f.places)-1], f.instance.Memory()
	offsets, ok := memory.Read(f.block+p.offsets, uint32(len(f.rows)+1)*4)
	if !ok {
		return f.lost("its memory is gone")
	}
	for n, row := range f.rows {
		from, to := little.Uint32(offsets[n*4:]), little.Uint32(offsets[n*4+4:])
		if nulls[n] != 0 {
			continue
		}
		if to < from || uint64(at)+uint64(to) > uint64(memory.Size()) {
			return f.lost("a text of its result is not within its memory")
		}
		b, ok := memory.Read(at+from, to-from)
		if !ok {
			return f.lost("a text of its result is not within its memory")
		}
		if f.result.Kind == types.String && !isText(b) {
			return sqlerr.New(sqlerr.InvalidCharacter, "what function %s gives is no text in UTF-8", f.name)
		}
		out.Views[row] = column.View{Off: uint32(len(out.Slab)), Len: uint32(len(b))}
		out.Slab = append(out.Slab, b...)
	}
	return nil
}

func isText(b []byte) bool {
	for _, c := range b {
		if c == 0 {
			return false
		}
	}
	return utf8.Valid(b)
}
