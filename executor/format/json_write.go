package format

import (
	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

// jsonEncoder writes objects with prepared keys.
type jsonEncoder struct {
	prefix [][]byte // `{"id":`, `,"k":` …
	binary textColumns
	times  []value.TimeText // of columns that are a TIMESTAMP
	keys   []int
	keyPre [][]byte
}

func newJSONEncoder(o Options) encoder {
	e := &jsonEncoder{keys: o.Keys, times: make([]value.TimeText, len(o.Declared)), binary: textOnly(o.Declared, func(types.Type) bool { return true })}
	for i, c := range o.Declared {
		e.prefix = append(e.prefix, keyText(i, c.Name))
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

// takes implements encoder.
func (e *jsonEncoder) takes(b *column.Batch) error { return e.binary.check(b) }

// appendValue implements encoder.
func (e *jsonEncoder) appendValue(dst []byte, b *column.Batch, i int) []byte {
	for c, p := range e.prefix {
		dst = append(dst, p...)
		switch v := b.Cols[c]; {
		case v.Type.Kind == types.BigInt && v.Valid == nil: // these are most columns: without a call of one that takes all
			dst = value.AppendInt(dst, v.Ints[i])
		case v.Type.Kind == types.String && v.Valid == nil:
			dst = value.AppendJSONString(dst, v.Bytes(i))
		case v.Type.Kind == types.Timestamp && !v.Null(i):
			dst = append(e.times[c].AppendTimestamp(append(dst, '"'), v.Ints[i], v.Type.Precision), '"')
		default:
			dst = column.AppendJSON(dst, v, i)
		}
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
