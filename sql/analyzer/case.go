package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// caseOf is CASE, and what is short for one: word says which, for errors.
func (a *analysis) caseOf(word string, e *ast.Case, s *scope) (plan.Expr, error) {
	out := &plan.Case{}
	var results []plan.Expr
	var places []ast.Expr
	for _, w := range e.Whens {
		c, err := a.condition(caseCondition(e, w), s)
		if err != nil {
			return nil, err
		}
		t, err := a.expr(w.Then, s)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, plan.When{Cond: c})
		results, places = append(results, t), append(places, w.Then)
	}
	if e.Else != nil {
		x, err := a.expr(e.Else, s)
		if err != nil {
			return nil, err
		}
		results, places = append(results, x), append(places, e.Else)
	}
	t, problem := function.CommonOf(typesOf(results))
	if read, ok := textsAsNested(results); ok && problem != "" {
		results = read
		t, problem = function.CommonOf(typesOf(results))
	}
	if problem != "" {
		return nil, sqlerr.At(e.Pos, sqlerr.DatatypeMismatch, "%s: %s", word, problem)
	}
	if err := a.caseResults(out, t, results, places); err != nil {
		return nil, err
	}
	return out, nil
}

// caseCondition is when a branch is taken; of CASE x it is a comparison.
func caseCondition(e *ast.Case, w ast.When) ast.Expr {
	if e.Operand == nil {
		return w.Cond
	}
	pos := w.Cond.Position()
	return &ast.Binary{Pos: pos, OpPos: pos, Op: ast.Eq, L: e.Operand, R: w.Cond}
}

// caseResults brings the results, the last of which may be that of ELSE, to one type.
func (a *analysis) caseResults(out *plan.Case, t types.Type, results []plan.Expr, places []ast.Expr) error {
	out.Typ = t
	for i := range results {
		x, err := a.to(places[i], results[i], t)
		if err != nil {
			return err
		}
		if i < len(out.Whens) {
			out.Whens[i].Then = x
		} else {
			out.Else = x
		}
	}
	return nil
}

// shortCase is IF, NULLIF and others that are a CASE; nil where DECODE is not Oracle's, which has more than two arguments.
func (a *analysis) shortCase(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	form, n := shortCases[e.Name], len(e.Args)
	if e.Name == "decode" && n < 3 {
		return nil, nil
	}
	if form.args > 0 && n != form.args {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s takes %s", strings.ToUpper(e.Name), form.takes)
	}
	if e.Name == "isnotnull" {
		return a.isTest(&ast.Is{Pos: e.Pos, X: e.Args[0], What: ast.IsNull, Not: true}, s)
	}
	return a.caseOf(strings.ToUpper(e.Name), form.make(e), s)
}

// shortCases are the calls that are a CASE, and how many arguments they take; 0: any number.
var shortCases = map[string]struct {
	args  int
	takes string
	make  func(e *ast.FuncCall) *ast.Case
}{
	"if": {3, "three arguments", func(e *ast.FuncCall) *ast.Case {
		return &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: e.Args[0], Then: e.Args[1]}}, Else: e.Args[2]}
	}},
	"nullif": {2, "two arguments", func(e *ast.FuncCall) *ast.Case {
		equal := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Eq, L: e.Args[0], R: e.Args[1]}
		return &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: equal, Then: &ast.Literal{Pos: e.Pos, Kind: ast.NullLiteral}}}, Else: e.Args[0]}
	}},
	"nvl2": {3, "three arguments", func(e *ast.FuncCall) *ast.Case {
		present := &ast.Is{Pos: e.Pos, X: e.Args[0], What: ast.IsNull, Not: true}
		return &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: present, Then: e.Args[1]}}, Else: e.Args[2]}
	}},
	"isnotnull": {1, "one argument", nil},
	"decode": {0, "", func(e *ast.FuncCall) *ast.Case {
		c, rest := &ast.Case{Pos: e.Pos}, e.Args[1:]
		for ; len(rest) > 1; rest = rest[2:] {
			equal := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.NullSafeEq, L: e.Args[0], R: rest[0]}
			c.Whens = append(c.Whens, ast.When{Cond: equal, Then: rest[1]})
		}
		if len(rest) == 1 {
			c.Else = rest[0]
		}
		return c
	}},
}
