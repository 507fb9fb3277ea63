package analyzer

import (
	"slices"

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

// textsAsNested reads constant texts beside an ARRAY, MAP or STRUCT as values of its type: coalesce(a, '{}').
func textsAsNested(args []plan.Expr) (out []plan.Expr, found bool) {
	at := slices.IndexFunc(args, func(e plan.Expr) bool { return e.Type().IsNested() })
	if at < 0 {
		return nil, false
	}
	out = slices.Clone(args)
	for i, e := range out {
		if c, ok := e.(*plan.Const); ok && !c.Null && c.Typ.IsText() {
			if x, err := textAs(0, c.Text, args[at].Type()); err == nil {
				out[i], found = x, true
			}
		}
	}
	return out, found
}
