package parser

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	scalar "slipway/sql/value"
)

// decode resolves the quotes and escapes between the opening quote at from and
// the offset end behind the closing one. The map leads from offsets of the value
// to offsets of the lexer's text.
func (l *lexer) decode(from, end int, quote byte, escapes bool) (string, ast.OffsetMap, error) {
	inner := l.text[from+1 : end-1]
	m := ast.OffsetMap{{At: 0, From: from + 1}}
	if strings.IndexByte(inner, quote) < 0 && (!escapes || strings.IndexByte(inner, '\\') < 0) {
		return inner, m, nil
	}
	var b strings.Builder
	lone := 0 // where the first escape of a byte beyond ASCII stands, plus one
	for i := 0; i < len(inner); {
		c := inner[i]
		n := 1
		switch {
		case c == quote:
			b.WriteByte(c)
			n = 2
		case escapes && c == '\\':
			text, used := unescape(inner[i:])
			if text == "\x00" || text == noCharacter {
				return "", nil, sqlerr.At(l.src.pos(from+1+i), sqlerr.InvalidCharacter, "escape %s does not give a character", inner[i:i+used])
			}
			b.WriteString(text)
			n = used
			if len(text) == 1 && text[0] >= utf8.RuneSelf && lone == 0 {
				lone = i + 1
			}
		default:
			b.WriteByte(c)
		}
		i += n
		if n != 1 {
			m = append(m, ast.Segment{At: b.Len(), From: from + 1 + i})
		}
	}
	if lone > 0 && !utf8.ValidString(b.String()) {
		return "", nil, sqlerr.At(l.src.pos(from+lone), sqlerr.InvalidCharacter, "the escapes of this text do not give characters of UTF-8")
	}
	return b.String(), m, nil
}

var simpleEscapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'b': "\b", 'f': "\f"}

// unescape reads one backslash escape at the beginning of s and tells how long it was.
func unescape(s string) (text string, used int) {
	if len(s) < 2 {
		return s, len(s)
	}
	c := s[1]
	if t, ok := simpleEscapes[c]; ok {
		return t, 2
	}
	switch {
	case c >= '0' && c <= '7':
		return numeric(s, 1, 3, 8)
	case c == 'x':
		return numeric(s, 2, 2, 16)
	case c == 'u':
		return numeric(s, 2, 4, 16)
	case c == 'U':
		return numeric(s, 2, 8, 16)
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	return s[1 : 1+n], 1 + n
}

// numeric reads up to digits of a number that begins at from.
func numeric(s string, from, digits, base int) (string, int) {
	end := from
	for end < len(s) && end < from+digits {
		if _, err := strconv.ParseUint(s[end:end+1], base, 8); err != nil {
			break
		}
		end++
	}
	n, err := strconv.ParseUint(s[from:end], base, 32)
	if err != nil {
		return s[1:from], from
	}
	switch {
	case digits <= 3: // octal and \x give a byte, several of which may be one character
		return string([]byte{byte(n)}), end
	case !utf8.ValidRune(rune(n)):
		return noCharacter, end
	}
	return string(rune(n)), end
}

// noCharacter is what an escape gives that names no character.
const noCharacter = "\xFF\xFF"

// number reads digits with a point and an exponent, 0x… and 0b…; letters glued to
// them make a junkToken, which only names of jobs accept.
func (l *lexer) number() (token, error) {
	end := l.at
	for end < len(l.text) && (isDigit(l.text[end]) || l.text[end] < 0x80 && isWordStart(l.text[end])) {
		end++
	}
	run := l.text[l.at:end]
	if len(run) > 2 && run[0] == '0' && (run[1] == 'x' || run[1] == 'b') {
		return l.prefixedNumber(run)
	}
	end = l.at + numberLength(l.text[l.at:])
	t := token{kind: numberToken, start: l.at, end: end}
	if end < len(l.text) && isWordStart(l.text[end]) {
		for end < len(l.text) && (isDigit(l.text[end]) || isWordStart(l.text[end])) {
			end++
		}
		if w := wideAt(l.text, t.end, end); w < end {
			end = w
		}
		if end > t.end {
			t.kind, t.end = junkToken, end
		}
	}
	t.value = l.text[t.start:t.end]
	err := l.checkFloat(t)
	if err != nil && len(t.value) == jobIDLength { // digits and an e: the id of a job may be that
		t.kind, err = junkToken, nil
	}
	return t, err
}

// jobIDLength is that of the ids of temporary jobs, in hexadecimal digits.
const jobIDLength = 32

func (l *lexer) checkFloat(t token) error {
	if t.kind != numberToken || !strings.ContainsAny(t.value, "eE") {
		return nil
	}
	if _, fault := scalar.ReadFloat([]byte(t.value), 64); fault != scalar.OK {
		return sqlerr.At(l.src.pos(t.start), sqlerr.OutOfRange, "%s is out of range for type DOUBLE", t.value)
	}
	return nil
}

// wideAt gives the offset of the first character from to end that is punctuation
// of another alphabet, or end.
func wideAt(text string, from, end int) int {
	for i, r := range text[from:end] {
		if asciiFor(r) != 0 || r == '\u00a0' || r == '\ufeff' {
			return from + i
		}
	}
	return end
}

// numberLength measures digits[.digits][e[±]digits] at the beginning of s.
func numberLength(s string) int {
	i := digits(s, 0)
	if i < len(s) && s[i] == '.' {
		i = digits(s, i+1)
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if k := digits(s, j); k > j {
			return k
		}
	}
	return i
}

func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

func (l *lexer) prefixedNumber(run string) (token, error) {
	t := token{kind: hexToken, start: l.at, end: l.at + len(run)}
	if number, ok, err := l.bytes(t, run[1], run[2:]); err == nil && ok {
		return number, nil
	}
	t.kind, t.value = junkToken, run // 0b12 may still be the id of a job
	return t, nil
}

// bytes fills a hexToken from hex or binary digits.
func (l *lexer) bytes(t token, kind byte, digits string) (token, bool, error) {
	t.kind, t.start = hexToken, l.at
	if kind == 'b' {
		return l.bits(t, digits)
	}
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return t, true, l.fail(l.at, "%s is not hexadecimal", l.text[t.start:t.end])
	}
	t.value = string(b)
	return t, true, nil
}

