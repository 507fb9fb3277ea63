package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// constructed is ARRAY[…], MAP[…] or ROW(…) in the place of a column that is such: each part is brought to its own
// type, so that NULL and a text in quotes become what is needed there. ok is false for anything else.
func (a *analysis) constructed(e ast.Expr, col types.Column) (out plan.Expr, ok bool, err error) {
	name, items, fields := "", []ast.Expr(nil), col.Type.Fields()
	switch e := e.(type) {
	case *ast.Array:
		name, items, ok = "array", e.Items, col.Type.Kind == types.Array
	case *ast.Map:
		name, items, ok = "map", e.Items, col.Type.Kind == types.Map
	case *ast.Row:
		name, items, ok = "row", e.Items, col.Type.Kind == types.Struct && len(e.Items) == len(fields)
	}
	if !ok || len(fields) == 0 {
		return nil, false, nil
	}
	call := &plan.Call{Func: name, Typ: col.Type}
	for i, item := range items {
		part := fields[i%len(fields)]
		in := types.Column{Name: col.Name, Type: part.Type}
		if part.Name != "" {
			in.Name += "." + part.Name
		}
		x, err := a.constant(item, in)
		if err != nil {
			return nil, false, err
		}
		call.Args = append(call.Args, x)
	}
	return call, true, nil
}
