package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// maxCasts bounds x::t::t…: each is one level of the tree.
const maxCasts = 100

// shortForms brings PostgreSQL's short forms into forms that the rest of the rewriter knows:
// x::type, LIMIT ALL, OFFSET without LIMIT, pg_catalog.f(…). It works on tokens, so that
// every position stays what it was.
type shortForms struct {
	*cursor
	out []token
}

// hasShortForms tells whether there is anything to expand among some tokens.
func hasShortForms(toks []token) bool {
	for _, t := range toks {
		if t.isAny("::", "OFFSET", "LIMIT", "PG_CATALOG") {
			return true
		}
	}
	return false
}

// expandShortForms gives the tokens up to token to without short forms, and the token behind them.
func expandShortForms(c *cursor, to int) ([]token, error) {
	s := &shortForms{cursor: &cursor{src: c.src, toks: c.toks, i: c.i, to: to, dialect: c.dialect, noParams: c.noParams}}
	s.out = make([]token, 0, to-c.i+16)
	for s.i < s.to {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	return append(s.out, c.toks[to]), nil
}

func (s *shortForms) step() error {
	t := s.peek()
	switch {
	case t.is("::"):
		return s.cast()
	case t.is("LIMIT") && s.ahead(1).isAny("ALL", "NULL"):
		s.i += 2
		return nil
	case t.is("OFFSET") && isCount(s.ahead(1)):
		s.offset()
		return nil
	case t.is("PG_CATALOG") && s.ahead(1).is(".") && isName(s.ahead(2)) && s.ahead(3).is("("):
		s.i += 2
		return nil
	}
	s.out = append(s.out, t)
	s.i++
	return nil
}

func isCount(t token) bool { return t.kind == numberToken || t.kind == paramToken }

// offset puts LIMIT before OFFSET n: the grammar knows no other order, and no OFFSET alone.
func (s *shortForms) offset() {
	at := s.peek()
	n := len(s.out)
	if n >= 2 && s.out[n-2].is("LIMIT") || n >= 1 && !endsOperand(s.out[n-1]) {
		s.out = append(s.out, at)
		s.i++
		return
	}
	from := s.i
	s.i += 2
	if s.peek().isAny("ROW", "ROWS") {
		s.i++
	}
	limit := []token{{kind: wordToken, start: at.start, end: at.start, value: "LIMIT", upper: "LIMIT", made: "LIMIT"},
		{kind: numberToken, start: at.start, end: at.start, value: everything, made: everything}}
	if s.peek().is("LIMIT") && isCount(s.ahead(1)) {
		limit = []token{s.peek(), s.ahead(1)}
		s.i += 2
	} else if s.peek().is("LIMIT") && s.ahead(1).isAny("ALL", "NULL") {
		s.i += 2
	} else if s.peek().is("FETCH") && s.ahead(1).isAny("FIRST", "NEXT") && isCount(s.ahead(2)) && s.ahead(3).isAny("ROW", "ROWS") && s.ahead(4).is("ONLY") {
		limit[1] = s.ahead(2)
		s.i += 5
	}
	s.out = append(append(s.out, limit...), s.toks[from], s.toks[from+1])
}

// everything is as many rows as can be counted.
const everything = "9223372036854775807"

// cast puts the bracket of a conversion around the operand before ::.
func (s *shortForms) cast() error {
	sign, at := s.peek(), s.pos()
	from := s.operand(len(s.out) - 1)
	if from < 0 {
		return s.unexpected().WithHint("Expected a value before ::.")
	}
	s.i++
	if s.peek().is("INTERVAL") && from == len(s.out)-1 && (s.out[from].kind == stringToken || s.out[from].isString() && s.dialect == quotedBody) {
		s.interval(from)
		return nil
	}
	typ, err := s.typeName()
	if err != nil {
		return err
	}
	end := s.toks[s.i-1].end
	if last := s.toks[s.i-1]; typ.Type.Kind == types.Timestamp && !last.is(")") { // as PostgreSQL's, and what its clients write
		typ.Type = types.NewTimestamp(types.MaxTimestampPrecision)
		typ.Text = typ.Type.String()
	}
	if s.peek().is("[") {
		return unsupported(typ.Pos, "type "+typ.Text+"[]")
	}
	if s.isRowCount(from) {
		return nil // LIMIT $1::int
	}
	first := s.out[from]
	hole := &castHole{typ: typ, filled: true, pos: s.src.pos(first.start), sign: at, depth: 1}
	if first.cast != nil {
		hole.depth += first.cast.depth
	}
	if hole.depth > maxCasts {
		return sqlerr.At(at, sqlerr.TooComplex, "more than %d conversions in a row", maxCasts)
	}
	s.out = append(s.out, token{})
	copy(s.out[from+1:], s.out[from:])
	s.out[from] = token{kind: opToken, start: first.start, end: first.start, value: "(", upper: "(", made: "(", cast: hole}
	s.out = append(s.out, token{kind: opToken, start: sign.start, end: end, value: ")", upper: ")", made: ")"})
	return nil
}

// interval makes INTERVAL 'text' of 'text'::interval.
func (s *shortForms) interval(from int) {
	s.i++
	t := s.out[from]
	word := token{kind: wordToken, start: t.start, end: t.start, value: "INTERVAL", upper: "INTERVAL", made: "INTERVAL"}
	s.out = append(s.out[:from], word, t)
}

// isRowCount tells LIMIT n or OFFSET n, which the grammar takes as a bare number only.
func (s *shortForms) isRowCount(from int) bool {
	return from > 0 && from == len(s.out)-1 && isCount(s.out[from]) && s.out[from-1].isAny("LIMIT", "OFFSET")
}

// operand gives the first token of the operand whose last one is token i, or -1.
func (s *shortForms) operand(i int) int {
	if i < 0 {
		return -1
	}
	t := s.out[i]
	switch {
	case t.is(")"):
		return s.bracketed(i)
	case t.is("END"):
		if from := s.caseOf(i); from >= 0 {
			return from
		}
	case t.kind == opToken, t.kind == endToken, t.kind == junkToken:
		return -1
	}
	if t.kind == stringToken || t.isString() && s.dialect == quotedBody {
		if p := s.before(i); p.kind == wordToken && (p.is("INTERVAL") || typedText(p)) {
			return i - 1
		}
		return i
	}
	if !isName(t) {
		return i
	}
	if t.kind == wordToken && s.before(i).kind == stringToken && i >= 2 && s.out[i-2].is("INTERVAL") {
		return i - 2
	}
	if t.kind == wordToken && beforeOperand[t.upper] {
		return -1
	}
	return s.qualified(i)
}

func (s *shortForms) before(i int) token {
	if i == 0 {
		return token{}
	}
	return s.out[i-1]
}

// qualified gives the first part of the name whose last part is token i.
func (s *shortForms) qualified(i int) int {
	for i >= 2 && s.out[i-1].is(".") && isName(s.out[i-2]) {
		i -= 2
	}
	return i
}

// bracketed gives where (…) or f(…) or f(…) OVER (…) begins that ends with token i.
func (s *shortForms) bracketed(i int) int {
	depth := 0
	for ; i >= 0; i-- {
		if s.out[i].is(")") {
			depth++
		} else if s.out[i].is("(") {
			if depth--; depth == 0 {
				break
			}
		}
	}
	if i <= 0 || s.out[i].cast != nil {
		return i
	}
	name := s.out[i-1]
	switch {
	case name.is("OVER"):
		return s.operand(i - 2)
	case name.kind == identToken && !(name.isString() && s.dialect == quotedBody), name.kind == wordToken && calls(name):
		return s.qualified(i - 1)
	}
	return i
}

// calls tells whether a word before a bracket is the name of a function.
func calls(t token) bool {
	if beforeOperand[t.upper] || notFunctions[t.upper] {
		return false
	}
	return !ast.Reserved(t.upper) || reservedFunctions[t.upper] || nativeFunctions[t.upper] || t.is("EXISTS")
}

// caseOf gives the CASE that ends with END at token i.
func (s *shortForms) caseOf(i int) int {
	depth := 0
	for ; i >= 0; i-- {
		if s.out[i].is("END") {
			depth++
		} else if s.out[i].is("CASE") {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// typedText tells the words that make a value of a text behind them: DATE '2026-01-31'.
func typedText(t token) bool {
	kind, ok := typeNames[t.upper]
	return ok && t.kind == wordToken && plainKind(kind)
}
