package parser

import "slipway/sql/ast"

func (c *cursor) drop() (ast.Statement, error) {
	c.i++
	t := c.peek()
	switch {
	case t.is("STREAM"), t.is("TABLE"), t.is("VIEW"):
		c.i++
		return orNil(c.dropRelation(ast.Kind(t.upper)))
	case t.is("STREAMJOB"):
		c.i++
		exists := c.ifExists()
		name, err := c.name()
		return &ast.DropJob{IfExists: exists, Name: name}, err
	case t.is("SECRET"):
		c.i++
		return orNil(c.dropSecret())
	case t.is("FUNCTION"):
		c.i++
		return orNil(c.dropFunction())
	case t.is("AGGREGATE"): // PostgreSQL's word for those that are
		c.i++
		c.accept("FUNCTION")
		return orNil(c.dropFunction())
	case t.is("DATABASE"), t.is("SCHEMA"):
		c.i++
		s := &ast.DropDatabase{IfExists: c.ifExists()}
		var err error
		if s.Name, err = c.folded(); err != nil {
			return nil, err
		}
		s.Cascade = c.accept("CASCADE")
		if !s.Cascade {
			c.accept("RESTRICT")
		}
		return s, nil
	case t.isAny("USER", "ROLE", "GROUP"):
		c.i++
		return orNil(c.dropUser())
	case t.is("APPLICATION"):
		c.i++
		exists := c.ifExists()
		name, err := c.name()
		return &ast.DropApplication{IfExists: exists, Name: name}, err
	case t.is("SAVEPOINT"):
		c.i++
		return orNil(c.dropSavepoint())
	case t.kind == wordToken:
		return nil, c.unsupported("DROP " + t.upper)
	}
	return nil, c.unexpected()
}

func (c *cursor) dropRelation(kind ast.Kind) (*ast.DropRelation, error) {
	s := &ast.DropRelation{Kind: kind, IfExists: c.ifExists()}
	var err error
	s.Names, err = dropped(c, c.name)
	return s, err
}

// dropped reads what is dropped, up to the end: a list of things that one reads, and RESTRICT.
func dropped[T any](c *cursor, one func() (T, error)) (list []T, err error) {
	for more := true; more; more = c.accept(",") {
		x, err := one()
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	if c.peek().is("CASCADE") {
		return nil, c.unsupported("DROP … CASCADE")
	}
	c.accept("RESTRICT")
	return list, nil
}

func (c *cursor) dropSavepoint() (*ast.DropSavepoint, error) {
	s := &ast.DropSavepoint{IfExists: c.ifExists()}
	var err error
	if s.Savepoint, err = c.str("the savepoint"); err != nil {
		return nil, err
	}
	if err := c.expect("FOR", "STREAMJOB"); err != nil {
		return nil, err
	}
	s.Name, err = c.name()
	return s, err
}
