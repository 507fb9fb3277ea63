package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// maxCasts bounds x::t::t… and its like: each is one level of the tree.
const maxCasts = 100

// postfix brings what stands behind its operand into the form of a call, for the rest of the
// rewriter: x::type, x[i], (x).field, x AT TIME ZONE z; and LIMIT ALL, OFFSET without LIMIT and
// pg_catalog.f(…) into forms that the grammar has. It works on tokens, so that every position
// stays what it was.
type postfix struct {
	*cursor
	out  []token
	open []openBracket
}

// openBracket is a ( or [ that is open.
type openBracket struct {
	start  int
	square bool
	ofCast bool // of CAST(x AS type)
	// ofSessions: of SESSIONWINDOW (…), in which INIT[…] and END[…] stay as they are.
	ofSessions bool
	// ofEvents: of FROM PATTERN (…), in which each [ stays.
	ofEvents bool
	plain    bool          // a [ that stays
	of       *subscriptCut // of x[i]
	ofArray  bool          // of ARRAY[…], in which an element may be an array without the word
}

// hasPostfix tells whether there is anything to bring into another form among some tokens.
func hasPostfix(toks []token) bool {
	for i := range toks {
		switch t := &toks[i]; {
		case t.kind == opToken:
			if t.upper == "::" || isMemberSign(t.upper) || t.upper == "[" || t.upper == "]" || t.upper == "." && i > 0 && toks[i-1].is(")") {
				return true
			}
		case t.has(rearranged) && t.upper != "AS":
			return true
		}
	}
	return false
}

// prefixed gives the tokens up to token to without postfixes, and the token behind them.
func prefixed(c *cursor, to int) ([]token, error) {
	p := &postfix{cursor: &cursor{src: c.src, toks: c.toks, i: c.i, to: to, dialect: c.dialect, noParams: c.noParams}}
	p.out, p.open = make([]token, 0, to-c.i+16), make([]openBracket, 0, 16)
	for p.i < p.to {
		if err := p.step(); err != nil {
			return nil, err
		}
	}
	for i := len(p.open) - 1; i >= 0; i-- {
		if open := p.open[i]; open.square {
			return nil, sqlerr.At(p.src.pos(open.start), sqlerr.SyntaxError, "syntax error: this [ is never closed")
		}
	}
	return append(p.out, c.toks[to]), nil
}

func (p *postfix) step() error {
	switch t := &p.toks[p.i]; {
	case t.kind == opToken:
		return p.sign(*t)
	case t.has(rearranged):
		return p.word(*t)
	}
	p.pass()
	return nil
}

func (p *postfix) sign(t token) error {
	switch t.upper {
	case "::":
		return p.cast()
	case "->", "->>", "#>", "#>>":
		return p.member()
	case "[":
		return p.bracket()
	case "]":
		return p.closeBracket()
	case ":":
		if n := len(p.open); n > 0 && p.open[n-1].of != nil {
			return p.sliceSign(p.open[n-1].of)
		}
	case ".":
		if p.before(len(p.out)).is(")") && isName(p.ahead(1)) {
			return p.field()
		}
	case "(":
		p.open = append(p.open, openBracket{start: t.start, ofCast: p.before(len(p.out)).isAny("CAST", "TRY_CAST"), ofSessions: p.namesSessions(len(p.out)), ofEvents: p.namesEvents(len(p.out))})
	case ")":
		if n := len(p.open); n > 0 {
			if p.open[n-1].square {
				return p.unexpected().WithHint("Expected ] here.")
			}
			p.open = p.open[:n-1]
		}
	}
	p.pass()
	return nil
}

