package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// copy reads COPY (query) | name [(columns)] TO STDOUT [[WITH] options].
func (c *cursor) copy() (ast.Statement, error) {
	c.i++
	s := &ast.Copy{Format: ast.CopyText}
	var err error
	if c.peek().is("(") {
		s.Query, err = c.copyQuery()
	} else {
		s.Query, err = c.copyRelation()
	}
	if err != nil {
		return nil, err
	}
	if c.peek().is("FROM") {
		return nil, c.unsupported("COPY … FROM").WithHint("Use INSERT INTO … VALUES.")
	}
	if err := c.expect("TO"); err != nil {
		return nil, err
	}
	if !c.accept("STDOUT") {
		if c.peek().isString() || c.peek().is("PROGRAM") {
			return nil, c.unsupported("COPY to a file or program of the server").WithHint("Use TO STDOUT, in psql \\copy.")
		}
		return nil, c.unexpected().WithHint("Expected STDOUT here.")
	}
	c.accept("WITH")
	if c.peek().is("(") {
		return s, c.copyOptions(s)
	}
	return s, c.oldCopyOptions(s)
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
func (c *cursor) copyRelation() (ast.Query, error) {
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	q := &ast.Select{Pos: name.Pos, From: &ast.TableName{Name: name, AliasPos: ast.NoPos}}
	if !c.peek().is("(") {
		q.Items = []ast.SelectItem{{X: &ast.Star{Pos: name.Pos}, AliasPos: ast.NoPos, Text: "*"}}
		return q, nil
	}
	cols, err := c.names()
	if err != nil {
		return nil, err
	}
	for _, col := range cols {
		ref := &ast.ColumnRef{Pos: col.Pos, Parts: []string{col.Name}}
		q.Items = append(q.Items, ast.SelectItem{X: ref, AliasPos: ast.NoPos, Text: col.Name})
	}
	return q, nil
}

// copyOptions reads ( FORMAT csv, HEADER true, DELIMITER ',' … ).
func (c *cursor) copyOptions(s *ast.Copy) error {
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

func (c *cursor) copyOption(s *ast.Copy) error {
	t, at := c.peek(), c.pos()
	c.i++
	switch t.upper {
	case "FORMAT":
		return c.copyFormat(s)
	case "HEADER":
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
func (c *cursor) copyText(s *ast.Copy, t token, at int) (err error) {
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

func (c *cursor) copyFormat(s *ast.Copy) error {
	t, at := c.peek(), c.pos()
	c.i++
	switch f := strings.ToLower(t.value); {
	case t.kind != stringToken && !isName(t):
		c.i--
		return c.unexpected()
	case f == "text" || f == "csv":
		s.Format = ast.CopyFormat(f)
		return nil
	case f == "binary":
		return unsupported(at, "COPY FORMAT binary")
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
func (c *cursor) oldCopyOptions(s *ast.Copy) error {
	for !c.done() {
		t, at := c.peek(), c.pos()
		c.i++
		switch {
		case t.is("CSV"):
			s.Format = ast.CopyCSV
		case t.is("HEADER"):
			s.Header = true
		case t.is("BINARY"):
			return unsupported(at, "COPY BINARY")
		default:
			if err := c.copyText(s, t, at); err != nil {
				return err
			}
		}
	}
	return nil
}
