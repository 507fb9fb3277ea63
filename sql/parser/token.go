package parser

import (
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
)

type tokenKind uint8

const (
	endToken    tokenKind = iota
	wordToken             // unquoted word, keyword or name
	identToken            // `…` or "…": the quote is in token.quote
	stringToken           // '…', E'…', N'…', $$…$$
	numberToken
	junkToken  // digits glued to letters: 9f86d0
	hexToken   // x'ff', 0xff, b'01', 0b01: value holds the bytes
	paramToken // $1
	opToken    // operator or punctuation
	rowsToken  // the rows of a long INSERT … VALUES, read already: source.rows
)

// token is one lexical unit; start and end are offsets in source.text.
type token struct {
	kind  tokenKind
	quote byte // of an identToken: '`' or '"'; of a stringToken: '\'', 'E' or '$'
	depth byte // of a bracket with a cut: how many of them begin here, one in the other
	// made: it stands nowhere in the source; value is its text.
	made bool
	// classes are those of a word.
	classes    class
	start, end int
	// value is the text without quotes and escapes; of a word, as it is spelled.
	value string
	// upper is a word in capitals, or the operator.
	upper string
	// cut is what the bracket that this ( opens is read for: x::type, x[i].
	cut standIn
}

// is tells an unquoted word or an operator.
func (t token) is(upper string) bool {
	return t.upper == upper && (t.kind == wordToken || t.kind == opToken)
}

// has tells a word of some class.
func (t token) has(c class) bool { return t.classes&c != 0 }

// opens tells a bracket that was written.
func (t token) opens() bool { return t.is("(") && t.cut == nil }

func (t token) isAny(uppers ...string) bool {
	for _, u := range uppers {
		if t.is(u) {
			return true
		}
	}
	return false
}

// isString tells what is a string in the clauses of our own statements.
func (t token) isString() bool {
	return t.kind == stringToken || t.kind == identToken && t.quote == '"'
}

// dialect says how double quotes read in a query.
type dialect uint8

const (
	// direct: "…" is an identifier, as every PostgreSQL client assumes.
	direct dialect = iota
	// quotedBody: inside a quoted job body "…" is a string.
	quotedBody
)

// source is a text and the way from its offsets to those of the user's text.
type source struct {
	text string
	// outer maps offsets of text; empty if text is the user's own.
	outer ast.OffsetMap
	// rows are those of the rowsTokens, by where these begin.
	rows map[int][][]ast.Expr
}

// pos turns an offset of text into an offset of the user's text.
func (s *source) pos(at int) int { return s.outer.Original(at) }

// near is how an error names a token.
func (s *source) near(t token) string {
	if t.kind == endToken {
		return ""
	}
	if s.secret(t) || t.isString() && s.afterSecret(t) {
		return conf.Hidden
	}
	text := s.text[t.start:t.end]
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if r := []rune(text); len(r) > 60 {
		text = string(r[:60]) + "…"
	}
	return text
}
