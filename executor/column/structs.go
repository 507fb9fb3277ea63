package column

import "slipway/sql/value"

// structs are a child vector per field, with a row for each row.
type structs struct{}

func (structs) length(v *Vector) int { return v.Kids[0].Len() }
func (structs) memory(v *Vector) int { return kidsMemory(v) }

func (structs) grow(v *Vector, rows int) {
	for _, k := range v.Kids {
		k.Grow(rows)
	}
}

func (structs) extend(v *Vector) (n int) {
	for _, k := range v.Kids {
		n = k.held.extend(k)
	}
	return n
}

func (structs) appendRows(v, src *Vector, sel []int32, n int) {
	for k, kid := range v.Kids {
		kid.AppendRows(src.Kids[k], sel, n)
	}
}

func (r structs) copyRows(v, src *Vector, sel []int32) {
	for _, row := range sel {
		r.set(v, int(row), src, int(row))
	}
}

func (structs) set(v *Vector, i int, src *Vector, j int) {
	for k, kid := range v.Kids {
		kid.setRow(i, src.Kids[k], j)
	}
}

// Set puts row j of src, also one that is NULL, into row i, which must be there.
func (v *Vector) Set(i int, src *Vector, j int) { v.setRow(i, src, j) }

// setRow puts row j of src, also one that is NULL, into row i.
func (v *Vector) setRow(i int, src *Vector, j int) {
	if src.Null(j) {
		v.SetNull(i)
		return
	}
	v.SetPresent(i)
	v.held.set(v, i, src, j)
}

func (r structs) hash(dst []uint64, v *Vector) {
	for i := range r.length(v) {
		dst[i] = mix(dst[i], r.hashAt(v, i))
	}
}

func (structs) hashAt(v *Vector, i int) uint64 {
	h := uint64(hashBegin)
	for _, kid := range v.Kids {
		h = mix(h, hashPart(kid.held, kid, i))
	}
	return h
}

func (structs) equal(a *Vector, i int, b *Vector, j int) bool {
	for k, kid := range a.Kids {
		if !equalRows(kid.held, kid, i, b.Kids[k], j) {
			return false
		}
	}
	return true
}

func (structs) compare(a *Vector, i int, b *Vector, j int) int {
	for k, kid := range a.Kids {
		if c := compareRows(kid.held, kid, i, b.Kids[k], j); c != 0 {
			return c
		}
	}
	return 0
}

func (structs) appendValue(dst []byte, v *Vector, i int) []byte {
	dst, bits := appendBits(dst, len(v.Kids))
	for k, kid := range v.Kids {
		if kid.Null(i) {
			dst[bits+k>>3] |= 1 << (k & 7)
		} else {
			dst = kid.held.appendValue(dst, kid, i)
		}
	}
	return dst
}

func (structs) readValue(v *Vector, src []byte) ([]byte, bool) {
	bits, rest, ok := readBits(src, len(v.Kids))
	for k := 0; ok && k < len(v.Kids); k++ {
		if kid := v.Kids[k]; bits[k>>3]&(1<<(k&7)) != 0 {
			kid.AppendNull()
		} else {
			rest, ok = kid.held.readValue(kid, rest)
		}
	}
	if ok {
		v.Present()
	}
	return rest, ok
}

func (structs) appendKey(dst []byte, v *Vector, i int) []byte {
	for _, kid := range v.Kids {
		dst = appendKeyPart(dst, kid, i)
	}
	return dst
}

func (structs) readKey(v *Vector, src []byte, flip byte) ([]byte, bool) {
	for _, kid := range v.Kids {
		rest, ok := readKeyPart(kid, src, flip)
		if !ok {
			return nil, false
		}
		src = rest
	}
	v.Present()
	return src, true
}

func (structs) appendFrame(dst []byte, v *Vector) []byte {
	for _, kid := range v.Kids {
		dst = appendColumn(dst, kid)
	}
	return dst
}

func (structs) readFrame(v *Vector, rows int, src []byte) ([]byte, bool) {
	for _, kid := range v.Kids {
		rest, ok := readColumn(kid, rows, src)
		if !ok {
			return nil, false
		}
		src = rest
	}
	return src, true
}

func (r structs) words() WordCodec { return nestedWords(r) }

func (structs) scalar(v *Vector, i int) value.Scalar       { return nestedScalar(v, i) }
func (structs) setScalar(v *Vector, i int, s value.Scalar) { setNestedScalar(v, i, s) }
