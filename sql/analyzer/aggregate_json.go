package analyzer

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// jsonMember makes a row of the name and the value that JSON_OBJECTAGG takes.
func (a *analysis) jsonMember(f *ast.FuncCall, args []plan.Expr) ([]plan.Expr, error) {
	switch {
	case len(args) != 2:
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes a name and a value", strings.ToUpper(f.Name))
	case f.Distinct:
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s of DISTINCT is not supported", strings.ToUpper(f.Name)).
			WithHint("Of members of one name the last one counts.")
	}
	text := types.Of(types.String)
	if !function.Castable(args[0].Type(), text) {
		return nil, sqlerr.At(f.Args[0].Position(), sqlerr.CannotCoerce, "cannot cast type %s to %s", args[0].Type(), text)
	}
	name, err := a.to(f.Args[0], args[0], text)
	if err != nil {
		return nil, err
	}
	member := []plan.Expr{name, typed(args[1])}
	sig, problem := function.StructOf([]string{"name", "value"}, typesOf(member))
	if problem != "" {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s: %s", strings.ToUpper(f.Name), problem)
	}
	return []plan.Expr{&plan.Call{Func: sig.Name, Args: member, Typ: sig.Result}}, nil
}
