package column

import (
	"cmp"
	"encoding/binary"

	"slipway/sql/value"
)

// ints are whole numbers, short decimals and times, in 64 bits.
type ints struct{ cells[int64] }

func (ints) hash(dst []uint64, v *Vector) {
	for i, x := range v.Ints {
		dst[i] = mix(dst[i], uint64(x))
	}
}

func (ints) hashAt(v *Vector, i int) uint64 { return mix(hashBegin, uint64(v.Ints[i])) }

func (ints) equal(a *Vector, i int, b *Vector, j int) bool  { return a.Ints[i] == b.Ints[j] }
func (ints) compare(a *Vector, i int, b *Vector, j int) int { return cmp.Compare(a.Ints[i], b.Ints[j]) }

func (ints) appendValue(dst []byte, v *Vector, i int) []byte {
	return binary.AppendVarint(dst, v.Ints[i])
}

func (r ints) readValue(v *Vector, src []byte) ([]byte, bool) {
	x, n := binary.Varint(src)
	if n <= 0 {
		return nil, false
	}
	r.add(v, x)
	return src[n:], true
}

// signBit makes the order of numbers that of their unsigned bits.
const signBit = 1 << 63

func (ints) appendKey(dst []byte, v *Vector, i int) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v.Ints[i])^signBit)
}

func (r ints) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	x, rest, ok := readKeyWord(src, flip)
	if !ok {
		return nil, false
	}
	r.add(v, int64(x^signBit))
	return rest, true
}

func (ints) appendFrame(dst []byte, v *Vector) []byte {
	for _, x := range v.Ints {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(x))
	}
	return dst
}

func (r ints) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	if len(src)/8 < rows {
		return nil, false
	}
	r.grow(v, rows)
	for i := range v.Ints {
		v.Ints[i] = int64(binary.LittleEndian.Uint64(src[8*i:]))
	}
	return src[8*rows:], true
}

func (ints) words() WordCodec {
	put := func(w []uint64, v *Vector, i int) { w[0] = uint64(v.Ints[i]) }
	same := func(w []uint64, v *Vector, i int) bool { return w[0] == uint64(v.Ints[i]) }
	return WordCodec{
		N: 1, Put: put, PutKey: put, Same: same, SameKey: same,
		Compare: func(w []uint64, v *Vector, i int) int { return cmp.Compare(int64(w[0]), v.Ints[i]) },
		Order:   func(w, x []uint64) int { return cmp.Compare(int64(w[0]), int64(x[0])) },
		Append:  func(v *Vector, w []uint64) { v.AppendInt(int64(w[0])) },
	}
}

func (ints) scalar(v *Vector, i int) value.Scalar       { return value.Scalar{Int: v.Ints[i]} }
func (ints) setScalar(v *Vector, i int, s value.Scalar) { v.Ints[i] = s.Int }