func (p *postfix) word(t token) error {
	switch {
	case t.is("AS") && len(p.open) > 0 && p.open[len(p.open)-1].ofCast:
		p.passType()
		return nil
	case t.is("AT") && p.ahead(1).is("TIME") && p.ahead(2).is("ZONE") && len(p.out) > 0 && endsOperand(p.out[len(p.out)-1]):
		return p.timeZone()
	case t.is("LIMIT") && p.ahead(1).isAny("ALL", "NULL"):
		p.i += 2
		return nil
	case t.is("OFFSET") && isCount(p.ahead(1)):
		p.offset()
		return nil
	case t.is("PG_CATALOG") && p.ahead(1).is(".") && isName(p.ahead(2)) && p.ahead(3).is("("):
		p.i += 2
		return nil
	}
	p.pass()
	return nil
}

// pass leaves the next token as it is.
func (p *postfix) pass() {
	p.out = append(p.out, p.toks[p.i])
	p.i++
}

// passType leaves the type of a CAST as it is: its [ ] are no subscripts.
func (p *postfix) passType() {
	for depth := 0; p.i < p.to && (depth > 0 || !p.peek().is(")")); p.pass() {
		switch {
		case p.peek().is("("):
			depth++
		case p.peek().is(")"):
			depth--
		}
	}
}

func isCount(t token) bool { return t.kind == numberToken || t.kind == paramToken }

// made is a word or sign that stands nowhere; errors name the place of near.
func made(text string, near token) token {
	kind := opToken
	if isWordStart(text[0]) {
		kind = wordToken
	}
	return token{kind: kind, start: near.start, end: near.start, value: text, upper: text, made: true, classes: classes[text]}
}

// offset puts LIMIT before OFFSET n: the grammar knows no other order, and no OFFSET alone.
func (p *postfix) offset() {
	at := p.peek()
	n := len(p.out)
	if n >= 2 && p.out[n-2].is("LIMIT") || n >= 1 && !endsOperand(p.out[n-1]) {
		p.pass()
		return
	}
	from := p.i
	p.i += 2
	if p.peek().isAny("ROW", "ROWS") {
		p.i++
	}
	all := token{kind: numberToken, start: at.start, end: at.start, value: everything, made: true}
	limit := []token{made("LIMIT", at), all}
	if p.peek().is("LIMIT") && isCount(p.ahead(1)) {
		limit = []token{p.peek(), p.ahead(1)}
		p.i += 2
	} else if p.peek().is("LIMIT") && p.ahead(1).isAny("ALL", "NULL") {
		p.i += 2
	} else if p.peek().is("FETCH") && p.ahead(1).isAny("FIRST", "NEXT") && isCount(p.ahead(2)) && p.ahead(3).isAny("ROW", "ROWS") && p.ahead(4).is("ONLY") {
		limit[1] = p.ahead(2)
		p.i += 5
	}
	if p.peek().is("FETCH") && p.ahead(1).isAny("FIRST", "NEXT") && isCount(p.ahead(2)) && p.ahead(3).isAny("ROW", "ROWS") && p.ahead(4).is("WITH") && p.ahead(5).is("TIES") {
		limit[1] = p.ahead(2)
		p.i += 4
	}
	p.out = append(append(p.out, limit...), p.toks[from], p.toks[from+1])
}

// everything is as many rows as can be counted.
const everything = "9223372036854775807"

// operandBefore gives the first token of the operand that ends the tokens so far.
func (p *postfix) operandBefore() (int, error) {
	from := p.operand(len(p.out) - 1)
	if from < 0 {
		return 0, p.unexpected().WithHint("Expected a value before %s.", p.peek().value)
	}
	return from, nil
}

// wrap puts the bracket of a cut, whose sign is at, before token from.
func (p *postfix) wrap(from int, at token, what standIn) error {
	open := made("(", p.out[from])
	open.cut, open.depth = what, p.out[from].depth+1
	if open.depth > maxCasts {
		return sqlerr.At(p.src.pos(at.start), sqlerr.TooComplex, "more than %d conversions in a row", maxCasts)
	}
	p.out = append(p.out, token{})
	copy(p.out[from+1:], p.out[from:])
	p.out[from] = open
	return nil
}

