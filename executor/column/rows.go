package column

import (
	"encoding/binary"

	"slipway/sql/types"
)

// A row as bytes is a version, a bit for each column that is NULL, and the values of the others:
//
//	BOOLEAN        1 byte
//	64-bit         a variable number of bytes, signed (zigzag); FLOAT and DOUBLE 8 bytes
//	long DECIMAL   0 and as 64-bit, or 1 and 16 bytes
//	INTERVAL       months, days and microseconds, each as 64-bit
//	bytes          length and bytes
//	ARRAY          number of elements, then the elements: 0 and each; or 1 and for each 1 and its value or 0 if it is NULL
//	MAP            number of entries, then the keys as elements, then the values as elements
//	STRUCT         a bit for each field that is NULL, then the values of the others
//
// Little-endian; numbers of things are unsigned of a variable number of bytes. NULL is 1.
const rowVersion = 1

// RowCodec writes and reads rows of some types.
type RowCodec struct {
	write []func(dst []byte, v *Vector, i int) []byte
	read  []func(v *Vector, src []byte) (rest []byte, ok bool)
}

// NewRowCodec makes the codec for rows of columns of the types.
func NewRowCodec(list []types.Type) *RowCodec {
	c := &RowCodec{}
	for _, t := range list {
		c.write, c.read = append(c.write, of(t).appendValue), append(c.read, of(t).readValue)
	}
	return c
}

// Append writes row i of the columns.
func (c *RowCodec) Append(dst []byte, cols []*Vector, i int) []byte {
	dst, bits := appendBits(append(dst, rowVersion), len(c.write))
	for n, write := range c.write {
		if v := cols[n]; v.Null(i) {
			dst[bits+n>>3] |= 1 << (n & 7)
		} else {
			dst = write(dst, v, i)
		}
	}
	return dst
}

// Read appends a row to the columns and gives what follows it; ErrMalformed if there is none,
// after which the columns are to be reset.
func (c *RowCodec) Read(cols []*Vector, src []byte) (rest []byte, err error) {
	if len(src) == 0 || src[0] != rowVersion {
		return nil, ErrMalformed
	}
	bits, rest, ok := readBits(src[1:], len(c.read))
	for n := 0; ok && n < len(c.read); n++ {
		if bits[n>>3]&(1<<(n&7)) != 0 {
			cols[n].AppendNull()
		} else {
			rest, ok = c.read[n](cols[n], rest)
		}
	}
	if !ok {
		return nil, ErrMalformed
	}
	return rest, nil
}

// appendBits makes room for n bits that are 0, and says where they begin.
func appendBits(dst []byte, n int) (out []byte, at int) {
	at = len(dst)
	for range (n + 7) / 8 {
		dst = append(dst, 0)
	}
	return dst, at
}

func readBits(src []byte, n int) (bits, rest []byte, ok bool) {
	n = (n + 7) / 8
	if len(src) < n {
		return nil, nil, false
	}
	return src[:n], src[n:], true
}

// readCount reads the number of things that follow, each of which takes a byte at least.
func readCount(src []byte) (n int, rest []byte, ok bool) {
	x, used := binary.Uvarint(src)
	if used <= 0 || x > uint64(len(src)-used) {
		return 0, nil, false
	}
	return int(x), src[used:], true
}
