package parser

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

func (c *cursor) work() { _ = c.accept("WORK") || c.accept("TRANSACTION") }

func (c *cursor) begin() (ast.Statement, error) {
	c.i++
	c.work()
	modes, err := c.modes()
	return &ast.Transaction{Kind: ast.Begin, Modes: modes}, err
}

// modes reads ISOLATION LEVEL …, READ ONLY | WRITE, [NOT] DEFERRABLE, commas or not.
func (c *cursor) modes() ([]string, error) {
	var list []string
	for !c.done() {
		mode, ok := c.mode()
		if !ok {
			return nil, c.unexpected().WithHint("Expected ISOLATION LEVEL …, READ ONLY or READ WRITE here.")
		}
		list = append(list, mode)
		if c.accept(",") && c.done() {
			return nil, c.unexpected()
		}
	}
	return list, nil
}

var transactionModes = []string{
	"ISOLATION LEVEL SERIALIZABLE", "ISOLATION LEVEL REPEATABLE READ", "ISOLATION LEVEL READ COMMITTED",
	"ISOLATION LEVEL READ UNCOMMITTED", "READ ONLY", "READ WRITE", "NOT DEFERRABLE", "DEFERRABLE",
}

func (c *cursor) mode() (string, bool) {
	for _, m := range transactionModes {
		if c.acceptAll(strings.Fields(m)...) {
			return m, true
		}
	}
	return "", false
}

func (c *cursor) commit() (ast.Statement, error) {
	c.i++
	c.work()
	return &ast.Transaction{Kind: ast.Commit, Chain: c.chain()}, nil
}

// chain reads AND [NO] CHAIN.
func (c *cursor) chain() bool {
	return !c.acceptAll("AND", "NO", "CHAIN") && c.acceptAll("AND", "CHAIN")
}

func (c *cursor) rollback() (ast.Statement, error) {
	c.i++
	c.work()
	if !c.accept("TO") {
		return &ast.Transaction{Kind: ast.Rollback, Chain: c.chain()}, nil
	}
	c.accept("SAVEPOINT")
	name, err := c.ident()
	return &ast.Transaction{Kind: ast.RollbackTo, Name: name}, err
}

func (c *cursor) release() (ast.Statement, error) {
	c.i++
	if c.peek().is("SAVEPOINT") && isName(c.ahead(1)) {
		c.i++
	}
	name, err := c.ident()
	return &ast.Transaction{Kind: ast.Release, Name: name}, err
}

// settingName reads a.b.c, folded.
func (c *cursor) settingName() (string, error) {
	name := ""
	for {
		id, err := c.folded()
		if err != nil {
			return "", err
		}
		if name += id.Name; !c.accept(".") {
			if slices.Contains(strings.Split(name, "."), "") { // "." or "a..b", quoted
				return "", sqlerr.At(id.Pos, sqlerr.InvalidName, "%q is no name of a setting", name)
			}
			return name, nil
		}
		name += "."
	}
}

func (c *cursor) set() (ast.Statement, error) {
	c.i++
	s := &ast.Set{ValuePos: ast.NoPos}
	if c.peek().isAny("SESSION", "LOCAL", "GLOBAL") && (isName(c.ahead(1)) || c.ahead(1).is("@@")) {
		switch c.peek().upper {
		case "LOCAL":
			s.Scope = ast.LocalScope
		case "GLOBAL":
			return nil, c.unsupported("SET GLOBAL")
		}
		c.i++
	}
	s.Pos = c.pos()
	var err error
	switch {
	case c.acceptAll("TIME", "ZONE"):
		s.Name = "timezone"
		err = c.setValues(s)
	case c.accept("NAMES"):
		s.Name = "client_encoding"
		err = c.setValues(s)
	case c.acceptAll("CHARACTERISTICS", "AS", "TRANSACTION"):
		err = c.setModes(s, "default_transaction_")
	case c.accept("TRANSACTION"):
		err = c.setModes(s, "transaction_")
	case c.accept("SCHEMA"):
		s.Name = "search_path"
		err = c.setValues(s)
	case c.peek().isAny("ROLE", "AUTHORIZATION") && !c.ahead(1).isAny("=", "TO"):
		return nil, c.unsupported("SET " + c.peek().upper)
	default:
		err = c.setAny(s)
	}
	return s, err
}

func (c *cursor) setAny(s *ast.Set) (err error) {
	if s.Name, err = c.settingName(); err != nil {
		return err
	}
	if !c.accept("=") && !c.accept("TO") {
		return c.unexpected().WithHint("Expected = or TO and a value here.")
	}
	return c.setValues(s)
}

