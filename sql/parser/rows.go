package parser

import (
	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// The rows of a long INSERT … VALUES are read in portions while the text is cut, so that
// neither tokens nor trees of all of them are there at once. Where the rows fit into one
// portion, nothing is done here.

// tokensAtOnce is the number of tokens behind which rows are read; tests make it small.
var tokensAtOnce = 5_000

// valueRows is called behind a VALUES that belongs to an INSERT. If there are more rows
// than fit into a portion it leaves one rowsToken for all of them; their expressions are in
// source.rows, by the place of the token.
func (l *lexer) valueRows() error {
	var rows [][]ast.Expr
	start, end, first := -1, 0, len(l.toks)
	for depth := 0; ; {
		t, err := l.token()
		if err != nil {
			return err
		}
		if start < 0 {
			start = t.start
		}
		if depth == 0 && !t.isAny("(", ",", "ROW") || t.kind == endToken {
			if rows == nil {
				return nil // what was read stands in l.toks
			}
			if len(l.toks) == first { // behind a comma
				return syntaxError(l.src, []token{t, {kind: endToken, start: t.end, end: t.end}}, 0, 1)
			}
			l.at = end
			if rows, err = l.readPortion(rows, first); err == nil {
				l.keepRows(rows, start, first)
			}
			return err
		}
		l.at, end = t.end, t.end
		l.toks = append(l.toks, t)
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.is(",") && len(l.toks)-first > tokensAtOnce:
			l.toks = l.toks[:len(l.toks)-1] // the comma
			if rows, err = l.readPortion(rows, first); err != nil {
				return err
			}
			l.toks = l.toks[:first]
		}
		if len(l.toks)-first > maxTokens {
			return sqlerr.At(l.src.pos(t.start), sqlerr.ProgramLimit, "a row has more than %d words and signs", maxTokens)
		}
	}
}

// token gives the next token without passing it.
func (l *lexer) token() (token, error) {
	if err := l.blank(); err != nil {
		return token{}, err
	}
	if l.at >= len(l.text) {
		return token{kind: endToken, start: len(l.text), end: len(l.text)}, nil
	}
	return l.next()
}

// readPortion reads the rows whose tokens begin at l.toks[first].
func (l *lexer) readPortion(rows [][]ast.Expr, first int) ([][]ast.Expr, error) {
	values := l.toks[first-1] // VALUES itself
	toks := append([]token{values}, l.toks[first:]...)
	toks = append(toks, token{kind: endToken, start: l.at, end: l.at})
	if err := checkLimits(l.src, toks); err != nil {
		return nil, err
	}
	c := &cursor{src: l.src, toks: toks, to: len(toks) - 1, inserts: true}
	q, err := c.query(c.to)
	if err != nil {
		return nil, err
	}
	v, ok := q.(*ast.Values)
	if !ok {
		return nil, c.unexpected()
	}
	if len(rows) > 0 && len(rows[0]) != len(v.Rows[0]) {
		return nil, sqlerr.At(rowPos(v.Rows[0], v.Pos), sqlerr.SyntaxError, "VALUES lists must all be the same length")
	}
	return append(rows, v.Rows...), nil
}

// keepRows leaves one token in the place of those of all rows.
func (l *lexer) keepRows(rows [][]ast.Expr, start, first int) {
	if l.src.rows == nil {
		l.src.rows = map[int][][]ast.Expr{}
	}
	l.src.rows[start] = rows
	l.inRows += l.at - start
	l.toks = append(l.toks[:first], token{kind: rowsToken, start: start, end: l.at})
}
