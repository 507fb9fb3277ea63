package pgwire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"slipway/sql/sqlerr"
)

// badCopy is PostgreSQL's class for data that is not in COPY's form.
const badCopy sqlerr.Code = "22P04"

// CopyRows reads rows in one of COPY's forms. It holds one row at a time.
type CopyRows struct {
	src     *bufio.Reader
	form    *CopyForm
	names   []string // of the columns, for errors
	oids    []uint32 // their types, for the binary form
	line    int      // of the row at hand, from 1; in the binary form its number
	read    int      // lines behind it
	fields  []CopyField
	size    int // bytes of the row at hand
	started bool
	ended   bool
}

// CopyField is a value as text.
type CopyField struct {
	Null bool
	Text []byte
}

// NewCopyRows reads rows of columns with names and types.
func NewCopyRows(src io.Reader, form *CopyForm, names []string, oids []uint32) *CopyRows {
	return &CopyRows{src: bufio.NewReaderSize(src, 64<<10), form: form, names: names, oids: oids}
}

// Line is where the row at hand begins: a line from 1, or in the binary form the row's number.
func (r *CopyRows) Line() int { return r.line }

// Next gives the next row, lent until the following call, or io.EOF.
func (r *CopyRows) Next() ([]CopyField, error) {
	if r.ended {
		return nil, io.EOF
	}
	if !r.started {
		r.started = true
		if err := r.begin(); err != nil {
			return nil, err
		}
	}
	r.line, r.fields, r.size = r.read+1, r.fields[:0], 0
	var err error
	switch {
	case r.form.Binary:
		err = r.binaryRow()
	case r.form.CSV:
		err = r.csvRow()
	default:
		err = r.textRow()
	}
	if err != nil {
		return nil, err
	}
	return r.fields, nil
}

// begin reads what stands before the rows.
func (r *CopyRows) begin() error {
	if r.form.Binary {
		return r.signature()
	}
	if !r.form.Header {
		return nil
	}
	r.line = 1
	heading := *r.form
	heading.Header, heading.Match = false, false
	h := &CopyRows{src: r.src, form: &heading}
	fields, err := h.Next()
	r.read = h.read
	if err != nil || !r.form.Match {
		return err
	}
	return r.match(fields)
}

// match is HEADER MATCH.
func (r *CopyRows) match(fields []CopyField) error {
	if len(fields) != len(r.names) {
		return r.wrong("wrong number of fields in header line: got %d, expected %d", len(fields), len(r.names))
	}
	for i, f := range fields {
		if string(f.Text) != r.names[i] {
			return r.wrong("column name mismatch in header line field %d: got %q, expected %q", i+1, f.Text, r.names[i])
		}
	}
	return nil
}

func (r *CopyRows) wrong(format string, args ...any) error {
	return r.At(sqlerr.New(badCopy, format, args...), -1)
}

// At says in an error where the row at hand is, and which of its values is at fault, -1 for none.
func (r *CopyRows) At(err error, column int) error {
	e := *sqlerr.From(err)
	e.Position = 0
	if e.Where != "" {
		return &e
	}
	e.Where = fmt.Sprintf("COPY, %s %d", map[bool]string{false: "line", true: "row"}[r.form.Binary], r.line)
	if column >= 0 && column < len(r.names) {
		e.Where += ", column " + r.names[column]
		if column < len(r.fields) && !r.fields[column].Null {
			e.Where += fmt.Sprintf(": %q", shortened(r.fields[column].Text))
		}
	}
	return &e
}

// shownValue is how much of a value stands in an error (PostgreSQL's MAX_COPY_DATA_DISPLAY).
const shownValue = 100

func shortened(text []byte) string {
	if len(text) <= shownValue {
		return string(text)
	}
	return strings.ToValidUTF8(string(text[:shownValue]), "") + "…"
}

// add appends a value to the row.
func (r *CopyRows) add(f CopyField) error {
	if !f.Null && !r.form.Binary && (!utf8.Valid(f.Text) || bytes.IndexByte(f.Text, 0) >= 0) {
		return r.At(sqlerr.New(sqlerr.InvalidCharacter, `invalid byte sequence for encoding "UTF8"`), len(r.fields))
	}
	if r.names != nil && len(r.fields) == len(r.names) {
		return r.wrong("extra data after last expected column")
	}
	r.fields = append(r.fields, f)
	return nil
}

