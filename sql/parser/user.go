package parser

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// role reads the name of a user or a role.
func (c *cursor) role() (ast.Role, error) {
	t := c.peek()
	if t.kind == wordToken && ast.CurrentRole(t.upper) {
		c.i++
		return ast.Role{Pos: c.src.pos(t.start), Current: true}, nil
	}
	id, err := c.ident()
	if err != nil {
		return ast.Role{}, err
	}
	if t.kind == wordToken {
		id.Name = strings.ToLower(id.Name)
	}
	return ast.Role{Pos: id.Pos, Name: id.Name}, nil
}

// roles reads role, ….
func (c *cursor) roles() (list []ast.Role, err error) {
	for more := true; more; more = c.accept(",") {
		r, err := c.role()
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// newRole reads the name of a role that is made, or takes another name.
func (c *cursor) newRole() (ast.Role, error) {
	at := c.pos()
	r, err := c.role()
	switch {
	case err != nil:
		return r, err
	case r.Current || r.Name == "public" || r.Name == "none":
		return r, sqlerr.At(at, sqlerr.ReservedName, "role name %q is reserved", strings.ToLower(c.toks[c.i-1].value))
	case strings.HasPrefix(r.Name, "pg_"):
		return r, sqlerr.At(at, sqlerr.ReservedName, "role name %q is reserved", r.Name).WithHint("Names that begin with pg_ belong to the catalog.")
	}
	return r, nil
}

// createUser reads CREATE USER | ROLE | GROUP, of which that word is next.
func (c *cursor) createUser() (*ast.CreateUser, error) {
	s := &ast.CreateUser{Word: c.peek().upper}
	c.i++
	var err error
	if s.IfNotExists, err = c.ifNotExists(); err != nil {
		return nil, err
	}
	if s.Name, err = c.newRole(); err != nil {
		return nil, err
	}
	return s, c.userOptions(&s.Options, true)
}

// alterUser reads ALTER USER | ROLE | GROUP behind these words.
func (c *cursor) alterUser() (*ast.AlterUser, error) {
	s := &ast.AlterUser{}
	var err error
	if s.Name, err = c.role(); err != nil {
		return nil, err
	}
	switch {
	case c.acceptAll("RENAME", "TO"):
		to, err := c.newRole()
		s.RenameTo = &to
		return s, err
	case c.peek().is("SET"), c.peek().is("RESET"):
		return s, c.userSetting(s)
	}
	return s, c.userOptions(&s.Options, false)
}

// userSetting reads SET name = value and RESET name | ALL of ALTER USER.
func (c *cursor) userSetting(s *ast.AlterUser) error {
	at := c.pos()
	if c.accept("RESET") {
		if c.accept("ALL") {
			s.ResetAll = true
			return nil
		}
		name, err := c.settingName()
		s.Set = &ast.Set{Pos: at, Name: name, Default: true, ValuePos: ast.NoPos}
		return err
	}
	set, err := c.set()
	if err != nil {
		return err
	}
	if s.Set = set.(*ast.Set); s.Set.Scope != ast.SessionScope {
		return sqlerr.At(at, sqlerr.SyntaxError, "ALTER USER … SET takes a setting and its value")
	}
	return nil
}

// userOptions reads [WITH] option … up to the end.
func (c *cursor) userOptions(o *ast.UserOptions, create bool) error {
	with := c.accept("WITH")
	if c.done() && (with || !create) {
		return c.unexpected().WithHint(userHint)
	}
	for !c.done() {
		if err := c.userOption(o, create); err != nil {
			return err
		}
	}
	return nil
}

const userHint = "Expected PASSWORD 's', SUPERUSER, LOGIN, NOLOGIN, CONNECTION LIMIT n, VALID UNTIL 's' or IN ROLE name."

// flags are the options of one word.
var flags = map[string]struct{ superuser, on bool }{
	"SUPERUSER": {true, true}, "OWNER": {true, true}, "NOSUPERUSER": {true, false}, "NOOWNER": {true, false}, "LOGIN": {false, true}, "NOLOGIN": {false, false},
}

func (c *cursor) userOption(o *ast.UserOptions, create bool) (err error) {
	t := c.peek()
	if f, ok := flags[t.upper]; ok && t.kind == wordToken {
		c.i++
		into := &o.Login
		if f.superuser {
			into = &o.Superuser
		}
		if *into != nil {
			return conflicting(c.src.pos(t.start))
		}
		*into = &f.on
		return nil
	}
	switch {
	case t.isAny("INHERIT", "NOCREATEDB", "NOCREATEROLE", "NOREPLICATION", "NOBYPASSRLS", "NOCREATEUSER"): // as it is here
		c.i++
	case t.isAny("CREATEDB", "CREATEROLE", "CREATEUSER"):
		return c.unsupported("the option " + t.upper).WithHint("A superuser makes users and databases; GRANT CREATE ON DATABASE d lets a role make streams and jobs in one.")
	case t.isAny("NOINHERIT", "REPLICATION", "BYPASSRLS"):
		return c.unsupported("the option " + t.upper)
	case t.is("ENCRYPTED") && c.ahead(1).is("PASSWORD"):
		c.i++
		return c.password(o)
	case t.is("PASSWORD"):
		return c.password(o)
	case c.acceptAll("CONNECTION", "LIMIT"):
		return c.connectionLimit(o)
	case c.acceptAll("VALID", "UNTIL"):
		return c.validUntil(o)
	case create && (c.acceptAll("IN", "ROLE") || c.acceptAll("IN", "GROUP")):
		o.In, err = c.roles()
	case create && (t.isAny("ROLE", "USER")):
		c.i++
		o.Members, err = c.roles()
	case t.is("SYSID"):
		c.i++
		_, err = c.integer()
	case t.isString(): // it may be a password: no error has it in it
		return sqlerr.At(c.pos(), sqlerr.SyntaxError, "syntax error at a text in quotes").WithHint(userHint)
	default:
		return c.unexpected().WithHint(userHint)
	}
	return err
}

func conflicting(at int) error {
	return sqlerr.At(at, sqlerr.SyntaxError, "conflicting or redundant options")
}

// password reads PASSWORD 's' | NULL. What a fault here says never has the text in it.
func (c *cursor) password(o *ast.UserOptions) error {
	at := c.pos()
	if c.i++; o.Password != nil {
		return conflicting(at)
	}
	o.Password = &ast.Password{Pos: c.pos()}
	if c.accept("NULL") {
		o.Password.Null = true
		return nil
	}
	if c.peek().kind != stringToken {
		return sqlerr.At(c.pos(), sqlerr.SyntaxError, "PASSWORD takes a text in single quotes, or NULL")
	}
	o.Password.Text = c.peek().value
	c.i++
	return nil
}

func (c *cursor) connectionLimit(o *ast.UserOptions) error {
	at, sign := c.pos(), int64(1)
	if c.accept("-") {
		sign = -1
	}
	n, err := c.integer()
	if err != nil {
		return err
	}
	if n *= sign; n < -1 || n > 1<<31-1 {
		return sqlerr.At(at, sqlerr.InvalidParameter, "invalid connection limit: %s", strconv.FormatInt(n, 10)).WithHint("-1 is no limit.")
	}
	if o.ConnectionLimit != nil {
		return conflicting(at)
	}
	limit := int(n)
	o.ConnectionLimit = &limit
	return nil
}

func (c *cursor) validUntil(o *ast.UserOptions) error {
	if o.ValidUntil != nil {
		return conflicting(c.pos())
	}
	o.ValidUntilPos = c.pos()
	if c.accept("NULL") { // as ALTER … VALID UNTIL 'infinity'
		until := "infinity"
		o.ValidUntil = &until
		return nil
	}
	until, err := c.literal("the time")
	o.ValidUntil = &until
	return err
}

// dropUser reads DROP USER | ROLE | GROUP behind these words.
func (c *cursor) dropUser() (*ast.DropUser, error) {
	s := &ast.DropUser{IfExists: c.ifExists()}
	var err error
	s.Names, err = c.roles()
	return s, err
}

// reassign reads REASSIGN OWNED BY role, … TO role.
func (c *cursor) reassign() (ast.Statement, error) {
	c.i++
	if err := c.expect("OWNED", "BY"); err != nil {
		return nil, err
	}
	s := &ast.ReassignOwned{}
	var err error
	if s.From, err = c.roles(); err != nil {
		return nil, err
	}
	if err := c.expect("TO"); err != nil {
		return nil, err
	}
	s.To, err = c.role()
	return s, err
}