// posOf is where an operand stands that begins with token i.
func (p *postfix) posOf(i int) int { return p.src.pos(p.out[i].start) }

// close closes the bracket of a cut behind the tokens so far.
func (p *postfix) close(at token, end int) {
	sign := made(")", at)
	sign.end = end
	p.out = append(p.out, sign)
}

// cast reads x::type.
func (p *postfix) cast() error {
	sign := p.peek()
	from, err := p.operandBefore()
	if err != nil {
		return err
	}
	p.i++
	if p.peek().is("INTERVAL") && from == len(p.out)-1 && p.isString(p.out[from]) && isLiteralInterval(p.out[from].value) {
		p.i++
		p.out = append(p.out[:from], made("INTERVAL", p.out[from]), p.out[from])
		return nil
	}
	at := p.i
	typ, err := p.typeName()
	if err != nil {
		return err
	}
	last := p.toks[p.i-1]
	if typ.Type.Kind == types.Timestamp && !last.is(")") { // as PostgreSQL's, and what its clients write
		typ.Type = types.NewTimestamp(types.MaxTimestampPrecision)
		typ.Text = typ.Type.String()
	} else if k := typ.Type.Kind; (k == types.TimestampTZ || k == types.Time) && !written(p.toks[at:p.i]) {
		typ.Type.Precision = types.MaxTimestampPrecision
		typ.Text = typ.Type.String()
	}
	if p.isRowCount(from) {
		return nil // LIMIT $1::int
	}
	if err := p.wrap(from, sign, &castCut{typ: typ, filled: true, pos: p.posOf(from), sign: p.src.pos(sign.start)}); err != nil {
		return err
	}
	p.close(sign, last.end)
	return nil
}

// written tells that a type has digits in brackets.
func written(toks []token) bool {
	for _, t := range toks {
		if t.is("(") {
			return true
		}
	}
	return false
}

// isRowCount tells LIMIT n or OFFSET n, which the grammar takes as a bare number only.
func (p *postfix) isRowCount(from int) bool {
	return from > 0 && from == len(p.out)-1 && isCount(p.out[from]) && p.out[from-1].isAny("LIMIT", "OFFSET")
}

// listCut is ARRAY[…] or MAP[…].
type listCut struct {
	pos   int
	isMap bool
}

func (h listCut) node(c *converter, args []ast.Expr) ast.Expr {
	switch {
	case !h.isMap:
		return &ast.Array{Pos: h.pos, Items: args}
	case len(args)%2 != 0:
		c.fail(sqlerr.At(h.pos, sqlerr.SyntaxError, "MAP takes keys and values in turn: MAP[key, value, …]"))
		return nil
	}
	return &ast.Map{Pos: h.pos, Items: args}
}

// bracket reads the [ of ARRAY[…], MAP[…] or x[i].
func (p *postfix) bracket() error {
	sign, n, of := p.peek(), len(p.out), (*subscriptCut)(nil)
	word := p.before(n)
	switch {
	case len(p.open) > 0 && (p.open[len(p.open)-1].ofEvents || word.isAny("INIT", "END") && p.open[len(p.open)-1].ofSessions):
		p.open = append(p.open, openBracket{start: sign.start, square: true, plain: true})
		p.pass()
		return nil
	case (word.is("(") || word.is(",")) && len(p.open) > 0 && p.open[len(p.open)-1].ofArray:
		open := made("(", sign)
		open.cut = listCut{pos: p.src.pos(sign.start)}
		p.out = append(p.out, open)
	case n == 0 || !word.isAny("ARRAY", "MAP") && !endsOperand(word):
		p.pass() // the rewriter refuses it
		return nil
	case word.isAny("ARRAY", "MAP") && !p.before(n-1).is("."):
		open := made("(", word)
		open.cut = listCut{pos: p.posOf(n - 1), isMap: word.is("MAP")}
		p.out[n-1] = open
	default:
		from, err := p.operandBefore()
		if err != nil {
			return err
		}
		inner, _ := p.out[from].cut.(*subscriptCut)
		if of = (&subscriptCut{pos: p.posOf(from), sign: p.src.pos(sign.start), inner: inner}); inner != nil && inner.slice {
			return p.unsupported("a slice of several dimensions").WithHint("(x[1:2])[1] is an element of a slice.")
		}
		if err := p.wrap(from, sign, of); err != nil {
			return err
		}
		comma := made(",", sign)
		comma.end = sign.end
		p.out = append(p.out, comma)
	}
	last := p.out[len(p.out)-1]
	list, _ := last.cut.(listCut)
	p.open = append(p.open, openBracket{start: sign.start, square: true, ofArray: last.cut != nil && !list.isMap, of: of})
	p.i++
	return nil
}

