package session

import (
	"encoding/binary"
	"strings"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// appendArrayText writes {1,NULL,"a b"}, of arrays within it {{1,2},{3,4}} (PostgreSQL, "Array Input and Output
// Syntax"). Arrays of unlike lengths, which PostgreSQL does not have, are written the same way.
func (r *batchRow) appendArrayText(dst []byte, v *column.Vector, i int) []byte {
	elements, w := v.Kids[0], v.Views[i]
	dst = append(dst, '{')
	for e := range int(w.Len) {
		if e > 0 {
			dst = append(dst, ',')
		}
		at := int(w.Off) + e
		if elements.Null(at) {
			dst = append(dst, "NULL"...)
			continue
		}
		from := len(dst)
		dst = r.appendText(dst, elements, at)
		if elements.Type.Kind != types.Array && needsQuotes(dst[from:]) {
			dst = quoted(dst, from, '\\')
		}
	}
	return append(dst, '}')
}

// needsQuotes tells a text that would be read as something else within an array.
func needsQuotes(text []byte) bool {
	for _, c := range text {
		switch c {
		case '{', '}', ',', '"', '\\', ' ', '\t', '\n', '\r', '\v', '\f':
			return true
		}
	}
	return len(text) == 0 || len(text) == 4 && strings.EqualFold(string(text), "NULL")
}

// quoted puts what stands behind the first bytes of dst in quotes. What goes in front of a quote is a backslash
// in an array, another quote in a row; in front of a backslash always a backslash.
func quoted(dst []byte, from int, before byte) []byte {
	more := 2
	for _, c := range dst[from:] {
		if c == '"' || c == '\\' {
			more++
		}
	}
	end := len(dst) - 1
	dst = append(dst, make([]byte, more)...)
	at := len(dst) - 1
	dst[at] = '"'
	for ; end >= from; end-- {
		at--
		switch dst[at] = dst[end]; dst[at] {
		case '"':
			at--
			dst[at] = before
		case '\\':
			at--
			dst[at] = '\\'
		}
	}
	dst[from] = '"'
	return dst
}

// appendArrayBinary writes what array_send does: how many dimensions, whether there are NULLs, the type of the
// elements, of each dimension its length and its first index, and each element with its length.
func (r *batchRow) appendArrayBinary(dst []byte, v *column.Vector, i int) ([]byte, error) {
	var lengths []uint32
	some := hasElements(v, i)
	if some {
		lengths = dimensions(nil, v, i)
	}
	head := len(dst)
	for _, n := range []uint32{uint32(len(lengths)), 0, v.Type.Element().OID()} {
		dst = binary.BigEndian.AppendUint32(dst, n)
	}
	for _, n := range lengths {
		dst = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(dst, n), 1)
	}
	if !some {
		return dst, nil
	}
	dst, nulls, err := r.appendElements(dst, v, i, lengths)
	if nulls {
		dst[head+7] = 1
	}
	return dst, err
}

// hasElements tells an array that is not empty, nor one of empty ones: {{},{}} is {} in PostgreSQL.
func hasElements(v *column.Vector, i int) bool {
	kid, w := v.Kids[0], v.Views[i]
	if kid.Type.Kind != types.Array {
		return w.Len > 0
	}
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		if kid.Null(e) || hasElements(kid, e) {
			return true
		}
	}
	return false
}

// dimensions are the lengths of an array and of the first one in it, and so on, as long as they are not empty.
func dimensions(to []uint32, v *column.Vector, i int) []uint32 {
	w := v.Views[i]
	if w.Len == 0 {
		return nil
	}
	to = append(to, w.Len)
	if kid := v.Kids[0]; kid.Type.Kind == types.Array && !kid.Null(int(w.Off)) {
		return dimensions(to, kid, int(w.Off))
	}
	return to
}

// appendElements writes the elements of an array that has such lengths, those of arrays in it one behind the other.
func (r *batchRow) appendElements(dst []byte, v *column.Vector, i int, lengths []uint32) (out []byte, nulls bool, err error) {
	kid, w := v.Kids[0], v.Views[i]
	inner := kid.Type.Kind == types.Array
	if len(lengths) == 0 || w.Len != lengths[0] || inner == (len(lengths) == 1) {
		return dst, false, uneven(v.Type)
	}
	for e := int(w.Off); e < int(w.Off+w.Len) && err == nil; e++ {
		null := kid.Null(e)
		switch {
		case inner && null:
			err = uneven(v.Type)
		case inner:
			dst, null, err = r.appendElements(dst, kid, e, lengths[1:])
		default:
			dst, err = r.appendSized(dst, kid, e)
		}
		nulls = nulls || null
	}
	return dst, nulls, err
}

func uneven(t types.Type) error {
	return sqlerr.New(sqlerr.ArraySubscript, "a value of type %s has arrays of unlike lengths, or NULL for one, which PostgreSQL's binary form does not have", t).
		WithHint("CAST(x AS JSON) gives all of them.")
}

// appendSized writes a value with its length in front, which is -1 for NULL.
func (r *batchRow) appendSized(dst []byte, v *column.Vector, i int) ([]byte, error) {
	length := len(dst)
	dst = append(dst, 0xff, 0xff, 0xff, 0xff)
	if v.Null(i) {
		return dst, nil
	}
	dst, err := r.appendBinary(dst, v, i)
	binary.BigEndian.PutUint32(dst[length:], uint32(len(dst)-length-4))
	return dst, err
}
