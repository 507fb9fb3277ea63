package shell

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"slipway/cmd/client"
)

// Formats in which rows are printed.
var Formats = []string{"aligned", "csv", "json", "vertical"}

// printer prints the results of a statement as they come.
type printer interface {
	client.Receiver
	// Flush prints what has been held back; it may be called at any time.
	Flush() error
}

// newPrinter gives the printer of a format; tags tells that what is no result of rows is printed as well.
func newPrinter(format string, w io.Writer, tags bool) printer {
	b := &base{w: bufio.NewWriter(w), tags: tags}
	switch format {
	case "csv":
		return &csvPrinter{base: b, csv: csv.NewWriter(b.w)}
	case "json":
		return &jsonPrinter{base: b}
	case "vertical":
		return &verticalPrinter{base: b}
	}
	return &alignedPrinter{base: b}
}

// base is what printers have in common.
type base struct {
	w       *bufio.Writer
	columns []client.Column
	rows    int
	tags    bool
}

func (b *base) Columns(columns []client.Column) error {
	b.columns, b.rows = columns, 0
	return nil
}

func (b *base) Flush() error { return b.w.Flush() }

// Done prints the tag of what has no rows.
func (b *base) Done(tag string) error {
	if b.columns == nil && b.tags && tag != "" {
		fmt.Fprintln(b.w, tag)
	}
	b.columns = nil
	return b.w.Flush()
}

// csvPrinter prints RFC 4180: a line of names, NULL as nothing. A row is out before the next is waited for.
type csvPrinter struct {
	*base
	csv *csv.Writer
}

func (p *csvPrinter) Columns(columns []client.Column) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	p.base.Columns(columns)
	p.csv.Write(names)
	return p.flush()
}

func (p *csvPrinter) Row(row [][]byte) error {
	texts := make([]string, len(row))
	for i, v := range row {
		texts[i] = string(v)
	}
	p.csv.Write(texts)
	return p.flush()
}

func (p *csvPrinter) flush() error {
	p.csv.Flush()
	if err := p.csv.Error(); err != nil {
		return err
	}
	return p.w.Flush()
}

// jsonPrinter prints an object a line; numbers, truth values and JSON as they are, all else as text.
type jsonPrinter struct{ *base }

func (p *jsonPrinter) Row(row [][]byte) error {
	p.w.WriteByte('{')
	for i, v := range row {
		if i > 0 {
			p.w.WriteByte(',')
		}
		p.w.Write(jsonText(p.columns[i].Name))
		p.w.WriteByte(':')
		p.w.Write(jsonValue(v, p.columns[i].Type))
	}
	p.w.WriteString("}\n")
	return p.w.Flush()
}

func jsonText(s string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a text has no error
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// Numbers of types in PostgreSQL's catalog.
const (
	boolType, int8Type, int2Type, int4Type, jsonType, jsonbType = 16, 20, 21, 23, 114, 3802
	oidType, float4Type, float8Type, numericType                = 26, 700, 701, 1700
)

func isNumber(oid uint32) bool {
	switch oid {
	case int8Type, int2Type, int4Type, oidType, float4Type, float8Type, numericType:
		return true
	}
	return false
}

func jsonValue(v []byte, oid uint32) []byte {
	switch {
	case v == nil:
		return []byte("null")
	case oid == boolType:
		return []byte(map[bool]string{true: "true", false: "false"}[string(v) == "t"])
	case (isNumber(oid) || oid == jsonType || oid == jsonbType) && json.Valid(v): // NaN is not
		return []byte(strings.ReplaceAll(string(v), "\n", " "))
	}
	return jsonText(string(v))
}

// verticalPrinter prints a line a value.
type verticalPrinter struct{ *base }

func (p *verticalPrinter) Row(row [][]byte) error {
	p.rows++
	fmt.Fprintf(p.w, "-[ %d ]%s\n", p.rows, strings.Repeat("-", 24))
	name := 0
	for _, c := range p.columns {
		name = max(name, width(c.Name))
	}
	for i, v := range row {
		fmt.Fprintf(p.w, "%s | %s\n", pad(shown([]byte(p.columns[i].Name)), name, false), cell(v))
	}
	return p.w.Flush()
}

func (p *verticalPrinter) Done(tag string) error {
	if p.columns != nil && p.rows == 0 {
		p.w.WriteString("(0 rows)\n")
	}
	return p.base.Done(tag)
}

// null is how NULL stands where a person reads it.
const null = "NULL"

func cell(v []byte) string {
	if v == nil {
		return null
	}
	return shown(v)
}

// shown is a text without characters that would move the cursor or change the terminal.
func shown(v []byte) string {
	text := string(v)
	if !strings.ContainsFunc(text, hidden) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden are control characters, and those that turn the direction of writing.
func hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
