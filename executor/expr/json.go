package expr

import (
	"bytes"
	"encoding/json"
	"strconv"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Functions of JSON that take a text and a path: NULL where the text is no JSON.

// documentOf gives the JSON of a row, false if it is none.
func documentOf(v *column.Vector, i int) ([]byte, bool) {
	b := bytes.TrimSpace(v.Bytes(i))
	return b, v.Type.Kind == types.JSON || json.Valid(b)
}

// pathFunc computes a row of the JSON and a path.
type pathFunc func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error)

var pathFuncs = map[string]pathFunc{
	"json_value": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		v, _ := onlyOne(doc, p)
		return setUnquoted(out, i, v), nil
	},
	"json_query": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		v, _ := onlyOne(doc, p)
		return setJSON(out, i, v, v != nil && !isScalar(v)), nil
	},
	"json_exists": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		out.Bools[i] = false
		p.Each(doc, func([]byte) bool { out.Bools[i] = true; return false })
		return true, nil
	},
	"json_length": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		v, state := onlyOne(doc, p)
		if state == foundOne {
			out.Ints[i] = int64(value.LengthOf(v))
		}
		return state == foundOne, nil
	},
	"json_keys": func(out *column.Vector, i int, doc []byte, p *value.JSONPath) (bool, error) {
		v, state := onlyOne(doc, p)
		if state != foundOne || v[0] != '{' {
			return false, nil
		}
		out.SetBytes(i, appendNames(nil, v))
		return true, nil
	},
}

// What a path leads to.
const (
	foundOne   = 0 // one value, of the kind that is asked for
	foundNone  = 1
	foundWrong = 2 // several values, or, by a strict path, none
)

// onlyOne gives the value that a path leads to, if it is one alone.
func onlyOne(doc []byte, p *value.JSONPath) (v []byte, state int64) {
	n := 0
	met := p.Each(doc, func(part []byte) bool {
		v = part
		n++
		return n < 2
	})
	switch {
	case n == 1 && (met || !p.Strict):
		return v, foundOne
	case n > 1 || p.Strict && !met:
		return nil, foundWrong
	}
	return nil, foundNone
}

func isScalar(v []byte) bool { return v != nil && v[0] != '{' && v[0] != '[' }

// setUnquoted gives a scalar as text, an object or an array as it is written; nothing and null are NULL.
func setUnquoted(out *column.Vector, i int, v []byte) bool {
	if v == nil || v[0] == 'n' {
		return false
	}
	out.SetBytes(i, value.Unquoted(v))
	return true
}

func setJSON(out *column.Vector, i int, v []byte, is bool) bool {
	if is {
		out.SetBytes(i, v)
	}
	return is
}

func appendNames(dst, object []byte) []byte {
	dst = append(dst, '[')
	for parts, n := value.PartsOf(object), 0; parts.Next(); n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, parts.Key...)
	}
	return append(dst, ']')
}

func badPath(path string) error {
	return sqlerr.New(sqlerr.InvalidParameter, "invalid JSON path %q", path).WithHint(`A path reads $.name."any name"[0][*].`)
}

// pathsOf gives the paths of a row, from argument `from` on. Constant ones are read once, so that a wrong one is found
// before any row.
func pathsOf(args []Evaluator, from int) (func(vs []*column.Vector, i int) ([]value.JSONPath, error), error) {
	list, fixed := make([]value.JSONPath, len(args)-from), make([]bool, len(args)-from)
	for n, arg := range args[from:] {
		text, ok := constantText(arg)
		if !ok {
			continue
		}
		if list[n], fixed[n] = value.ParseJSONPath(text); !fixed[n] {
			return nil, badPath(text)
		}
	}
	return func(vs []*column.Vector, i int) ([]value.JSONPath, error) {
		for n := range list {
			if fixed[n] {
				continue
			}
			ok := false
			if list[n], ok = value.ParseJSONPath(string(vs[from+n].Bytes(i))); !ok {
				return nil, badPath(string(vs[from+n].Bytes(i)))
			}
		}
		return list, nil
	}, nil
}

// compilePath makes a function of JSON and a path, without which it is of the whole.
func compilePath(e *plan.Call, args []Evaluator, f pathFunc) (Evaluator, error) {
	paths, err := pathsOf(args, 1)
	if err != nil {
		return nil, err
	}
	whole := value.JSONPath{}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		list, err := paths(vs, i)
		if err != nil {
			return false, err
		}
		p := &whole
		if len(list) > 0 {
			p = &list[0]
		}
		doc, ok := documentOf(vs[0], i)
		if !ok {
			return false, nil
		}
		return f(out, i, doc, p)
	}), nil
}

// compileExtract is JSON_EXTRACT: what its paths lead to, in an array if that may be several values.
func compileExtract(e *plan.Call, args []Evaluator) (Evaluator, error) {
	paths, err := pathsOf(args, 1)
	if err != nil {
		return nil, err
	}
	return newRowFunc(e, args, func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		list, err := paths(vs, i)
		doc, ok := documentOf(vs[0], i)
		if err != nil || !ok {
			return false, err
		}
		if len(list) == 1 && !list[0].Several {
			v := list[0].First(doc)
			return setJSON(out, i, v, v != nil), nil
		}
		text := []byte{'['}
		for n := range list {
			list[n].Each(doc, func(v []byte) bool {
				if len(text) > 1 {
					text = append(text, ',')
				}
				text = append(text, v...)
				return true
			})
		}
		return setJSON(out, i, append(text, ']'), len(text) > 1), nil
	}), nil
}

// jsonTexts are functions of a text alone.
var jsonTexts = map[string]kernel{
	"json_valid":     isJSON(func([]byte) bool { return true }),
	"is_json":        isJSON(func([]byte) bool { return true }),
	"is_json_object": isJSON(func(v []byte) bool { return v[0] == '{' }),
	"is_json_array":  isJSON(func(v []byte) bool { return v[0] == '[' }),
	"is_json_scalar": isJSON(isScalar),
	"json_quote": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.SetBytes(i, value.AppendJSONString(nil, vs[0].Bytes(i)))
		return true, nil
	},
	"json_unquote": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		b := vs[0].Bytes(i)
		if len(b) > 1 && b[0] == '"' && b[len(b)-1] == '"' && json.Valid(b) {
			b = value.Unquoted(b)
		}
		out.SetBytes(i, b)
		return true, nil
	},
	"json_tuple_member": tupleMember,
	"json_type": func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		doc, ok := documentOf(vs[0], i)
		if ok {
			out.SetBytes(i, []byte(mysqlType(doc)))
		}
		return ok, nil
	},
}

// tupleMember gives a member as text; NULL where the text is no object.
func tupleMember(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	doc, ok := documentOf(vs[0], i)
	if !ok || doc[0] != '{' {
		return false, nil
	}
	return setUnquoted(out, i, value.MemberOf(doc, string(vs[1].Bytes(i)))), nil
}

func isJSON(kind func([]byte) bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		doc, ok := documentOf(vs[0], i)
		out.Bools[i] = ok && kind(doc)
		return true, nil
	}
}

func mysqlType(v []byte) string {
	switch v[0] {
	case '{':
		return "OBJECT"
	case '[':
		return "ARRAY"
	case '"':
		return "STRING"
	case 't', 'f':
		return "BOOLEAN"
	case 'n':
		return "NULL"
	}
	if _, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return "INTEGER"
	}
	return "DOUBLE"
}
