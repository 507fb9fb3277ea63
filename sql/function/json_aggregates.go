package function

import "slipway/sql/types"

// Aggregates that make JSON: that of ARRAY_AGG as an array, and that of rows of names and values as an object.

func init() {
	aggregate("json_agg", definition{retracts: true, order: OrderOfArray, resolve: jsonOf("to_json")})
	aggregate("json_objectagg", definition{retracts: true, order: OrderOfArray, resolve: jsonOf("json_of_members")})
	also("json_agg", "json_arrayagg", "jsonb_agg")
	also("json_objectagg", "json_object_agg", "jsonb_object_agg")
}

// MakesObject tells the aggregate of names and values, which it takes as rows of both.
func MakesObject(name string) bool { return canonical(name) == "json_objectagg" }

func jsonOf(finish string) resolver {
	return func(args []types.Type) (Signature, string) {
		if finish == "json_of_members" && (len(args) != 1 || !isMember(args[0])) {
			return Signature{}, "it takes a name and a value"
		}
		sig, problem := allInArray(args)
		if problem != "" {
			return sig, problem
		}
		sig.Result, sig.Finish = jsonT, finish
		return sig, ""
	}
}

// ofList takes an array, of rows of a name and a value if members is set.
func ofList(members bool) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 1); p != "" {
			return Signature{}, p
		}
		t := args[0]
		if !t.IsNested() || t.Kind != types.Array {
			return Signature{}, "it takes an array"
		}
		if members && !isMember(t.Fields()[0].Type) {
			return Signature{}, "it takes an array of rows of a name and a value"
		}
		return Signature{Args: args, Result: jsonT}, ""
	}
}

func isMember(t types.Type) bool {
	return t.IsNested() && t.Kind == types.Struct && len(t.Fields()) == 2 && t.Fields()[0].Type.IsText()
}
