package analyzer

import (
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// overArrays and overJSON are the functions that operators are.
var (
	overArrays = map[string]string{"@>": "arraycontains", "<@": "arraycontained", "&&": "arrayoverlap"}
	overJSON   = map[string]string{"@>": "jsonb_contains", "<@": "jsonb_contained", "?": "jsonb_exists", "?|": "jsonb_exists_any", "?&": "jsonb_exists_all", "&&": "and"}
)

// meant is the function that an operator is of its arguments; any other name as it is.
func meant(name string, args []plan.Expr) string {
	is := func(i int, k types.Kind) bool { return len(args) == 2 && args[i].Type().Kind == k }
	if arrays := overArrays[name]; arrays != "" && (is(0, types.Array) || is(1, types.Array)) {
		return arrays
	}
	if json := overJSON[name]; json != "" {
		return json
	}
	json := func(i int) bool { return is(i, types.JSON) }
	switch {
	case name == "concat" && (json(0) && (json(1) || isJSONText(args[1])) || json(1) && isJSONText(args[0])):
		return "jsonb_concat"
	case name == "concat":
		return arrayConcat(args)
	case name == "-" && json(0):
		return "jsonb_delete"
	case name == "element" && json(0):
		return "->"
	}
	return name
}

// isJSONText tells a constant text that is an object or an array. Any other is joined with JSON as texts are, which
// PostgreSQL does with its json and not with its jsonb.
func isJSONText(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	if !ok || !c.Typ.IsText() {
		return false
	}
	text, fault := value.ReadJSON([]byte(c.Text))
	return fault == value.OK && (text[0] == '{' || text[0] == '[')
}
