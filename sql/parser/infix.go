package parser

import (
	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"slipway/sql/ast"
)

// Operators of PostgreSQL that the grammar lacks. It reads | in their place, which binds as they do: closer than a
// comparison, not as close as + and -. The converter looks at the token in front of the right operand again.

var infixOps = map[string]ast.BinaryOp{
	"@>": ast.Contains, "<@": ast.ContainedBy, "?": ast.HasName, "?|": ast.HasAnyName, "?&": ast.HasAllNames,
	"@?": ast.PathExists, "@@": ast.PathMatches,
}

func (r *rewriter) infix() error {
	if !endsOperand(r.prev()) {
		return r.fail()
	}
	return r.put(" | ")
}

// hasName writes ?, ?| and ?&, which the lexer cuts in two: in a pattern of rows the signs stand for themselves.
func (r *rewriter) hasName(t token) error {
	next := r.next()
	if !endsOperand(r.prev()) || next.kind == endToken || next.isAny(")", ",", ";", "]") {
		return r.fail().WithHint("Parameters are written $1, $2 …")
	}
	if t.is("?") && next.start == t.end && next.isAny("|", "&") {
		sign := "?" + next.upper
		for i := r.i; i < r.i+2; i++ {
			r.toks[i].value, r.toks[i].upper, r.toks[i].start, r.toks[i].end = sign, sign, t.start, next.end
		}
	}
	if err := r.infix(); err != nil {
		return err
	}
	if !r.toks[r.i-1].is("?") {
		r.i++
	}
	return nil
}

// infixOf tells which operator stands before the right operand where the grammar read another one.
func (c *converter) infixOf(op ast.BinaryOp, l, r ast.Expr, right tast.Node) ast.BinaryOp {
	if op != ast.BitOr && op != ast.And {
		return op
	}
	i := c.operatorToken(right)
	if i < 0 {
		return op
	}
	sign := c.r.toks[i].upper
	if infix, ok := infixOps[sign]; ok && op == ast.BitOr {
		return infix
	}
	if op == ast.And && sign == "&&" && !isCondition(l) && !isCondition(r) {
		return ast.Overlaps
	}
	return op
}

// joins tells x || y without brackets around it.
func joins(n tast.ExprNode) bool {
	f, ok := n.(*tast.FuncCallExpr)
	return ok && f.FnName.L == "concat"
}

// isWithoutPath tells x #- y, which becomes a call: in front of most operands its sign begins a comment.
func (c *converter) isWithoutPath(op ast.BinaryOp, right tast.Node) bool {
	i := c.operatorToken(right)
	return op == ast.BitOr && i >= 0 && c.r.toks[i].is("#-")
}

// isCondition tells an operand of && that can be no array.
func isCondition(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Binary:
		return e.Op != ast.Concat && e.Op != ast.Overlaps
	case *ast.Unary, *ast.Like, *ast.Regexp, *ast.Is, *ast.Between, *ast.In, *ast.Exists, *ast.Quantified:
		return true
	case *ast.Literal:
		return e.Kind == ast.BoolLiteral
	}
	return false
}
