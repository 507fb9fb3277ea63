package column

import (
	"cmp"
	"encoding/binary"

	"slipway/sql/value"
)

// intervals are packed by value.Interval: the high half is what they are compared by. In keys and
// hashes of equal ones the plain one stands for all, which has days and a time and no months.
type intervals struct{ wides }

func (intervals) hash(dst []uint64, v *Vector) {
	for i, x := range v.Wides {
		dst[i] = mix(dst[i], uint64(x.Hi))
	}
}

func (intervals) hashAt(v *Vector, i int) uint64 { return mix(hashBegin, uint64(v.Wides[i].Hi)) }

func (intervals) equal(a *Vector, i int, b *Vector, j int) bool {
	return a.Wides[i].Hi == b.Wides[j].Hi
}

func (intervals) compare(a *Vector, i int, b *Vector, j int) int {
	return cmp.Compare(a.Wides[i].Hi, b.Wides[j].Hi)
}

// appendValue: three numbers of a variable number of bytes.
func (intervals) appendValue(dst []byte, v *Vector, i int) []byte {
	x := value.UnpackInterval(v.Wides[i])
	return binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(dst, x.Months), x.Days), x.Micros)
}

func (r intervals) readValue(v *Vector, src []byte) ([]byte, bool) {
	var n [3]int64
	for i := range n {
		x, used := binary.Varint(src)
		if used <= 0 {
			return nil, false
		}
		n[i], src = x, src[used:]
	}
	p, ok := value.Interval{Months: n[0], Days: n[1], Micros: n[2]}.Pack()
	if !ok {
		return nil, false
	}
	r.add(v, p)
	return src, true
}

func (intervals) appendKey(dst []byte, v *Vector, i int) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v.Wides[i].Hi)^signBit)
}

func (r intervals) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	x, rest, ok := readKeyWord(src, flip)
	if !ok {
		return nil, false
	}
	r.add(v, value.PlainInterval(Int128{Hi: int64(x ^ signBit)}))
	return rest, true
}

func (r intervals) words() WordCodec {
	c := r.wides.words()
	c.PutKey = func(w []uint64, v *Vector, i int) {
		p := value.PlainInterval(v.Wides[i])
		w[0], w[1] = uint64(p.Hi), p.Lo
	}
	c.SameKey = func(w []uint64, v *Vector, i int) bool { return int64(w[0]) == v.Wides[i].Hi }
	c.Compare = func(w []uint64, v *Vector, i int) int { return cmp.Compare(int64(w[0]), v.Wides[i].Hi) }
	c.Order = func(w, x []uint64) int { return cmp.Compare(int64(w[0]), int64(x[0])) }
	return c
}
