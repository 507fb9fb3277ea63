package shell

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"slipway/cmd/client"
	"slipway/conf"
)

// Statement is one statement as it is sent, and where it stands in what the user wrote.
type Statement struct {
	Text string
	// From is where it begins in the source; cuts are where variables stand in it.
	From   int
	cuts   []cut
	source *source
	words  []string
	unset  []string // variables that have no value
}

// cut is a place at which a variable's value of so many bytes stands for a reference of others.
type cut struct{ at, length, original int }

// source is a text that statements are taken from.
type source struct {
	name string // of a file; empty: what was typed
	text string
}

// original leads from an offset of the statement to one of the source.
func (st *Statement) original(offset int) int {
	moved := st.From
	for _, c := range st.cuts {
		if offset < c.at {
			break
		}
		if offset < c.at+c.length { // within the value: the reference
			return moved + c.at
		}
		moved += c.original - c.length
	}
	return moved + offset
}

// place is a line of a source, from 1, and a column in characters, from 1.
type place struct {
	line, column int
	text         string // the whole line
}

func (s *source) place(offset int) place {
	offset = min(offset, len(s.text))
	begin := strings.LastIndexByte(s.text[:offset], '\n') + 1
	end := len(s.text)
	if i := strings.IndexByte(s.text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	return place{
		line: strings.Count(s.text[:begin], "\n") + 1, column: utf8.RuneCountInString(s.text[begin:offset]) + 1,
		text: strings.TrimSuffix(s.text[begin:end], "\r"),
	}
}

// byteOffset turns a character's number, from 1, into an offset of its first byte.
func byteOffset(text string, character int) int {
	for i := range text {
		if character--; character == 0 {
			return i
		}
	}
	return len(text)
}

// explain writes a problem of a statement as a person reads it: where it is, the line with a caret, detail and hint.
func explain(p *client.Problem, st *Statement) string {
	var b strings.Builder
	at := place{}
	if st != nil {
		offset := st.original(0)
		if p.Position > 0 {
			offset = st.original(byteOffset(st.Text, p.Position))
		}
		at = st.source.place(offset)
		if st.source.name != "" {
			fmt.Fprintf(&b, "%s:%d:%d: ", st.source.name, at.line, at.column)
		}
	}
	fmt.Fprintf(&b, "%s:  %s\n", p.Severity, conf.Redact(p.Message))
	if st != nil && p.Position > 0 {
		b.WriteString(caret(at))
	}
	for _, part := range [][2]string{{"DETAIL", p.Detail}, {"HINT", p.Hint}} {
		if part[1] != "" {
			fmt.Fprintf(&b, "%s:  %s\n", part[0], conf.Redact(part[1]))
		}
	}
	if st != nil && p.Code == "42601" && len(st.unset) > 0 {
		fmt.Fprintf(&b, "HINT:  The variable %s has no value: --var %s=… or \\set gives it one.\n", st.unset[0], st.unset[0])
	}
	if p.Severity != "NOTICE" {
		fmt.Fprintf(&b, "SQLSTATE:  %s\n", p.Code)
	}
	return b.String()
}

// caretWidth is how much of a long line is shown around its caret.
const caretWidth = 60

// caret is the line of a place with ^ under the column.
func caret(at place) string {
	line, column := []rune(shown([]byte(strings.ReplaceAll(at.text, "\t", " ")))), at.column-1
	column = min(column, len(line))
	head, tail := "", ""
	if column > caretWidth {
		line, head = line[column-caretWidth:], "…"
		column = caretWidth
	}
	if len(line) > column+caretWidth {
		line, tail = line[:column+caretWidth], "…"
	}
	lead := fmt.Sprintf("LINE %d: %s", at.line, head)
	return fmt.Sprintf("%s%s%s\n%s^\n", lead, string(line), tail, strings.Repeat(" ", width(lead)+width(string(line[:column]))))
}
