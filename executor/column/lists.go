package column

import (
	"encoding/binary"

	"slipway/sql/value"
)

// lists are arrays and maps: views into child vectors, of an ARRAY one of its elements, of a MAP
// one of its keys and one of its values. The entries of a MAP are in the order of their keys,
// each key there once, so that equal maps are equal rows.
type lists struct{}

func (lists) length(v *Vector) int     { return len(v.Views) }
func (lists) grow(v *Vector, rows int) { v.growViews(rows) }
func (lists) extend(v *Vector) int     { return v.extendViews() }
func (lists) memory(v *Vector) int     { return 8*cap(v.Views) + 4*cap(v.picked) + kidsMemory(v) }

func kidsMemory(v *Vector) (n int) {
	for _, k := range v.Kids {
		n += k.Memory()
	}
	return n
}

// appendRows copies the elements behind those of v, whatever else the children of src hold.
func (lists) appendRows(v, src *Vector, sel []int32, n int) {
	at, next := len(v.Views), uint32(v.Kids[0].Len())
	v.Views, v.picked = gather(v.Views, src.Views, sel, n), v.picked[:0]
	for i, w := range v.Views[at:] {
		v.Views[at+i].Off = next
		next += w.Len
		for e := range w.Len {
			v.picked = append(v.picked, int32(w.Off+e))
		}
	}
	for k, kid := range v.Kids {
		kid.AppendRows(src.Kids[k], v.picked, 0)
	}
}

func (r lists) copyRows(v, src *Vector, sel []int32) {
	for _, row := range sel {
		r.set(v, int(row), src, int(row))
	}
}

func (lists) set(v *Vector, i int, src *Vector, j int) {
	w := src.Views[j]
	v.Views[i], v.picked = View{uint32(v.Kids[0].Len()), w.Len}, v.picked[:0]
	for e := range w.Len {
		v.picked = append(v.picked, int32(w.Off+e))
	}
	for k, kid := range v.Kids {
		kid.AppendRows(src.Kids[k], v.picked, 0)
	}
}

func (r lists) hash(dst []uint64, v *Vector) {
	for i := range v.Views {
		dst[i] = mix(dst[i], r.hashAt(v, i))
	}
}

func (lists) hashAt(v *Vector, i int) uint64 {
	w := v.Views[i]
	h := hashBegin ^ uint64(w.Len)
	for _, kid := range v.Kids {
		one := kid.held
		for e := int(w.Off); e < int(w.Off+w.Len); e++ {
			h = mix(h, hashPart(one, kid, e))
		}
	}
	return mix(h, hashEnd)
}

// hashPart takes NULL as one more value.
func hashPart(r representation, v *Vector, i int) uint64 {
	if v.Null(i) {
		return hashNull
	}
	return r.hashAt(v, i)
}

func (lists) equal(a *Vector, i int, b *Vector, j int) bool {
	x, y := a.Views[i], b.Views[j]
	if x.Len != y.Len {
		return false
	}
	for k, kid := range a.Kids {
		one := kid.held
		for e := range int(x.Len) {
			if !equalRows(one, kid, int(x.Off)+e, b.Kids[k], int(y.Off)+e) {
				return false
			}
		}
	}
	return true
}

// compare orders by the first element that differs, of a MAP by keys and values in turn.
func (lists) compare(a *Vector, i int, b *Vector, j int) int {
	x, y := a.Views[i], b.Views[j]
	for e := range int(min(x.Len, y.Len)) {
		for k, kid := range a.Kids {
			if c := compareRows(kid.held, kid, int(x.Off)+e, b.Kids[k], int(y.Off)+e); c != 0 {
				return c
			}
		}
	}
	return int(x.Len) - int(y.Len)
}

func (lists) appendValue(dst []byte, v *Vector, i int) []byte {
	w := v.Views[i]
	dst = binary.AppendUvarint(dst, uint64(w.Len))
	for _, kid := range v.Kids {
		dst = appendElements(dst, kid, int(w.Off), int(w.Off+w.Len))
	}
	return dst
}

