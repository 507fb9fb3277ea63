package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// columnOrigin reads METADATA [FROM 'k'] [VIRTUAL] or DEFAULT x: where the values of a column come from.
func (c *cursor) columnOrigin(col *ast.ColumnDef) (err error) {
	at := c.pos()
	if col.As != nil || col.Metadata != "" || col.Default != nil {
		return sqlerr.At(at, sqlerr.SyntaxError, "column %q has its values from one place: AS, METADATA or DEFAULT", col.Name)
	}
	if c.accept("DEFAULT") {
		col.Default, err = c.columnExpr()
		return err
	}
	c.i++
	col.Metadata, col.MetadataPos = col.Name, at
	if c.accept("FROM") {
		col.MetadataPos = c.pos()
		if col.Metadata, err = c.str("what METADATA is taken from"); err != nil {
			return err
		}
	}
	col.Virtual = c.accept("VIRTUAL")
	return nil
}

// columnExpr reads an expression of a declaration, which ends where the column does or a clause of it begins.
func (c *cursor) columnExpr() (*ast.ColumnExpr, error) {
	end := c.columnExprEnd()
	if end == c.i {
		return nil, c.unexpected().WithHint("Expected an expression here.")
	}
	text := c.src.text[c.peek().start:c.toks[end-1].end]
	x, err := withoutParams(c, func() (ast.Expr, error) { return c.expr(end) })
	return &ast.ColumnExpr{X: x, Text: text}, err
}

func (c *cursor) columnExprEnd() int {
	depth := 0
	for i := c.i; i < c.to; i++ {
		switch t := c.toks[i]; {
		case t.is("("), t.is("["):
			depth++
		case depth == 0 && (t.is(",") || t.is(")")):
			return i
		case t.is(")"), t.is("]"):
			depth--
		case depth == 0 && i > c.i && c.beginsClause(i):
			return i
		}
	}
	return c.to
}

// beginsClause tells a word behind which stands a clause of a column.
func (c *cursor) beginsClause(i int) bool {
	t, next := c.toks[i], c.toks[min(i+1, c.to)]
	if t.is("NOT") {
		return next.isAny("NULL", "ENFORCED") && !c.toks[i-1].is("IS")
	}
	return t.is("COMMENT") || t.is("PRIMARY") && next.is("KEY") || t.isAny("METADATA", "DEFAULT") && !next.is("(")
}
