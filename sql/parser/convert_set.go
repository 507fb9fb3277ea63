package parser

import (
	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

var setOpKinds = map[tast.SetOprType]ast.SetOpKind{
	tast.Union: ast.Union, tast.UnionAll: ast.UnionAll, tast.Except: ast.Except, tast.ExceptAll: ast.ExceptAll,
	tast.Intersect: ast.Intersect, tast.IntersectAll: ast.IntersectAll,
}

func (c *converter) setOpr(n *tast.SetOprStmt) ast.Query {
	var list []ast.CTE
	if n.With != nil {
		list = c.ctes(n.With)
	}
	q := c.setOprList(n.SelectList.Selects, n.OrderBy, n.Limit)
	if c.err != nil {
		return nil
	}
	if n.With != nil {
		return c.withQuery(n.With, list, q)
	}
	return q
}

// setOprList folds a flat list from the left; INTERSECT binds closer than the others.
func (c *converter) setOprList(nodes []tast.Node, order *tast.OrderByClause, limit *tast.Limit) ast.Query {
	var outer ast.Query // what stands before the last UNION or EXCEPT
	var outerKind ast.SetOpKind
	var cur ast.Query
	for i, node := range nodes {
		q, kind := c.branch(node, i == len(nodes)-1)
		if c.err != nil {
			return nil
		}
		switch {
		case i == 0:
			cur = q
		case kind == ast.Intersect || kind == ast.IntersectAll:
			cur = setOp(kind, cur, q)
		default:
			if outer != nil {
				cur = setOp(outerKind, outer, cur)
			}
			outer, outerKind, cur = cur, kind, q
		}
	}
	if outer != nil {
		cur = setOp(outerKind, outer, cur)
	}
	return c.tailed(cur, c.tail(order, limit))
}

func setOp(kind ast.SetOpKind, l, r ast.Query) ast.Query {
	return &ast.SetOp{Pos: l.Position(), Kind: kind, L: l, R: r}
}

// tailed puts ORDER BY and LIMIT on a query; one that has its own keeps it, inside
// a SELECT * around it.
func (c *converter) tailed(q ast.Query, t ast.Tail) ast.Query {
	if len(t.OrderBy) == 0 && t.Limit == nil && t.Offset == nil || c.err != nil {
		return q
	}
	var own *ast.Tail
	switch q := q.(type) {
	case *ast.Select:
		own = &q.Tail
	case *ast.SetOp:
		own = &q.Tail
	case *ast.Values:
		own = &q.Tail
	}
	if own != nil && len(own.OrderBy) == 0 && own.Limit == nil && own.Offset == nil {
		*own = t
		return q
	}
	c.refuse(q.Position(), "a second ORDER BY or LIMIT around a query in brackets")
	return nil
}

// branch converts one operand of a set operation.
func (c *converter) branch(node tast.Node, last bool) (ast.Query, ast.SetOpKind) {
	switch n := node.(type) {
	case *tast.SelectStmt:
		if !last && !n.IsInBraces && (n.OrderBy != nil || n.Limit != nil) {
			c.fail(sqlerr.At(c.r.pos(c.info(n).tok), sqlerr.SyntaxError, "ORDER BY or LIMIT before a set operation").
				WithHint("Put brackets around this SELECT."))
			return nil, 0
		}
		return c.selectStmt(n), kindOf(n.AfterSetOperator)
	case *tast.SetOprSelectList:
		return c.selectList(n), kindOf(n.AfterSetOperator)
	}
	c.refuse(c.r.pos(c.r.from), "this kind of query")
	return nil, 0
}

// selectList converts a bracket inside a set operation.
func (c *converter) selectList(n *tast.SetOprSelectList) ast.Query {
	if len(n.Selects) == 1 {
		if s, ok := n.Selects[0].(*tast.SelectStmt); ok {
			return c.selectStmt(s)
		}
	}
	var list []ast.CTE
	if n.With != nil {
		list = c.ctes(n.With)
	}
	q := c.setOprList(n.Selects, n.OrderBy, n.Limit)
	if n.With != nil && c.err == nil {
		return c.withQuery(n.With, list, q)
	}
	return q
}

func kindOf(t *tast.SetOprType) ast.SetOpKind {
	if t == nil {
		return ast.UnionAll
	}
	return setOpKinds[*t]
}
