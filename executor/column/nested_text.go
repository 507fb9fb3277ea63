package column

import (
	"slices"
	"unicode/utf8"

	"slipway/sql/types"
	"slipway/sql/value"
)

// The text of a nested value is JSON: an array, or an object of the entries of a MAP or the
// fields of a STRUCT. Elements are written as formats write the columns of a record.

// AppendJSON writes row i as JSON: numbers, truth values and JSON as they are, the rest as
// strings; also NaN and the infinities, which JSON does not have.
func AppendJSON(dst []byte, v *Vector, i int) []byte {
	if v.Null(i) {
		return append(dst, "null"...)
	}
	switch v.Type.Kind {
	case types.BigInt:
		return value.AppendInt(dst, v.Ints[i])
	case types.Date, types.Timestamp, types.TimestampTZ, types.Time, types.Interval, types.UUID:
		return append(AppendText(append(dst, '"'), v, i), '"')
	case types.Float, types.Double:
		if f := v.Floats[i]; f-f != 0 {
			return append(AppendText(append(dst, '"'), v, i), '"')
		}
	case types.String, types.Varchar, types.Char, types.Binary:
		return value.AppendJSONString(dst, v.Bytes(i))
	}
	return AppendText(dst, v, i)
}

// appendNested writes a nested value.
func appendNested(dst []byte, v *Vector, i int) []byte {
	switch v.Type.Kind {
	case types.Array:
		return appendJSONArray(dst, v, v.Views[i])
	case types.Map:
		return appendJSONMap(dst, v, v.Views[i])
	}
	return appendJSONStruct(dst, v, i)
}

func appendJSONArray(dst []byte, v *Vector, w View) []byte {
	dst = append(dst, '[')
	for e := range int(w.Len) {
		if e > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, v.Kids[0], int(w.Off)+e)
	}
	return append(dst, ']')
}

func appendJSONMap(dst []byte, v *Vector, w View) []byte {
	dst = append(dst, '{')
	for e := range int(w.Len) {
		if e > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, v.Kids[0], int(w.Off)+e), ':')
		dst = AppendJSON(dst, v.Kids[1], int(w.Off)+e)
	}
	return append(dst, '}')
}

func appendJSONStruct(dst []byte, v *Vector, i int) []byte {
	dst = append(dst, '{')
	for k, f := range v.fields {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = append(value.AppendJSONString(dst, []byte(f.Name)), ':')
		dst = AppendJSON(dst, v.Kids[k], i)
	}
	return append(dst, '}')
}

// appendQuoted writes a value as a JSON string: a key of an object is one.
func appendQuoted(dst []byte, v *Vector, i int) []byte {
	return value.AppendJSONString(dst, AppendText(nil, v, i))
}

// setNested reads a text as a nested value into row i, which must be there: JSON, or an array as PostgreSQL
// writes it. Members that a STRUCT has no field for are left out, fields that the text does not have are NULL.
func (v *Vector) setNested(i int, b []byte) error {
	text, f := value.Nested(b, v.Type)
	if f != value.OK {
		return f.Error(v.Type, b)
	}
	return v.setPart(i, text)
}

// SetJSON reads JSON as a nested value into row i, which must be there.
func (v *Vector) SetJSON(i int, text []byte) error {
	text, f := value.ReadJSON(text)
	if f != value.OK || !utf8.Valid(text) {
		return value.Malformed.Error(v.Type, text)
	}
	return v.setPart(i, text)
}

// setPart reads what has been found to be JSON; null is NULL, but JSON's own of a JSON.
func (v *Vector) setPart(i int, text []byte) error {
	if v.SetPresent(i); string(text) == "null" && v.Type.Kind != types.JSON {
		v.SetNull(i)
		return nil
	}
	open := byte('{')
	switch v.Type.Kind {
	case types.Array:
		open = '['
	case types.Map, types.Struct:
	default:
		if v.Type.Kind != types.JSON {
			text = value.Unquoted(text)
		}
		return v.SetText(i, text)
	}
	if !v.Type.IsNested() {
		return v.SetText(i, text)
	}
	if text[0] != open {
		return value.Malformed.Error(v.Type, text)
	}
	return v.setParts(i, text)
}

func (v *Vector) setParts(i int, text []byte) error {
	p := value.PartsOf(text)
	if v.Type.Kind == types.Struct {
		return v.setFields(i, &p)
	}
	off, n := v.Kids[0].Len(), 0
	for ; p.Next(); n++ {
		if p.Key != nil {
			key := v.Kids[0].Len()
			v.Kids[0].Grow(key + 1)
			v.Kids[0].SetPresent(key)
			if err := v.Kids[0].SetText(key, value.Unquoted(p.Key)); err != nil {
				return err
			}
		}
		if err := v.Kids[len(v.Kids)-1].appendPart(p.Value); err != nil {
			return err
		}
	}
	if v.Type.Kind == types.Map {
		v.SetEntries(i, off, n)
	} else {
		v.Views[i] = View{uint32(off), uint32(n)}
	}
	return nil
}

func (v *Vector) appendPart(text []byte) error {
	n := v.Len()
	v.Grow(n + 1)
	return v.setPart(n, text)
}

func (v *Vector) setFields(i int, p *value.Parts) error {
	for _, k := range v.Kids {
		k.SetNull(i)
	}
	for p.Next() {
		k := value.FieldOf(v.fields, p.Key)
		if k < 0 {
			continue
		}
		if err := v.Kids[k].setPart(i, p.Value); err != nil {
			return err
		}
	}
	return nil
}

// SetEntries makes row i of a MAP of n entries that lie in the children from off on, in any
// order; of one key the last entry counts.
func (v *Vector) SetEntries(i, off, n int) {
	keys := v.Kids[0]
	order := v.picked[:0]
	for e := range n {
		order = append(order, int32(off+e))
	}
	v.picked = order
	r := keys.held
	slices.SortStableFunc(order, func(a, b int32) int { return r.compare(keys, int(a), keys, int(b)) })
	kept := order[:0]
	for e, at := range order {
		if e+1 == n || !r.equal(keys, int(at), keys, int(order[e+1])) {
			kept = append(kept, at)
		}
	}
	v.Views[i] = View{uint32(keys.Len()), uint32(len(kept))}
	for _, kid := range v.Kids {
		kid.AppendRows(kid, kept, 0)
	}
}

func nestedScalar(v *Vector, i int) value.Scalar {
	return value.Scalar{Text: v.held.appendValue(nil, v, i)}
}

func setNestedScalar(v *Vector, i int, s value.Scalar) {
	one := NewVector(v.Type)
	if rest, ok := v.held.readValue(one, s.Text); !ok || len(rest) > 0 {
		one.Reset()
		one.AppendNull()
	}
	v.setRow(i, one, 0)
}
