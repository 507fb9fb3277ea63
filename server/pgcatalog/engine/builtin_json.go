package engine

import (
	"encoding/json"

	"slipway/sql/sqlerr"
)

func init() {
	builtin(
		&Function{Name: "json_build_object", Args: []Type{AnyType}, Variadic: true, Optional: 1, Result: JSON, Lenient: true, Call: jsonBuildObject},
		&Function{Name: "jsonb_build_object", Args: []Type{AnyType}, Variadic: true, Optional: 1, Result: JSONB, Lenient: true, Call: jsonBuildObject},
		&Function{Name: "json_build_array", Args: []Type{AnyType}, Variadic: true, Optional: 1, Result: JSON, Lenient: true, Call: func(_ Env, a []Value) Value { return jsonOf(Array(a)) }},
		&Function{Name: "to_json", Args: []Type{AnyType}, Result: JSON, Call: func(_ Env, a []Value) Value { return jsonOf(a[0]) }},
	)
}

// jsonBuildObject makes an object of names and values in turns, with PostgreSQL's blanks.
func jsonBuildObject(_ Env, a []Value) Value {
	if len(a)%2 != 0 {
		Fail(sqlerr.New(sqlerr.InvalidParameter, "argument list must have even number of elements"))
	}
	out := "{"
	for i := 0; i < len(a); i += 2 {
		if a[i] == nil {
			Fail(sqlerr.New(sqlerr.InvalidParameter, "argument %d cannot be null", i+1))
		}
		if i > 0 {
			out += ", "
		}
		out += jsonOf(textOf(a[i], Text)) + " : " + jsonOf(a[i+1])
	}
	return out + "}"
}

// jsonOf is a value as JSON.
func jsonOf(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		if v {
			return "true"
		}
		return "false"
	case int64, float64:
		return textOf(v, Numeric)
	case Array:
		out := "["
		for i, item := range v {
			if i > 0 {
				out += ", "
			}
			out += jsonOf(item)
		}
		return out + "]"
	}
	b, _ := json.Marshal(textOf(v, Text)) // a text is always JSON
	return string(b)
}
