package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// cursor walks over the tokens of one statement. toks[to] is what follows the
// statement: an endToken, a ; or the bracket that closes it.
type cursor struct {
	src     *source
	toks    []token
	i, to   int
	dialect dialect
	// noParams refuses $1: the text is kept and run without a client.
	noParams bool
	// inserts: DEFAULT may stand in a row.
	inserts bool
	// prefixed: what stands behind its operand is brought into the form of a call already.
	prefixed bool
}

// withoutParams reads what is kept as text and runs without a client: $1 is refused in it.
func withoutParams[T any](c *cursor, read func() (T, error)) (T, error) {
	kept := c.noParams
	c.noParams = true
	defer func() { c.noParams = kept }()
	return read()
}

// peek gives the next token; at the end one that is nothing.
func (c *cursor) peek() token { return c.ahead(0) }

func (c *cursor) ahead(n int) token {
	if c.i+n < c.to {
		return c.toks[c.i+n]
	}
	end := c.toks[c.to]
	return token{kind: endToken, start: end.start, end: end.start}
}

func (c *cursor) done() bool { return c.i >= c.to }

// pos is where the next token stands in the user's text.
func (c *cursor) pos() int { return c.src.pos(c.peek().start) }

// accept passes over a word or sign if it is next.
func (c *cursor) accept(upper string) bool {
	if !c.peek().is(upper) {
		return false
	}
	c.i++
	return true
}

// acceptAll passes over several words if all of them are next.
func (c *cursor) acceptAll(uppers ...string) bool {
	for n, u := range uppers {
		if !c.ahead(n).is(u) {
			return false
		}
	}
	c.i += len(uppers)
	return true
}

func (c *cursor) expect(uppers ...string) error {
	for _, u := range uppers {
		if !c.accept(u) {
			return c.unexpected().WithHint("Expected %s here.", u)
		}
	}
	return nil
}

// unexpected is the syntax error at the next token.
func (c *cursor) unexpected() *sqlerr.Error { return syntaxError(c.src, c.toks, c.i, c.to) }

func (c *cursor) unsupported(what string) *sqlerr.Error { return unsupported(c.pos(), what) }

func (c *cursor) end() error {
	if c.done() {
		return nil
	}
	return c.unexpected()
}

// syntaxError names token i of a statement that ends before token to.
func syntaxError(src *source, toks []token, i, to int) *sqlerr.Error {
	t := toks[min(i, to)]
	for ; t.made && t.start == t.end && i < to; t = toks[i] {
		i++ // it stands nowhere
	}
	at := src.pos(t.start)
	if t.kind == endToken || t.is(";") {
		return sqlerr.At(at, sqlerr.SyntaxError, "syntax error at end of input")
	}
	e := sqlerr.At(at, sqlerr.SyntaxError, "syntax error at or near \"%s\"", src.near(t))
	e.Hint = reservedHint(t)
	return e
}

// reservedHint tells how to use a reserved word as a name, where that may have been meant.
func reservedHint(t token) string {
	if !t.has(reserved) || !t.has(columnName|likeName) {
		return ""
	}
	return t.upper + " is a reserved word; as a name quote it: `" + t.value + "`"
}

func unsupported(at int, what string) *sqlerr.Error {
	e := sqlerr.At(at, sqlerr.FeatureNotSupported, "%s is not supported", what)
	e.Hint = instead[what]
	return e
}

// ident reads any word or quoted identifier as a name.
func (c *cursor) ident() (ast.Ident, error) {
	t := c.peek()
	if !isName(t) {
		return ast.Ident{}, c.unexpected().WithHint("Expected a name here.")
	}
	if t.value == "" {
		return ast.Ident{}, sqlerr.At(c.pos(), sqlerr.SyntaxError, "zero-length quoted identifier")
	}
	if err := checkName(c.src, t); err != nil {
		return ast.Ident{}, err
	}
	c.i++
	return ast.Ident{Pos: c.src.pos(t.start), Name: t.value}, nil
}

func isName(t token) bool { return t.kind == wordToken || t.kind == identToken }

// maxName bounds a name, so that it fits into catalogs and file names.
const maxName = 128

