package function

import (
	"fmt"

	"slipway/sql/types"
)

// Functions of JSON. Those of MySQL and Hive take a text, and give NULL where it is no JSON; those of PostgreSQL take
// JSON, to which a text is brought as by CAST.

var jsonT = types.Of(types.JSON)

func init() {
	scalar("json_value", fixed(textT, 0, textT, textT))
	scalar("json_query", fixed(jsonT, 0, textT, textT))
	scalar("json_exists", fixed(boolT, 0, textT, textT))
	scalar("json_extract", jsonExtract)
	scalar("json_unquote", fixed(textT, 0, textT))
	scalar("json_quote", fixed(textT, 0, textT))
	scalar("json_valid", fixed(boolT, 0, textT))
	scalar("json_type", fixed(textT, 0, textT))
	scalar("json_length", fixed(bigT, 1, textT, textT))
	scalar("json_keys", fixed(jsonT, 1, textT, textT))
	scalar("json_object", jsonOfPairs)
	scalar("json_array", jsonOfAll)
	hidden("json_object_of_present", jsonOfPairs) // ABSENT ON NULL
	hidden("json_array_of_present", jsonOfAll)
	hidden("json_tuple_member", fixed(textT, 0, textT, textT))
	for _, f := range []string{"is_json", "is_json_object", "is_json_array", "is_json_scalar"} {
		hidden(f, fixed(boolT, 0, textT))
	}
}

// PostgreSQL's.
func init() {
	hidden("->", jsonMember(jsonT))
	hidden("->>", jsonMember(textT))
	hidden("#>", ofJSON(jsonT, types.NewArray(textT)))
	hidden("#>>", ofJSON(textT, types.NewArray(textT)))
	scalar("json_extract_path", jsonPathOf(jsonT))
	scalar("json_extract_path_text", jsonPathOf(textT))
	scalar("json_array_length", ofJSON(bigT))
	scalar("json_typeof", ofJSON(textT))
	scalar("json_build_object", jsonOfPairs)
	scalar("json_build_array", jsonOfAll)
	scalar("to_json", toJSON)
	hidden("json_elements", ofJSON(types.NewArray(jsonT)))
	hidden("json_elements_text", ofJSON(types.NewArray(textT)))
	hidden("json_member_names", ofJSON(types.NewArray(textT)))
	for _, f := range []string{"extract_path", "extract_path_text", "array_length", "typeof", "build_object", "build_array"} {
		also("json_"+f, "jsonb_"+f)
	}
	hidden("to_json_of_present", ofList(false))
	hidden("json_of_members", ofList(true))
	hidden("json_of_members_of_present", ofList(true))
	also("to_json", "to_jsonb")
}

// asJSON tells whether an argument is brought to JSON without a CAST.
func asJSON(t types.Type) string {
	if t.IsText() || t.IsNested() || t.Kind == types.JSON || t.Kind == types.Null {
		return ""
	}
	return fmt.Sprintf("an argument is %s where JSON is needed; TO_JSON(x) makes it of a value", t)
}

// ofJSON takes JSON, and others behind it.
func ofJSON(result types.Type, others ...types.Type) resolver {
	want := append([]types.Type{jsonT}, others...)
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, len(want)); p != "" {
			return Signature{}, p
		}
		if p := asJSON(args[0]); p != "" {
			return Signature{}, p
		}
		for i, a := range args[1:] {
			if problem := fits(a, want[i+1]); problem != "" && !(a.IsText() && want[i+1].IsNested()) {
				return Signature{}, problem
			}
		}
		return Signature{Args: want, Result: result}, ""
	}
}

// jsonMember is json -> 'name' and json -> 2.
func jsonMember(result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 2); p != "" {
			return Signature{}, p
		}
		if args[1].IsInteger() {
			return ofJSON(result, bigT)(args)
		}
		return ofJSON(result, textT)(args)
	}
}

func jsonPathOf(result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) < 2 {
			return Signature{}, "it takes JSON and at least one name"
		}
		want := make([]types.Type, len(args)-1)
		for i := range want {
			want[i] = textT
		}
		return ofJSON(result, want...)(args)
	}
}

func jsonExtract(args []types.Type) (Signature, string) {
	if len(args) < 2 {
		return Signature{}, "it takes a text and at least one path"
	}
	want := make([]types.Type, len(args))
	for i := range want {
		want[i] = textT
	}
	return fixed(jsonT, 0, want...)(args)
}

// jsonOfPairs takes names and values in turn.
func jsonOfPairs(args []types.Type) (Signature, string) {
	if len(args)%2 != 0 {
		return Signature{}, "it takes names and values in turn"
	}
	sig, problem := jsonOfAll(args)
	for i := 0; i < len(args) && problem == ""; i += 2 {
		problem, sig.Args[i] = fits(args[i], textT), textT
	}
	return sig, problem
}

// jsonOfAll takes values of any type.
func jsonOfAll(args []types.Type) (Signature, string) {
	want := make([]types.Type, len(args))
	for i, a := range args {
		if want[i] = a; a.Kind == types.Null {
			want[i] = textT
		}
	}
	return Signature{Args: want, Result: jsonT}, ""
}

func toJSON(args []types.Type) (Signature, string) {
	if p := arity(args, 1); p != "" {
		return Signature{}, p
	}
	return jsonOfAll(args)
}
