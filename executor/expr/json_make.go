package expr

import (
	"strconv"
	"strings"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/value"
)

// Functions that take what has been found to be JSON, as PostgreSQL's do, and those that make JSON.

var ofJSON = map[string]kernel{
	"->": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v := jsonPart(vs[0].Bytes(i), vs[1], i)
		return setJSON(out, i, v, v != nil), nil
	},
	"->>": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		return setUnquoted(out, i, jsonPart(vs[0].Bytes(i), vs[1], i)), nil
	},
	"#>": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v := atElements(vs, i)
		return setJSON(out, i, v, v != nil), nil
	},
	"#>>": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		return setUnquoted(out, i, atElements(vs, i)), nil
	},
	"json_extract_path": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v := atArguments(vs, i)
		return setJSON(out, i, v, v != nil), nil
	},
	"json_extract_path_text": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		return setUnquoted(out, i, atArguments(vs, i)), nil
	},
	"json_array_length": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v := vs[0].Bytes(i)
		if v[0] != '[' {
			return false, sqlerr.New(sqlerr.InvalidParameter, "cannot get array length of %s", notArray(v))
		}
		out.Ints[i] = int64(value.LengthOf(v))
		return true, nil
	},
	"json_typeof": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.SetBytes(i, []byte(postgresType(vs[0].Bytes(i))))
		return true, nil
	},
	"json_elements":              partsAs('[', func(p *value.Parts) []byte { return p.Value }),
	"json_elements_text":         partsAs('[', func(p *value.Parts) []byte { return textOrNil(p.Value) }),
	"json_member_names":          partsAs('{', func(p *value.Parts) []byte { return value.Unquoted(p.Key) }),
	"to_json_of_present":         func(vs []*column.Vector, out *column.Vector, i int) (bool, error) { return jsonElements(vs[0], out, i) },
	"json_of_members":            membersOfRows(false),
	"json_of_members_of_present": membersOfRows(true),
	"to_json": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.SetBytes(i, column.AppendJSON(nil, vs[0], i))
		return true, nil
	},
}

func notArray(v []byte) string {
	if v[0] == '{' {
		return "a non-array"
	}
	return "a scalar"
}

func postgresType(v []byte) string {
	switch v[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// jsonPart gives the member of a name, or the element of a number, from the end where that is negative.
func jsonPart(v []byte, by *column.Vector, i int) []byte {
	switch {
	case by.Type.IsText() && v[0] == '{':
		return value.MemberOf(v, string(by.Bytes(i)))
	case by.Type.IsInteger() && v[0] == '[':
		return elementAt(v, by.Ints[i])
	}
	return nil
}

func elementAt(v []byte, at int64) []byte {
	if at < 0 {
		at += int64(value.LengthOf(v))
	}
	if at < 0 || at != int64(int32(at)) {
		return nil
	}
	return value.ElementOf(v, int(at))
}

// stepTo goes one step of a path of names, of which one in an array is a number.
func stepTo(v []byte, name string) []byte {
	switch {
	case v == nil:
		return nil
	case v[0] == '{':
		return value.MemberOf(v, name)
	case v[0] == '[':
		if at, err := strconv.ParseInt(name, 10, 32); err == nil {
			return elementAt(v, at)
		}
	}
	return nil
}

func atArguments(vs []*column.Vector, i int) []byte {
	v := vs[0].Bytes(i)
	for _, name := range vs[1:] {
		v = stepTo(v, string(name.Bytes(i)))
	}
	return v
}

// atElements goes down by the elements of an array.
func atElements(vs []*column.Vector, i int) []byte {
	v, w, names := vs[0].Bytes(i), vs[1].Views[i], vs[1].Kids[0]
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		if names.Null(e) {
			return nil
		}
		v = stepTo(v, string(names.Bytes(e)))
	}
	return v
}

// textOrNil is the text of a value; nil for null.
func textOrNil(v []byte) []byte {
	if v[0] == 'n' {
		return nil
	}
	return value.Unquoted(v)
}

// partsAs makes an array of the parts of an array or an object.
func partsAs(opens byte, part func(*value.Parts) []byte) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		v, list := vs[0].Bytes(i), out.Kids[0]
		if v[0] != opens {
			what := map[byte]string{'[': "extract elements from", '{': "call json_object_keys on"}[opens]
			return false, sqlerr.New(sqlerr.InvalidParameter, "cannot %s %s", what, otherKind(v))
		}
		off := list.Len()
		for parts := value.PartsOf(v); parts.Next(); {
			if b := part(&parts); b != nil {
				list.AppendBytes(b)
			} else {
				list.AppendNull()
			}
		}
		return true, closeArray(out, i, off)
	}
}

