package parser

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
)

// listed are the objects that SHOW and LIST know in the plural.
var listed = map[string]ast.Kind{
	"DATABASES": ast.Database, "SCHEMAS": ast.Database, "STREAMS": ast.Stream, "TABLES": ast.Table, "VIEWS": ast.View,
	"STREAMJOBS": ast.StreamJob, "JOBS": ast.StreamJob, "APPLICATIONS": ast.Application, "APPLICATION": ast.Application,
}

// show reads SHOW … of our objects, or of a setting.
func (c *cursor) show() (ast.Statement, error) {
	c.i++
	t := c.peek()
	if c.namesApplication() {
		return orNil(c.describeApplication("SHOW"))
	}
	if _, ok := listed[t.upper]; ok && t.kind == wordToken && !c.ahead(1).is(".") {
		return orNil(c.showList(false))
	}
	switch {
	case t.is("STREAM") && c.ahead(1).kind == endToken:
		c.i++
		return &ast.ShowList{Kind: ast.Stream}, nil // the vendor prints SHOW STREAM so
	case t.is("STREAMJOB"):
		return orNil(c.showJob("SHOW"))
	case t.is("CREATE"):
		return orNil(c.showCreate())
	case t.is("SETTINGS"):
		c.i++
		return &ast.ShowVariable{Pos: c.src.pos(t.start), All: true}, nil
	case t.is("SAVEPOINTS"):
		return nil, c.unsupported("SHOW SAVEPOINTS").WithHint("SHOW CHECKPOINTS [FOR STREAMJOB name] lists them with the checkpoints.")
	case t.isAny("USERS", "ROLES"):
		c.i++
		like, err := c.like()
		return &ast.ShowUsers{Like: like}, err
	case t.is("GRANTS"):
		return orNil(c.showGrants())
	case t.isAny("COLUMNS", "PROCESSLIST", "WARNINGS", "INDEX", "PARTITIONS", "VARIABLES", "STATUS"):
		return nil, c.unsupported("SHOW " + t.upper)
	}
	return orNil(c.showVariable())
}

// showGrants reads GRANTS [FOR role] behind SHOW.
func (c *cursor) showGrants() (*ast.ShowGrants, error) {
	c.i++
	s := &ast.ShowGrants{}
	if !c.accept("FOR") {
		return s, nil
	}
	r, err := c.role()
	s.For = &r
	return s, err
}

// resolve reads RESOLVE TRANSACTIONS FOR STREAMJOB name COMMIT | ABORT.
func (c *cursor) resolve() (ast.Statement, error) {
	c.i++
	if err := c.expect("TRANSACTIONS", "FOR"); err != nil {
		return nil, err
	}
	name, err := c.forJob()
	if err != nil {
		return nil, err
	}
	s := &ast.ResolveTransactions{Job: name, Commit: c.accept("COMMIT")}
	if !s.Commit && !c.accept("ABORT") {
		return nil, c.unexpected().WithHint("Expected COMMIT or ABORT here.")
	}
	return s, nil
}

func (c *cursor) forJob() (ast.Name, error) {
	if err := c.expect("STREAMJOB"); err != nil {
		return ast.Name{}, err
	}
	return c.name()
}

func (c *cursor) showList(running bool) (*ast.ShowList, error) {
	s := &ast.ShowList{Kind: listed[c.peek().upper], List: running}
	c.i++
	if c.accept("FROM") || c.accept("IN") {
		db, err := c.folded()
		if err != nil {
			return nil, err
		}
		s.DB = &db
	}
	var err error
	s.Like, err = c.like()
	return s, err
}

// like reads [LIKE 's'].
func (c *cursor) like() (*string, error) {
	if c.accept("LIKE") {
		pattern, err := c.str("the pattern")
		return &pattern, err
	}
	if c.peek().is("WHERE") {
		return nil, c.unsupported("SHOW … WHERE").WithHint("Use LIKE '…'.")
	}
	return nil, nil
}

// showJob reads STREAMJOB [STATUS] name behind the verb.
func (c *cursor) showJob(verb string) (*ast.ShowJob, error) {
	c.i++
	if c.peek().is("STATUS") && isName(c.ahead(1)) {
		c.i++
	}
	name, err := c.name()
	return &ast.ShowJob{Verb: verb, Name: name}, err
}

func (c *cursor) showCreate() (*ast.ShowCreate, error) {
	c.i++
	t := c.peek()
	if !t.isAny("STREAM", "TABLE", "VIEW", "STREAMJOB", "FUNCTION") {
		return nil, c.unexpected().WithHint("SHOW CREATE takes STREAM, TABLE, VIEW, STREAMJOB or FUNCTION and a name.")
	}
	c.i++
	name, err := c.name()
	return &ast.ShowCreate{Kind: ast.Kind(t.upper), Name: name}, err
}

func (c *cursor) list() (ast.Statement, error) {
	c.i++
	t := c.peek()
	switch {
	case c.namesApplication():
		return orNil(c.describeApplication("LIST"))
	case t.is("STREAMJOB"):
		return orNil(c.showJob("LIST"))
	case t.isAny("STREAMJOBS", "APPLICATIONS", "APPLICATION", "STREAMS"):
		return orNil(c.showList(true))
	}
	return nil, c.unexpected().WithHint("LIST takes STREAMJOBS, STREAMJOB id, STREAMS, APPLICATIONS or APPLICATION name.")
}

func (c *cursor) describe() (ast.Statement, error) {
	c.i++
	t := c.peek()
	kind := ast.AnyKind
	switch {
	case t.is("STREAMJOB") && c.ahead(1).kind != endToken:
		return orNil(c.showJob("DESCRIBE"))
	case t.is("FUNCTION") && c.ahead(1).kind != endToken && !c.ahead(1).is("."):
		return orNil(c.describeFunction())
	case t.isAny("STREAM", "TABLE", "VIEW") && isName(c.ahead(1)):
		kind = ast.Kind(t.upper)
		c.i++
	case t.isAny("EXTENDED", "FORMATTED") && isName(c.ahead(1)):
		c.i++
	case c.namesApplication():
		return orNil(c.describeApplication("DESCRIBE"))
	}
	name, err := c.name()
	return &ast.Describe{Kind: kind, Name: name}, err
}

// namesApplication tells that APPLICATION and a name follow; without a name SHOW and LIST mean all of them.
func (c *cursor) namesApplication() bool {
	return c.peek().is("APPLICATION") && isName(c.ahead(1)) && !c.ahead(1).isAny("LIKE", "FROM", "IN", "WHERE")
}

// describeApplication reads APPLICATION name behind the verb.
func (c *cursor) describeApplication(verb string) (*ast.DescribeApplication, error) {
	c.i++
	name, err := c.name()
	return &ast.DescribeApplication{Verb: verb, Name: name}, err
}

// describeFunction reads FUNCTION name, where the name may be any word or a text.
func (c *cursor) describeFunction() (*ast.DescribeFunction, error) {
	c.i++
	t := c.peek()
	if t.kind != wordToken && t.kind != identToken && t.kind != stringToken {
		return nil, c.unexpected().WithHint("Expected the name of a function here.")
	}
	c.i++
	return &ast.DescribeFunction{Pos: c.src.pos(t.start), Name: strings.ToLower(t.value)}, nil
}

// integer reads a number without sign and point.
func (c *cursor) integer() (int64, error) {
	t := c.peek()
	n, err := strconv.ParseInt(t.value, 10, 64)
	if t.kind != numberToken || err != nil {
		return 0, c.unexpected().WithHint("Expected a whole number here.")
	}
	c.i++
	return n, nil
}
