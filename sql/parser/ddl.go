package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

func (c *cursor) create() (ast.Statement, error) {
	c.i++
	replace := c.acceptAll("OR", "REPLACE")
	t := c.peek()
	switch {
	case replace && t.isAny("STREAM", "TABLE"):
		return nil, c.unsupported("CREATE OR REPLACE "+t.upper).WithHint("ALTER %s … SET (\"key\"=\"value\") changes its properties.", t.upper)
	case t.is("FUNCTION"):
		c.i++
		return orNil(c.createFunction(replace, false))
	case t.is("AGGREGATE") && c.ahead(1).is("FUNCTION"):
		c.i += 2
		return orNil(c.createFunction(replace, true))
	case replace && !t.is("VIEW"):
		return nil, c.unsupported("CREATE OR REPLACE " + t.upper)
	case t.is("STREAMJOB"):
		c.i++
		return orNil(c.createJob())
	case t.is("SECRET"):
		c.i++
		return orNil(c.createSecret())
	case t.is("STREAM"), t.is("TABLE"), t.is("VIEW"):
		c.i++
		return orNil(c.createRelation(ast.Kind(t.upper), replace))
	case t.is("DATABASE"), t.is("SCHEMA"):
		c.i++
		exists, err := c.ifNotExists()
		if err != nil {
			return nil, err
		}
		name, err := c.folded()
		return &ast.CreateDatabase{IfNotExists: exists, Name: name}, err
	case t.isAny("USER", "ROLE", "GROUP"):
		return orNil(c.createUser())
	case t.is("APPLICATION"):
		c.i++
		exists, err := c.ifNotExists()
		if err != nil {
			return nil, err
		}
		name, err := c.name()
		return &ast.CreateApplication{IfNotExists: exists, Name: name}, err
	case t.isAny("AGGREGATE", "PROCEDURE"):
		return nil, c.unsupported("CREATE " + t.upper).WithHint("CREATE AGGREGATE FUNCTION name (…) RETURNS type LANGUAGE wasm declares one; CREATE FUNCTION a function of the values of one row.")
	case t.is("TEMPORARY") && c.ahead(1).is("FUNCTION"):
		return nil, c.unsupported("CREATE TEMPORARY FUNCTION")
	case t.kind == wordToken:
		return nil, c.unsupported("CREATE " + t.upper)
	}
	return nil, c.unexpected()
}

func (c *cursor) ifNotExists() (bool, error) {
	if !c.peek().is("IF") || !c.ahead(1).is("NOT") {
		return false, nil
	}
	c.i += 2
	return true, c.expect("EXISTS")
}

func (c *cursor) ifExists() bool { return c.acceptAll("IF", "EXISTS") }

// createRelation reads CREATE STREAM | TABLE | VIEW behind these words.
func (c *cursor) createRelation(kind ast.Kind, replace bool) (*ast.CreateRelation, error) {
	s := &ast.CreateRelation{Kind: kind, OrReplace: replace, PropertiesPos: ast.NoPos, QueryPos: ast.NoPos}
	var err error
	if s.IfNotExists, err = c.ifNotExists(); err != nil {
		return nil, err
	}
	if s.Name, err = c.name(); err != nil {
		return nil, err
	}
	var names []ast.Ident
	switch {
	case c.peek().is("LIKE"):
		return nil, c.unsupported("CREATE … LIKE").WithHint("SHOW CREATE %s prints what to send with another name.", kind)
	case c.renames():
		names, err = c.names()
	case c.peek().is("("):
		err = c.elements(s)
	}
	if err != nil {
		return nil, err
	}
	if err := c.relationClauses(s); err != nil {
		return nil, err
	}
	if c.accept("AS") {
		if err := c.relationQuery(s); err != nil {
			return nil, err
		}
		rename(s, names)
	}
	return s, c.checkRelation(s)
}

// renames tells the names of a view's columns: ( a, b ) in front of AS.
func (c *cursor) renames() bool {
	return c.peek().is("(") && isName(c.ahead(1)) && c.ahead(2).isAny(",", ")") && c.toks[min(c.closing(c.i)+1, c.to)].isAny("AS", "COMMENT")
}

// rename gives the columns of a view their names: it is SELECT * FROM (query) AS view (a, b).
func rename(s *ast.CreateRelation, names []ast.Ident) {
	if len(names) == 0 {
		return
	}
	from := &ast.SubqueryRef{Pos: s.Query.Position(), Query: s.Query, Alias: s.Name.Name, AliasPos: ast.NoPos, Columns: names}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = ast.QuoteName(n.Name)
	}
	s.QueryText = "SELECT * FROM (" + s.QueryText + ") AS " + ast.QuoteName(s.Name.Name) + " (" + strings.Join(list, ", ") + ")"
	s.Query = &ast.Select{Pos: s.QueryPos, Items: []ast.SelectItem{{X: &ast.Star{Pos: s.QueryPos}, AliasPos: ast.NoPos, Text: "*"}}, From: from}
}

