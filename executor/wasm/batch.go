package wasm

import (
	"encoding/binary"
	"math"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

// A batch in a module's memory is a descriptor of 16 bytes for each argument and, behind them, for what the function gives:
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

// layout says where the columns of a call lie, in the order of their descriptors.
type layout struct {
	places []place
	kinds  []kind
	open   uint32 // where what the function writes begins
	end    uint32 // bytes of the block
}

var little = binary.LittleEndian

// begins lays out a block of so many columns.
func (l *layout) begins(columns int) {
	l.places, l.kinds, l.end = l.places[:0], l.kinds[:0], uint32(columns*descriptor)
}

func (l *layout) take(size int) uint32 {
	at := l.end
	l.end = (at + uint32(size) + 7) &^ 7
	return at
}

func (l *layout) add(k kind, p place) {
	l.places, l.kinds = append(l.places, p), append(l.kinds, k)
}

// column gives an argument its place for some rows.
func (l *layout) column(k kind, v *column.Vector, rows []int32) {
	var p place
	if v.Valid != nil {
		p.nulls = l.take(len(rows))
	}
	bytes := len(rows) * widths[k]
	if k == text {
		p.offsets = l.take((len(rows) + 1) * 4)
		for _, row := range rows {
			bytes += int(v.Views[row].Len)
		}
	}
	p.data = l.take(max(bytes, 1))
	l.add(k, p)
}

// room gives a result its place; texts are where the function has them.
func (l *layout) room(k kind, n int) {
	l.open = l.end
	p := place{nulls: l.take(n)}
	if k == text {
		p.offsets = l.take((n + 1) * 4)
	} else {
		p.data = l.take(n * widths[k])
	}
	l.add(k, p)
}

// openColumns gives a table the place that says which rows are of which; where its columns are is the function's to say.
func (l *layout) openColumns(columns []types.Field, n int) {
	l.open = l.end
	l.add(rowsOf, place{offsets: l.take((n + 1) * 4)})
	for _, c := range columns {
		l.add(kindOf(c.Type), place{})
	}
}

// write puts the descriptors, and the arguments, into the block, which lies at an address.
func (l *layout) write(m []byte, block uint32, vs []*column.Vector, rows []int32) {
	l.writeDescriptors(m, block)
	for i, v := range vs {
		l.writeColumn(m, i, v, rows)
	}
}

// writeDescriptors says where the columns lie, and empties what the module writes.
func (l *layout) writeDescriptors(m []byte, block uint32) {
	for i, p := range l.places {
		d := m[i*descriptor:]
		little.PutUint32(d, uint32(l.kinds[i]))
		for n, at := range [...]uint32{p.nulls, p.data, p.offsets} {
			if at > 0 {
				at += block
			}
			little.PutUint32(d[4+4*n:], at)
		}
	}
	clear(m[l.open:])
}

func (l *layout) writeColumn(m []byte, i int, v *column.Vector, rows []int32) {
	writeNulls(m, l.places[i], v, rows)
	writeValues(m, l.places[i], l.kinds[i], v, rows)
}

func writeNulls(m []byte, p place, v *column.Vector, rows []int32) {
	if p.nulls == 0 {
		return
	}
	to := m[p.nulls:]
	for n, row := range rows {
		to[n] = 0
		if !v.Valid.Get(int(row)) {
			to[n] = 1
		}
	}
}

func writeValues(m []byte, p place, k kind, v *column.Vector, rows []int32) {
	to := m[p.data:]
	switch k {
	case boolean:
		for n, row := range rows {
			to[n] = 0
			if v.Bools[row] {
				to[n] = 1
			}
		}
	case whole:
		for n, row := range rows {
			little.PutUint64(to[n*8:], uint64(v.Ints[row]))
		}
	case float:
		for n, row := range rows {
			little.PutUint64(to[n*8:], math.Float64bits(v.Floats[row]))
		}
	case wide:
		for n, row := range rows {
			little.PutUint64(to[n*16:], v.Wides[row].Lo)
			little.PutUint64(to[n*16+8:], uint64(v.Wides[row].Hi))
		}
	case interval:
		for n, row := range rows {
			putInterval(to[n*16:], value.UnpackInterval(v.Wides[row]))
		}
	case text:
		offsets, end := m[p.offsets:], 0
		for n, row := range rows {
			little.PutUint32(offsets[n*4:], uint32(end))
			end += copy(to[end:], v.Bytes(int(row)))
		}
		little.PutUint32(offsets[len(rows)*4:], uint32(end))
	}
}

// putInterval writes the parts of an INTERVAL: 8 bytes of microseconds, 4 of days, 4 of months.
func putInterval(to []byte, v value.Interval) {
	little.PutUint64(to, uint64(v.Micros))
	little.PutUint32(to[8:], uint32(v.Days))
	little.PutUint32(to[12:], uint32(v.Months))
}