func checkName(src *source, t token) error {
	if len(t.value) > maxName {
		return sqlerr.At(src.pos(t.start), sqlerr.InvalidName, "name is longer than %d bytes", maxName)
	}
	if strings.ContainsFunc(t.value, isControl) {
		return sqlerr.At(src.pos(t.start), sqlerr.InvalidName, "a control character cannot stand in a name")
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

// folded reads a name and folds it to lower case.
func (c *cursor) folded() (ast.Ident, error) {
	id, err := c.ident()
	id.Name = strings.ToLower(id.Name)
	return id, err
}

// name reads [db.]name, folded. The id of a temporary job may begin with a digit.
func (c *cursor) name() (ast.Name, error) {
	if t := c.peek(); t.kind == junkToken || t.kind == numberToken && isAlphanumeric(t.value) {
		c.i++
		return ast.Name{Pos: c.src.pos(t.start), Name: strings.ToLower(t.value)}, checkName(c.src, t)
	}
	first, err := c.folded()
	if err != nil {
		return ast.Name{}, err
	}
	n := ast.Name{Pos: first.Pos, Name: first.Name}
	if !c.accept(".") {
		return n, nil
	}
	second, err := c.folded()
	if err != nil {
		return n, err
	}
	if c.peek().is(".") {
		return n, sqlerr.At(c.pos(), sqlerr.SyntaxError, "a name has at most two parts: database.name")
	}
	n.DB, n.Name = n.Name, second.Name
	return n, nil
}

func isAlphanumeric(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') })
}

// str reads a string of the clauses of our own statements.
func (c *cursor) str(what string) (string, error) {
	t := c.peek()
	if !t.isString() {
		return "", c.unexpected().WithHint("Expected %s in quotes here.", what)
	}
	c.i++
	return t.value, nil
}

// literal reads a string of SQL proper: "…" is none there.
func (c *cursor) literal(what string) (string, error) {
	if c.peek().kind != stringToken {
		return "", c.unexpected().WithHint("Expected %s in single quotes here.", what)
	}
	c.i++
	return c.toks[c.i-1].value, nil
}

// names reads ( name, … ).
func (c *cursor) names() ([]ast.Ident, error) {
	if err := c.expect("("); err != nil {
		return nil, err
	}
	var list []ast.Ident
	for {
		id, err := c.ident()
		if err != nil {
			return nil, err
		}
		list = append(list, id)
		if !c.accept(",") {
			return list, c.expect(")")
		}
	}
}

// closing gives the index of the bracket that closes the one at index open.
func (c *cursor) closing(open int) int { return closing(c.toks, open, c.to) }

func closing(toks []token, open, to int) int {
	depth := 0
	for i := open; i < to; i++ {
		switch {
		case toks[i].is("("):
			depth++
		case toks[i].is(")"):
			depth--
			if depth == 0 {
				return i
			}
		}
	}
	return to
}

// within looks at the same tokens up to token to.
func (c *cursor) within(to int) *cursor {
	in := *c
	in.to = to
	return &in
}

// until gives the index of the first token from the next one on, outside of brackets and CASE,
// that stop tells; c.to if there is none.
func (c *cursor) until(stop func(i int) bool) int {
	depth, cases := 0, 0
	for i := c.i; i < c.to; i++ {
		t := c.toks[i]
		switch {
		case t.is("END") && cases > 0:
			depth, cases = depth-1, cases-1
		case t.isAny(")", "]", "}"):
			depth--
		case depth <= 0 && stop(i):
			return i
		case t.is("CASE"):
			depth, cases = depth+1, cases+1
		case t.isAny("(", "[", "{"):
			depth++
		}
	}
	return c.to
}

func (c *cursor) isComma(i int) bool { return c.toks[i].is(",") }

// exprList reads expressions with commas between them, up to a token that stop tells; a nil
// stop tells none.
func (c *cursor) exprList(stop func(i int) bool) ([]ast.Expr, error) {
	var list []ast.Expr
	for {
		x, err := c.expr(c.until(func(i int) bool { return c.isComma(i) || stop != nil && stop(i) }))
		if err != nil {
			return nil, err
		}
		list = append(list, x)
		if stop != nil && c.i < c.to && stop(c.i) || !c.accept(",") {
			return list, nil
		}
	}
}

// orderItems reads the keys of ORDER BY up to a token that stop tells.
func (c *cursor) orderItems(stop func(i int) bool) ([]ast.OrderItem, error) {
	var list []ast.OrderItem
	for {
		o, err := c.orderItem(c.until(func(i int) bool { return c.isComma(i) || stop(i) }))
		if err != nil {
			return nil, err
		}
		list = append(list, o)
		if !c.accept(",") {
			return list, nil
		}
	}
}

// orderItem reads one key of ORDER BY, which ends before token end.
func (c *cursor) orderItem(end int) (o ast.OrderItem, err error) {
	last := end
	if last-2 > c.i && c.toks[last-2].is("NULLS") && c.toks[last-1].isAny("FIRST", "LAST") {
		o.Nulls = ast.NullsFirst
		if c.toks[last-1].is("LAST") {
			o.Nulls = ast.NullsLast
		}
		last -= 2
	}
	if last-1 > c.i && c.toks[last-1].isAny("ASC", "DESC") {
		last--
		o.Desc = c.toks[last].is("DESC")
	}
	o.X, err = c.expr(last)
	c.i = end
	return o, err
}
