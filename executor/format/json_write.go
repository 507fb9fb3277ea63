package format

import (
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
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
	return append(value.AppendJSONString(b, []byte(name)), ':')
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
		dst = column.AppendJSON(dst, b.Cols[c], i)
	}
	return append(dst, '}')
}

// appendKey implements encoder.
func (e *jsonEncoder) appendKey(dst []byte, b *column.Batch, i int) []byte {
	for n, k := range e.keys {
		dst = append(dst, e.keyPre[n]...)
		dst = column.AppendJSON(dst, b.Cols[k], i)
	}
	return append(dst, '}')
}
