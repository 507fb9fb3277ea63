package expr

import (
	"encoding/json"
	"testing"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// found is a call with clauses; what DEFAULT gives is 'empty' and 'wrong', or -1 and -2.
func found(f, doc, path, clauses string, t types.Type) plan.Expr {
	empty, wrong := str("empty"), str("wrong")
	if t.IsInteger() {
		empty, wrong = &plan.Cast{Arg: bigint(-1), Typ: t}, &plan.Cast{Arg: bigint(-2), Typ: t}
	}
	return &plan.Call{Func: f, Args: []plan.Expr{str(doc), str(path), str(clauses), empty, wrong}, Typ: t}
}

// TestFoundInJSON: what clauses give for what is not there, and for errors, is theirs, and ERROR has the standard's states.
func TestFoundInJSON(t *testing.T) {
	text, number, raise := types.Of(types.String), types.Of(types.Int), "ERROR ON EMPTY ERROR ON ERROR"
	otherwise := "DEFAULT ON EMPTY DEFAULT ON ERROR"
	for _, c := range []struct {
		f, doc, path, clauses string
		t                     types.Type
		want                  string
	}{
		{"json_value_or", `{"a":5}`, "$.a", raise, number, "5"},
		{"json_value_or", `{"a":null}`, "$.a", raise, number, "NULL"},
		{"json_value_or", `{}`, "$.a", raise, number, "22035"},
		{"json_value_or", `{}`, "$.a", otherwise, number, "-1"},
		{"json_value_or", `{}`, "strict $.a", raise, number, "22035"},
		{"json_value_or", `{}`, "strict $.a", otherwise, number, "-2"},
		{"json_value_or", `{"a":"x"}`, "$.a", raise, number, "22P02"},
		{"json_value_or", `{"a":"x"}`, "$.a", otherwise, number, "-2"},
		{"json_value_or", `{"a":{}}`, "$.a", raise, text, "2203F"},
		{"json_value_or", `{"a":{}}`, "$.a", otherwise, text, "wrong"},
		{"json_value_or", `[1,2]`, "$[*]", raise, text, "22034"},
		{"json_value_or", `no`, "$", raise, text, "22032"},
		{"json_value_or", `no`, "$", otherwise, text, "wrong"},
		{"json_value_or", `1`, "no", otherwise, text, "22023"},
		{"json_query_or", `[1,2]`, "$[*]", raise, text, "22034"},
		{"json_query_or", `[1,2]`, "$[0]", raise, text, "2203F"},
		{"json_query_or", `[1,2]`, "$[0]", otherwise, text, "wrong"},
		{"json_query_or", `["x"]`, "$[0]", "KEEP QUOTES " + raise, text, `"x"`},
		{"json_query_or", `["x"]`, "$[0]", "OMIT QUOTES " + raise, text, `x`},
		{"json_query_or", `[1,2]`, "$[*]", "WITH WRAPPER " + raise, text, "[1,2]"},
		{"json_query_or", `[[1,2]]`, "$[*]", "WITH WRAPPER " + raise, text, "[[1,2]]"},
		{"json_query_or", `[[1,2]]`, "$[*]", "WITH CONDITIONAL WRAPPER " + raise, text, "[1,2]"},
		{"json_query_or", `[1]`, "$[*]", "WITH CONDITIONAL WRAPPER " + raise, text, "[1]"},
		{"json_query_or", `[]`, "$[*]", "WITH WRAPPER " + raise, text, "22035"},
		{"json_query_or", `[]`, "$[*]", "WITH WRAPPER " + otherwise, text, "empty"},
		{"json_query_or", `[]`, "strict $.a", "WITH WRAPPER " + raise, text, "22035"},
		{"json_query_or", `[]`, "strict $.a", "WITH WRAPPER " + otherwise, text, "wrong"},
		{"json_exists_or", `{"a":1}`, "$.a", "ERROR ON ERROR", types.Of(types.Boolean), "true"},
		{"json_exists_or", `{}`, "$.a", "ERROR ON ERROR", types.Of(types.Boolean), "false"},
		{"json_exists_or", `{}`, "strict $.a", "ERROR ON ERROR", types.Of(types.Boolean), "22035"},
		{"json_exists_or", `no`, "$.a", "ERROR ON ERROR", types.Of(types.Boolean), "22032"},
		{"json_exists_or", `no`, "$.a", "UNKNOWN ON ERROR", types.Of(types.Boolean), "NULL"},
		{"json_exists_or", `no`, "$.a", "TRUE ON ERROR", types.Of(types.Boolean), "true"},
		{"json_exists_or", `no`, "$.a", "FALSE ON ERROR", types.Of(types.Boolean), "false"},
	} {
		if got := valueOf(found(c.f, c.doc, c.path, c.clauses, c.t)); got != c.want {
			t.Errorf("%s(%s, %s %s) is %s, want %s", c.f, c.doc, c.path, c.clauses, got, c.want)
		}
	}
}

// FuzzFoundInJSON: clauses give a value or an error of their own of any text and path, and JSON where JSON is wanted.
func FuzzFoundInJSON(f *testing.F) {
	clauses := []string{"", "WITH WRAPPER ", "WITH CONDITIONAL WRAPPER ", "KEEP QUOTES ", "OMIT QUOTES "}
	for i := range clauses {
		f.Add(`{"a":[1,{"b":"x"}]}`, "$.a[*]", byte(i))
		f.Add(` ["\u0041", [[]], null`, "strict $[last - 1]", byte(i))
	}
	f.Fuzz(func(t *testing.T, doc, path string, n byte) {
		for _, fn := range []string{"json_value_or", "json_query_or"} {
			e := found(fn, doc, path, clauses[int(n)%len(clauses)]+"NULL ON EMPTY NULL ON ERROR", types.Of(types.JSON)).(*plan.Call)
			e.Args[3], e.Args[4] = nothing(e.Typ), nothing(e.Typ)
			switch got := valueOf(e); {
			case got == "NULL", got == "22023": // the path is none
			case !json.Valid([]byte(got)):
				t.Errorf("%s of %q at %q is %q", fn, doc, path, got)
			}
		}
	})
}
