package engine

import (
	"slices"
	"strings"

	"slipway/sql/sqlerr"
)

func firstType(t []Type) Type { return t[0] }

// items are the columns of a function that gives the items of its first argument.
func items(t []Type) []Column { return []Column{{Name: "unnest", Type: t[0].Element()}} }

// maxSeries bounds what generate_series gives.
const maxSeries = 10_000_000

func init() {
	builtin(
		&Function{Name: "array_to_string", Args: []Type{AnyArray, Text, Text}, Optional: 1, Result: Text, Lenient: true, Call: arrayToString},
		&Function{Name: "string_to_array", Args: []Type{Text, Text, Text}, Optional: 1, Result: Text.Array(), Lenient: true, Call: stringToArray},
		&Function{Name: "array_length", Args: []Type{AnyArray, Int4}, Result: Int4, Call: arrayLength},
		&Function{Name: "array_upper", Args: []Type{AnyArray, Int4}, Result: Int4, Call: arrayLength},
		&Function{Name: "array_upper", Args: []Type{Int2Vector, Int4}, Result: Int4, Call: vectorUpper},
		&Function{Name: "array_upper", Args: []Type{OIDVector, Int4}, Result: Int4, Call: vectorUpper},
		&Function{Name: "array_lower", Args: []Type{AnyArray, Int4}, Result: Int4, Call: arrayLower(1)},
		&Function{Name: "array_lower", Args: []Type{Int2Vector, Int4}, Result: Int4, Call: arrayLower(0)},
		&Function{Name: "cardinality", Args: []Type{AnyArray}, Result: Int4, Call: func(_ Env, a []Value) Value { return int64(len(a[0].(Array))) }},
		&Function{Name: "array_position", Args: []Type{AnyArray, AnyType}, Result: Int4, Lenient: true, Call: arrayPosition},
		&Function{Name: "array_remove", Args: []Type{AnyArray, AnyType}, ResultOf: firstType, Lenient: true, Call: arrayRemove},
		&Function{Name: "array_append", Args: []Type{AnyArray, AnyType}, ResultOf: firstType, Lenient: true, Call: func(_ Env, a []Value) Value { return appended(a[0], Array{a[1]}) }},
		&Function{Name: "array_cat", Args: []Type{AnyArray, AnyArray}, ResultOf: firstType, Lenient: true, Call: func(_ Env, a []Value) Value { return appended(a[0], a[1]) }},

		&Function{Name: "unnest", Args: []Type{AnyArray}, ColumnsOf: items, Rows: func(_ Env, a []Value) [][]Value { return columnRows(a[0].(Array)) }},
		&Function{Name: "generate_subscripts", Args: []Type{AnyArray, Int4}, Columns: []Column{{Name: "generate_subscripts", Type: Int4}}, Rows: subscripts(1)},
		&Function{Name: "generate_subscripts", Args: []Type{Int2Vector, Int4}, Columns: []Column{{Name: "generate_subscripts", Type: Int4}}, Rows: subscripts(0)},
		&Function{Name: "generate_series", Args: []Type{Int4, Int4, Int4}, Optional: 1, Columns: []Column{{Name: "generate_series", Type: Int4}}, Rows: series},
		&Function{Name: "generate_series", Args: []Type{Int8, Int8, Int8}, Optional: 1, Columns: []Column{{Name: "generate_series", Type: Int8}}, Rows: series},
		&Function{Name: "_pg_expandarray", Args: []Type{AnyArray}, ColumnsOf: func(t []Type) []Column { return []Column{{Name: "x", Type: t[0].Element()}, {Name: "n", Type: Int4}} }, Rows: expandArray},
	)
}

func arrayToString(_ Env, a []Value) Value {
	list, ok := a[0].(Array)
	if !ok || a[1] == nil {
		return nil
	}
	var out []string
	for _, v := range list {
		switch {
		case v != nil:
			out = append(out, textOf(v, Text))
		case len(a) > 2 && a[2] != nil:
			out = append(out, a[2].(string))
		}
	}
	return strings.Join(out, a[1].(string))
}

func stringToArray(_ Env, a []Value) Value {
	s, ok := a[0].(string)
	if !ok {
		return nil
	}
	if s == "" {
		return Array{}
	}
	parts := []string{s}
	switch sep, ok := a[1].(string); {
	case !ok:
		parts = strings.Split(s, "")
	case sep != "":
		parts = strings.Split(s, sep)
	}
	out := texts(parts)
	for i := range out {
		if len(a) > 2 && out[i] == a[2] {
			out[i] = nil
		}
	}
	return out
}

func arrayLength(_ Env, a []Value) Value {
	if n := len(a[0].(Array)); a[1] == int64(1) && n > 0 {
		return int64(n)
	}
	return nil
}

// vectorUpper is the number of the last item, where the first has 0.
func vectorUpper(_ Env, a []Value) Value {
	if a[1] != int64(1) {
		return nil
	}
	return int64(len(a[0].(Array))) - 1
}

func arrayLower(base int64) func(Env, []Value) Value {
	return func(_ Env, a []Value) Value {
		if a[1] != int64(1) || len(a[0].(Array)) == 0 {
			return nil
		}
		return base
	}
}

func equalNullable(v, w Value) bool {
	return v == nil && w == nil || v != nil && w != nil && compare(v, w) == 0
}

func arrayPosition(_ Env, a []Value) Value {
	list, ok := a[0].(Array)
	if !ok {
		return nil
	}
	if i := slices.IndexFunc(list, func(v Value) bool { return equalNullable(v, a[1]) }); i >= 0 {
		return int64(i) + 1
	}
	return nil
}

func arrayRemove(_ Env, a []Value) Value {
	list, ok := a[0].(Array)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list), func(v Value) bool { return equalNullable(v, a[1]) })
}

func columnRows(list Array) [][]Value {
	out := make([][]Value, len(list))
	for i, v := range list {
		out[i] = []Value{v}
	}
	return out
}

func subscripts(base int64) func(Env, []Value) [][]Value {
	return func(_ Env, a []Value) (out [][]Value) {
		if a[1] != int64(1) {
			return nil
		}
		for i := range a[0].(Array) {
			out = append(out, []Value{int64(i) + base})
		}
		return out
	}
}

func series(_ Env, a []Value) (out [][]Value) {
	from, to, step := a[0].(int64), a[1].(int64), int64(1)
	if len(a) > 2 {
		step = a[2].(int64)
	}
	switch {
	case step == 0:
		Fail(sqlerr.New(sqlerr.InvalidParameter, "step size cannot equal zero"))
	case step > 0 && from > to || step < 0 && from < to:
		return nil
	case uint64(to-from)/uint64(step) >= maxSeries && step > 0, step < 0 && uint64(from-to)/uint64(-step) >= maxSeries:
		Fail(sqlerr.New(sqlerr.ProgramLimit, "generate_series gives at most %d rows in queries of the catalog", maxSeries))
	}
	for n := from; ; n += step {
		out = append(out, []Value{n})
		if left := to - n; step > 0 && left < step || step < 0 && left > step {
			return out
		}
	}
}

// expandArray is information_schema._pg_expandarray: the items with their numbers from 1.
func expandArray(_ Env, a []Value) [][]Value {
	list := a[0].(Array)
	out := make([][]Value, len(list))
	for i, v := range list {
		out[i] = []Value{v, int64(i) + 1}
	}
	return out
}
