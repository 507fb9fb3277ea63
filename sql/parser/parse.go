package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// Source is one statement's text and its offset in the message.
type Source = ast.Source

func sourceOf(text string, toks []token) Source {
	from, to := toks[0].start, toks[len(toks)-1].end
	return Source{Text: text[from:to], Offset: from}
}

// statementEnd gives the index of the ; or of the end behind token from. Those of a statement set's
// INSERTs end nothing.
func statementEnd(toks []token, from int) int {
	first := from
	for first+1 < len(toks) && toks[first].is("EXPLAIN") {
		first++
	}
	if body := setBody(toks, first); body > 0 {
		from = max(from, setEnd(toks, body))
	}
	for i := from; ; i++ {
		if toks[i].is(";") || toks[i].kind == endToken {
			return i
		}
	}
}

// Parse reads all statements of a message. Positions are offsets in text.
func Parse(text string) ([]ast.Statement, error) {
	src := &source{text: text}
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	var list []ast.Statement
	for from := 0; from < len(toks)-1; {
		to := statementEnd(toks, from)
		if to > from {
			if err := checkLimits(src, terminated(toks, from, to)); err != nil {
				return nil, err
			}
			s, err := parseOne(&cursor{src: src, toks: toks, i: from, to: to})
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		from = to + 1
	}
	return list, nil
}

// terminated gives the tokens from … to-1 with an endToken behind them.
func terminated(toks []token, from, to int) []token {
	list := make([]token, 0, to-from+1)
	return append(append(list, toks[from:to]...), token{kind: endToken, start: toks[to].start, end: toks[to].start})
}

// parseOne reads the one statement that the cursor holds.
func parseOne(c *cursor) (ast.Statement, error) {
	origin := sourceOf(c.src.text, c.toks[c.i:c.to])
	origin.Offset = c.src.pos(origin.Offset)
	s, err := c.statement()
	if err == nil {
		err = c.end()
	}
	if err != nil {
		return nil, err
	}
	s.SetOrigin(origin)
	return s, nil
}

// ParseOne reads exactly one statement.
func ParseOne(text string) (ast.Statement, error) {
	list, err := Parse(text)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "exactly one statement is expected, not %d", len(list))
	}
	return list[0], nil
}

// ParseQuery reads a query that stood at the offsets m leads to; a nil map leaves
// positions as offsets in text. It is for stored texts: views.
func ParseQuery(text string, m ast.OffsetMap) (ast.Query, error) {
	c, err := inner(text, m)
	if err != nil {
		return nil, err
	}
	return c.query(c.to)
}

// inner lexes a text of one statement, without its last semicolons.
func inner(text string, m ast.OffsetMap) (*cursor, error) {
	c, err := innerList(text, m)
	if err != nil {
		return nil, err
	}
	for _, t := range c.toks[:c.to] {
		if t.is(";") {
			return nil, sqlerr.At(c.src.pos(t.start), sqlerr.SyntaxError, "syntax error at or near \";\"").WithHint("Only one statement can stand here.")
		}
	}
	return c, nil
}

// innerList lexes a text of several statements, without the last semicolons.
func innerList(text string, m ast.OffsetMap) (*cursor, error) {
	src := &source{text: text, outer: m}
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	to := len(toks) - 1
	for to > 0 && toks[to-1].is(";") {
		to--
	}
	if err := checkLimits(src, terminated(toks, 0, to)); err != nil {
		return nil, err
	}
	return &cursor{src: src, toks: toks, to: to}, nil
}