func appendElements(dst []byte, v *Vector, from, to int) []byte {
	r, some := v.held, byte(0)
	for i := from; i < to; i++ {
		if v.Null(i) {
			some = 1
		}
	}
	dst = append(dst, some)
	for i := from; i < to; i++ {
		switch null := v.Null(i); {
		case null:
			dst = append(dst, 0)
		case some == 1:
			dst = r.appendValue(append(dst, 1), v, i)
		default:
			dst = r.appendValue(dst, v, i)
		}
	}
	return dst
}

func (lists) readValue(v *Vector, src []byte) ([]byte, bool) {
	n, rest, ok := readCount(src)
	off := v.Kids[0].Len()
	for _, kid := range v.Kids {
		if ok {
			rest, ok = readElements(kid, n, rest)
		}
	}
	if ok { // else the caller gives the row up, and with it what the children got
		v.appendView(off, n)
	}
	return rest, ok
}

// AppendElements appends a present row to an ARRAY: so many elements, which lie in the child from off on.
func (v *Vector) AppendElements(off, n int) { v.appendView(off, n) }

// AppendPart appends n rows of src, from one on, to child k.
func (v *Vector) AppendPart(k int, src *Vector, from, n int) {
	v.picked = v.picked[:0]
	for e := range n {
		v.picked = append(v.picked, int32(from+e))
	}
	v.Kids[k].AppendRows(src, v.picked, 0)
}

// appendView appends a present row of elements that are in the children.
func (v *Vector) appendView(off, n int) {
	v.Views = append(v.Views, View{uint32(off), uint32(n)})
	v.coverRows(len(v.Views))
}

func readElements(v *Vector, n int, src []byte) (rest []byte, ok bool) {
	if len(src) == 0 || src[0] > 1 {
		return nil, false
	}
	r, some, rest := v.held, src[0] == 1, src[1:]
	for range n {
		if some {
			if len(rest) == 0 || rest[0] > 1 {
				return nil, false
			}
			present := rest[0] == 1
			if rest = rest[1:]; !present {
				v.AppendNull()
				continue
			}
		}
		if rest, ok = r.readValue(v, rest); !ok {
			return nil, false
		}
	}
	return rest, true
}

func (lists) appendKey(dst []byte, v *Vector, i int) []byte {
	w := v.Views[i]
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		for _, kid := range v.Kids {
			dst = appendKeyPart(dst, kid, e)
		}
	}
	return append(dst, keyEnd)
}

func (lists) readKey(v *Vector, src []byte, flip byte) (rest []byte, ok bool) {
	off, n := v.Kids[0].Len(), 0
	for rest = src; len(rest) > 0 && rest[0]^flip != keyEnd; n++ {
		for _, kid := range v.Kids {
			if rest, ok = readKeyPart(kid, rest, flip); !ok {
				return nil, false
			}
		}
	}
	if len(rest) == 0 {
		return nil, false
	}
	v.appendView(off, n)
	return rest[1:], true
}

// appendFrame wants the elements in order and without others between: frame.go copies them so.
func (lists) appendFrame(dst []byte, v *Vector) []byte {
	for _, w := range v.Views {
		dst = binary.AppendUvarint(dst, uint64(w.Len))
	}
	for _, kid := range v.Kids {
		dst = appendColumn(dst, kid)
	}
	return dst
}

func (lists) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	rest, all, ok := readViews(v, rows, src)
	for _, kid := range v.Kids {
		if ok {
			rest, ok = readColumn(kid, all, rest)
		}
	}
	return rest, ok
}

func (r lists) words() WordCodec { return nestedWords(r) }

// nestedWords: a nested value is kept as its bytes.
func nestedWords(r representation) WordCodec {
	return WordCodec{
		N: 1, Ref: true,
		Bytes: func(room []byte, v *Vector, i int) []byte { return r.appendValue(room[:0], v, i) },
		Key:   func(room []byte, v *Vector, i int) []byte { return r.appendKey(room[:0], v, i) },
		AppendBytes: func(v *Vector, b []byte) bool {
			rest, ok := r.readValue(v, b)
			return ok && len(rest) == 0
		},
		AppendKey: func(v *Vector, b []byte) bool {
			rest, ok := r.readKey(v, b, 0)
			return ok && len(rest) == 0
		},
	}
}

func (lists) scalar(v *Vector, i int) value.Scalar       { return nestedScalar(v, i) }
func (lists) setScalar(v *Vector, i int, s value.Scalar) { setNestedScalar(v, i, s) }
