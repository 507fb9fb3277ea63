package column

import (
	"bytes"
	"encoding/binary"
	"slices"

	"slipway/sql/value"
)

// texts are character types, BINARY and JSON: views into a slab.
type texts struct{}

func (texts) length(v *Vector) int { return len(v.Views) }
func (texts) memory(v *Vector) int { return 8*cap(v.Views) + cap(v.Slab) }

func (texts) grow(v *Vector, rows int) { v.growViews(rows) }

func (texts) extend(v *Vector) int { return v.extendViews() }

func (v *Vector) extendViews() int {
	v.Views = append(v.Views, View{})
	return len(v.Views) - 1
}

// growViews: an unused view is the zero View.
func (v *Vector) growViews(rows int) {
	before := len(v.Views)
	v.Views = resize(v.Views, rows)
	if rows > before {
		clear(v.Views[before:])
	}
}

func (texts) appendRows(v, src *Vector, sel []int32, n int) {
	at := len(v.Views)
	v.Views = resize(v.Views, at+n)
	out, slab := v.Views[at:], v.roomFor(src, sel, n)
	if sel == nil {
		for i, w := range src.Views[:n] {
			out[i] = View{uint32(len(slab)), w.Len}
			slab = append(slab, src.Slab[w.Off:w.Off+w.Len]...)
		}
	} else {
		for i, s := range sel {
			w := src.Views[s]
			out[i] = View{uint32(len(slab)), w.Len}
			slab = append(slab, src.Slab[w.Off:w.Off+w.Len]...)
		}
	}
	v.Slab = slab
}

// longTexts is where a slab is made as large as it will be, instead of growing to it.
const longTexts = 1 << 20

func (v *Vector) roomFor(src *Vector, sel []int32, n int) []byte {
	if len(src.Slab) < longTexts {
		return v.Slab
	}
	need := 0
	for i := range n {
		if sel != nil {
			need += int(src.Views[sel[i]].Len)
		} else {
			need += int(src.Views[i].Len)
		}
	}
	return slices.Grow(v.Slab, need)
}

func (texts) copyRows(v, src *Vector, sel []int32) {
	for _, r := range sel {
		v.SetBytes(int(r), src.Bytes(int(r)))
	}
}

func (texts) set(v *Vector, i int, src *Vector, j int) { v.SetBytes(i, src.Bytes(j)) }

func (texts) hash(dst []uint64, v *Vector) {
	for i := range v.Views {
		dst[i] = mix(dst[i], HashBytes(v.Bytes(i)))
	}
}

func (texts) hashAt(v *Vector, i int) uint64 { return mix(hashBegin, HashBytes(v.Bytes(i))) }

func (texts) equal(a *Vector, i int, b *Vector, j int) bool {
	return string(a.Bytes(i)) == string(b.Bytes(j))
}

func (texts) compare(a *Vector, i int, b *Vector, j int) int {
	return bytes.Compare(a.Bytes(i), b.Bytes(j))
}

func (texts) appendValue(dst []byte, v *Vector, i int) []byte {
	b := v.Bytes(i)
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

func (texts) readValue(v *Vector, src []byte) ([]byte, bool) {
	n, rest, ok := readCount(src)
	if !ok {
		return nil, false
	}
	v.AppendBytes(rest[:n])
	return rest[n:], true
}

func (texts) appendKey(dst []byte, v *Vector, i int) []byte { return appendKeyBytes(dst, v.Bytes(i)) }

func (texts) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	off := len(v.Slab)
	slab, rest, ok := readKeyBytes(v.Slab, src, flip)
	if !ok {
		return nil, false
	}
	v.Slab = slab
	v.Views = append(v.Views, View{uint32(off), uint32(len(slab) - off)})
	v.coverRows(len(v.Views))
	return rest, true
}

func (texts) appendFrame(dst []byte, v *Vector) []byte {
	for _, w := range v.Views {
		dst = binary.AppendUvarint(dst, uint64(w.Len))
	}
	for i := range v.Views {
		dst = append(dst, v.Bytes(i)...)
	}
	return dst
}

func (r texts) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	rest, all, ok := readViews(v, rows, src)
	if !ok || all > len(rest) {
		return nil, false
	}
	v.Slab = append(v.Slab, rest[:all]...)
	return rest[all:], true
}

func (texts) words() WordCodec {
	return WordCodec{N: 1, Ref: true,
		Bytes:       func(_ []byte, v *Vector, i int) []byte { return v.Bytes(i) },
		Key:         func(_ []byte, v *Vector, i int) []byte { return v.Bytes(i) },
		AppendBytes: func(v *Vector, b []byte) bool { v.AppendBytes(b); return true },
		AppendKey:   func(v *Vector, b []byte) bool { v.AppendBytes(b); return true },
	}
}

func (texts) scalar(v *Vector, i int) value.Scalar       { return value.Scalar{Text: v.Bytes(i)} }
func (texts) setScalar(v *Vector, i int, s value.Scalar) { v.SetBytes(i, s.Text) }
