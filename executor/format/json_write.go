package format

import (
	"fmt"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// jsonEncoder writes objects with prepared keys.
type jsonEncoder struct {
	prefix [][]byte // `{"id":`, `,"k":` …
	binary []int    // columns whose bytes need not be text
	names  []string
	keys   []int
	keyPre [][]byte
}

func newJSONEncoder(o Options) encoder {
	e := &jsonEncoder{keys: o.Keys}
	for i, c := range o.Declared {
		e.prefix = append(e.prefix, keyText(i, c.Name))
		if c.Type.Kind == types.Binary {
			e.binary, e.names = append(e.binary, i), append(e.names, c.Name)
		}
	}
	for i, k := range o.Keys {
		e.keyPre = append(e.keyPre, keyText(i, o.Declared[k].Name))
	}
	return e
}

func keyText(i int, name string) []byte {
	b := []byte{'{'}
	if i > 0 {
		b[0] = ','
	}
	return append(AppendString(b, []byte(name)), ':')
}

// takes implements encoder: JSON is text, and bytes that are none would not come back.
func (e *jsonEncoder) takes(b *column.Batch) error {
	for n, c := range e.binary {
		if !isText(b, b.Cols[c]) {
			return sqlerr.New(sqlerr.InvalidCharacter, "column %s: a BINARY value is no text of UTF-8, and JSON holds only text", e.names[n]).
				WithHint("The formats raw and delimited keep all bytes.")
		}
	}
	return nil
}

func isText(b *column.Batch, v *column.Vector) bool {
	text := true
	b.Each(func(i int) { text = text && (v.Null(i) || utf8.Valid(v.Bytes(i))) })
	return text
}

// appendValue implements encoder.
func (e *jsonEncoder) appendValue(dst []byte, b *column.Batch, i int) []byte {
	for c, p := range e.prefix {
		dst = append(dst, p...)
		dst = AppendJSON(dst, b.Cols[c], i)
	}
	return append(dst, '}')
}

// appendKey implements encoder.
func (e *jsonEncoder) appendKey(dst []byte, b *column.Batch, i int) []byte {
	for n, k := range e.keys {
		dst = append(dst, e.keyPre[n]...)
		dst = AppendJSON(dst, b.Cols[k], i)
	}
	return append(dst, '}')
}

// AppendJSON writes one value.
func AppendJSON(dst []byte, v *column.Vector, i int) []byte {
	if v.Null(i) {
		return append(dst, "null"...)
	}
	switch v.Type.Kind {
	case types.Date, types.Timestamp:
		dst = append(dst, '"')
		dst = column.AppendText(dst, v, i)
		return append(dst, '"')
	case types.Float, types.Double:
		if f := v.Floats[i]; f-f != 0 { // JSON has no NaN and no infinity: they are written as strings
			dst = append(dst, '"')
			dst = column.AppendText(dst, v, i)
			return append(dst, '"')
		}
	case types.String, types.Varchar, types.Char, types.Binary:
		return AppendString(dst, v.Bytes(i))
	}
	return column.AppendText(dst, v, i)
}

// AppendString writes a JSON string; the common one is copied as it is.
func AppendString(dst, s []byte) []byte {
	plain := true
	for _, c := range s {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	dst = append(dst, '"')
	if plain {
		dst = append(dst, s...)
		return append(dst, '"')
	}
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, "\uFFFD"...)
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return append(dst, '"')
}
