package column

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
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
	case types.Date, types.Timestamp, types.TimestampTZ, types.Time, types.Interval:
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
	for k, f := range v.Type.Fields() {
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

// setJSON reads a JSON text as a nested value into row i, which must be there. Elements that a
// STRUCT has no field for are left out, fields that the text does not have are NULL.
func (v *Vector) setJSON(i int, text []byte) error {
	if !utf8.Valid(text) || !json.Valid(text) {
		return value.Malformed.Error(v.Type, text)
	}
	return v.setElement(i, text)
}

// setElement reads what has been found to be JSON, also null.
func (v *Vector) setElement(i int, text json.RawMessage) (err error) {
	text = json.RawMessage(strings.TrimSpace(string(text)))
	if v.SetPresent(i); string(text) == "null" && v.Type.Kind != types.JSON {
		v.SetNull(i)
		return nil
	}
	switch {
	case !v.Type.IsNested():
		if text[0] == '"' && v.Type.Kind != types.JSON {
			var s string
			json.Unmarshal(text, &s)
			text = json.RawMessage(s)
		}
		return v.SetText(i, text)
	case v.Type.Kind == types.Array:
		err = v.setArray(i, text)
	case v.Type.Kind == types.Map:
		err = v.setMap(i, text)
	default:
		err = v.setStruct(i, text)
	}
	return err
}

func (v *Vector) setArray(i int, text json.RawMessage) error {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil {
		return value.Malformed.Error(v.Type, text)
	}
	off := v.Kids[0].Len()
	for _, e := range list {
		if err := v.Kids[0].appendElement(e); err != nil {
			return err
		}
	}
	v.Views[i] = View{uint32(off), uint32(len(list))}
	return nil
}

func (v *Vector) appendElement(text json.RawMessage) error {
	n := v.Len()
	v.Grow(n + 1)
	return v.setElement(n, text)
}

func (v *Vector) setMap(i int, text json.RawMessage) error {
	if text[0] != '{' {
		return value.Malformed.Error(v.Type, text)
	}
	off, n := v.Kids[0].Len(), 0
	d := json.NewDecoder(bytes.NewReader(text))
	d.Token()
	for ; d.More(); n++ {
		key, _ := d.Token()
		var e json.RawMessage
		d.Decode(&e)
		v.Kids[0].Grow(off + n + 1)
		v.Kids[0].SetPresent(off + n)
		if err := v.Kids[0].SetText(off+n, []byte(key.(string))); err != nil {
			return err
		}
		if err := v.Kids[1].appendElement(e); err != nil {
			return err
		}
	}
	v.SetEntries(i, off, n)
	return nil
}

// SetEntries makes row i of a MAP of n entries that lie in the children from off on, in any
// order; of one key the last entry counts.
func (v *Vector) SetEntries(i, off, n int) {
	keys := v.Kids[0]
	order := make([]int32, n)
	for e := range order {
		order[e] = int32(off + e)
	}
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

func (v *Vector) setStruct(i int, text json.RawMessage) error {
	var entries map[string]json.RawMessage
	if json.Unmarshal(text, &entries) != nil {
		return value.Malformed.Error(v.Type, text)
	}
	for k, f := range v.Type.Fields() {
		e, ok := entries[f.Name]
		if !ok {
			e = json.RawMessage("null")
		}
		if err := v.Kids[k].setElement(i, e); err != nil {
			return err
		}
	}
	return nil
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
