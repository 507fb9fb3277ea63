package parser

import "slipway/sql/ast"

// alter reads ALTER STREAM | TABLE | VIEW | STREAMJOB name SET ( … ) | RENAME TO name, and ALTER SECRET.
func (c *cursor) alter() (ast.Statement, error) {
	c.i++
	t := c.peek()
	if t.is("SECRET") {
		c.i++
		return orNil(c.alterSecret())
	}
	if t.isAny("USER", "ROLE", "GROUP") {
		c.i++
		return orNil(c.alterUser())
	}
	if !t.isAny("STREAM", "TABLE", "VIEW", "STREAMJOB") {
		if t.kind == wordToken {
			return nil, c.unsupported("ALTER " + t.upper)
		}
		return nil, c.unexpected()
	}
	c.i++
	kind := ast.Kind(t.upper)
	name, err := c.name()
	if err != nil {
		return nil, err
	}
	switch {
	case c.acceptAll("RENAME", "TO"):
		return orNil(c.rename(kind, name))
	case kind == ast.StreamJob && c.accept("SET"):
		c.accept("JOBPROPERTIES")
		props, err := c.properties()
		return &ast.AlterJob{Name: name, Properties: props}, err
	case kind != ast.View && c.accept("SET"):
		c.accept("TBLPROPERTIES")
		at := c.pos()
		props, err := c.properties()
		return &ast.AlterRelation{Kind: kind, Name: name, Properties: props, PropertiesPos: at}, err
	case kind == ast.View:
		return nil, c.unexpected().WithHint("ALTER VIEW name takes RENAME TO name; CREATE OR REPLACE VIEW gives a view another query.")
	case c.peek().isAny("ADD", "DROP", "MODIFY", "CHANGE", "ALTER", "COLUMN"):
		return nil, c.unsupported("ALTER " + t.upper + " … " + c.peek().upper).WithHint("The columns of a stream cannot be changed; declare another stream over the same topic.")
	}
	return nil, c.unexpected().WithHint("Expected SET (\"key\"=\"value\", …) or RENAME TO name here.")
}

func (c *cursor) rename(kind ast.Kind, name ast.Name) (*ast.Rename, error) {
	to, err := c.folded()
	if err == nil && c.peek().is(".") {
		err = c.unexpected().WithHint("RENAME TO takes a name without a database: what is renamed stays where it is.")
	}
	return &ast.Rename{Kind: kind, Name: name, To: to}, err
}
