package parser

import (
	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// join converts a FROM clause or a part of it.
func (c *converter) join(n tast.ResultSetNode) ast.TableRef {
	switch n := n.(type) {
	case *tast.Join:
		if n.Right == nil {
			return c.join(n.Left)
		}
		return c.joinNode(n)
	case *tast.TableSource:
		return c.tableSource(n)
	}
	c.refuse(c.r.pos(c.r.from), "this kind of table")
	return nil
}

func (c *converter) joinNode(n *tast.Join) ast.TableRef {
	j := &ast.Join{L: c.join(n.Left), R: c.join(n.Right), NaturalPos: ast.NoPos}
	if c.err != nil {
		return nil
	}
	j.Pos = j.L.Position()
	cut := c.joinCut(j.R)
	if n.On != nil {
		j.On = c.expr(n.On.Expr)
	}
	for _, u := range n.Using {
		j.Using = append(j.Using, c.ident(u.Name.O))
	}
	conditioned := j.On != nil || len(j.Using) > 0
	switch {
	case cut.full:
		j.Kind = ast.FullJoin
		if !conditioned && !n.NaturalJoin {
			c.fail(sqlerr.At(j.R.Position(), sqlerr.SyntaxError, "FULL JOIN needs ON or USING"))
		}
	case n.Tp == tast.LeftJoin:
		j.Kind = ast.LeftJoin
	case n.Tp == tast.RightJoin:
		j.Kind = ast.RightJoin
	case conditioned, n.NaturalJoin:
		j.Kind = ast.InnerJoin
	default:
		j.Kind = ast.CrossJoin
	}
	if cut.natural >= 0 {
		j.Natural, j.NaturalPos = true, c.r.pos(cut.natural)
	}
	if c.err != nil {
		return nil
	}
	return j
}

// joinCut gives what was cut out of the words of the join before its right side.
func (c *converter) joinCut(right ast.TableRef) joinCut {
	i := c.r.tokenAt(right.Position()) - 1
	for c.r.at(i).isAny("(", "TABLE", "LATERAL") {
		i--
	}
	cut, ok := c.r.joins[i]
	if !ok {
		return joinCut{natural: -1}
	}
	delete(c.r.joins, i)
	return cut
}

func (c *converter) tableSource(n *tast.TableSource) ast.TableRef {
	switch s := n.Source.(type) {
	case *tast.TableName:
		return c.tableName(s, n.AsName.O)
	case *tast.SelectStmt, *tast.SetOprStmt:
		q := c.statement(s)
		if c.err != nil {
			return nil
		}
		ref := &ast.SubqueryRef{Pos: q.Position(), Query: q, Alias: n.AsName.O, AliasPos: ast.NoPos}
		for _, col := range n.ColumnNames {
			ref.Columns = append(ref.Columns, c.ident(col.O))
		}
		c.lateral(ref)
		return ref
	}
	return c.join(n.Source)
}

// lateral looks for LATERAL before the brackets of a derived table.
func (c *converter) lateral(ref *ast.SubqueryRef) {
	i := c.r.tokenAt(ref.Pos) - 1
	for c.r.at(i).is("(") {
		i--
	}
	if c.r.at(i).is("LATERAL") {
		ref.Lateral, ref.Pos = true, c.r.pos(i)
	}
}

func (c *converter) tableName(n *tast.TableName, alias string) ast.TableRef {
	what := c.r.cutOf(n.Name.O)
	if b, ok := what.(bracketCut); ok {
		if alias != "" {
			c.fail(c.r.explain(c.r.tokenAt(b.aliasPos)))
		}
		return b.tables
	}
	t, ok := what.(ast.TableRef)
	if !ok {
		c.refuse(c.r.pos(c.r.from), "this kind of table")
		return nil
	}
	c.checkTable(n, t.Position())
	setAlias(t, alias)
	return t
}

func (c *converter) checkTable(n *tast.TableName, at int) {
	switch {
	case len(n.IndexHints) > 0:
		c.refuse(at, "an index hint")
	case len(n.PartitionNames) > 0:
		c.refuse(at, "PARTITION behind a table")
	case n.TableSample != nil:
		c.refuse(at, "TABLESAMPLE")
	case n.AsOf != nil:
		c.refuse(at, "AS OF TIMESTAMP")
	}
}