func otherKind(v []byte) string {
	switch v[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "a scalar"
}

// makesJSON are functions to which NULL is an argument as others are.
var makesJSON = map[string]func(e *plan.Call) kernel{
	"json_path_with": func(*plan.Call) kernel { return pathWith },
	"json_object":    objectOf, "json_build_object": objectOf,
	"json_array":       func(*plan.Call) kernel { return jsonList },
	"json_build_array": func(*plan.Call) kernel { return jsonList },

	"json_object_of_present": func(e *plan.Call) kernel { return membersOf(e, true) },
	"json_array_of_present":  func(*plan.Call) kernel { return jsonListOfPresent },
}

func objectOf(e *plan.Call) kernel { return membersOf(e, false) }

// membersOf makes an object of names and values in turn, without those that are NULL if present is set.
func membersOf(e *plan.Call, present bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		text := append(make([]byte, 0, 64), '{')
		for n := 0; n < len(vs); n += 2 {
			if vs[n].Null(i) {
				return false, sqlerr.New(sqlerr.InvalidParameter, "%s: argument %d, a name, is NULL", strings.TrimSuffix(e.Func, "_of_present"), n+1)
			}
			if present && vs[n+1].Null(i) {
				continue
			}
			if len(text) > 1 {
				text = append(text, ',')
			}
			text = append(value.AppendJSONString(text, vs[n].Bytes(i)), ':')
			text = column.AppendJSON(text, vs[n+1], i)
		}
		out.SetBytes(i, append(text, '}'))
		return true, nil
	}
}

func jsonList(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	text := append(make([]byte, 0, 64), '[')
	for n, v := range vs {
		if n > 0 {
			text = append(text, ',')
		}
		text = column.AppendJSON(text, v, i)
	}
	out.SetBytes(i, append(text, ']'))
	return true, nil
}

func jsonListOfPresent(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	text := append(make([]byte, 0, 64), '[')
	for _, v := range vs {
		if !v.Null(i) {
			text = column.AppendJSON(between(text), v, i)
		}
	}
	out.SetBytes(i, append(text, ']'))
	return true, nil
}

// between puts a comma in front of all parts but the first.
func between(text []byte) []byte {
	if len(text) > 1 {
		return append(text, ',')
	}
	return text
}

// jsonElements makes JSON of the elements of an array that are no NULL.
func jsonElements(v, out *column.Vector, i int) (bool, error) {
	text, w, list := append(make([]byte, 0, 64), '['), v.Views[i], v.Kids[0]
	for e := int(w.Off); e < int(w.Off+w.Len); e++ {
		if !list.Null(e) {
			text = column.AppendJSON(between(text), list, e)
		}
	}
	out.SetBytes(i, append(text, ']'))
	return true, nil
}

// membersOfRows makes an object of an array of rows of a name and a value. Of rows of one name the last one counts, in
// the place of the first.
func membersOfRows(present bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		w, rows := vs[0].Views[i], vs[0].Kids[0]
		names, values := rows.Kids[0], rows.Kids[1]
		last, order := make(map[string]int, w.Len), make([]int, 0, w.Len)
		for e := int(w.Off); e < int(w.Off+w.Len); e++ {
			if names.Null(e) {
				return false, sqlerr.New(sqlerr.InvalidParameter, "json_objectagg: a name is NULL")
			}
			if present && values.Null(e) {
				continue
			}
			if _, known := last[string(names.Bytes(e))]; !known {
				order = append(order, e)
			}
			last[string(names.Bytes(e))] = e
		}
		text := append(make([]byte, 0, 64), '{')
		for _, e := range order {
			name := names.Bytes(e)
			text = append(value.AppendJSONString(between(text), name), ':')
			text = column.AppendJSON(text, values, last[string(name)])
		}
		out.SetBytes(i, append(text, '}'))
		return true, nil
	}
}
