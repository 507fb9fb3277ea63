package parser

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

// maxText is the longest text of one message that is looked at.
const maxText = 1 << 20

// insertValues finds texts that are worth cutting though they are long.
var insertValues = regexp.MustCompile(`(?i)\binsert\b[^;]*\bvalues\b`)

// invalidByteSequence is SQLSTATE character_not_in_repertoire.
const invalidByteSequence sqlerr.Code = "22021"

// lexer cuts a text into tokens. It makes one pass and never looks back.
type lexer struct {
	src  *source
	text string
	at   int
	toks []token
	// inRows are the bytes of rows that are read already; insert tells that the statement at
	// hand is an INSERT, depth its open brackets.
	inRows int
	insert bool
	depth  int
}

// lex cuts the whole text; the last token is an endToken.
func lex(src *source) ([]token, error) {
	if err := checkText(src); err != nil {
		return nil, err
	}
	l := &lexer{src: src, text: src.text, toks: make([]token, 0, min(len(src.text)/5+2, maxTokens))}
	for {
		if err := l.blank(); err != nil {
			return nil, err
		}
		if l.at >= len(l.text) {
			break
		}
		if len(l.toks) >= maxTokens {
			return nil, sqlerr.At(src.pos(l.at), sqlerr.ProgramLimit, "statement has more than %d words and signs", maxTokens)
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.toks = append(l.toks, t)
		l.at = t.end
		if l.beginsRows(t) {
			if err := l.valueRows(); err != nil {
				return nil, err
			}
		}
	}
	if n := len(l.text) - l.inRows; n > maxText {
		return nil, tooLong(n)
	}
	toks := append(l.toks, token{kind: endToken, start: len(l.text), end: len(l.text)})
	exceptForMinus(toks)
	return toks, nil
}

// beginsRows tells that the rows of an INSERT follow.
func (l *lexer) beginsRows(t token) bool {
	switch {
	case t.is(";"):
		l.insert, l.depth = false, 0
	case t.is("("):
		l.depth++
	case t.is(")"):
		l.depth--
	case t.is("INSERT"):
		n := len(l.toks)
		l.insert = n == 1 || l.toks[n-2].is(";")
	}
	return l.insert && l.depth == 0 && t.is("VALUES")
}

func tooLong(n int) error {
	return sqlerr.New(
		sqlerr.ProgramLimit, "statement text of %d bytes is longer than the limit of %d", n, maxText,
	).WithHint("Only the rows of INSERT … VALUES may be longer.")
}

func checkText(src *source) error {
	if len(src.text) > maxText && !mayInsert(src.text) {
		return tooLong(len(src.text))
	}
	if i := strings.IndexByte(src.text, 0); i >= 0 {
		return sqlerr.At(src.pos(i), invalidByteSequence, "a zero byte cannot stand in a statement")
	}
	if utf8.ValidString(src.text) {
		return nil
	}
	for i := 0; i < len(src.text); {
		r, n := utf8.DecodeRuneInString(src.text[i:])
		if r == utf8.RuneError && n == 1 {
			return sqlerr.At(src.pos(i), invalidByteSequence, "invalid byte sequence for encoding \"UTF8\": 0x%02x", src.text[i])
		}
		i += n
	}
	return nil
}

// mayInsert tells whether a text may hold an INSERT … VALUES, which has no limit of its own.
func mayInsert(text string) bool {
	return insertValues.MatchString(text[:min(len(text), maxText)])
}

// blank skips spaces and comments.
func (l *lexer) blank() error {
	for l.at < len(l.text) {
		switch rest := l.text[l.at:]; {
		case isSpace(rest[0]):
			l.at++
		case strings.HasPrefix(rest, "\u00a0"):
			l.at += len("\u00a0")
		case strings.HasPrefix(rest, "\ufeff"):
			l.at += len("\ufeff")
		case strings.HasPrefix(rest, "--"), rest[0] == '#':
			if pathSign(rest) {
				return nil
			}
			l.line()
		case strings.HasPrefix(rest, "/*"):
			if err := l.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (l *lexer) line() {
	if i := strings.IndexAny(l.text[l.at:], "\r\n"); i >= 0 {
		l.at += i
		return
	}
	l.at = len(l.text)
}

// comment skips /* … */, which nests.
func (l *lexer) comment() error {
	depth := 0
	for i := l.at; i < len(l.text); {
		switch {
		case strings.HasPrefix(l.text[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(l.text[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				l.at = i
				return nil
			}
		default:
			i++
		}
	}
	return l.fail(l.at, "unterminated /* comment").WithHint("Close it with */; comments nest, so every /* needs its own.")
}

func (l *lexer) fail(at int, format string, args ...any) *sqlerr.Error {
	return sqlerr.At(l.src.pos(at), sqlerr.SyntaxError, format, args...)
}

// next reads the token that begins at l.at.
func (l *lexer) next() (token, error) {
	c := l.text[l.at]
	switch {
	case c == '\'':
		return l.quoted(l.at, '\'')
	case c == '"' || c == '`':
		return l.ident(c)
	case c == '$':
		return l.dollar()
	case isDigit(c) || c == '.' && l.digitAt(l.at+1):
		return l.number()
	case isWordStart(c):
		if t, ok, err := l.prefixed(); ok || err != nil {
			return t, err
		}
		return l.word()
	}
	return l.operator()
}

func isDigit(c byte) bool     { return c >= '0' && c <= '9' }
func isWordStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }

func (l *lexer) digitAt(i int) bool { return i < len(l.text) && isDigit(l.text[i]) }

// prefixed reads E'…', N'…', x'…' and b'…'.
func (l *lexer) prefixed() (token, bool, error) {
	if l.at+1 >= len(l.text) || l.text[l.at+1] != '\'' {
		return token{}, false, nil
	}
	switch l.text[l.at] | 0x20 {
	case 'e':
		t, err := l.quoted(l.at+1, 'E')
		return t, true, err
	case 'n':
		t, err := l.quoted(l.at+1, '\'')
		return t, true, err
	case 'x', 'b':
		t, err := l.quoted(l.at+1, '\'')
		if err != nil {
			return t, true, err
		}
		return l.bytes(t, l.text[l.at]|0x20, t.value)
	}
	return token{}, false, nil
}

// quoted reads a string whose opening ' is at from; kind is '\” or 'E'.
func (l *lexer) quoted(from int, kind byte) (token, error) {
	end := closingQuote(l.text, from, '\'', kind == 'E')
	if end < 0 {
		return token{}, l.fail(l.at, "unterminated quoted string").
			WithHint("Close it with '; a quote inside a string is written twice.")
	}
	t := token{kind: stringToken, quote: kind, start: l.at, end: end}
	var err error
	if t.value, _, err = l.decode(from, end, '\'', kind == 'E'); err != nil {
		return token{}, err
	}
	return t, nil
}

// closingQuote gives the offset behind the closing quote, or -1.
func closingQuote(text string, from int, quote byte, escapes bool) int {
	for i := from + 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote:
			if i+1 >= len(text) || text[i+1] != quote {
				return i + 1
			}
			i++
		}
	}
	return -1
}

func (l *lexer) ident(quote byte) (token, error) {
	end := closingQuote(l.text, l.at, quote, false)
	if end < 0 {
		return token{}, l.fail(l.at, "unterminated quoted identifier").WithHint("Close it with %c.", quote)
	}
	value, _, err := l.decode(l.at, end, quote, false)
	return token{kind: identToken, quote: quote, start: l.at, end: end, value: value}, err
}

// dollar reads $1 and $tag$…$tag$.
func (l *lexer) dollar() (token, error) {
	i := l.at + 1
	for i < len(l.text) && (isDigit(l.text[i]) || isWordStart(l.text[i])) {
		i++
	}
	tag := l.text[l.at:i]
	if i < len(l.text) && l.text[i] == '$' && (len(tag) == 1 || !isDigit(tag[1])) {
		return l.dollarString(l.text[l.at : i+1])
	}
	if n, err := strconv.Atoi(tag[1:]); err == nil && n > 0 && n <= 65535 {
		return token{kind: paramToken, start: l.at, end: i, value: tag[1:]}, nil
	}
	err := l.fail(l.at, "syntax error at or near %q", tag)
	if tag == "$" {
		err = err.WithHint("$ as the anchor of a pattern is not supported: the rows of a stream have no end.")
	}
	return token{}, err
}

func (l *lexer) dollarString(tag string) (token, error) {
	from := l.at + len(tag)
	n := strings.Index(l.text[from:], tag)
	if n < 0 {
		return token{}, l.fail(l.at, "unterminated dollar-quoted string").WithHint("Close it with %s.", tag)
	}
	return token{kind: stringToken, quote: '$', start: l.at, end: from + n + len(tag), value: l.text[from : from+n]}, nil
}

func (l *lexer) word() (token, error) {
	i := l.at
	for i < len(l.text) {
		c := l.text[i]
		if c < 0x80 {
			if !isWordStart(c) && !isDigit(c) && c != '$' {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(l.text[i:])
		if wide := asciiFor(r); wide != 0 {
			if i > l.at && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				break // the next token reports it at its own place
			}
			return token{}, l.wide(i, r, wide)
		}
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
			if i > l.at {
				break
			}
			return token{}, l.fail(i, "unexpected character %q (%U)", r, r).
				WithHint("Outside of quotes names are made of letters, digits and _.")
		}
		i += n
	}
	value := l.text[l.at:i]
	upper := strings.ToUpper(value)
	return token{kind: wordToken, start: l.at, end: i, value: value, upper: upper, classes: classes[upper]}, nil
}

// pathSign tells PostgreSQL's operators #>, #>> and #- with a text or an array behind them from a comment.
func pathSign(rest string) bool {
	after, ok := strings.CutPrefix(rest, "#>")
	after = strings.TrimPrefix(after, ">")
	if !ok {
		after, ok = strings.CutPrefix(rest, "#-")
	}
	after = strings.TrimLeft(after, " ")
	const array = "ARRAY["
	return ok && (strings.HasPrefix(after, "'") || len(after) > len(array) && strings.EqualFold(after[:len(array)], array))
}

var operators = [...]string{
	"#>>", "#>", "#-", "<=>", "->>", "!~*", "!~", "~*", "||", "&&", "<=", ">=", "<>", "!=", "<<", ">>", "->", "=>", "::", ":=", "@@", "@>", "<@", "@?",
}

// loneSigns begin no operator of several characters.
const loneSigns = "(),;.+*/%^?[]{}"

func (l *lexer) operator() (token, error) {
	if strings.IndexByte(loneSigns, l.text[l.at]) >= 0 {
		return l.op(l.text[l.at : l.at+1]), nil
	}
	for _, op := range operators {
		if strings.HasPrefix(l.text[l.at:], op) {
			return l.op(op), nil
		}
	}
	c := l.text[l.at]
	if strings.IndexByte("-=<>!~|&:@", c) >= 0 {
		return l.op(l.text[l.at : l.at+1]), nil
	}
	return token{}, l.fail(l.at, "syntax error at or near %q", string(rune(c)))
}

func (l *lexer) op(text string) token {
	return token{kind: opToken, start: l.at, end: l.at + len(text), value: text, upper: text}
}