// whole sees that no value is missing.
func (r *CopyRows) whole() error {
	if len(r.fields) < len(r.names) {
		return r.wrong("missing data for column %q", r.names[len(r.fields)])
	}
	return nil
}

// byte gives the next byte of a row, which has a bound.
func (r *CopyRows) byte() (byte, error) {
	if r.size++; r.size > maxMessage {
		return 0, r.At(sqlerr.New(sqlerr.ProgramLimit, "a row of COPY is longer than %d bytes", maxMessage), -1)
	}
	return r.src.ReadByte()
}

// newline tells the end of a line, and takes all of it.
func (r *CopyRows) newline(b byte) bool {
	switch b {
	case '\r':
		if next, err := r.src.Peek(1); err == nil && next[0] == '\n' {
			r.src.ReadByte()
		}
	case '\n':
	default:
		return false
	}
	r.read++
	return true
}

// endMark is what psql and files of PostgreSQL have behind the last row.
const endMark = `\.`

// finish reads past what stands behind the end mark.
func (r *CopyRows) finish() error {
	r.ended = true
	if _, err := io.Copy(io.Discard, r.src); err != nil {
		return err
	}
	return io.EOF
}

// textRow reads a row of the text form: fields between delimiters, with \ before what would be read otherwise.
func (r *CopyRows) textRow() error {
	var raw, text []byte // as it is written, and what it means
	for first := true; ; first = false {
		b, err := r.byte()
		if err == io.EOF && first {
			r.ended = true
			return io.EOF
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || b == r.form.Delimiter || r.newline(b) {
			if string(raw) == endMark && len(r.fields) == 0 && b != r.form.Delimiter {
				return r.finish()
			}
			null := string(raw) == r.form.Null
			if err := r.add(CopyField{Null: null, Text: text}); err != nil {
				return err
			}
			if err == nil && b == r.form.Delimiter {
				raw, text = nil, nil
				continue
			}
			return r.whole()
		}
		raw = append(raw, b)
		if b != '\\' {
			text = append(text, b)
			continue
		}
		if raw, text, err = r.escape(raw, text); err != nil {
			return err
		}
	}
}

// letters are what a letter behind \ stands for.
var letters = map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// escape reads what stands behind \: a letter, a number of the character in octal or hexadecimal, or the character itself.
func (r *CopyRows) escape(raw, text []byte) ([]byte, []byte, error) {
	b, err := r.byte()
	if err == io.EOF {
		return raw, append(text, '\\'), nil
	}
	if err != nil {
		return raw, text, err
	}
	raw = append(raw, b)
	switch c, ok := letters[b]; {
	case ok:
		text = append(text, c)
	case b >= '0' && b <= '7':
		n, more := r.digits(8, 2, int(b-'0'))
		raw, text = append(raw, more...), append(text, byte(n))
	case b == 'x':
		if n, more := r.digits(16, 2, 0); len(more) > 0 {
			raw, text = append(raw, more...), append(text, byte(n))
		} else {
			text = append(text, 'x')
		}
	default:
		if b == '\n' || b == '\r' && r.newline('\r') {
			text = append(text, '\n')
			if b == '\n' {
				r.read++
			}
			break
		}
		text = append(text, b)
	}
	return raw, text, nil
}

// digits reads up to so many digits more.
func (r *CopyRows) digits(base, most, n int) (int, []byte) {
	var read []byte
	for len(read) < most {
		next, err := r.src.Peek(1)
		if err != nil {
			break
		}
		d := strings.IndexByte("0123456789abcdef"[:base], next[0]|0x20)
		if next[0] <= '9' {
			d = strings.IndexByte("0123456789abcdef"[:min(base, 10)], next[0])
		}
		if d < 0 {
			break
		}
		b, _ := r.src.ReadByte()
		read, n = append(read, b), n*base+d
	}
	return n, read
}

// csvRow reads a row of CSV: a value in quotes may hold anything, the quote itself behind the escape character.
func (r *CopyRows) csvRow() error {
	var text []byte
	quoted := false // the value has quotes, so it is no NULL
	for first := true; ; first = false {
		b, err := r.byte()
		if err == io.EOF && first {
			r.ended = true
			return io.EOF
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == nil && b == r.form.Quote {
			quoted = true
			if text, err = r.quoted(text); err != nil {
				return err
			}
			continue
		}
		ends := err == io.EOF || b != r.form.Delimiter && r.newline(b)
		if !ends && b != r.form.Delimiter {
			text = append(text, b)
			continue
		}
		if ends && !quoted && len(r.fields) == 0 && string(text) == endMark {
			return r.finish()
		}
		if err := r.add(CopyField{Null: !quoted && string(text) == r.form.Null, Text: text}); err != nil {
			return err
		}
		if ends {
			return r.whole()
		}
		text, quoted = nil, false
	}
}

// quoted reads up to the closing quote.
func (r *CopyRows) quoted(text []byte) ([]byte, error) {
	for {
		b, err := r.byte()
		if err == io.EOF {
			return nil, r.wrong("unterminated CSV quoted field")
		}
		if err != nil {
			return nil, err
		}
		if b == '\n' {
			r.read++
		}
		if b == r.form.Escape {
			if next, err := r.src.Peek(1); err == nil && (next[0] == r.form.Quote || next[0] == r.form.Escape) {
				r.byte()
				text = append(text, next[0])
				continue
			}
		}
		if b == r.form.Quote {
			return text, nil
		}
		text = append(text, b)
	}
}

// copySignature is what the binary form begins with ("Binary Format" of COPY).
const copySignature = "PGCOPY\n\xff\r\n\x00"

func (r *CopyRows) signature() error {
	head := make([]byte, len(copySignature)+8)
	if _, err := io.ReadFull(r.src, head); err != nil {
		return r.cut(err, "COPY file signature not recognized")
	}
	if string(head[:len(copySignature)]) != copySignature {
		return r.wrong("COPY file signature not recognized")
	}
	rest := head[len(copySignature):]
	if flags := binary.BigEndian.Uint32(rest); flags>>16 != 0 {
		return r.wrong("unrecognized critical flags in COPY file header")
	}
	extension := int64(int32(binary.BigEndian.Uint32(rest[4:])))
	if extension < 0 {
		return r.wrong("invalid COPY file header (wrong length)")
	}
	if _, err := io.CopyN(io.Discard, r.src, extension); err != nil {
		return r.cut(err, "invalid COPY file header (wrong length)")
	}
	return nil
}

// cut is the error of data that ends too early.
func (r *CopyRows) cut(err error, text string) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.wrong("%s", text)
	}
	return err
}

