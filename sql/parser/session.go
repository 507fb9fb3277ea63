package parser

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

func (c *cursor) work() { _ = c.accept("WORK") || c.accept("TRANSACTION") }

func (c *cursor) begin() (ast.Statement, error) {
	if setBody(c.toks, c.i) > 0 {
		return orNil(c.statementSet())
	}
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

// settingName reads a.b.c, folded; a-b is one word where nothing stands between.
func (c *cursor) settingName() (string, error) {
	name := ""
	for {
		id, err := c.folded()
		if err != nil {
			return "", err
		}
		name += id.Name
		for c.peek().is("-") && c.peek().start == c.toks[c.i-1].end && isName(c.ahead(1)) && c.ahead(1).start == c.peek().end {
			name += "-" + strings.ToLower(c.ahead(1).value)
			c.i += 2
		}
		if !c.accept(".") {
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
	if c.peek().isString() {
		return c.unexpected().WithHint("What Flink and ksqlDB SET for queries stands in JOBPROPERTIES of a job, or in TBLPROPERTIES of a stream; here SET takes a name without quotes.")
	}
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
	if text, ok := c.bareValue(s.Name); ok {
		s.Values = []string{text}
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

// bareValue reads what Slipstream and Flink write behind the = of a.b.c without quotes: host:2181,host:2181, hdfs://x/y,
// 20s. It is one piece, up to the end of the statement.
func (c *cursor) bareValue(name string) (string, bool) {
	if !strings.ContainsAny(name, ".-") || c.done() || c.peek().kind == stringToken || c.peek().kind == identToken {
		return "", false
	}
	for i := c.i + 1; i < c.to; i++ {
		if c.toks[i].start != c.toks[i-1].end {
			return "", false
		}
	}
	text := c.src.text[c.peek().start:c.toks[c.to-1].end]
	c.i = c.to
	return text, true
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
	if setBody(c.toks, c.i) > 0 {
		return orNil(c.statementSet())
	}
	c.i++
	if c.peek().is("CDCSOURCE") && isName(c.ahead(1)) {
		return nil, c.unsupported("EXECUTE CDCSOURCE")
	}
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
