package parser

import (
	"errors"
	"strings"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

// Part is one statement of a text that a client cuts, before it knows whether the statement is right.
type Part struct {
	// From and To are the offsets of its first byte and behind its last, without comments around it and
	// without its semicolon.
	From, To int
	// Next is where the text goes on: behind the semicolon.
	Next int
	// Ended tells that its semicolon is there, and every quote and comment closed.
	Ended bool
	// Words are its words outside of quotes, in capitals.
	Words []string
	// Colons are the offsets of single colons outside of quotes, before which a client's variables stand.
	Colons []int
}

// Split cuts a text into its statements as Parse does, but takes whatever is wrong in them: what no word can begin with
// is passed over, an open quote goes to the end of the text.
func Split(text string) (parts []Part) {
	toks, open := tolerantLex(text)
	for from := 0; from < len(toks)-1; {
		to := statementEnd(toks, from)
		body := setBody(toks, from)
		last := to == len(toks)-1 || body > 0 && setEnd(toks, body) == 0
		if last {
			to = len(toks) - 1
		}
		if to > from {
			parts = append(parts, partOf(toks[from:to], toks[to], !last))
		}
		from = to + 1
	}
	if open >= 0 {
		parts = openTo(parts, open, len(text))
	}
	return parts
}

func partOf(toks []token, end token, ended bool) Part {
	p := Part{From: toks[0].start, To: toks[len(toks)-1].end, Next: end.end, Ended: ended}
	for _, t := range toks {
		switch {
		case t.kind == wordToken:
			p.Words = append(p.Words, t.upper)
		case t.is(":"):
			p.Colons = append(p.Colons, t.start)
		}
	}
	return p
}

// openTo makes the last statement reach to the end of the text, where a quote or comment begins at open.
func openTo(parts []Part, open, end int) []Part {
	if len(parts) == 0 || parts[len(parts)-1].Ended {
		parts = append(parts, Part{From: open})
	}
	last := &parts[len(parts)-1]
	last.To, last.Next = end, end
	return parts
}

// tolerantLex cuts what can be cut; open is where a quote or comment begins that has no end, -1 if none does.
func tolerantLex(text string) (toks []token, open int) {
	l := &lexer{src: &source{text: text}, text: text}
	for open = -1; open < 0; {
		if l.blank() != nil {
			open = l.at
		}
		if open >= 0 || l.at >= len(text) {
			break
		}
		t, err := l.next()
		var e *sqlerr.Error
		switch {
		case err == nil:
			toks = append(toks, t)
			l.at = t.end
		case errors.As(err, &e) && strings.HasPrefix(e.Message, "unterminated"):
			open = l.at
		default:
			toks = append(toks, l.unreadable())
		}
	}
	return append(toks, token{kind: endToken, start: len(text), end: len(text)}), open
}

// unreadable passes over a quoted text that cannot be decoded, or one character.
func (l *lexer) unreadable() token {
	start, quote := l.at, l.at
	if strings.IndexByte("eEnNxXbB", l.text[start]) >= 0 {
		quote++
	}
	_, n := utf8.DecodeRuneInString(l.text[start:])
	l.at += n
	if quote < len(l.text) && strings.IndexByte("'\"`", l.text[quote]) >= 0 {
		if end := closingQuote(l.text, quote, l.text[quote], quote > start && l.text[start]|0x20 == 'e'); end > 0 {
			l.at = end
		}
	}
	return token{kind: opToken, start: start, end: l.at}
}
