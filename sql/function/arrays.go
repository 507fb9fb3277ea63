package function

import (
	"slices"
	"strconv"

	"slipway/sql/types"
)

// What makes, reads and compares arrays.

func init() {
	hidden("array", arrayOfItems)
	hidden("map", mapOfItems)
	hidden("element", element)
	hidden("row", rowOfItems)
	for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
		hidden(op+" any", quantified)
		hidden(op+" all", quantified)
	}
	scalar("cardinality", lengthOf(types.Array, types.Map))
	scalar("array_length", arrayLength)
	scalar("array_contains", contains(boolT))
	scalar("array_position", contains(bigT))
	scalar("array_append", withItem)
	scalar("array_prepend", withFirst)
	scalar("array_remove", withItem)
	scalar("array_cat", arrays)
	for _, f := range []string{"array_distinct", "array_reverse", "sort_array"} {
		scalar(f, array(func(t types.Type) types.Type { return t }))
	}
	scalar("array_max", array(elementOf))
	scalar("array_min", array(elementOf))
	scalar("array_to_string", arrayText)
	scalar("string_to_array", fixed(types.NewArray(textT), 0, textT, textT))
	scalar("map_keys", entries(0))
	scalar("map_values", entries(1))
	scalar("array_positions", places)
	scalar("array_replace", replaced)
	scalar("trim_array", trimmed)
	for _, f := range []string{"array_union", "array_intersect", "array_except"} {
		scalar(f, twoArrays)
	}
	scalar("map_from_arrays", keysAndValues)
	also("cardinality", "size")
	also("sort_array", "array_sort")
	also("array_to_string", "array_join")
	also("array_cat", "array_concat")
}

func elementOf(t types.Type) types.Type { return t.Fields()[0].Type }

// isOf tells a nested type of one of some kinds.
func isOf(t types.Type, kinds ...types.Kind) bool {
	return t.IsNested() && slices.Contains(kinds, t.Kind)
}

// array is of one array.
func array(result func(types.Type) types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 1); p != "" {
			return Signature{}, p
		}
		if !isOf(args[0], types.Array) {
			return Signature{}, "it takes an array"
		}
		return Signature{Args: args, Result: result(args[0])}, ""
	}
}

func lengthOf(kinds ...types.Kind) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 1); p != "" {
			return Signature{}, p
		}
		if !isOf(args[0], kinds...) {
			return Signature{}, "it takes an array or a map"
		}
		return Signature{Args: args, Result: bigT}, ""
	}
}

// arrayLength takes PostgreSQL's number of the dimension too, which is 1.
func arrayLength(args []types.Type) (Signature, string) {
	if len(args) < 1 || len(args) > 2 {
		return Signature{}, takes(1, 2)
	}
	if !isOf(args[0], types.Array) || len(args) == 2 && !args[1].IsInteger() {
		return Signature{}, "it takes an array, and the number of a dimension"
	}
	return Signature{Args: append(args[:1:1], slices.Repeat([]types.Type{bigT}, len(args)-1)...), Result: bigT}, ""
}

// element is a[i] and m[k].
func element(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	fields := args[0].Fields()
	switch {
	case isOf(args[0], types.Array) && (args[1].IsInteger() || args[1].Kind == types.Null):
		return Signature{Args: []types.Type{args[0], bigT}, Result: fields[0].Type}, ""
	case isOf(args[0], types.Array):
		return Signature{}, "the index of an array is a whole number, from 1"
	case isOf(args[0], types.Map):
		if problem := fits(args[1], fields[0].Type); problem != "" {
			return Signature{}, problem
		}
		return Signature{Args: []types.Type{args[0], fields[0].Type}, Result: fields[1].Type}, ""
	}
	return Signature{}, "only arrays and maps have elements; of JSON text JSON_VALUE(x, '$.a[0]') gives one"
}

// withValue brings an array and a value to one type of elements.
func withValue(array, value types.Type) (whole, item types.Type, problem string) {
	if !isOf(array, types.Array) {
		return whole, item, "it takes an array and a value"
	}
	item, ok := Common(elementOf(array), value)
	if !ok {
		return whole, item, "the elements are " + elementOf(array).String() + ", the value is " + value.String() + "; use CAST"
	}
	return types.NewArray(item), item, ""
}

// contains is of an array and a value that is looked for.
func contains(result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 2); p != "" {
			return Signature{}, p
		}
		whole, item, problem := withValue(args[0], args[1])
		return Signature{Args: []types.Type{whole, item}, Result: result}, problem
	}
}

// quantified is x = ANY (array) and its like.
func quantified(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	whole, item, problem := withValue(args[1], args[0])
	return Signature{Args: []types.Type{item, whole}, Result: boolT}, problem
}

// withItem is of an array and one more value; withFirst has the value in front.
func withItem(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	whole, item, problem := withValue(args[0], args[1])
	return Signature{Args: []types.Type{whole, item}, Result: whole}, problem
}

