package logical

import (
	"strconv"
	"strings"

	"slipway/sql/plan"
)

// written is how calls that stand for a clause or an operator are written: {1} is an argument, {*} all with commas.
var written = map[string]string{
	"trim_both": "TRIM({2} FROM {1})", "trim_first": "TRIM(LEADING {2} FROM {1})", "trim_last": "TRIM(TRAILING {2} FROM {1})",
	"number_of_seed": "rand({1})", "random_number": "random()", "random_uuid": "gen_random_uuid()", "random_uuid_text": "uuid()", "months_later": "add_months({*})", "trunc_date": "trunc({*})", "str_to_time": "str_to_date({*})", "field_of_list": "field({*})",
	"array": "ARRAY[{*}]", "map": "MAP[{*}]", "row": "ROW({*})", "element": "{1}[{2}]", "array_slice": "{1}[{2}:{3}]", "->": "{1} -> {2}", "->>": "{1} ->> {2}", "#>": "{1} #> {2}", "#>>": "{1} #>> {2}",
	"json_tuple_member": "json_tuple({*})", "json_elements": "json_array_elements({1})", "json_elements_text": "json_array_elements_text({1})",
	"json_member_names": "json_object_keys({1})",
}

// showWritten shows a call by its form; false if it has none.
func showWritten(e *plan.Call, in []string) (string, bool) {
	if strings.HasSuffix(e.Func, "_or") && strings.HasPrefix(e.Func, "json_") && len(e.Args) > 2 {
		return showJSONCall(e, in), true
	}
	if op, word, ok := strings.Cut(e.Func, " "); ok && len(e.Args) == 2 {
		return operand(e.Args[0], in) + " " + op + " " + strings.ToUpper(word) + " (" + Show(e.Args[1], in) + ")", true
	}
	form, ok := written[e.Func]
	if !ok {
		return "", false
	}
	list := showAll(e.Args, in)
	pairs := []string{"{*}", strings.Join(list, ", ")}
	for i, text := range list {
		if form[0] == '{' && i == 0 {
			text = bracketed(e.Args[0], text)
		}
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", text)
	}
	return strings.NewReplacer(pairs...).Replace(form), true
}

// showJSONCall shows JSON_VALUE and its like with their clauses.
func showJSONCall(e *plan.Call, in []string) string {
	clauses := ""
	if c, ok := e.Args[2].(*plan.Const); ok {
		clauses = c.Text
	}
	if len(e.Args) == 5 {
		for i, event := range []string{"EMPTY", "ERROR"} {
			clauses = strings.Replace(clauses, "DEFAULT ON "+event, "DEFAULT "+Show(e.Args[3+i], in)+" ON "+event, 1)
		}
		clauses = "RETURNING " + e.Typ.String() + " " + clauses
	}
	return strings.TrimSuffix(e.Func, "_or") + "(" + Show(e.Args[0], in) + ", " + Show(e.Args[1], in) + " " + clauses + ")"
}
