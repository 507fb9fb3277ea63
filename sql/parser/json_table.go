package parser

import (
	"slipway/sql/ast"
	"slipway/sql/types"
)

// maxNested bounds how deep NESTED PATH goes.
const maxNested = 16

// jsonTable reads what stands in JSON_TABLE(x, path COLUMNS (…) [EMPTY | ERROR ON ERROR]).
func (c *cursor) jsonTable(u *ast.Unnest) error {
	x, err := c.expr(c.until(c.isComma))
	if err != nil {
		return err
	}
	if err := c.expect(","); err != nil {
		return err
	}
	path, err := c.expr(c.until(func(i int) bool { return c.toks[i].isAny("COLUMNS", "PASSING") }))
	if err != nil {
		return err
	}
	u.Args, u.JSON = []ast.Expr{x, path}, &ast.JSONTable{}
	if u.JSON.Passing, err = c.jsonPassing(func(i int) bool { return c.toks[i].is("COLUMNS") }); err != nil {
		return err
	}
	if err := c.jsonColumns(u.JSON, 0); err != nil {
		return err
	}
	if !c.done() {
		o := &ast.JSONOtherwise{Pos: c.pos(), Word: c.peek().upper}
		if !c.peek().isAny("EMPTY", "ERROR") {
			return c.unexpected()
		}
		if c.i++; o.Word == "EMPTY" {
			c.accept("ARRAY")
		}
		u.JSON.OnError = o
		if err := c.expect("ON", "ERROR"); err != nil {
			return err
		}
	}
	return c.end()
}

// jsonColumns reads COLUMNS (column, …).
func (c *cursor) jsonColumns(t *ast.JSONTable, level int) error {
	if level > maxNested {
		return tooNested(c.pos())
	}
	if err := c.expect("COLUMNS", "("); err != nil {
		return err
	}
	in := c.within(c.closing(c.i - 1))
	for {
		one := in.within(in.until(in.isComma))
		if err := one.jsonColumn(t, level); err != nil {
			return err
		}
		if err := one.end(); err != nil {
			return err
		}
		if in.i = one.i; !in.accept(",") {
			break
		}
	}
	c.i = in.i
	return c.expect(")")
}

func (c *cursor) jsonColumn(t *ast.JSONTable, level int) error {
	col := ast.JSONColumn{Level: level}
	if c.peek().is("NESTED") && (c.ahead(1).is("PATH") || c.ahead(1).kind == stringToken) {
		c.i++
		col.Func, col.Name = "nested", ast.Ident{Pos: c.pos()}
		if !c.peek().is("PATH") {
			c.i-- // the word may be missing
		}
		if err := c.jsonPath(&col, true); err != nil {
			return err
		}
		t.Columns = append(t.Columns, col)
		return c.jsonColumns(t, level+1)
	}
	var err error
	if col.Name, err = c.ident(); err != nil {
		return err
	}
	if c.acceptAll("FOR", "ORDINALITY") {
		col.Func = "ordinality"
	} else if err := c.jsonTyped(&col); err != nil {
		return err
	}
	t.Columns = append(t.Columns, col)
	return nil
}

// jsonTyped reads type [EXISTS | FORMAT JSON] [PATH 'p'] and the clauses behind it.
func (c *cursor) jsonTyped(col *ast.JSONColumn) error {
	typ, err := c.typeName()
	if err != nil {
		return err
	}
	col.Returning, col.Func = &typ, "json_value"
	switch {
	case c.accept("EXISTS"):
		col.Func = "json_exists"
	case c.acceptAll("FORMAT", "JSON"), typ.Type.Kind == types.JSON, typ.Type.IsNested():
		col.Func = "json_query"
	}
	if err := c.jsonPath(col, false); err != nil {
		return err
	}
	if col.Func == "json_value" && c.peek().isAny("WITH", "WITHOUT", "KEEP", "OMIT") {
		col.Func = "json_query"
	}
	return c.jsonClauses(&col.JSONClauses, col.Func)
}

// jsonPath reads [PATH] 'p'.
func (c *cursor) jsonPath(col *ast.JSONColumn, wanted bool) error {
	if wanted {
		c.i++ // PATH, or the word before it
	} else if !c.accept("PATH") {
		return nil
	}
	at := c.pos()
	text, err := c.literal("a path")
	col.Path = &ast.Literal{Pos: at, Kind: ast.StringLiteral, Text: text}
	return err
}
