package format

import (
	"bytes"
	"fmt"
	"strings"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Delimited is Hive's text form.
var Delimited = &Format{
	Name: "delimited", Text: "Hive's text form: fields between the delimiter of ROW FORMAT DELIMITED, else between \\001, in the order of the columns; arrays, maps and rows as JSON in a field.",
	Options:   []*conf.Setting{timeFormat.Setting}, // written is SQL text in any case
	NewReader: singleReader(newDelimitedDecoder), NewWriter: singleWriter(newDelimitedEncoder),
}

// delimitedDecoder reads Hive's text form: fields between delimiters, \N for NULL,
// backslash escapes. Missing fields are NULL, surplus ones are left out.
type delimitedDecoder struct {
	fields  []byte
	columns []int // needed declared columns, ascending
	names   []string
	moments moments
	buf     []byte
}

func newDelimitedDecoder(o Options) decoder {
	d := &delimitedDecoder{fields: []byte(o.Fields), columns: o.Columns, moments: momentsOf(o)}
	if len(d.fields) == 0 {
		d.fields = []byte(catalog.HiveFields)
	}
	for _, c := range o.Columns {
		d.names = append(d.names, o.Declared[c].Name)
	}
	return d
}

// decode implements decoder.
func (d *delimitedDecoder) decode(value []byte, b *column.Batch, row int) error {
	value = line(value)
	field, ended := -1, false
	for c, wanted := range d.columns {
		var text []byte
		for field < wanted && !ended {
			text, value, ended = d.cut(value)
			field++
		}
		if field < wanted {
			setNull(b.Cols[c], row)
			continue
		}
		if err := d.field(text, b.Cols[c], row); err != nil {
			return inColumn(d.names[c], err)
		}
	}
	return nil
}

// line is a record without what is no part of its fields.
func line(record []byte) []byte { return bytes.TrimSuffix(withoutMark(record), []byte("\n")) }

// wholeKey implements decoder.
func (d *delimitedDecoder) wholeKey(key []byte, names []string) error {
	if n := d.count(key); n != len(names) {
		return sqlerr.New(sqlerr.InvalidText, "it has %s, the primary key %d", fields(n), len(names))
	}
	return nil
}

func fields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}

// count is the number of fields.
func (d *delimitedDecoder) count(value []byte) (n int) {
	value = line(value)
	for ended := false; !ended; n++ {
		_, value, ended = d.cut(value)
	}
	return n
}

// cut gives the text up to the next delimiter that is not escaped.
func (d *delimitedDecoder) cut(value []byte) (field, rest []byte, last bool) {
	for from := 0; ; {
		at := bytes.Index(value[from:], d.fields)
		if at < 0 {
			return value, nil, true
		}
		at += from
		if backslashes(value[:at])%2 == 0 {
			return value[:at], value[at+len(d.fields):], false
		}
		from = at + 1 // only its first character is escaped: a delimiter may begin behind that
	}
}

func backslashes(b []byte) (n int) {
	for i := len(b) - 1; i >= 0 && b[i] == '\\'; i-- {
		n++
	}
	return n
}

func (d *delimitedDecoder) field(text []byte, v *column.Vector, row int) error {
	if string(text) == `\N` {
		setNull(v, row)
		return nil
	}
	present(v, row)
	if bytes.IndexByte(text, '\\') >= 0 {
		d.buf = column.Emptied(d.buf)
		for i := 0; i < len(text); i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
				switch text[i] {
				case 'n':
					d.buf = append(d.buf, '\n')
					continue
				case 't':
					d.buf = append(d.buf, '\t')
					continue
				case 'r':
					d.buf = append(d.buf, '\r')
					continue
				}
			}
			d.buf = append(d.buf, text[i])
		}
		text = d.buf
	}
	if !v.Type.IsText() && v.Type.Kind != types.Binary && len(bytes.TrimSpace(text)) == 0 {
		setNull(v, row) // as Hive: no digits, no number
		return nil
	}
	if v.Type.IsMoment() {
		return d.moments.field(text, v, row)
	}
	return v.SetText(row, text)
}

// valueCharacters are in the texts of numbers, times and truth values.
const valueCharacters = " +-.:0123456789NaINfintyEebdhlmorsu"

type delimitedEncoder struct {
	fields        string
	null          string
	inValues      bool // the delimiter begins as numbers and times may
	keys, columns []int
	nested        textColumns // JSON in a field is text
}

func newDelimitedEncoder(o Options) encoder {
	return &delimitedEncoder{
		fields: o.Fields, null: `\N`, inValues: o.Fields != "" && strings.ContainsAny(o.Fields[:1], valueCharacters), keys: o.Keys, columns: all(o.Declared),
		nested: textOnly(o.Declared, func(t types.Type) bool { return t.IsNested() }),
	}
}

// takes implements encoder.
func (e *delimitedEncoder) takes(b *column.Batch) error { return e.nested.check(b) }

// appendValue implements encoder.
func (e *delimitedEncoder) appendValue(dst []byte, b *column.Batch, i int) []byte {
	return e.join(dst, b, e.columns, i)
}

// appendKey implements encoder.
func (e *delimitedEncoder) appendKey(dst []byte, b *column.Batch, i int) []byte {
	return e.join(dst, b, e.keys, i)
}

func (e *delimitedEncoder) join(dst []byte, b *column.Batch, columns []int, i int) []byte {
	for n, c := range columns {
		if n > 0 {
			dst = append(dst, e.fields...)
		}
		v := b.Cols[c]
		if v.Null(i) {
			dst = append(dst, e.null...)
			continue
		}
		from := len(dst)
		dst = column.AppendText(dst, v, i)
		if e.fields != "" && (e.inValues || v.Type.Physical() >= types.PhysicalBytes) {
			dst = e.escape(dst, from)
		}
	}
	return dst
}

// escape puts a backslash before what would be misread.
func (e *delimitedEncoder) escape(dst []byte, from int) []byte {
	if !bytes.ContainsAny(dst[from:], "\\\n\r"+e.fields[:1]) {
		return dst
	}
	text := bytes.Clone(dst[from:])
	dst = dst[:from]
	for i, c := range text {
		switch {
		case c == '\n':
			dst = append(dst, `\n`...)
			continue
		case c == '\r':
			dst = append(dst, `\r`...)
			continue
		case c == '\\' || e.begins(text[i:]):
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return dst
}

// begins tells that a delimiter would be found at the beginning of what is left of a field, with the one behind the field or without.
func (e *delimitedEncoder) begins(rest []byte) bool {
	n := min(len(rest), len(e.fields))
	return string(rest[:n]) == e.fields[:n]
}
