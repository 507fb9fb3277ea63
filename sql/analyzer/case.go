package analyzer

import (
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

// shortCase is IF and NULLIF.
func (a *analysis) shortCase(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	if e.Name == "if" {
		if len(e.Args) != 3 {
			return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "IF takes three arguments")
		}
		return a.caseOf("IF", &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: e.Args[0], Then: e.Args[1]}}, Else: e.Args[2]}, s)
	}
	if len(e.Args) != 2 {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "NULLIF takes two arguments")
	}
	equal := &ast.Binary{Pos: e.Pos, OpPos: e.Pos, Op: ast.Eq, L: e.Args[0], R: e.Args[1]}
	null := &ast.Literal{Pos: e.Pos, Kind: ast.NullLiteral}
	return a.caseOf("NULLIF", &ast.Case{Pos: e.Pos, Whens: []ast.When{{Cond: equal, Then: null}}, Else: e.Args[0]}, s)
}
