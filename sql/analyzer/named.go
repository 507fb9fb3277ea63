package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/sqlerr"
)

// inOrder brings the arguments that are given by name, f(name => x), to the places of their parameters.
func inOrder(e *ast.FuncCall, parameters []function.Parameter) (*ast.FuncCall, error) {
	if e.Names == nil {
		return e, nil
	}
	if parameters == nil {
		return nil, noNames(e)
	}
	out := *e
	out.Names, out.Args = nil, make([]ast.Expr, len(parameters))
	for i, x := range e.Args {
		at, err := placeOf(e, i, parameters)
		if err != nil {
			return nil, err
		}
		if out.Args[at] != nil {
			return nil, sqlerr.At(x.Position(), sqlerr.SyntaxError, "argument %q of %s is given twice", parameters[at].Name, e.Name)
		}
		out.Args[at] = x
	}
	return &out, fill(&out, parameters)
}

// placeOf is where the i-th argument belongs.
func placeOf(e *ast.FuncCall, i int, parameters []function.Parameter) (int, error) {
	name := ast.Ident{}
	if i < len(e.Names) {
		name = e.Names[i]
	}
	if name.Name == "" {
		if slices.ContainsFunc(e.Names[:min(i, len(e.Names))], func(n ast.Ident) bool { return n.Name != "" }) {
			return 0, sqlerr.At(e.Args[i].Position(), sqlerr.SyntaxError, "an argument without a name cannot stand behind one with a name")
		}
		if i >= len(parameters) {
			return 0, sqlerr.At(e.Args[i].Position(), sqlerr.UndefinedFunction, "%s takes at most %d arguments", e.Name, len(parameters))
		}
		return i, nil
	}
	at := slices.IndexFunc(parameters, func(p function.Parameter) bool { return strings.EqualFold(p.Name, name.Name) })
	if at < 0 {
		return 0, sqlerr.At(name.Pos, sqlerr.UndefinedFunction, "function %s has no argument %q", e.Name, name.Name).WithHint("It has %s.", listed(parameters))
	}
	return at, nil
}

// fill gives defaults to what is missing, and leaves away what may be missing at the end.
func fill(e *ast.FuncCall, parameters []function.Parameter) error {
	for len(e.Args) > 0 && e.Args[len(e.Args)-1] == nil {
		e.Args = e.Args[:len(e.Args)-1]
	}
	for i, x := range e.Args {
		switch p := parameters[i]; {
		case x != nil:
		case p.Default == "":
			return sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "%s: argument %q is missing", e.Name, p.Name)
		default:
			e.Args[i] = &ast.Literal{Pos: e.Pos, Kind: ast.IntLiteral, Text: p.Default}
		}
	}
	return nil
}

func listed(parameters []function.Parameter) string {
	var names []string
	for _, p := range parameters {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// noNames is the error of a call by name of what takes its arguments in their order only.
func noNames(e *ast.FuncCall) *sqlerr.Error {
	at := e.Names[len(e.Names)-1].Pos
	return sqlerr.At(at, sqlerr.FeatureNotSupported, "%s takes its arguments in their order, without names", e.Name).
		WithHint("make_date, make_time, make_timestamp, make_timestamptz, make_interval and declared functions take names.")
}