func (c *cursor) checkRelation(s *ast.CreateRelation) error {
	switch {
	case s.Query != nil && s.Kind == ast.Table:
		return unsupported(s.QueryPos, "CREATE TABLE … AS SELECT").WithHint("Use CREATE STREAM … AS or CREATE VIEW … AS for a named query, INSERT INTO for rows.")
	case s.Query != nil && (len(s.Columns) > 0 || s.PropertiesPos >= 0 || s.RowFormat != nil || len(s.PrimaryKey) > 0 || s.Watermark != nil):
		return unsupported(s.QueryPos, "AS SELECT behind columns or properties")
	case s.Query == nil && s.Kind == ast.View:
		return c.unexpected().WithHint("Expected AS and a query here.")
	case s.Query == nil && len(s.Columns) == 0:
		return c.unexpected().WithHint("Expected the columns in brackets, or AS SELECT ….")
	}
	return c.end()
}

// relationQuery reads the query behind AS, brackets around it or not.
func (c *cursor) relationQuery(s *ast.CreateRelation) (err error) {
	if !c.peek().isAny("SELECT", "WITH", "VALUES", "(") {
		return c.unexpected().WithHint("Expected a query here.")
	}
	s.QueryPos = c.pos()
	s.QueryText = c.src.text[c.peek().start:c.toks[c.to-1].end]
	s.Query, err = withoutParams(c, func() (ast.Query, error) { return c.query(c.to) })
	return err
}

// elements reads ( column | WATERMARK … | PRIMARY KEY … , … ).
func (c *cursor) elements(s *ast.CreateRelation) error {
	c.i++
	for {
		if err := c.element(s); err != nil {
			return err
		}
		if !c.accept(",") {
			break
		}
		if c.peek().is(")") {
			return c.unexpected().WithHint("There is a comma too many before it.")
		}
	}
	if c.peek().is(")") {
		c.i++
		return nil
	}
	return c.unexpected().WithHint("Expected , or ) here.")
}

func (c *cursor) element(s *ast.CreateRelation) error {
	switch {
	case c.peek().is("WATERMARK") && c.ahead(1).is("FOR"):
		return c.watermark(s)
	case c.peek().is("PRIMARY") && c.ahead(1).is("KEY"):
		return c.primaryKey(s)
	case c.peek().is("CONSTRAINT") && isName(c.ahead(1)) && c.ahead(2).is("PRIMARY"):
		c.i += 2
		return c.primaryKey(s)
	}
	return c.column(s)
}

func (c *cursor) watermark(s *ast.CreateRelation) error {
	w := &ast.WatermarkDef{Pos: c.pos()}
	if s.Watermark != nil {
		return sqlerr.At(w.Pos, sqlerr.SyntaxError, "a stream has one WATERMARK")
	}
	c.i += 2
	var err error
	if w.Column, err = c.ident(); err != nil {
		return err
	}
	if err := c.expect("AS"); err != nil {
		return err
	}
	w.X, err = c.expr(c.elementEnd())
	s.Watermark = w
	return err
}

// elementEnd gives the index of the , or ) that ends the current element.
func (c *cursor) elementEnd() int {
	depth := 0
	for i := c.i; i < c.to; i++ {
		switch t := c.toks[i]; {
		case t.is("("):
			depth++
		case depth == 0 && (t.is(",") || t.is(")")):
			return i
		case t.is(")"):
			depth--
		}
	}
	return c.to
}

func (c *cursor) primaryKey(s *ast.CreateRelation) (err error) {
	if len(s.PrimaryKey) > 0 {
		return sqlerr.At(c.pos(), sqlerr.SyntaxError, "a stream has one PRIMARY KEY")
	}
	c.i += 2
	if s.PrimaryKey, err = c.names(); err != nil {
		return err
	}
	c.acceptAll("NOT", "ENFORCED")
	return nil
}

// column reads name type [NOT NULL | NULL | PRIMARY KEY | COMMENT 's' | METADATA [FROM 'k'] [VIRTUAL] | DEFAULT x] …, or
// name AS x [COMMENT 's']. Any word is a name here.
func (c *cursor) column(s *ast.CreateRelation) (err error) {
	var col ast.ColumnDef
	if col.Ident, err = c.ident(); err != nil {
		return err
	}
	if c.accept("AS") {
		col.As, err = c.columnExpr()
	} else {
		col.Type, err = c.typeName()
	}
	if err == nil {
		err = c.columnClauses(&col)
	}
	s.Columns = append(s.Columns, col)
	return err
}

