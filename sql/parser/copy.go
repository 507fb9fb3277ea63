package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// copy reads COPY (query) | name [(columns)] TO STDOUT | name [(columns)] FROM STDIN, [[WITH] options].
func (c *cursor) copy() (ast.Statement, error) {
	c.i++
	if c.peek().is("(") {
		q, err := c.copyQuery()
		if err != nil {
			return nil, err
		}
		if c.peek().is("FROM") {
			return nil, c.unexpected().WithHint("COPY … FROM takes the name of a stream or table.")
		}
		return c.copyTo(q)
	}
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	var cols []ast.Ident
	if c.peek().is("(") {
		if cols, err = c.names(); err != nil {
			return nil, err
		}
	}
	if c.accept("FROM") {
		return c.copyFrom(&ast.CopyFrom{Table: name, Columns: cols})
	}
	return c.copyTo(copyRelation(name, cols))
}

func (c *cursor) copyTo(q ast.Query) (ast.Statement, error) {
	s := &ast.Copy{Query: q}
	if err := c.expect("TO"); err != nil {
		return nil, err
	}
	return s, c.copyEnd("STDOUT", &s.CopyOptions)
}

func (c *cursor) copyFrom(s *ast.CopyFrom) (ast.Statement, error) {
	return s, c.copyEnd("STDIN", &s.CopyOptions)
}

// copyEnd reads where rows go or come from, and the options.
func (c *cursor) copyEnd(client string, o *ast.CopyOptions) error {
	o.Format = ast.CopyText
	if !c.accept(client) {
		if c.peek().isString() || c.peek().is("PROGRAM") {
			direction := map[string]string{"STDOUT": "TO", "STDIN": "FROM"}[client]
			return c.unsupported("COPY "+direction+" a file or program of the server").WithHint("Use %s %s, in psql \\copy.", direction, client)
		}
		return c.unexpected().WithHint("Expected %s here.", client)
	}
	c.accept("WITH")
	if c.peek().is("(") {
		return c.copyOptions(o)
	}
	return c.oldCopyOptions(o)
}

func (c *cursor) copyQuery() (ast.Query, error) {
	end := c.closing(c.i)
	c.i++
	if !c.peek().isAny("SELECT", "WITH", "VALUES", "(") {
		return nil, c.unexpected().WithHint("COPY takes a query in the brackets.")
	}
	q, _, err := c.followed(end) // COPY follows in any case
	if err != nil {
		return nil, err
	}
	return q, c.expect(")")
}

// copyRelation makes SELECT columns FROM name.
func copyRelation(name ast.Name, cols []ast.Ident) ast.Query {
	q := &ast.Select{Pos: name.Pos, From: &ast.TableName{Name: name, AliasPos: ast.NoPos}}
	if cols == nil {
		q.Items = []ast.SelectItem{{X: &ast.Star{Pos: name.Pos}, AliasPos: ast.NoPos, Text: "*"}}
		return q
	}
	for _, col := range cols {
		ref := &ast.ColumnRef{Pos: col.Pos, Parts: []string{col.Name}}
		q.Items = append(q.Items, ast.SelectItem{X: ref, AliasPos: ast.NoPos, Text: col.Name})
	}
	return q
}

// copyOptions reads ( FORMAT csv, HEADER true, DELIMITER ',' … ).
func (c *cursor) copyOptions(s *ast.CopyOptions) error {
	c.i++
	for {
		if err := c.copyOption(s); err != nil {
			return err
		}
		if !c.accept(",") {
			return c.expect(")")
		}
	}
}

func (c *cursor) copyOption(s *ast.CopyOptions) error {
	t, at := c.peek(), c.pos()
	c.i++
	switch t.upper {
	case "FORMAT":
		return c.copyFormat(s)
	case "HEADER":
		if c.accept("MATCH") {
			s.Header, s.Match = true, true
			return nil
		}
		on, err := c.copyBool()
		s.Header = on
		return err
	case "ENCODING":
		v, err := c.literal("the encoding")
		if err == nil && !strings.EqualFold(strings.ReplaceAll(v, "-", ""), "utf8") {
			return unsupported(at, "an encoding other than UTF8")
		}
		return err
	}
	return c.copyText(s, t, at)
}

// copyText reads the options that take a string.
func (c *cursor) copyText(s *ast.CopyOptions, t token, at int) (err error) {
	c.accept("AS")
	switch t.upper {
	case "DELIMITER", "DELIMITERS":
		s.Delimiter, err = c.literal("the delimiter")
		return oneByte(at, "DELIMITER", s.Delimiter, err)
	case "NULL":
		s.Null, err = c.literal("the text of NULL")
		s.NullSet = true
		return err
	case "QUOTE":
		s.Quote, err = c.literal("the quote")
		return oneByte(at, "QUOTE", s.Quote, err)
	case "ESCAPE":
		s.Escape, err = c.literal("the escape character")
		return oneByte(at, "ESCAPE", s.Escape, err)
	}
	c.i--
	if t.kind == wordToken {
		return sqlerr.At(at, sqlerr.SyntaxError, "option \"%s\" not recognized", strings.ToLower(t.value))
	}
	return sqlerr.At(at, sqlerr.SyntaxError, "syntax error at or near \"%s\"", c.src.near(t))
}

func oneByte(at int, option, v string, err error) error {
	if err == nil && len(v) != 1 {
		return sqlerr.At(at, sqlerr.FeatureNotSupported, "COPY %s must be a single one-byte character", option)
	}
	return err
}

func (c *cursor) copyFormat(s *ast.CopyOptions) error {
	t, at := c.peek(), c.pos()
	c.i++
	switch f := strings.ToLower(t.value); {
	case t.kind != stringToken && !isName(t):
		c.i--
		return c.unexpected()
	case f == "text" || f == "csv" || f == "binary":
		s.Format = ast.CopyFormat(f)
		return nil
	default:
		return sqlerr.At(at, sqlerr.InvalidParameter, "COPY format \"%s\" not recognized", f)
	}
}

func (c *cursor) copyBool() (bool, error) {
	t := c.peek()
	if t.isAny(",", ")") || t.kind == endToken {
		return true, nil
	}
	c.i++
	switch strings.ToLower(t.value) {
	case "true", "on", "1":
		return true, nil
	case "false", "off", "0":
		return false, nil
	}
	c.i--
	return false, c.unexpected().WithHint("Expected true or false here.")
}

// oldCopyOptions reads CSV HEADER DELIMITER ',' … without brackets.
func (c *cursor) oldCopyOptions(s *ast.CopyOptions) error {
	for !c.done() {
		t, at := c.peek(), c.pos()
		c.i++
		switch {
		case t.is("CSV"):
			s.Format = ast.CopyCSV
		case t.is("HEADER"):
			s.Header = true
		case t.is("BINARY"):
			s.Format = ast.CopyBinary
		default:
			if err := c.copyText(s, t, at); err != nil {
				return err
			}
		}
	}
	return nil
}
