package parser

import (
	"slipway/sql/ast"
)

// word rewrites an unquoted word.
func (r *rewriter) word(t token) error {
	prev, next := r.prev(), r.next()
	as := prev.is("AS") && !r.at(r.i-2).is(".")
	switch {
	case prev.is("."), next.is("."):
		return r.bare(t)
	case next.isAny("=>", ":=") && namesArgument(r):
		return r.argumentName(t)
	case as && t.is("OF") && next.is("TIMESTAMP"):
		return r.unsupported("AS OF TIMESTAMP")
	case as && !next.is("("), r.top().expectCTE && !t.is("RECURSIVE"):
		return r.quoted(t)
	case as && r.top().inFrom:
		return r.bare(t) // AS t(c1, c2)
	}
	if done, err := r.structure(t); done || err != nil {
		return err
	}
	if cl := r.clauseAt(t); cl != nil {
		return r.cutClause(cl)
	}
	if next.opens() {
		return r.maybeCall(t)
	}
	if !t.has(keyword) || r.onlyColumn(t) {
		return r.bare(t)
	}
	return r.raw()
}

// isValue tells a word that is all of a value in a row of VALUES.
func (r *rewriter) isValue() bool {
	n := len(r.levels)
	return n > 1 && r.levels[n-2].values && r.prev().isAny("(", ",") && r.next().isAny(")", ",")
}

// bare writes a word as a name.
func (r *rewriter) bare(t token) error {
	if err := checkName(r.src, t); err != nil {
		return err
	}
	return r.part(t)
}

// onlyColumn tells whether a keyword stands where only a column's name can.
func (r *rewriter) onlyColumn(t token) bool {
	if !r.startsValue() || t.is("END") || r.next().kind == stringToken {
		return false
	}
	return !t.has(reserved) || t.has(columnName) && !r.next().is("BY")
}

// startsValue tells whether an expression begins at the current token.
func (r *rewriter) startsValue() bool {
	p := r.prev()
	switch p.kind {
	case opToken:
		return !p.isAny(")", "]", ".") && !(p.is("*") && !endsOperand(r.at(r.i-2)))
	case wordToken:
		return p.has(beforeValue) || r.behindDistinct()
	}
	return r.bareExpr && r.i == r.from
}

// behindDistinct tells FROM of IS [NOT] DISTINCT FROM, behind which a value stands, from that of a query.
func (r *rewriter) behindDistinct() bool {
	return r.prev().is("FROM") && r.at(r.i-2).is("DISTINCT") && r.at(r.i-3).isAny("IS", "NOT")
}

// maybeCall writes a word before a bracket: a call, or a word of the grammar.
func (r *rewriter) maybeCall(t token) error {
	switch {
	case t.is("MOD") && endsOperand(r.prev()), t.has(noCall) && !r.isNavigation(t):
		return r.raw()
	case t.isAny("RANGE", "GROUPS", "KEY", "INDEX", "LOCK", "WINDOW", "OPTION", "READ", "LINEAR", "ARRAY") && !r.startsValue():
		return r.raw()
	case t.has(reserved) && !t.has(reservedCall|aggregateCall|windowCall):
		return r.raw()
	}
	return r.call(t, t.upper)
}

// isNavigation tells the functions FIRST and NEXT of a row pattern from the words of FETCH FIRST.
func (r *rewriter) isNavigation(t token) bool { return t.isAny("FIRST", "NEXT") && r.startsValue() }

// call writes the name of a function and its bracket.
func (r *rewriter) call(t token, upper string) error {
	if err := checkName(r.src, t); err != nil {
		return err
	}
	name, text := r.i, backquote(t.value)
	if !notAlias(r) { // the alias of a table, and its columns
		_ = r.put(text)
		return r.open("", -1)
	}
	if classes[upper]&aggregateCall != 0 || r.nativeGrammar(upper) {
		text = upper
	}
	if upper == "CONCAT" {
		text = backquote(concatMark)
	}
	_ = r.put(text)
	if err := r.open(upper, name); err != nil {
		return err
	}
	if upper == "EXTRACT" || upper == "TIMESTAMPDIFF" || upper == "TIMESTAMPADD" {
		return r.unitArgument()
	}
	return nil
}

// nativeGrammar tells TRIM(x FROM y) and its like, which are no plain calls.
func (r *rewriter) nativeGrammar(upper string) bool {
	word := ""
	switch upper {
	case "TRIM", "SUBSTRING", "SUBSTR", "MID":
		word = "FROM"
	case "POSITION":
		word = "IN"
	default:
		return false
	}
	return r.wordInCall(r.i, word)
}

// wordInCall tells whether a word stands among the arguments of the call whose name is a token, outside of further brackets.
func (r *rewriter) wordInCall(name int, word string) bool {
	end := closing(r.toks, name+1, r.to)
	depth := 0
	for i := name + 1; i < end; i++ {
		switch t := r.toks[i]; {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 1 && t.is(word):
			return true
		}
	}
	return false
}

// unitArgument writes the unit of EXTRACT(unit FROM x) and TIMESTAMPDIFF(unit, a, b) as a string.
func (r *rewriter) unitArgument() error {
	t := r.cur()
	if !t.has(timeUnit) || !r.next().isAny("FROM", ",") {
		return nil
	}
	_ = r.put(ast.QuoteString(t.upper))
	return r.put(",")
}