func (p *postfix) closeBracket() error {
	n := len(p.open)
	if n == 0 || !p.open[n-1].square {
		p.pass() // the rewriter refuses it
		return nil
	}
	plain := p.open[n-1].plain
	if p.open = p.open[:n-1]; plain {
		p.pass()
		return nil
	}
	p.close(p.peek(), p.peek().end)
	p.i++
	return nil
}

// fieldCut is (x).name.
type fieldCut struct {
	pos, sign int
	name      ast.Ident
}

func (h fieldCut) node(_ *converter, args []ast.Expr) ast.Expr {
	if len(args) != 1 {
		return nil
	}
	return &ast.Field{Pos: h.pos, OpPos: h.sign, X: args[0], Name: h.name}
}

func (p *postfix) field() error {
	sign := p.peek()
	from, err := p.operandBefore()
	if err != nil {
		return err
	}
	p.i++
	name, err := p.ident()
	if err != nil {
		return err
	}
	if err := p.wrap(from, sign, fieldCut{pos: p.posOf(from), sign: p.src.pos(sign.start), name: name}); err != nil {
		return err
	}
	p.close(sign, p.toks[p.i-1].end)
	return nil
}

// zoneCut is x AT TIME ZONE z: a call with both.
type zoneCut struct{ pos, sign int }

func (h zoneCut) node(c *converter, args []ast.Expr) ast.Expr {
	if len(args) != 2 {
		c.fail(sqlerr.At(h.sign, sqlerr.SyntaxError, "one zone stands behind AT TIME ZONE"))
		return nil
	}
	return &ast.AtTimeZone{Pos: h.pos, OpPos: h.sign, X: args[0], Zone: args[1]}
}

// timeZone reads x AT TIME ZONE z, where z is one word, string or bracket.
func (p *postfix) timeZone() error {
	sign := p.peek()
	from, err := p.operandBefore()
	if err != nil {
		return err
	}
	p.i += 3
	if t := p.peek(); t.has(noOperand) || t.kind == endToken || t.kind == opToken && !t.is("(") {
		return p.unexpected().WithHint("Expected a time zone here: 'UTC', or a column.")
	}
	if err := p.wrap(from, sign, zoneCut{pos: p.posOf(from), sign: p.src.pos(sign.start)}); err != nil {
		return err
	}
	p.out = append(p.out, made(",", sign))
	end := p.zoneEnd()
	for p.i < end {
		p.pass()
	}
	p.close(sign, p.toks[p.i-1].end)
	return nil
}

// zoneEnd gives the token behind the zone that is next: a name, a call, a bracket or one token.
func (p *postfix) zoneEnd() int {
	i := p.i
	for isName(p.toks[i]) && p.toks[i+1].is(".") && i+2 < p.to {
		i += 2
	}
	if i < p.to && isName(p.toks[i]) && p.toks[i+1].is("(") {
		i++
	}
	if p.toks[i].is("(") {
		return min(p.closing(i)+1, p.to)
	}
	return min(i+1, p.to)
}
