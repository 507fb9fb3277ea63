package function

import "slipway/sql/types"

// PostgreSQL's operators and functions of jsonb, and its operators of arrays that are written alike. A text is brought
// to JSON as by CAST.

var textsT = types.NewArray(textT)

func init() {
	for _, f := range []string{"arraycontains", "arraycontained", "arrayoverlap"} {
		scalar(f, arrayPair)
	}
	scalar("array_slice", sliceOf)
	scalar("jsonb_contains", withJSON(boolT, 0, jsonT, jsonT))
	scalar("jsonb_contained", withJSON(boolT, 0, jsonT, jsonT))
	scalar("jsonb_exists", ofJSON(boolT, textT))
	scalar("jsonb_exists_any", ofJSON(boolT, textsT))
	scalar("jsonb_exists_all", ofJSON(boolT, textsT))
	scalar("jsonb_concat", withJSON(jsonT, 0, jsonT, jsonT))
	scalar("jsonb_delete", jsonWithout)
	scalar("jsonb_delete_path", ofJSON(jsonT, textsT))
	scalar("jsonb_set", withJSON(jsonT, 1, jsonT, textsT, jsonT, boolT))
	scalar("jsonb_insert", withJSON(jsonT, 1, jsonT, textsT, jsonT, boolT))
	scalar("jsonb_pretty", ofJSON(textT))
	scalar("json_strip_nulls", ofJSON(jsonT))
	also("json_strip_nulls", "jsonb_strip_nulls")
	also("to_json", "row_to_json", "array_to_json")
}

// withJSON takes JSON in several places, and optional last arguments.
func withJSON(result types.Type, optional int, want ...types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) > len(want) || len(args) < len(want)-optional {
			return Signature{}, takes(len(want)-optional, len(want))
		}
		for i, a := range args {
			problem := fits(a, want[i])
			if want[i].Kind == types.JSON {
				problem = asJSON(a)
			} else if a.IsText() && want[i].IsNested() {
				problem = ""
			}
			if problem != "" {
				return Signature{}, problem
			}
		}
		return Signature{Args: want[:len(args)], Result: result}, ""
	}
}

// arrayPair is of two arrays of one type.
func arrayPair(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	t, problem := CommonOf(args)
	if problem == "" && !isOf(t, types.Array) {
		problem = "both operands must be arrays"
	}
	return Signature{Args: []types.Type{t, t}, Result: boolT}, problem
}

// sliceOf is x[low:high].
func sliceOf(args []types.Type) (Signature, string) {
	if p := arity(args, 3); p != "" {
		return Signature{}, p
	}
	if !isOf(args[0], types.Array) {
		return Signature{}, "only arrays have slices"
	}
	for _, bound := range args[1:] {
		if !bound.IsInteger() && bound.Kind != types.Null {
			return Signature{}, "the bounds of a slice are whole numbers, from 1"
		}
	}
	return Signature{Args: []types.Type{args[0], bigT, bigT}, Result: args[0]}, ""
}

// jsonWithout is json - name, json - number and json - names.
func jsonWithout(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	switch {
	case args[1].IsInteger():
		return ofJSON(jsonT, bigT)(args)
	case isOf(args[1], types.Array):
		return ofJSON(jsonT, textsT)(args)
	}
	return ofJSON(jsonT, textT)(args)
}
