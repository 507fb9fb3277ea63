package column

import (
	"encoding/binary"
	"math"

	"slipway/sql/value"
)

// floats are binary numbers in 64 bits.
type floats struct{ cells[float64] }

// nanBits is the one NaN of keys and hashes.
const nanBits = 0x7FF8000000000001

const infinityBits uint64 = 0x7FF0000000000000

// floatBits are the bits of a number, the same for what is equal.
func floatBits(x float64) uint64 {
	bits := math.Float64bits(x + 0) // -0 + 0 is 0
	if bits&^signBit > infinityBits {
		return nanBits
	}
	return bits
}

func (floats) hash(dst []uint64, v *Vector) {
	for i, x := range v.Floats {
		dst[i] = mix(dst[i], floatBits(x))
	}
}

func (floats) hashAt(v *Vector, i int) uint64 { return mix(hashBegin, floatBits(v.Floats[i])) }

func (floats) equal(a *Vector, i int, b *Vector, j int) bool {
	x, y := a.Floats[i], b.Floats[j]
	return x == y || x != x && y != y
}

func (floats) compare(a *Vector, i int, b *Vector, j int) int {
	return value.CompareFloat(a.Floats[i], b.Floats[j])
}

func (floats) appendValue(dst []byte, v *Vector, i int) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Floats[i]))
}

func (r floats) readValue(v *Vector, src []byte) ([]byte, bool) {
	if len(src) < 8 {
		return nil, false
	}
	r.add(v, math.Float64frombits(binary.LittleEndian.Uint64(src)))
	return src[8:], true
}

// appendKey: the bits of numbers below zero are turned round.
func (floats) appendKey(dst []byte, v *Vector, i int) []byte {
	x := floatBits(v.Floats[i])
	if x&signBit != 0 {
		x = ^x
	} else {
		x |= signBit
	}
	return binary.BigEndian.AppendUint64(dst, x)
}

func (r floats) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	x, rest, ok := readKeyWord(src, flip)
	if !ok {
		return nil, false
	}
	if x&signBit != 0 {
		x &^= signBit
	} else {
		x = ^x
	}
	r.add(v, math.Float64frombits(x))
	return rest, true
}

func (floats) appendFrame(dst []byte, v *Vector) []byte {
	for _, x := range v.Floats {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

func (r floats) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	if len(src)/8 < rows {
		return nil, false
	}
	r.grow(v, rows)
	for i := range v.Floats {
		v.Floats[i] = math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:]))
	}
	return src[8*rows:], true
}

func (r floats) words() WordCodec {
	return WordCodec{
		N:       1,
		Put:     func(w []uint64, v *Vector, i int) { w[0] = math.Float64bits(v.Floats[i]) },
		PutKey:  func(w []uint64, v *Vector, i int) { w[0] = floatBits(v.Floats[i]) },
		Same:    func(w []uint64, v *Vector, i int) bool { return w[0] == math.Float64bits(v.Floats[i]) },
		SameKey: func(w []uint64, v *Vector, i int) bool { return w[0] == floatBits(v.Floats[i]) },
		Compare: func(w []uint64, v *Vector, i int) int {
			return value.CompareFloat(math.Float64frombits(w[0]), v.Floats[i])
		},
		Order: func(w, x []uint64) int {
			return value.CompareFloat(math.Float64frombits(w[0]), math.Float64frombits(x[0]))
		},
		Append: func(v *Vector, w []uint64) { r.add(v, math.Float64frombits(w[0])) },
	}
}

func (floats) scalar(v *Vector, i int) value.Scalar       { return value.Scalar{Float: v.Floats[i]} }
func (floats) setScalar(v *Vector, i int, s value.Scalar) { v.Floats[i] = s.Float }
