package parser

import (
	"fmt"

	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// converter makes our nodes of the TiDB tree. Node types that are not named here
// are refused. The first error is kept and ends the work; the functions then give
// nil and callers need not look.
type converter struct {
	r     *rewriter
	shift int // bytes before the rewritten text
	err   error
}

func (c *converter) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// done gives the first error, or that of a cut that was left over.
func (c *converter) done() error {
	if c.err != nil {
		return c.err
	}
	return c.r.checkCuts()
}

// refuse reports what the grammar read but we do not have.
func (c *converter) refuse(at int, format string, args ...any) {
	c.fail(unsupported(at, fmt.Sprintf(format, args...)))
}

// tok gives the index of the token at which a node begins.
func (c *converter) tok(n tast.Node) int { return c.r.token(n.OriginTextPosition() - c.shift) }

// pos gives where a node begins in the user's text.
func (c *converter) pos(n tast.Node) int { return c.r.pos(c.tok(n)) }

// statement converts a whole query.
func (c *converter) statement(n tast.Node) ast.Query {
	switch n := n.(type) {
	case *tast.SelectStmt:
		return c.selectStmt(n)
	case *tast.SetOprStmt:
		return c.setOpr(n)
	}
	c.refuse(c.r.pos(c.r.from), "this kind of query")
	return nil
}

func (c *converter) selectStmt(n *tast.SelectStmt) ast.Query {
	var list []ast.CTE
	if n.With != nil {
		list = c.ctes(n.With)
	}
	var q ast.Query
	switch n.Kind {
	case tast.SelectStmtKindSelect:
		q = c.selectBody(n)
	case tast.SelectStmtKindValues:
		q = c.values(n)
	default:
		c.refuse(c.r.pos(c.r.from), "TABLE as a query")
	}
	if n.With == nil || q == nil {
		return q
	}
	return c.withQuery(n.With, list, q)
}

// withQuery puts a WITH around its query; it begins one or two words before the first name.
func (c *converter) withQuery(w *tast.WithClause, list []ast.CTE, body ast.Query) ast.Query {
	at := c.before(list[0].Name.Pos, "WITH")
	return &ast.With{Pos: at, Recursive: w.IsRecursive, CTEs: list, Body: body}
}

func (c *converter) ctes(w *tast.WithClause) []ast.CTE {
	var list []ast.CTE
	for _, e := range w.CTEs {
		cte := ast.CTE{Name: c.ident(e.Name.O)}
		for _, col := range e.ColNameList {
			cte.Columns = append(cte.Columns, c.ident(col.O))
		}
		cte.Query = c.statement(e.Query.Query)
		list = append(list, cte)
	}
	return list
}

// ident resolves a name that may be the mark of one with a position.
func (c *converter) ident(name string) ast.Ident {
	if id, ok := c.r.cutOf(name).(identCut); ok {
		return id.Ident
	}
	return ast.Ident{Pos: ast.NoPos, Name: name}
}

func (c *converter) selectBody(n *tast.SelectStmt) ast.Query {
	info := c.info(n)
	q := &ast.Select{Pos: c.r.pos(info.tok), Distinct: n.Distinct}
	c.checkSelect(n, q.Pos)
	q.Items = c.items(n.Fields.Fields, info)
	if n.From != nil {
		q.From = c.join(n.From.TableRefs)
	}
	q.Where = c.optional(n.Where)
	if n.GroupBy != nil {
		for _, g := range n.GroupBy.Items {
			q.GroupBy = append(q.GroupBy, c.expr(g.Expr))
		}
		if n.GroupBy.Rollup && c.err == nil {
			q.GroupBy = []ast.Expr{&ast.Grouping{Pos: q.GroupBy[0].Position(), Kind: ast.Rollup, Sets: q.GroupBy}}
		}
	}
	if n.Having != nil {
		q.Having = c.expr(n.Having.Expr)
	}
	q.Window, q.Qualify, q.DistinctOn = info.window, info.qualify, info.distinctOn
	q.Tail = c.tail(n.OrderBy, n.Limit)
	if q.Ties = info.ties; q.Ties && q.Limit == nil {
		c.refuse(q.Pos, "WITH TIES of a union")
	}
	if c.err != nil {
		return nil
	}
	return c.unfold(q)
}

func (c *converter) checkSelect(n *tast.SelectStmt, at int) {
	switch {
	case n.SelectIntoOpt != nil:
		c.refuse(at, "SELECT … INTO")
	case n.LockInfo != nil:
		c.refuse(at, "a lock clause")
	case len(n.TableHints) > 0:
		c.refuse(at, "an optimizer hint")
	}
}

// info finds what the rewriter kept about a SELECT, by the place of its first column.
func (c *converter) info(n *tast.SelectStmt) selectInfo {
	if len(n.Fields.Fields) > 0 {
		first := c.r.token(n.Fields.Fields[0].Offset - c.shift)
		for i := len(c.r.selects) - 1; i >= 0; i-- {
			if s := c.r.selects[i]; len(s.items) > 0 && s.items[0].from == first {
				return s
			}
		}
	}
	return selectInfo{tok: c.r.from}
}

func (c *converter) items(fields []*tast.SelectField, info selectInfo) []ast.SelectItem {
	if len(info.items) != len(fields) {
		c.fail(sqlerr.At(c.r.pos(info.tok), sqlerr.Internal, "the select list cannot be read"))
		return nil
	}
	list := make([]ast.SelectItem, len(fields))
	for i, f := range fields {
		list[i] = c.item(f, info.items[i])
		if c.err != nil {
			return nil
		}
	}
	return list
}

func (c *converter) item(f *tast.SelectField, at item) ast.SelectItem {
	first, last := c.r.toks[at.from], c.r.toks[at.to-1]
	it := ast.SelectItem{AliasPos: ast.NoPos}
	if f.AsName.O != "" {
		it.Alias, it.AliasPos = f.AsName.O, c.r.src.pos(last.start)
		if err := checkName(c.r.src, last); err != nil { // it may be written as a string
			c.fail(err)
		}
		at.to--
		if at.to-1 > at.from && c.r.toks[at.to-1].is("AS") {
			at.to--
		}
		last = c.r.toks[max(at.to-1, at.from)]
	}
	it.Text = c.r.src.text[first.start:last.end]
	if f.WildCard != nil {
		it.X = star(f.WildCard, c.r.src.pos(first.start))
		return it
	}
	it.X = c.expr(f.Expr)
	return it
}

func star(w *tast.WildCardField, at int) ast.Expr {
	s := &ast.Star{Pos: at}
	for _, p := range []string{w.Schema.O, w.Table.O} {
		if p != "" {
			s.Parts = append(s.Parts, p)
		}
	}
	return s
}

func (c *converter) values(n *tast.SelectStmt) ast.Query {
	q := &ast.Values{Pos: c.r.pos(c.r.from)}
	for _, row := range n.Lists {
		list := make([]ast.Expr, len(row.Values))
		for i, v := range row.Values {
			list[i] = c.expr(v)
		}
		q.Rows = append(q.Rows, list)
	}
	if c.err != nil {
		return nil
	}
	if len(q.Rows) > 0 && len(q.Rows[0]) > 0 {
		q.Pos = c.before(q.Rows[0][0].Position(), "VALUES")
	}
	for _, row := range q.Rows {
		if len(row) != len(q.Rows[0]) {
			c.fail(sqlerr.At(rowPos(row, q.Pos), sqlerr.SyntaxError, "VALUES lists must all be the same length"))
			return nil
		}
	}
	q.Tail = c.tail(n.OrderBy, n.Limit)
	return q
}

func rowPos(row []ast.Expr, otherwise int) int {
	if len(row) > 0 {
		return row[0].Position()
	}
	return otherwise
}

// before gives the place of the last such word before a place in the user's text.
func (c *converter) before(at int, upper string) int {
	found := at
	for i := c.r.from; i < c.r.to && c.r.pos(i) < at; i++ {
		if c.r.toks[i].is(upper) {
			found = c.r.pos(i)
		}
	}
	return found
}

func (c *converter) tail(order *tast.OrderByClause, limit *tast.Limit) ast.Tail {
	var t ast.Tail
	if order != nil {
		t.OrderBy = c.orderBy(order)
	}
	if limit != nil {
		t.Limit, t.Offset = c.optional(limit.Count), c.optional(limit.Offset)
		if l, ok := t.Limit.(*ast.Literal); ok && l.Text == everything {
			t.Limit = nil
		}
	}
	return t
}

func (c *converter) orderBy(order *tast.OrderByClause) []ast.OrderItem {
	list := make([]ast.OrderItem, 0, len(order.Items))
	for _, o := range order.Items {
		if cut, ok := c.nulls(o.Expr); ok && len(list) > 0 {
			list[len(list)-1].Nulls = cut.where
			continue
		}
		list = append(list, ast.OrderItem{X: c.expr(o.Expr), Desc: o.Desc})
	}
	return list
}

// nulls tells the key that stands for NULLS FIRST or LAST of the one before it.
func (c *converter) nulls(e tast.ExprNode) (nullsCut, bool) {
	f, ok := e.(*tast.FuncCallExpr)
	if !ok {
		return nullsCut{}, false
	}
	cut, ok := c.r.cutOf(f.FnName.O).(nullsCut)
	return cut, ok
}
