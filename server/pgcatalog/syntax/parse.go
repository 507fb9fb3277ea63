package syntax

import (
	"strconv"

	"slipway/sql/sqlerr"
)

const (
	maxDepth  = 200     // of brackets and queries
	maxBytes  = 1 << 20 // of a text
	maxTokens = 50_000  // of a text: a chain of operators is as deep as it is long
)

// parser walks the tokens. Methods that read something leave the first token behind it as the current one; a fault is a panic
// with *sqlerr.Error, which Parse catches: there is one way out of a wrong text.
type parser struct {
	src    string
	tokens []token
	i      int
	depth  int
	params int
}

// Parse reads one query, which may end in a semicolon. Params is the highest number of a parameter.
func Parse(src string) (q *Query, params int, err error) {
	if len(src) > maxBytes {
		return nil, 0, sqlerr.New(sqlerr.ProgramLimit, "a query of the catalog has %d bytes, %d are allowed", len(src), maxBytes)
	}
	tokens, err := lex(src)
	if err != nil {
		return nil, 0, err
	}
	if len(tokens) > maxTokens {
		return nil, 0, sqlerr.New(sqlerr.ProgramLimit, "a query of the catalog has more than %d words and signs", maxTokens)
	}
	p := &parser{src: src, tokens: tokens}
	defer func() {
		if fault := recover(); fault != nil {
			e, ours := fault.(*sqlerr.Error)
			if !ours {
				panic(fault)
			}
			q, err = nil, e
		}
	}()
	q = p.query()
	p.accept(";")
	if p.peek().kind != end {
		p.unexpected()
	}
	return q, p.params, nil
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) ahead(n int) token { return p.tokens[min(p.i+n, len(p.tokens)-1)] }

func (p *parser) fail(pos int, code sqlerr.Code, format string, args ...any) {
	panic(sqlerr.At(pos, code, format, args...))
}

func (p *parser) unexpected() {
	t := p.peek()
	if t.kind == end {
		p.fail(t.pos, sqlerr.SyntaxError, "syntax error at end of input")
	}
	p.fail(t.pos, sqlerr.SyntaxError, "syntax error at or near %q", p.src[t.pos:p.until()])
}

// until is where the text of the current token ends, blanks apart.
func (p *parser) until() int {
	stop := p.ahead(1).pos
	for stop > p.peek().pos+1 && (p.src[stop-1] == ' ' || p.src[stop-1] == '\n' || p.src[stop-1] == '\t' || p.src[stop-1] == '\r') {
		stop--
	}
	return stop
}

// is tells a word or a sign; a quoted name is neither.
func (t token) is(text string) bool { return t.text == text && (t.kind == name || t.kind == operator) }

func (t token) isAny(texts ...string) bool {
	for _, x := range texts {
		if t.is(x) {
			return true
		}
	}
	return false
}

// accept passes over words or signs that follow one another, all or none.
func (p *parser) accept(texts ...string) bool {
	for n, x := range texts {
		if !p.ahead(n).is(x) {
			return false
		}
	}
	p.i += len(texts)
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.unexpected()
	}
}

// deeper runs f one level deeper.
func (p *parser) deeper(f func()) {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek().pos, sqlerr.TooComplex, "the query is nested too deeply: %d levels are allowed", maxDepth)
	}
	f()
	p.depth--
}

// name reads a name, also one of those words that PostgreSQL reserves only elsewhere.
func (p *parser) name() string {
	t := p.peek()
	if t.kind != name && t.kind != quotedName || t.kind == name && reserved[t.text] {
		p.unexpected()
	}
	p.i++
	return t.text
}

// label reads what may stand behind AS or a dot: any word.
func (p *parser) label() string {
	t := p.peek()
	if t.kind != name && t.kind != quotedName {
		p.unexpected()
	}
	p.i++
	return t.text
}

