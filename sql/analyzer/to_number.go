package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// toNumber is TO_NUMBER: by a constant template it has as many digits behind the point as that.
func (a *analysis) toNumber(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	x, err := a.call(e.Pos, s, e.Name, e.Args...)
	if err != nil {
		return nil, err
	}
	call := x.(*plan.Call)
	template, ok := call.Args[1].(*plan.Const)
	if !ok || template.Null {
		return call, nil
	}
	t, err := value.ReadNumberTemplate(template.Text)
	if err != nil {
		return nil, placedAt(e.Args[1].Position(), err)
	}
	call.Typ = types.NewDecimal(types.MaxDecimalPrecision, min(t.Scale(), types.MaxDecimalPrecision))
	return call, nil
}
