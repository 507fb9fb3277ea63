package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// declare reads DECLARE name [BINARY] [INSENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query.
func (c *cursor) declare() (ast.Statement, error) {
	c.i++
	s := &ast.DeclareCursor{}
	var err error
	if s.Name, err = c.ident(); err != nil {
		return nil, err
	}
	for !c.accept("CURSOR") {
		switch {
		case c.accept("BINARY"):
			s.Binary = true
		case c.accept("SCROLL"):
			s.Scroll = true
		case c.accept("INSENSITIVE"), c.accept("ASENSITIVE"), c.acceptAll("NO", "SCROLL"):
		default:
			return nil, c.unexpected().WithHint("Expected CURSOR FOR and a query here.")
		}
	}
	if c.acceptAll("WITH", "HOLD") {
		s.Hold = true
	} else {
		c.acceptAll("WITHOUT", "HOLD")
	}
	if err := c.expect("FOR"); err != nil {
		return nil, err
	}
	s.Query, s.EmitChanges, err = c.followed(c.to)
	return s, err
}

// fetch reads FETCH | MOVE [direction] [FROM | IN] cursor [WITH (TIMEOUT = 's')].
func (c *cursor) fetch() (ast.Statement, error) {
	s := &ast.Fetch{Move: c.peek().is("MOVE"), Count: 1}
	c.i++
	if err := c.direction(s); err != nil {
		return nil, err
	}
	_ = c.accept("FROM") || c.accept("IN")
	var err error
	if s.Cursor, err = c.ident(); err != nil {
		return nil, err
	}
	if c.accept("WITH") {
		s.Timeout, err = c.fetchTimeout()
	}
	return s, err
}

func (c *cursor) fetchTimeout() (string, error) {
	at := c.pos()
	props, err := c.properties()
	if err != nil {
		return "", err
	}
	if len(props) != 1 || !strings.EqualFold(props[0].Key, "timeout") {
		return "", sqlerr.At(at, sqlerr.SyntaxError, "FETCH … WITH takes (TIMEOUT = '…')")
	}
	return props[0].Value, nil
}

// direction reads what stands before the cursor's name; a word that is the last of
// the statement is the name itself.
func (c *cursor) direction(s *ast.Fetch) (err error) {
	if c.ahead(1).kind == endToken || c.ahead(1).is("WITH") && !c.peek().is("ALL") && c.peek().kind != numberToken {
		return nil
	}
	switch {
	case c.accept("NEXT"):
	case c.accept("PRIOR"):
		s.Direction = ast.FetchBackward
	case c.accept("FIRST"):
		s.Direction = ast.FetchAbsolute
	case c.accept("LAST"):
		s.Direction, s.Count = ast.FetchAbsolute, -1
	case c.accept("ABSOLUTE"):
		s.Direction = ast.FetchAbsolute
		s.Count, err = c.signed()
	case c.accept("RELATIVE"):
		s.Direction = ast.FetchRelative
		s.Count, err = c.signed()
	case c.accept("BACKWARD"):
		s.Direction = ast.FetchBackward
		err = c.count(s)
	default:
		c.accept("FORWARD")
		err = c.count(s)
	}
	return err
}

// count reads n, ALL or nothing.
func (c *cursor) count(s *ast.Fetch) (err error) {
	switch t := c.peek(); {
	case c.accept("ALL"):
		s.All, s.Count = true, 0
	case t.kind == numberToken, t.is("-"):
		s.Count, err = c.signed()
		if s.Count < 0 && s.Direction == ast.FetchForward {
			s.Direction, s.Count = ast.FetchBackward, -s.Count
		}
	}
	return err
}

func (c *cursor) signed() (int64, error) {
	negative := c.accept("-")
	n, err := c.integer()
	if negative {
		n = -n
	}
	return n, err
}

func (c *cursor) closeCursor() (ast.Statement, error) {
	c.i++
	if c.accept("ALL") {
		return &ast.CloseCursor{All: true}, nil
	}
	name, err := c.ident()
	return &ast.CloseCursor{Name: name}, err
}
