package column

import (
	"encoding/binary"
	"math"

	"slipway/sql/types"
)

// A frame is a batch as bytes, column by column, for whoever knows its schema:
//
//	version · 1 if there are kinds, else 0 · rows · columns
//	kinds:  1 byte a row
//	column: 0, or 1 and a bit per row that is present; then
//	  BOOLEAN 1 byte a row · 64-bit 8 bytes · long DECIMAL and INTERVAL 16 bytes
//	  bytes       the length of each, then all bytes
//	  ARRAY, MAP  the length of each, then a column per child with as many rows as all lengths
//	  STRUCT      a column per field
//
// Little-endian; numbers of things are unsigned of a variable number of bytes.
const frameVersion = 1

// maxFrameRows bounds what a reader takes for a batch.
const maxFrameRows = 1 << 16

// FrameCodec writes and reads batches of one schema. It is one goroutine's.
type FrameCodec struct {
	nested bool
	room   *Batch // of rows brought together
}

// NewFrameCodec makes the codec of a schema.
func NewFrameCodec(schema types.Schema) *FrameCodec {
	c := &FrameCodec{room: NewBatch(schema)}
	for _, column := range schema {
		c.nested = c.nested || column.Type.IsNested()
	}
	return c
}

// Append writes the live rows of b, at most 65536, with their kinds.
func (c *FrameCodec) Append(dst []byte, b *Batch) []byte {
	if b.Sel != nil || c.nested {
		c.room.Reset()
		c.room.AppendBatch(b, nil)
		b = c.room
	}
	kinds := byte(0)
	if len(b.Kinds) > 0 {
		kinds = 1
	}
	dst = binary.AppendUvarint(append(dst, frameVersion, kinds), uint64(b.Rows))
	dst = binary.AppendUvarint(dst, uint64(len(b.Cols)))
	for _, k := range b.Kinds {
		dst = append(dst, byte(k))
	}
	for _, v := range b.Cols {
		dst = appendColumn(dst, v)
	}
	return dst
}

// Read makes b, a batch of the schema, the batch of a frame. After ErrMalformed b is to be reset.
func (c *FrameCodec) Read(b *Batch, src []byte) error {
	b.Reset()
	if len(src) < 2 || src[0] != frameVersion || src[1] > 1 {
		return ErrMalformed
	}
	kinds := src[1] == 1
	rows, n := binary.Uvarint(src[2:])
	if n <= 0 || rows > maxFrameRows {
		return ErrMalformed
	}
	src = src[2+n:]
	cols, n := binary.Uvarint(src)
	if n <= 0 || cols != uint64(len(b.Cols)) {
		return ErrMalformed
	}
	src, b.Rows = src[n:], int(rows)
	ok := true
	if kinds {
		src, ok = b.readKinds(src)
	}
	for i := 0; ok && i < len(b.Cols); i++ {
		src, ok = readColumn(b.Cols[i], b.Rows, src)
	}
	if !ok || len(src) > 0 {
		return ErrMalformed
	}
	return nil
}

func (b *Batch) readKinds(src []byte) (rest []byte, ok bool) {
	if len(src) < b.Rows {
		return nil, false
	}
	for _, k := range src[:b.Rows] {
		if k > byte(Delete) {
			return nil, false
		}
		b.Kinds = append(b.Kinds, RowKind(k))
	}
	return src[b.Rows:], true
}

func appendColumn(dst []byte, v *Vector) []byte {
	rows := v.Len()
	if v.hasNulls(rows) {
		dst = append(dst, 1)
		for n := range (rows + 7) / 8 {
			dst = append(dst, byte(v.Valid[n>>3]>>(n&7*8)))
		}
	} else {
		dst = append(dst, 0)
	}
	return v.held.appendFrame(dst, v)
}

func (v *Vector) hasNulls(rows int) bool {
	for i := range rows {
		if v.Null(i) {
			return true
		}
	}
	return false
}

// readColumn fills an empty vector.
func readColumn(v *Vector, rows int, src []byte) (rest []byte, ok bool) {
	if len(src) == 0 || src[0] > 1 {
		return nil, false
	}
	nulls, rest := src[0] == 1, src[1:]
	if nulls {
		bits, behind, ok := readBits(rest, rows)
		if !ok {
			return nil, false
		}
		v.Valid = v.allValid(rows)
		for n, b := range bits {
			v.Valid[n>>3] &^= uint64(^b) << (n & 7 * 8)
		}
		if last := rows & 63; last > 0 { // bits behind the last row mean present
			v.Valid[rows>>6] |= ^uint64(0) << last
		}
		rest = behind
	}
	return v.held.readFrame(v, rows, rest)
}

// readViews reads the lengths of texts or lists that lie one behind the other; all is their sum.
func readViews(v *Vector, rows int, src []byte) (rest []byte, all int, ok bool) {
	if len(src) < rows {
		return nil, 0, false
	}
	v.growViews(rows)
	for i := range rows {
		n, used := binary.Uvarint(src)
		if used <= 0 || n > math.MaxInt32 || all+int(n) > math.MaxInt32 {
			return nil, 0, false
		}
		v.Views[i] = View{uint32(all), uint32(n)}
		all, src = all+int(n), src[used:]
	}
	return src, all, true
}
