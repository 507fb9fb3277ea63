package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/types"
)

// takesFromJSON tells a - that takes something out of JSON, beside || without brackets.
func (a *analysis) takesFromJSON(e *ast.Binary, s *scope) bool {
	of := e.L
	if l, ok := of.(*ast.Binary); ok && e.OpenL {
		of = l.R
	}
	x, err := a.expr(of, s)
	return err == nil && x.Type().Kind == types.JSON
}

// closer is a || b - c || d with a - that binds closer: a || (b - c) || d.
func closer(e *ast.Binary) ast.Expr {
	left, right := []ast.Expr{e.L}, []ast.Expr{e.R}
	if e.OpenL {
		left = operandsOf(e.L)
	}
	if e.OpenR {
		right = operandsOf(e.R)
	}
	last := len(left) - 1
	minus := &ast.Binary{Pos: left[last].Position(), OpPos: e.OpPos, Op: ast.Sub, L: left[last], R: right[0]}
	var out ast.Expr
	for _, x := range append(append(left[:last:last], minus), right[1:]...) {
		if out == nil {
			out = x
			continue
		}
		out = &ast.Binary{Pos: out.Position(), OpPos: x.Position(), Op: ast.Concat, L: out, R: x}
	}
	return out
}

// operandsOf are the operands of a row of ||.
func operandsOf(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.Binary); ok && b.Op == ast.Concat {
		return append(operandsOf(b.L), b.R)
	}
	return []ast.Expr{e}
}