// columnClauses reads what stands behind the type of a column, or behind what it is computed by.
func (c *cursor) columnClauses(col *ast.ColumnDef) (err error) {
	for {
		switch t := c.peek(); {
		case t.isAny("METADATA", "DEFAULT"):
			if err := c.columnOrigin(col); err != nil {
				return err
			}
		case c.acceptAll("NOT", "NULL"):
			col.NotNull = true
		case c.accept("NULL"), c.acceptAll("NOT", "ENFORCED"):
		case c.acceptAll("PRIMARY", "KEY"):
			col.PrimaryKey = true
		case c.accept("COMMENT"):
			if col.Comment, err = c.str("the comment"); err != nil {
				return err
			}
		case t.isAny("UNIQUE", "REFERENCES", "CHECK", "AUTO_INCREMENT", "COLLATE"):
			return c.unsupported(t.upper + " behind a column")
		case t.is("GENERATED"):
			return c.unsupported("GENERATED behind a column").WithHint("A computed column reads %s AS expression.", col.Ident)
		default:
			return nil
		}
	}
}

// relationClauses reads COMMENT, ROW FORMAT and TBLPROPERTIES | WITH in any order.
func (c *cursor) relationClauses(s *ast.CreateRelation) (err error) {
	for {
		switch t := c.peek(); {
		case c.accept("COMMENT"):
			if s.Comment, err = c.str("the comment"); err != nil {
				return err
			}
		case t.is("ROW"):
			if s.RowFormat != nil {
				return c.unexpected()
			}
			if s.RowFormat, err = c.rowFormat(); err != nil {
				return err
			}
		case t.is("TBLPROPERTIES"), t.is("WITH"):
			if s.PropertiesPos >= 0 {
				return c.unexpected()
			}
			s.PropertiesPos = c.pos()
			c.i++
			if s.Properties, err = c.properties(); err != nil {
				return err
			}
		case t.isAny("STORED", "PARTITIONED", "CLUSTERED", "LOCATION", "ENGINE", "DISTRIBUTED", "PARTITION"):
			return c.unsupported(t.upper)
		default:
			return nil
		}
	}
}

// rowFormat reads ROW FORMAT DELIMITED [FIELDS TERMINATED BY 'c'] [LINES TERMINATED BY 'c'].
func (c *cursor) rowFormat() (*ast.RowFormat, error) {
	f := &ast.RowFormat{Pos: c.pos()}
	c.i++
	if err := c.expect("FORMAT"); err != nil {
		return nil, err
	}
	if c.peek().is("SERDE") {
		return nil, c.unsupported("ROW FORMAT SERDE").WithHint("Use ROW FORMAT DELIMITED or the property \"format\".")
	}
	if err := c.expect("DELIMITED"); err != nil {
		return nil, err
	}
	for {
		slot := &f.Fields
		switch t := c.peek(); {
		case t.is("FIELDS"):
		case t.is("LINES"):
			slot = &f.Lines
		case t.isAny("COLLECTION", "MAP", "ESCAPED", "NULL"):
			return nil, c.unsupported("ROW FORMAT DELIMITED " + t.upper)
		default:
			return f, nil
		}
		c.i++
		d, err := c.delimiter()
		if err != nil {
			return nil, err
		}
		*slot = d
		if c.peek().is("ESCAPED") {
			return nil, c.unsupported("ROW FORMAT DELIMITED … ESCAPED BY")
		}
	}
}

// delimiter reads TERMINATED BY 'c', whose string has backslash escapes.
func (c *cursor) delimiter() (*ast.Delimiter, error) {
	if err := c.expect("TERMINATED", "BY"); err != nil {
		return nil, err
	}
	t, at := c.peek(), c.pos()
	text, err := c.str("the delimiter")
	if err != nil {
		return nil, err
	}
	if t.quote != 'E' {
		text = unescapeAll(text)
	}
	if text == "" {
		return nil, sqlerr.At(at, sqlerr.InvalidParameter, "a delimiter cannot be empty")
	}
	return &ast.Delimiter{Pos: at, Text: text}, nil
}

// unescapeAll resolves the escapes of a delimiter; \0 is allowed here.
func unescapeAll(s string) string {
	out := ""
	for s != "" {
		if s[0] != '\\' {
			out, s = out+s[:1], s[1:]
			continue
		}
		text, used := unescape(s)
		out, s = out+text, s[used:]
	}
	return out
}

func (c *cursor) use() (ast.Statement, error) {
	c.i++
	if c.peek().is("APPLICATION") && isName(c.ahead(1)) {
		c.i++
		name, err := c.name()
		return &ast.UseApplication{Name: name}, err
	}
	if c.peek().isAny("DATABASE", "SCHEMA") && isName(c.ahead(1)) {
		c.i++
	}
	name, err := c.folded()
	return &ast.UseDatabase{Name: name}, err
}
