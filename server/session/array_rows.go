package session

import (
	"encoding/binary"
	"strings"

	"slipway/executor/column"
)

// isArray tells an ARRAY that clients get as one of PostgreSQL's; others are JSON (types.Type.OID).
func isArray(v *column.Vector) bool { return len(v.Kids) == 1 && !v.Kids[0].Type.IsNested() }

// appendArrayText writes {1,NULL,"a b"} (PostgreSQL, "Array Input and Output Syntax").
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
		if needsQuotes(dst[from:]) {
			dst = quoted(dst, from)
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

// quoted puts what stands behind the first bytes of dst in quotes.
func quoted(dst []byte, from int) []byte {
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
		if dst[at] = dst[end]; dst[at] == '"' || dst[at] == '\\' {
			at--
			dst[at] = '\\'
		}
	}
	dst[from] = '"'
	return dst
}

// appendArrayBinary writes what array_send does: dimensions, whether there are NULLs, the type of the
// elements, their number and the first one's, and each with its length.
func (r *batchRow) appendArrayBinary(dst []byte, v *column.Vector, i int) []byte {
	elements, w := v.Kids[0], v.Views[i]
	from, to := int(w.Off), int(w.Off+w.Len)
	dimensions, nulls := min(w.Len, 1), uint32(0)
	for e := from; e < to; e++ {
		if elements.Null(e) {
			nulls = 1
		}
	}
	for _, n := range []uint32{dimensions, nulls, elements.Type.OID()} {
		dst = binary.BigEndian.AppendUint32(dst, n)
	}
	if dimensions == 0 {
		return dst
	}
	dst = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(dst, w.Len), 1)
	for e := from; e < to; e++ {
		length := len(dst)
		dst = append(dst, 0xff, 0xff, 0xff, 0xff) // -1: NULL
		if !elements.Null(e) {
			dst = r.appendBinary(dst, elements, e)
			binary.BigEndian.PutUint32(dst[length:], uint32(len(dst)-length-4))
		}
	}
	return dst
}