func withFirst(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	whole, item, problem := withValue(args[1], args[0])
	return Signature{Args: []types.Type{item, whole}, Result: whole}, problem
}

// arrays is of several.
func arrays(args []types.Type) (Signature, string) {
	sig, problem := same(1)(args)
	if problem == "" && !isOf(sig.Result, types.Array) {
		problem = "it takes arrays"
	}
	return sig, problem
}

// arrayText is of an array, what stands between its elements, and what stands for NULL.
func arrayText(args []types.Type) (Signature, string) {
	if len(args) < 2 || len(args) > 3 {
		return Signature{}, takes(2, 3)
	}
	if !isOf(args[0], types.Array) {
		return Signature{}, "it takes an array"
	}
	texts := slices.Repeat([]types.Type{textT}, len(args)-1)
	return Signature{Args: append(args[:1:1], texts...), Result: textT}, ""
}

// entries are the keys of a map, or the values.
func entries(part int) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 1); p != "" {
			return Signature{}, p
		}
		if !isOf(args[0], types.Map) {
			return Signature{}, "it takes a map"
		}
		return Signature{Args: args, Result: types.NewArray(args[0].Fields()[part].Type)}, ""
	}
}

// mapOfItems is MAP[key, value, …].
func mapOfItems(args []types.Type) (Signature, string) {
	if len(args)%2 != 0 {
		return Signature{}, "it takes keys and values in turn"
	}
	var parts [2][]types.Type
	for i, t := range args {
		parts[i%2] = append(parts[i%2], t)
	}
	key, problem := CommonOf(parts[0])
	value, other := CommonOf(parts[1])
	if problem += other; problem == "" && (!keptInArray(key) || !keptInArray(value)) {
		problem = "there are no maps of " + key.String() + " and " + value.String()
	}
	if problem != "" {
		return Signature{}, problem
	}
	return Signature{Args: slices.Repeat([]types.Type{key, value}, len(args)/2), Result: types.NewMap(key, value)}, ""
}

// arrayOfItems is ARRAY[x, …]: its items are of one type.
func arrayOfItems(args []types.Type) (Signature, string) {
	if len(args) == 0 {
		return Signature{Result: types.NewArray(types.Type{})}, ""
	}
	t, problem := CommonOf(args)
	if problem == "" && !keptInArray(t) {
		problem = "there are no arrays of " + t.String()
	}
	if problem != "" {
		return Signature{}, problem
	}
	return Signature{Args: slices.Repeat([]types.Type{t}, len(args)), Result: types.NewArray(t)}, ""
}

// keptInArray tells a type of which there are arrays.
func keptInArray(t types.Type) bool {
	return t.Kind == types.Null || t.Kind != types.Duration && t.Physical() != types.PhysicalNone && t.Depth() < types.MaxDepth
}

// rowOfItems is ROW(x, …): its fields are f1, f2 and so on, as in PostgreSQL.
func rowOfItems(args []types.Type) (Signature, string) {
	names := make([]string, len(args))
	for i := range args {
		names[i] = "f" + strconv.Itoa(i+1)
	}
	return StructOf(names, args)
}

// StructOf is a row of values with names.
func StructOf(names []string, args []types.Type) (Signature, string) {
	sig := Signature{Name: "row"}
	fields := make([]types.Field, len(args))
	for i, t := range args {
		if t.Kind == types.Null {
			t = textT
		}
		if !keptInArray(t) {
			return sig, "a row has no field of type " + t.String()
		}
		fields[i], sig.Args = types.Field{Name: names[i], Type: t}, append(sig.Args, t)
	}
	if len(args) == 0 {
		return sig, "a row has one field at least"
	}
	sig.Result = types.NewStruct(fields...)
	return sig, ""
}

// places is ARRAY_POSITIONS.
func places(args []types.Type) (Signature, string) { return contains(types.NewArray(bigT))(args) }

// replaced is ARRAY_REPLACE.
func replaced(args []types.Type) (Signature, string) {
	if p := arity(args, 3); p != "" {
		return Signature{}, p
	}
	if !isOf(args[0], types.Array) {
		return Signature{}, "it takes an array and two values"
	}
	item, problem := CommonOf([]types.Type{elementOf(args[0]), args[1], args[2]})
	whole := types.NewArray(item)
	return Signature{Args: []types.Type{whole, item, item}, Result: whole}, problem
}

// trimmed is TRIM_ARRAY.
func trimmed(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	if !isOf(args[0], types.Array) {
		return Signature{}, "it takes an array and a number"
	}
	return Signature{Args: []types.Type{args[0], bigT}, Result: args[0]}, fits(args[1], bigT)
}

func twoArrays(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	return arrays(args)
}

// keysAndValues is MAP_FROM_ARRAYS.
func keysAndValues(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	if !isOf(args[0], types.Array) || !isOf(args[1], types.Array) {
		return Signature{}, "it takes an array of keys and one of values"
	}
	return Signature{Args: args, Result: types.NewMap(elementOf(args[0]), elementOf(args[1]))}, ""
}
