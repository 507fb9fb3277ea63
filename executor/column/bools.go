package column

import (
	"cmp"

	"slipway/sql/value"
)

// bools are truth values; false is before true.
type bools struct{ cells[bool] }

func (bools) hash(dst []uint64, v *Vector) {
	for i, x := range v.Bools {
		dst[i] = mix(dst[i], 1+boolWord(x))
	}
}

func boolWord(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (bools) hashAt(v *Vector, i int) uint64 { return mix(hashBegin, 1+boolWord(v.Bools[i])) }

func (bools) equal(a *Vector, i int, b *Vector, j int) bool { return a.Bools[i] == b.Bools[j] }

func (bools) compare(a *Vector, i int, b *Vector, j int) int {
	return cmp.Compare(boolWord(a.Bools[i]), boolWord(b.Bools[j]))
}

func (bools) appendValue(dst []byte, v *Vector, i int) []byte {
	return append(dst, byte(boolWord(v.Bools[i])))
}

func (r bools) readValue(v *Vector, src []byte) ([]byte, bool) { return r.readKey(v, src, 0) }

func (r bools) appendKey(dst []byte, v *Vector, i int) []byte { return r.appendValue(dst, v, i) }

func (r bools) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	if len(src) == 0 || src[0]^flip > 1 {
		return nil, false
	}
	r.add(v, src[0]^flip == 1)
	return src[1:], true
}

func (bools) appendFrame(dst []byte, v *Vector) []byte {
	for _, x := range v.Bools {
		dst = append(dst, byte(boolWord(x)))
	}
	return dst
}

func (r bools) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	if len(src) < rows {
		return nil, false
	}
	r.grow(v, rows)
	for i := range v.Bools {
		v.Bools[i] = src[i] != 0
	}
	return src[rows:], true
}

func (r bools) words() WordCodec {
	put := func(w []uint64, v *Vector, i int) { w[0] = boolWord(v.Bools[i]) }
	same := func(w []uint64, v *Vector, i int) bool { return w[0] == boolWord(v.Bools[i]) }
	return WordCodec{
		N: 1, Put: put, PutKey: put, Same: same, SameKey: same,
		Compare: func(w []uint64, v *Vector, i int) int { return cmp.Compare(w[0], boolWord(v.Bools[i])) },
		Order:   func(w, x []uint64) int { return cmp.Compare(w[0], x[0]) },
		Append:  func(v *Vector, w []uint64) { r.add(v, w[0] != 0) },
	}
}

func (bools) scalar(v *Vector, i int) value.Scalar       { return value.Scalar{Bool: v.Bools[i]} }
func (bools) setScalar(v *Vector, i int, s value.Scalar) { v.Bools[i] = s.Bool }