// binaryRow reads a row: the number of its values, each with its length, -1 for NULL.
func (r *CopyRows) binaryRow() error {
	r.read++
	if _, err := r.src.Peek(1); err == io.EOF { // PostgreSQL takes the end without its mark as well, and pgx sends none
		r.ended = true
		return io.EOF
	}
	count, err := r.number(2)
	switch {
	case err != nil:
		return err
	case count == -1:
		if n, err := io.Copy(io.Discard, r.src); err != nil || n > 0 {
			return r.cut(errOr(err), "received copy data after EOF marker")
		}
		r.ended = true
		return io.EOF
	case count != len(r.oids):
		return r.wrong("row field count is %d, expected %d", count, len(r.oids))
	}
	for i := range count {
		f, err := r.binaryField(i)
		if err != nil {
			return err
		}
		r.fields = append(r.fields, f)
	}
	return nil
}

func errOr(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

func (r *CopyRows) binaryField(i int) (CopyField, error) {
	size, err := r.number(4)
	if err != nil || size == -1 {
		return CopyField{Null: true}, err
	}
	if r.size += size; size < 0 || r.size > maxMessage {
		return CopyField{}, r.wrong("invalid field size %d", size)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r.src, b); err != nil {
		return CopyField{}, r.cut(err, "unexpected EOF in COPY data")
	}
	text, err := fromBinary(b, r.oids[i])
	if err != nil {
		return CopyField{}, r.At(err, i)
	}
	return CopyField{Text: []byte(text)}, nil
}

// number reads a signed number of so many bytes.
func (r *CopyRows) number(size int) (int, error) {
	var b [4]byte
	if _, err := io.ReadFull(r.src, b[:size]); err != nil {
		return 0, r.cut(err, "unexpected EOF in COPY data")
	}
	if size == 2 {
		return int(int16(binary.BigEndian.Uint16(b[:]))), nil
	}
	return int(int32(binary.BigEndian.Uint32(b[:]))), nil
}
