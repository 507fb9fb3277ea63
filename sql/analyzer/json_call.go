package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// jsonCall is JSON_VALUE, JSON_QUERY or JSON_EXISTS with clauses.
func (a *analysis) jsonCall(e *ast.JSONCall, s *scope) (plan.Expr, error) {
	x, err := a.call(e.Pos, s, e.Func, e.X, e.Path)
	if err != nil {
		return nil, err
	}
	args := x.(*plan.Call).Args
	vars, err := a.jsonVariables(e.Passing, s)
	if err != nil {
		return nil, err
	}
	if c, ok := args[1].(*plan.Const); ok && !c.Null {
		if err := checkJSONPath(e.Path.Position(), c.Text, vars); err != nil {
			return nil, err
		}
	}
	args = []plan.Expr{args[0], bound(args[1], vars)}
	return a.jsonFound(e.Func, args, jsonForm(&e.JSONClauses), &e.JSONClauses, s)
}

// jsonForm are the words of the clauses that say how something is given, for the plan.
func jsonForm(k *ast.JSONClauses) string {
	return [...]string{"", "", "WITH WRAPPER ", "WITH CONDITIONAL WRAPPER "}[k.Wrapper] + [...]string{"", "KEEP QUOTES ", "OMIT QUOTES "}[k.Quotes]
}

// jsonFound is what a path leads to in JSON, args being both, by clauses: a call of the function's hidden twin, whose
// third argument is the text of the clauses, and the others what DEFAULT gives ON EMPTY and ON ERROR.
func (a *analysis) jsonFound(name string, args []plan.Expr, form string, k *ast.JSONClauses, s *scope) (plan.Expr, error) {
	if c, ok := args[0].(*plan.Cast); ok && c.Arg.Type().Kind == types.JSON {
		args = []plan.Expr{c.Arg, args[1]} // which needs no look whether it is JSON
	}
	if name == "json_exists" {
		text := textConst(jsonWord(k.OnError, "FALSE") + " ON ERROR")
		return &plan.Call{Func: "json_exists_or", Args: append(args[:2:2], text), Typ: types.Of(types.Boolean)}, nil
	}
	t, err := returnedByJSON(name, k)
	if err != nil {
		return nil, err
	}
	list := append(args[:2:2], textConst(form+jsonWord(k.OnEmpty, "NULL")+" ON EMPTY "+jsonWord(k.OnError, "NULL")+" ON ERROR"))
	for _, o := range []*ast.JSONOtherwise{k.OnEmpty, k.OnError} {
		x, err := a.jsonDefault(o, t, s)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return &plan.Call{Func: name + "_or", Args: list, Typ: t}, nil
}

func jsonWord(o *ast.JSONOtherwise, unsaid string) string {
	switch {
	case o == nil:
		return unsaid
	case strings.HasPrefix(o.Word, "EMPTY"):
		return "DEFAULT"
	}
	return o.Word
}

func returnedByJSON(name string, k *ast.JSONClauses) (types.Type, error) {
	text := types.Of(types.String)
	t := text
	if name == "json_query" {
		t = types.Of(types.JSON)
	}
	if k.Returning == nil {
		return t, nil
	}
	if t = k.Returning.Type; k.Returning.AnyDigits {
		t = types.NewDecimal(types.MaxDecimalPrecision, 10)
	}
	switch {
	case !function.Castable(text, t):
		return t, sqlerr.At(k.Returning.Pos, sqlerr.CannotCoerce, "%s cannot return %s", strings.ToUpper(name), t)
	case name == "json_value" && t.IsNested():
		return t, sqlerr.At(k.Returning.Pos, sqlerr.CannotCoerce, "JSON_VALUE cannot return %s", t).WithHint("JSON_QUERY(x, path RETURNING %s) does.", t)
	case name == "json_query" && !t.IsNested() && !t.IsText() && t.Kind != types.JSON:
		return t, sqlerr.At(k.Returning.Pos, sqlerr.CannotCoerce, "JSON_QUERY cannot return %s", t).WithHint("JSON_VALUE(x, path RETURNING %s) does.", t)
	}
	return t, nil
}

// jsonDefault is what stands for a value that is not there, NULL where nothing does.
func (a *analysis) jsonDefault(o *ast.JSONOtherwise, t types.Type, s *scope) (plan.Expr, error) {
	switch {
	case o != nil && o.X != nil:
		x, err := a.expr(o.X, s)
		if err != nil {
			return nil, err
		}
		if !function.Castable(x.Type(), t) {
			return nil, sqlerr.At(o.X.Position(), sqlerr.CannotCoerce, "cannot cast type %s to %s", x.Type(), t)
		}
		return a.to(o.X, x, t)
	case o != nil && strings.HasPrefix(o.Word, "EMPTY"):
		text := map[string]string{"EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}[o.Word]
		l := &ast.Literal{Pos: o.Pos, Kind: ast.StringLiteral, Text: text}
		return a.to(l, textConst(text), t)
	}
	return &plan.Const{Typ: t, Null: true}, nil
}