// names reads (a, b).
func (p *parser) names() (list []string) {
	p.expect("(")
	for {
		list = append(list, p.label())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return list
}

// beginsQuery tells whether a query begins so many tokens ahead, brackets included.
func (p *parser) beginsQuery(n int) bool {
	for p.ahead(n).is("(") {
		n++
	}
	return p.ahead(n).isAny("select", "with", "values", "table")
}

// query reads a query with its WITH, ORDER BY and LIMIT.
func (p *parser) query() (q *Query) {
	p.deeper(func() {
		q = &Query{}
		if p.accept("with") {
			q.Recursive = p.accept("recursive")
			q.With = append(q.With, p.cte())
			for p.accept(",") {
				q.With = append(q.With, p.cte())
			}
		}
		q.Body = p.sets(0)
		if p.accept("order", "by") {
			q.Order = p.sorts()
		}
		p.bounds(q)
	})
	return q
}

func (p *parser) cte() CTE {
	c := CTE{Name: p.name()}
	if p.peek().is("(") {
		c.Columns = p.names()
	}
	p.expect("as")
	if p.accept("not") {
		p.expect("materialized")
	} else {
		p.accept("materialized")
	}
	p.expect("(")
	c.Query = p.query()
	p.expect(")")
	return c
}

// bounds reads LIMIT, OFFSET and FETCH, in any order.
func (p *parser) bounds(q *Query) {
	for {
		switch {
		case p.accept("limit"):
			if !p.accept("all") {
				q.Limit = p.expr()
			}
		case p.accept("offset"):
			q.Offset = p.expr()
			if !p.accept("rows") {
				p.accept("row")
			}
		case p.accept("fetch"):
			if !p.accept("first") {
				p.expect("next")
			}
			if q.Limit = Expr(&Literal{At(p.peek().pos), Integer, "1"}); !p.peek().isAny("row", "rows") {
				q.Limit = p.expr()
			}
			if !p.accept("rows") {
				p.expect("row")
			}
			p.expect("only")
		case p.accept("for", "update"), p.accept("for", "share"):
		default:
			return
		}
	}
}

func (p *parser) sorts() (list []Sort) {
	for {
		s := Sort{X: p.expr()}
		if p.accept("desc") {
			s.Descending, s.NullsFirst = true, true
		} else if !p.accept("asc") && p.accept("using") {
			s.Descending = p.peek().is(">")
			s.NullsFirst = s.Descending
			p.i++
		}
		if p.accept("nulls", "first") {
			s.NullsFirst = true
		} else if p.accept("nulls", "last") {
			s.NullsFirst = false
		}
		list = append(list, s)
		if !p.accept(",") {
			return list
		}
	}
}

// sets reads bodies with UNION and EXCEPT between them, and INTERSECT, which binds more tightly.
func (p *parser) sets(level int) Body {
	left := p.body(level)
	for {
		op, ok := p.setOperation(level)
		if !ok {
			return left
		}
		all := p.accept("all")
		if !all {
			p.accept("distinct")
		}
		left = &SetOperation{op, all, left, p.body(level)}
	}
}

func (p *parser) body(level int) Body {
	if level == 0 {
		return p.sets(1)
	}
	return p.primary()
}

func (p *parser) setOperation(level int) (Operation, bool) {
	switch {
	case level == 1 && p.accept("intersect"):
		return Intersect, true
	case level == 0 && p.accept("union"):
		return Union, true
	case level == 0 && p.accept("except"):
		return Except, true
	}
	return "", false
}

func (p *parser) primary() Body {
	switch {
	case p.accept("("):
		q := p.query()
		p.expect(")")
		return q
	case p.accept("values"):
		return p.values()
	case p.accept("table"):
		return &Core{Items: []Item{{X: &Star{At: At(p.peek().pos)}}}, From: []Source{p.table()}}
	}
	p.expect("select")
	return p.core()
}

func (p *parser) values() *Values {
	v := &Values{}
	for {
		at := p.peek().pos
		p.expect("(")
		v.Rows = append(v.Rows, p.list())
		p.expect(")")
		if len(v.Rows[len(v.Rows)-1]) != len(v.Rows[0]) {
			p.fail(at, sqlerr.SyntaxError, "VALUES lists must all be the same length")
		}
		if !p.accept(",") {
			return v
		}
	}
}

// core reads a SELECT behind its first word.
func (p *parser) core() *Core {
	c := &Core{}
	if p.accept("distinct") {
		c.Distinct = true
		if p.accept("on", "(") {
			c.Distinct, c.DistinctOn = false, p.list()
			p.expect(")")
		}
	} else {
		p.accept("all")
	}
	if !p.peek().isAny("from", "where", "union", ")", ";") && p.peek().kind != end {
		c.Items = p.items()
	}
	if p.accept("from") {
		c.From = p.from()
	}
	if p.accept("where") {
		c.Where = p.expr()
	}
	if p.accept("group", "by") {
		c.Group = p.list()
	}
	if p.accept("having") {
		c.Having = p.expr()
	}
	return c
}

func (p *parser) items() (list []Item) {
	for {
		list = append(list, p.item())
		if !p.accept(",") {
			return list
		}
	}
}

func (p *parser) item() Item {
	if t := p.peek(); t.is("*") {
		p.i++
		return Item{X: &Star{At: At(t.pos)}}
	}
	x := p.expr()
	switch t := p.peek(); {
	case p.accept("as"):
		return Item{x, p.label()}
	case t.kind == quotedName || t.kind == name && !reserved[t.text]:
		p.i++
		return Item{x, t.text}
	}
	return Item{X: x}
}

func (p *parser) from() (list []Source) {
	for {
		list = append(list, p.joined())
		if !p.accept(",") {
			return list
		}
	}
}

// joined reads a source and the joins behind it.
func (p *parser) joined() Source {
	left := p.oneSource()
	for {
		natural := p.accept("natural")
		kind, cross, ok := p.join()
		if !ok {
			if natural {
				p.unexpected()
			}
			return left
		}
		j := &Join{Kind: kind, Natural: natural, Left: left}
		if cross || natural {
			j.Right = p.oneSource()
			left = j
			continue
		}
		j.Right = p.oneSource()
		if p.peek().isAny("join", "left", "right", "full", "inner", "cross", "natural") { // a JOIN b JOIN c ON … ON …
			j.Right = p.joinedWith(j.Right)
		}
		switch {
		case p.accept("on"):
			j.On = p.expr()
		case p.accept("using"):
			j.Using = p.names()
		default:
			p.unexpected()
		}
		left = j
	}
}

// joinedWith reads the joins that stand between a source and the condition of the join in front of it.
func (p *parser) joinedWith(left Source) Source {
	for {
		kind, cross, ok := p.join()
		if !ok {
			return left
		}
		j := &Join{Kind: kind, Left: left, Right: p.oneSource()}
		if !cross {
			p.expect("on")
			j.On = p.expr()
		}
		left = j
	}
}

func (p *parser) join() (kind JoinKind, cross, ok bool) {
	switch {
	case p.accept("join"), p.accept("inner", "join"):
		return Inner, false, true
	case p.accept("cross", "join"):
		return Inner, true, true
	}
	for word, kind := range map[string]JoinKind{"left": Left, "right": Right, "full": Full} {
		if p.accept(word, "join") || p.accept(word, "outer", "join") {
			return kind, false, true
		}
	}
	return 0, false, false
}

func (p *parser) oneSource() Source {
	lateral := p.accept("lateral")
	switch {
	case p.peek().is("(") && p.beginsQuery(1):
		p.expect("(")
		q := p.query()
		p.expect(")")
		return &Derived{q, lateral, p.alias()}
	case p.accept("("):
		s := p.joined()
		p.expect(")")
		return s
	}
	if p.isCall() {
		f := &Function{Call: p.call()}
		f.Ordinality = p.accept("with", "ordinality")
		f.Alias = p.alias()
		return f
	}
	return p.table()
}

// isCall tells whether f( or schema.f( stands here.
func (p *parser) isCall() bool {
	return p.ahead(1).is("(") || p.ahead(1).is(".") && p.ahead(3).is("(")
}

func (p *parser) table() *Table {
	p.accept("only")
	t := &Table{Pos: p.peek().pos, Name: p.name()}
	for p.accept(".") {
		t.Schema, t.Name = t.Name, p.label()
	}
	p.accept("*")
	t.Alias = p.alias()
	return t
}

func (p *parser) alias() (a Alias) {
	t := p.peek()
	switch as := p.accept("as"); {
	case as && p.peek().is("("): // AS (a int): columns without a name of their own
	case as:
		a.Name = p.label()
	case t.kind == quotedName || t.kind == name && !reserved[t.text]:
		p.i++
		a.Name = t.text
	default:
		return a
	}
	if !p.accept("(") {
		return a
	}
	for {
		a.Columns = append(a.Columns, p.label())
		if !p.peek().isAny(",", ")") {
			a.Types = append(a.Types, p.typeName())
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return a
}

// list reads values with commas between them.
func (p *parser) list() (out []Expr) {
	for {
		out = append(out, p.expr())
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) integer() int {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != number || err != nil {
		p.unexpected()
	}
	p.i++
	return n
}
