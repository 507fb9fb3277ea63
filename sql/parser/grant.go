package parser

import (
	"strings"

	"slipway/sql/ast"
)

func (c *cursor) grant() (ast.Statement, error)  { return c.granting(false) }
func (c *cursor) revoke() (ast.Statement, error) { return c.granting(true) }

// granting reads GRANT … TO … and REVOKE … FROM …: rights on objects where ON stands in it, else roles.
func (c *cursor) granting(revoke bool) (ast.Statement, error) {
	c.i++
	if t := c.peek(); revoke && t.isAny("GRANT", "ADMIN") && c.ahead(1).is("OPTION") {
		return nil, c.unsupported("REVOKE " + t.upper + " OPTION FOR").WithHint("Who owns an object grants rights on it.")
	}
	for i := c.i; i < c.to; i++ {
		if c.toks[i].is("ON") {
			return orNil(c.grantRights(revoke))
		}
		if c.toks[i].isAny("TO", "FROM") {
			break
		}
	}
	return orNil(c.grantRoles(revoke))
}

func (c *cursor) grantRoles(revoke bool) (*ast.GrantRole, error) {
	s := &ast.GrantRole{Revoke: revoke}
	var err error
	if s.Granted, err = c.roles(); err != nil {
		return nil, err
	}
	if !c.peek().isAny("TO", "FROM") {
		return nil, c.unexpected().WithHint("GRANT right ON STREAM s TO role gives a right, GRANT role TO role a membership.")
	}
	s.Roles, err = c.grantees(revoke)
	return s, err
}

func (c *cursor) grantRights(revoke bool) (*ast.Grant, error) {
	s := &ast.Grant{Revoke: revoke}
	var err error
	if s.Rights, err = c.rights(); err != nil {
		return nil, err
	}
	if err := c.expect("ON"); err != nil {
		return nil, err
	}
	if err := c.grantObjects(s); err != nil {
		return nil, err
	}
	s.Roles, err = c.grantees(revoke)
	return s, err
}

// rights reads right, … | ALL [PRIVILEGES].
func (c *cursor) rights() (list []ast.Ident, err error) {
	for more := true; more; more = c.accept(",") {
		t := c.peek()
		if t.kind != wordToken {
			return nil, c.unexpected().WithHint("Expected READ, WRITE, OPERATE, CREATE, OWN or ALL here.")
		}
		list = append(list, ast.Ident{Pos: c.src.pos(t.start), Name: strings.ToLower(t.value)})
		if c.i++; t.is("ALL") {
			c.accept("PRIVILEGES")
		}
		if c.peek().is("(") {
			return nil, c.unsupported("a right on columns").WithHint("GRANT READ on a view that has only these columns.")
		}
	}
	return list, nil
}

// grantKinds are the words for what rights are given on; PostgreSQL's have ours beside them.
var grantKinds = map[string]ast.Kind{
	"STREAM": ast.Stream, "TABLE": ast.Stream, "VIEW": ast.Stream, "DATABASE": ast.Database, "SCHEMA": ast.Database, "STREAMJOB": ast.StreamJob, "JOB": ast.StreamJob,
}

// grantAll are those behind ALL.
var grantAll = map[string]ast.Kind{"STREAMS": ast.Stream, "TABLES": ast.Stream, "VIEWS": ast.Stream, "STREAMJOBS": ast.StreamJob, "JOBS": ast.StreamJob}

// grantObjects reads [kind] name, … | ALL kinds IN DATABASE name, …; without a kind they are streams, as in PostgreSQL.
func (c *cursor) grantObjects(s *ast.Grant) (err error) {
	t := c.peek()
	s.On = ast.Stream
	switch {
	case t.is("ALL") && grantAll[c.ahead(1).upper] != "":
		s.All, s.On = true, grantAll[c.ahead(1).upper]
		c.i += 2
		if err := c.expect("IN"); err != nil {
			return err
		}
		if !c.accept("DATABASE") && !c.accept("SCHEMA") {
			return c.unexpected().WithHint("Expected DATABASE and a name here.")
		}
	case t.is("ALL") || t.isAny("FUNCTION", "SEQUENCE", "LANGUAGE", "TYPE", "ROUTINE", "PROCEDURE", "DOMAIN", "FOREIGN", "TABLESPACE", "PARAMETER", "LARGE"):
		return c.unsupported("a right on " + t.upper).WithHint("Rights are given on STREAM, TABLE, VIEW, STREAMJOB or DATABASE, and on ALL STREAMS | JOBS IN DATABASE name.")
	case grantKinds[t.upper] != "" && t.kind == wordToken && isName(c.ahead(1)) && !c.ahead(1).isAny("TO", "FROM"):
		s.On = grantKinds[t.upper]
		c.i++
	}
	for more := true; more; more = c.accept(",") {
		n, err := c.name()
		if err != nil {
			return err
		}
		if (s.On == ast.Database || s.All) && n.DB != "" {
			return c.unexpected().WithHint("A database has a name of one part.")
		}
		s.Objects = append(s.Objects, n)
	}
	return nil
}

// grantees reads TO | FROM role, …, and what may stand behind.
func (c *cursor) grantees(revoke bool) ([]ast.Role, error) {
	word := "TO"
	if revoke {
		word = "FROM"
	}
	if err := c.expect(word); err != nil {
		return nil, err
	}
	c.accept("GROUP")
	list, err := c.roles()
	if err != nil {
		return nil, err
	}
	if c.peek().is("WITH") || c.peek().is("GRANTED") {
		return nil, c.unsupported(c.peek().upper + " " + c.ahead(1).upper + " " + c.ahead(2).upper).WithHint("Who owns an object grants rights on it; superusers grant roles.")
	}
	if revoke && (c.accept("CASCADE") || c.accept("RESTRICT")) {
		return list, nil
	}
	return list, nil
}
