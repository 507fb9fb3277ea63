package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// subscriptCut is x[i], a call with both, or x[low:high], a call with three: NULL stands for a bound that is missing.
type subscriptCut struct {
	pos, sign            int
	inner                *subscriptCut // of x[i] in front of it, without brackets around it
	slice, noLow, noHigh bool
}

func (h *subscriptCut) node(c *converter, args []ast.Expr) ast.Expr {
	switch {
	case h.slice && len(args) == 3:
		s := &ast.Slice{Pos: h.pos, OpPos: h.sign, X: args[0], Low: args[1], High: args[2]}
		if h.noLow {
			s.Low = nil
		}
		if h.noHigh {
			s.High = nil
		}
		return s
	case !h.slice && len(args) == 2:
		return &ast.Subscript{Pos: h.pos, OpPos: h.sign, X: args[0], Index: args[1]}
	}
	c.fail(sqlerr.At(h.sign, sqlerr.SyntaxError, "one index stands between [ and ], or two bounds with : between them"))
	return nil
}

// sliceSign reads the : of x[low:high]. PostgreSQL takes every index beside a slice for one more slice, which an array of
// arrays has no form for.
func (p *postfix) sliceSign(of *subscriptCut) error {
	switch {
	case of.slice:
		return p.unexpected()
	case of.inner != nil:
		return p.unsupported("a slice of several dimensions").WithHint("(x[1])[1:2] is a slice of an element.")
	}
	sign := p.peek()
	if of.slice = true; p.out[len(p.out)-1].is(",") {
		of.noLow = true
		p.out = append(p.out, made("NULL", sign))
	}
	p.out = append(p.out, made(",", sign))
	if p.i++; p.peek().is("]") {
		of.noHigh = true
		p.out = append(p.out, made("NULL", sign))
	}
	return nil
}
