package syntax

import (
	"strings"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

type kind int

const (
	end kind = iota
	name
	quotedName
	text
	number
	param
	operator // also brackets, commas, dots, :: and :
)

// token is a piece of the text; its text is folded, decoded and without quotes.
type token struct {
	kind kind
	text string
	pos  int // byte offset
}

type lexer struct {
	src  string
	at   int
	list []token
	run  signs // that an operator was last found in
}

// lex cuts a text into tokens; the last one is the end.
func lex(src string) ([]token, error) {
	l := &lexer{src: src, list: make([]token, 0, len(src)/4+2)}
	for {
		if err := l.blank(); err != nil {
			return nil, err
		}
		if l.at == len(src) {
			return append(l.list, token{end, "", l.at}), nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

// blank passes over blanks and comments; those in /* */ nest.
func (l *lexer) blank() error {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			l.at++
		case strings.HasPrefix(l.src[l.at:], "--"):
			if n := strings.IndexByte(l.src[l.at:], '\n'); n >= 0 {
				l.at += n
			} else {
				l.at = len(l.src)
			}
		case strings.HasPrefix(l.src[l.at:], "/*"):
			if err := l.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) comment() error {
	began, depth := l.at, 0
	for l.at < len(l.src) {
		switch {
		case strings.HasPrefix(l.src[l.at:], "/*"):
			depth++
			l.at += 2
		case strings.HasPrefix(l.src[l.at:], "*/"):
			l.at += 2
			if depth--; depth == 0 {
				return nil
			}
		default:
			l.at++
		}
	}
	return sqlerr.At(began, sqlerr.SyntaxError, "unterminated /* comment")
}

func (l *lexer) put(k kind, text string, from int) { l.list = append(l.list, token{k, text, from}) }

func (l *lexer) next() error {
	from, c := l.at, l.src[l.at]
	var follow byte
	if l.at+1 < len(l.src) {
		follow = l.src[l.at+1]
	}
	switch {
	case c == '\'':
		return l.quoted(from, '\'', text, false)
	case (c == 'e' || c == 'E') && follow == '\'':
		l.at++
		return l.quoted(from, '\'', text, true)
	case (c == 'n' || c == 'N') && follow == '\'':
		l.at++
		return l.quoted(from, '\'', text, false)
	case c == '"':
		return l.quoted(from, '"', quotedName, false)
	case c == '$' && follow >= '0' && follow <= '9':
		l.at++
		l.put(param, l.digits(), from)
	case c == '$':
		return l.dollars(from)
	case c >= '0' && c <= '9' || c == '.' && follow >= '0' && follow <= '9':
		l.number(from)
	case nameByte(c):
		for l.at < len(l.src) && (nameByte(l.src[l.at]) || l.src[l.at] >= '0' && l.src[l.at] <= '9' || l.src[l.at] == '$') {
			l.at++
		}
		l.put(name, strings.ToLower(l.src[from:l.at]), from)
	case strings.IndexByte("(),;[].", c) >= 0:
		l.at++
		l.put(operator, string(c), from)
	case c == ':':
		l.at++
		if follow == ':' {
			l.at++
		}
		l.put(operator, l.src[from:l.at], from)
	case strings.IndexByte(operatorSigns, c) >= 0:
		l.operator(from)
	default:
		r, _ := utf8.DecodeRuneInString(l.src[l.at:])
		return sqlerr.At(from, sqlerr.SyntaxError, "syntax error at or near %q", string(r))
	}
	return nil
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func (l *lexer) digits() string {
	from := l.at
	for l.at < len(l.src) && l.src[l.at] >= '0' && l.src[l.at] <= '9' {
		l.at++
	}
	return l.src[from:l.at]
}

func (l *lexer) number(from int) {
	l.digits()
	if l.at < len(l.src) && l.src[l.at] == '.' {
		l.at++
		l.digits()
	}
	if l.at < len(l.src) && (l.src[l.at] == 'e' || l.src[l.at] == 'E') {
		mark := l.at
		l.at++
		if l.at < len(l.src) && (l.src[l.at] == '+' || l.src[l.at] == '-') {
			l.at++
		}
		if l.digits() == "" {
			l.at = mark
		}
	}
	l.put(number, l.src[from:l.at], from)
}

// operatorSigns are what operators are made of ("Lexical Structure", Operators).
const operatorSigns = "+-*/<>=~!@#%^&|`?"

// operator takes the longest run of signs, up to a comment; one that ends in + or - has a sign in front that allows it, else
// that is of the operand behind it.
func (l *lexer) operator(from int) {
	if from >= l.run.end {
		l.run = l.signs(from)
	}
	switch r := l.run; {
	case r.allows:
		l.at = r.end
	default:
		l.at = max(from, r.last) + 1
	}
	l.put(operator, l.src[from:l.at], from)
}

// signs is a run of signs. Each of a thousand + is an operator: what a run is like is found out once.
type signs struct {
	end    int  // behind it
	last   int  // the last that is neither + nor -; -1: none
	allows bool // an operator of these signs may end in + or -
}

func (l *lexer) signs(from int) signs {
	r := signs{end: from, last: -1}
	for ; r.end < len(l.src) && strings.IndexByte(operatorSigns, l.src[r.end]) >= 0; r.end++ {
		if rest := l.src[r.end:]; strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") {
			break
		}
		switch c := l.src[r.end]; {
		case strings.IndexByte("~!@#%^&|`?", c) >= 0:
			r.allows = true
		case c != '+' && c != '-':
			r.last = r.end
		}
	}
	return r
}

// quoted reads up to the closing quote; a doubled one stands for itself. Texts behind one another on several lines are one.
func (l *lexer) quoted(from int, quote byte, k kind, escapes bool) error {
	var b strings.Builder
	l.at++
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == quote && strings.HasPrefix(l.src[l.at+1:], string(quote)):
			b.WriteByte(quote)
			l.at += 2
		case c == quote:
			l.at++
			if k == text && l.goesOn() {
				continue
			}
			l.put(k, b.String(), from)
			if k == quotedName && b.Len() == 0 {
				return sqlerr.At(from, sqlerr.SyntaxError, "zero-length delimited identifier at or near \"%s\"", l.src[from:l.at])
			}
			return nil
		case c == '\\' && escapes:
			l.escape(&b)
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	if quote == '"' {
		return sqlerr.At(from, sqlerr.SyntaxError, "unterminated quoted identifier at or near \"%s\"", l.src[from:])
	}
	return sqlerr.At(from, sqlerr.SyntaxError, "unterminated quoted string at or near \"%s\"", l.src[from:])
}

// goesOn passes to a text that continues the one before, which a line end parts from it.
func (l *lexer) goesOn() bool {
	rest := strings.TrimLeft(l.src[l.at:], " \t\r\n")
	between := l.src[l.at : len(l.src)-len(rest)]
	if !strings.HasPrefix(rest, "'") || !strings.Contains(between, "\n") {
		return false
	}
	l.at += len(between) + 1
	return true
}

// escape reads a backslash and what it stands for in E'…'.
func (l *lexer) escape(b *strings.Builder) {
	l.at++
	if l.at == len(l.src) {
		return
	}
	c := l.src[l.at]
	l.at++
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'x':
		l.code(b, 16, 2)
	case 'u':
		l.code(b, 16, 4)
	case 'U':
		l.code(b, 16, 8)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		l.at--
		l.code(b, 8, 3)
	default:
		b.WriteByte(c)
	}
}

// code reads up to so many digits of a character's number.
func (l *lexer) code(b *strings.Builder, base, most int) {
	n := 0
	for range most {
		if l.at == len(l.src) {
			break
		}
		d := strings.IndexByte("0123456789abcdef"[:base], lower(l.src[l.at]))
		if d < 0 {
			break
		}
		n = n*base + d
		l.at++
	}
	b.WriteRune(rune(n))
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// dollars reads $tag$ … $tag$.
func (l *lexer) dollars(from int) error {
	n := strings.IndexByte(l.src[from+1:], '$')
	if n < 0 || strings.ContainsFunc(l.src[from+1:from+1+n], func(r rune) bool { return r < 0x80 && !nameByte(byte(r)) && (r < '0' || r > '9') }) {
		return sqlerr.At(from, sqlerr.SyntaxError, "syntax error at or near \"$\"")
	}
	tag := l.src[from : from+n+2]
	l.at = from + len(tag)
	closing := strings.Index(l.src[l.at:], tag)
	if closing < 0 {
		return sqlerr.At(from, sqlerr.SyntaxError, "unterminated dollar-quoted string")
	}
	l.put(text, l.src[l.at:l.at+closing], from)
	l.at += closing + len(tag)
	return nil
}