func (l *lexer) bits(t token, digits string) (token, bool, error) {
	b := make([]byte, (len(digits)+7)/8)
	for i := range len(digits) {
		c := digits[len(digits)-1-i]
		if c != '0' && c != '1' {
			return t, true, l.fail(l.at, "%s is not binary", l.text[t.start:t.end])
		}
		b[len(b)-1-i/8] |= (c - '0') << (i % 8)
	}
	t.value = string(b)
	return t, true, nil
}

// wideSigns are the signs that input methods and word processors put in place of ASCII.
var wideSigns = map[rune]rune{
	'“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '‘': '\'', '’': '\'', '′': '\'', '″': '"',
	'。': '.', '、': ',', '《': '<', '》': '>', '【': '[', '】': ']', '「': '"', '」': '"', '–': '-', '—': '-', '−': '-',
	'×': '*', '÷': '/', '≤': '<', '≥': '>', '≠': '<', '…': '.', '\u3000': ' ', '\u2003': ' ', '\u2002': ' ', '\u2009': ' ',
	'\u202f': ' ', '\u200b': ' ', '\u200c': ' ', '\u200d': ' ', '\u2060': ' ',
}

// wideText are those whose ASCII form is more than one character.
var wideText = map[rune]string{'≤': "<=", '≥': ">=", '≠': "<>", '…': "..."}

// asciiFor gives the ASCII sign that was probably meant by r, or 0.
func asciiFor(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e {
		return r - 0xff01 + '!'
	}
	return wideSigns[r]
}

func (l *lexer) wide(at int, r, ascii rune) error {
	e := l.fail(at, "full-width or typographic character %s (%U) outside of quotes", show(r), r)
	switch {
	case ascii == ' ':
		return e.WithHint("Use a plain blank.")
	case wideText[r] != "":
		return e.WithHint("Use %s.", wideText[r])
	}
	return e.WithHint("Use %c.", ascii)
}

func show(r rune) string {
	if asciiFor(r) == ' ' {
		return "blank"
	}
	return strconv.Quote(string(r))
}