// setModes reads the modes of a transaction as a setting. A client that sets both
// an isolation level and an access mode gets the first as name, both as values.
func (c *cursor) setModes(s *ast.Set, prefix string) error {
	s.ValuePos = c.pos()
	modes, err := c.modes()
	if err != nil {
		return err
	}
	if len(modes) == 0 {
		return c.unexpected()
	}
	s.Name = prefix + "read_only"
	if level, ok := strings.CutPrefix(modes[0], "ISOLATION LEVEL "); ok {
		s.Name = prefix + "isolation"
		modes[0] = strings.ToLower(level)
	} else if strings.HasSuffix(modes[0], "DEFERRABLE") {
		s.Name = prefix + "deferrable"
		modes[0] = onOff(modes[0] == "DEFERRABLE")
	} else {
		modes[0] = onOff(modes[0] == "READ ONLY")
	}
	s.Values = modes[:1]
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (c *cursor) setValues(s *ast.Set) error {
	s.ValuePos = c.pos()
	if c.acceptAll("DEFAULT") || s.Name == "timezone" && c.accept("LOCAL") {
		s.Default = true
		return nil
	}
	for {
		v, err := c.setValue()
		if err != nil {
			return err
		}
		s.Values = append(s.Values, v)
		if !c.accept(",") {
			return nil
		}
	}
}

// setValue reads a string, a number, a word, or INTERVAL '…' as a time zone.
func (c *cursor) setValue() (string, error) {
	sign := ""
	if t := c.peek(); t.isAny("-", "+") {
		sign = strings.TrimPrefix(t.upper, "+")
		c.i++
	}
	t := c.peek()
	switch {
	case t.kind == numberToken, sign == "" && (t.kind == stringToken || isName(t) || t.kind == junkToken):
		c.i++
		return sign + t.value + c.dotted(t), nil
	}
	return "", c.unexpected().WithHint("Expected a value here.")
}

// dotted reads the rest of an unquoted value: SET x=a.b.c, SET x=hdfs:/… is not one.
func (c *cursor) dotted(t token) string {
	rest := ""
	for t.kind == wordToken && c.peek().is(".") && isName(c.ahead(1)) {
		rest += "." + c.ahead(1).value
		c.i += 2
	}
	return rest
}

func (c *cursor) reset() (ast.Statement, error) {
	c.i++
	s := &ast.Reset{Pos: c.pos()}
	if c.accept("ALL") {
		s.All = true
		return s, nil
	}
	if c.acceptAll("TIME", "ZONE") {
		s.Name = "timezone"
		return s, nil
	}
	var err error
	s.Name, err = c.settingName()
	return s, err
}

func (c *cursor) showVariable() (*ast.ShowVariable, error) {
	s := &ast.ShowVariable{Pos: c.pos()}
	switch {
	case c.accept("ALL"):
		s.All = true
		return s, nil
	case c.acceptAll("TIME", "ZONE"):
		s.Name = "timezone"
		return s, nil
	case c.acceptAll("TRANSACTION", "ISOLATION", "LEVEL"):
		s.Name = "transaction_isolation"
		return s, nil
	}
	var err error
	s.Name, err = c.settingName()
	return s, err
}

func (c *cursor) discard() (ast.Statement, error) {
	c.i++
	t := c.peek()
	if !t.isAny("ALL", "PLANS", "SEQUENCES", "TEMP", "TEMPORARY") {
		return nil, c.unexpected()
	}
	c.i++
	what := t.upper
	if what == "TEMPORARY" {
		what = "TEMP"
	}
	return &ast.Discard{What: what}, nil
}

func (c *cursor) prepare() (ast.Statement, error) {
	c.i++
	s := &ast.Prepare{}
	var err error
	if s.Name, err = c.ident(); err != nil {
		return nil, err
	}
	if c.accept("(") {
		for {
			typ, err := c.typeName()
			if err != nil {
				return nil, err
			}
			s.Types = append(s.Types, typ)
			if !c.accept(",") {
				break
			}
		}
		if err := c.expect(")"); err != nil {
			return nil, err
		}
	}
	if err := c.expect("AS"); err != nil {
		return nil, err
	}
	if !c.peek().isAny("SELECT", "WITH", "VALUES", "(", "INSERT") {
		return nil, c.unexpected().WithHint("PREPARE takes a query or an INSERT.")
	}
	s.Inner = sourceOf(c.src.text, c.toks[c.i:c.to])
	s.Statement, err = parseOne(&cursor{src: c.src, toks: c.toks, i: c.i, to: c.to})
	c.i = c.to
	return s, err
}

func (c *cursor) execute() (ast.Statement, error) {
	c.i++
	s := &ast.Execute{}
	var err error
	if s.Name, err = c.ident(); err != nil {
		return nil, err
	}
	if !c.accept("(") {
		return s, nil
	}
	for !c.peek().is(")") || len(s.Args) > 0 {
		e, err := c.expr(c.elementEnd())
		if err != nil {
			return nil, err
		}
		s.Args = append(s.Args, e)
		if !c.accept(",") {
			break
		}
	}
	return s, c.expect(")")
}

func (c *cursor) deallocate() (ast.Statement, error) {
	c.i++
	if c.peek().is("PREPARE") && c.ahead(1).kind != endToken {
		c.i++
	}
	if c.accept("ALL") {
		return &ast.Deallocate{All: true}, nil
	}
	name, err := c.ident()
	return &ast.Deallocate{Name: name}, err
}

func (c *cursor) listen() (ast.Statement, error) {
	c.i++
	name, err := c.ident()
	return &ast.Listen{Channel: name}, err
}

func (c *cursor) unlisten() (ast.Statement, error) {
	c.i++
	if c.accept("*") {
		return &ast.Unlisten{All: true}, nil
	}
	name, err := c.ident()
	return &ast.Unlisten{Channel: name}, err
}

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
