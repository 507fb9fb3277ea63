package parser

import (
	"slipway/sql/sqlerr"
)

// Limits of one statement. A parse cannot be interrupted and a stack overflow not
// caught, so these come first.
const (
	maxTokens  = 100_000
	maxNesting = 200  // brackets of all kinds, CASE, chains of unary operators
	maxJoins   = 64   // joins of one query
	maxSetOps  = 256  // UNION, EXCEPT, INTERSECT
	maxChain   = 1000 // operators of one expression outside of inner brackets
)

// level is one open bracket or CASE.
type level struct {
	open  token
	chain int
}

// limiter walks over the tokens of a statement with a stack of its own.
type limiter struct {
	src    *source
	levels []level
	unary  int
	total  int // operators along the open levels
	joins  int
	setOps int
}

// checkLimits refuses what is too deep or too long, and brackets that do not pair.
// toks ends with an endToken.
func checkLimits(src *source, toks []token) error {
	l := &limiter{src: src, levels: []level{{}}}
	for i, t := range toks {
		if err := l.step(t, i > 0 && endsOperand(toks[i-1])); err != nil {
			return err
		}
	}
	for i := len(l.levels) - 1; i > 0; i-- {
		if open := l.levels[i].open; open.is("(") {
			return sqlerr.At(src.pos(open.start), sqlerr.SyntaxError, "syntax error: this ( is never closed").
				WithHint("A closing parenthesis is missing.")
		}
	}
	return nil
}

func (l *limiter) step(t token, behindOperand bool) error {
	if t.kind != wordToken && t.kind != opToken {
		l.unary = 0
		return nil
	}
	top := &l.levels[len(l.levels)-1]
	switch {
	case t.is(";"):
		*l = limiter{src: l.src, levels: l.levels[:1]}
		l.levels[0].chain = 0
	case t.isAny("(", "[", "{", "CASE"):
		l.levels = append(l.levels, level{open: t})
	case t.is(")"):
		return l.close(t)
	case t.is("END") && top.open.is("CASE"), t.is("]") && top.open.is("["), t.is("}") && top.open.is("{"):
		l.pop()
	case t.is(","):
		l.total -= top.chain
		top.chain = 0
	case t.is("JOIN"):
		l.joins++
	case t.isAny("UNION", "EXCEPT", "INTERSECT"):
		l.setOps++
		l.total -= top.chain
		top.chain = 0
	case isChainOperator(t), t.is("?") && behindOperand:
		top.chain++
		l.total++
	}
	l.countUnary(t, behindOperand)
	return l.check(t)
}

func (l *limiter) countUnary(t token, behindOperand bool) {
	if !behindOperand && t.isAny("-", "+", "~", "!", "NOT") {
		l.unary++
	} else if !t.is("(") {
		l.unary = 0
	}
}

func (l *limiter) check(t token) error {
	at := l.src.pos(t.start)
	switch {
	case len(l.levels)-1+l.unary > maxNesting:
		return sqlerr.At(at, sqlerr.TooComplex, "statement is nested more than %d levels deep", maxNesting)
	case l.joins > maxJoins:
		return sqlerr.At(at, sqlerr.TooComplex, "statement has more than %d joins", maxJoins)
	case l.setOps > maxSetOps:
		return sqlerr.At(at, sqlerr.TooComplex, "statement has more than %d set operations", maxSetOps)
	case l.total > maxChain:
		return sqlerr.At(at, sqlerr.TooComplex, "expression has more than %d operators in a row", maxChain).
			WithHint("Use IN (…) for many alternatives.")
	}
	return nil
}

func (l *limiter) pop() {
	l.total -= l.levels[len(l.levels)-1].chain
	l.levels = l.levels[:len(l.levels)-1]
}

// close ends the innermost bracket; a CASE, [ or { left open inside it is the grammar's to report.
func (l *limiter) close(t token) error {
	for len(l.levels) > 1 {
		open := l.levels[len(l.levels)-1].open
		l.pop()
		if open.is("(") {
			return nil
		}
	}
	return sqlerr.At(l.src.pos(t.start), sqlerr.SyntaxError, "syntax error at or near \")\"").
		WithHint("There is no opening parenthesis for it.")
}

// isChainOperator tells the operators of which a long row makes a deep tree.
func isChainOperator(t token) bool {
	switch t.kind {
	case opToken:
		switch t.upper {
		case "(", ")", ",", ".", ";", "?", ":", "[", "]", "{", "}", "@":
			return false
		}
		return true
	case wordToken:
		switch t.upper {
		case "AND", "OR", "XOR", "DIV", "MOD", "LIKE", "ILIKE", "RLIKE", "REGEXP", "SIMILAR", "IS", "IN", "BETWEEN", "COLLATE",
			"WHEN", "INTERVAL":
			return true
		}
	}
	return false
}

// endsOperand tells whether an operator behind t has a left operand.
func endsOperand(t token) bool {
	switch t.kind {
	case opToken:
		return t.is(")") || t.is("]") || t.is("*")
	case wordToken:
		return !t.has(noOperand)
	case endToken:
		return false
	}
	return true
}
