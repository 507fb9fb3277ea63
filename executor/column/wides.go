package column

import (
	"encoding/binary"

	"slipway/sql/value"
)

// wides are long decimals, in 128 bits.
type wides struct{ cells[Int128] }

func mixWide(h uint64, x Int128) uint64 { return mix(mix(h, uint64(x.Hi)), x.Lo) }

func (wides) hash(dst []uint64, v *Vector) {
	for i, x := range v.Wides {
		dst[i] = mixWide(dst[i], x)
	}
}

func (wides) hashAt(v *Vector, i int) uint64 { return mixWide(hashBegin, v.Wides[i]) }

func (wides) equal(a *Vector, i int, b *Vector, j int) bool  { return a.Wides[i] == b.Wides[j] }
func (wides) compare(a *Vector, i int, b *Vector, j int) int { return a.Wides[i].Cmp(b.Wides[j]) }

// appendValue: what fits into 64 bits is written as such behind 0, the rest as 16 bytes behind 1.
func (wides) appendValue(dst []byte, v *Vector, i int) []byte {
	x := v.Wides[i]
	if n, ok := x.Int64(); ok {
		return binary.AppendVarint(append(dst, 0), n)
	}
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(append(dst, 1), uint64(x.Hi)), x.Lo)
}

func (r wides) readValue(v *Vector, src []byte) ([]byte, bool) {
	if len(src) >= 17 && src[0] == 1 {
		r.add(v, Int128{Hi: int64(binary.LittleEndian.Uint64(src[1:])), Lo: binary.LittleEndian.Uint64(src[9:])})
		return src[17:], true
	}
	if len(src) == 0 || src[0] != 0 {
		return nil, false
	}
	x, n := binary.Varint(src[1:])
	if n <= 0 {
		return nil, false
	}
	r.add(v, FromInt64(x))
	return src[1+n:], true
}

func (wides) appendKey(dst []byte, v *Vector, i int) []byte {
	x := v.Wides[i]
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(x.Hi)^signBit), x.Lo)
}

func (r wides) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	hi, rest, ok := readKeyWord(src, flip)
	if !ok {
		return nil, false
	}
	lo, rest, ok := readKeyWord(rest, flip)
	if !ok {
		return nil, false
	}
	r.add(v, Int128{Hi: int64(hi ^ signBit), Lo: lo})
	return rest, true
}

func (wides) appendFrame(dst []byte, v *Vector) []byte {
	for _, x := range v.Wides {
		dst = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, uint64(x.Hi)), x.Lo)
	}
	return dst
}

func (r wides) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	if len(src)/16 < rows {
		return nil, false
	}
	r.grow(v, rows)
	for i := range v.Wides {
		v.Wides[i] = Int128{Hi: int64(binary.LittleEndian.Uint64(src[16*i:])), Lo: binary.LittleEndian.Uint64(src[16*i+8:])}
	}
	return src[16*rows:], true
}

func wideOf(w []uint64) Int128 { return Int128{Hi: int64(w[0]), Lo: w[1]} }

func (r wides) words() WordCodec {
	put := func(w []uint64, v *Vector, i int) { w[0], w[1] = uint64(v.Wides[i].Hi), v.Wides[i].Lo }
	same := func(w []uint64, v *Vector, i int) bool { return wideOf(w) == v.Wides[i] }
	return WordCodec{
		N: 2, Put: put, PutKey: put, Same: same, SameKey: same,
		Compare: func(w []uint64, v *Vector, i int) int { return wideOf(w).Cmp(v.Wides[i]) },
		Order:   func(w, x []uint64) int { return wideOf(w).Cmp(wideOf(x)) },
		Append:  func(v *Vector, w []uint64) { r.add(v, wideOf(w)) },
	}
}

func (wides) scalar(v *Vector, i int) value.Scalar       { return value.Scalar{Wide: v.Wides[i]} }
func (wides) setScalar(v *Vector, i int, s value.Scalar) { v.Wides[i] = s.Wide }
