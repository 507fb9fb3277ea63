package pgwire

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"slices"

	"github.com/jackc/pgproto3/v2"
)

// CopyForm is how COPY writes and reads rows.
type CopyForm struct {
	CSV, Binary              bool // neither: text
	Header                   bool
	Match                    bool // read: the header has the names of the columns
	Null                     string
	Delimiter, Quote, Escape byte // quote and escape: CSV only
}

// TextForm and CSVForm are PostgreSQL's defaults.
var (
	TextForm = CopyForm{Null: `\N`, Delimiter: '\t'}
	CSVForm  = CopyForm{CSV: true, Delimiter: ',', Quote: '"', Escape: '"'}
	// BinaryForm has the binary forms of the values.
	BinaryForm = CopyForm{Binary: true}
)

// copyOut sends rows as COPY data, each before the next is waited for.
func (c *conn) copyOut(ctx context.Context, r Result, form *CopyForm) error {
	cols := r.Columns()
	c.send(form.response(len(cols)))
	var line, cell []byte
	if form.Binary { // it goes out with the first row, as clients expect it
		line = append([]byte(copySignature), make([]byte, 8)...)
	}
	if form.Header {
		for i, col := range cols {
			line = form.append(line, i, []byte(col.Name), false)
		}
		c.send(&pgproto3.CopyData{Data: append(line, '\n')})
		line = line[:0]
	}
	for {
		row, err := c.pull(ctx, r)
		if err == io.EOF {
			if form.Binary {
				c.send(&pgproto3.CopyData{Data: append(line, 0xff, 0xff)})
			}
			c.send(&pgproto3.CopyDone{})
			c.send(&pgproto3.CommandComplete{CommandTag: []byte(r.Tag())})
			return nil
		}
		if err != nil {
			return err
		}
		if form.Binary {
			line, err = appendTuple(line, row, len(cols))
		} else {
			line, cell = form.appendLine(line, cell, row, len(cols))
		}
		if err != nil {
			return err
		}
		c.send(&pgproto3.CopyData{Data: line})
		line = line[:0]
		if err := c.flushFull(); err != nil {
			return err
		}
	}
}

// response says in which form the columns go out.
func (f *CopyForm) response(columns int) *pgproto3.CopyOutResponse {
	m := &pgproto3.CopyOutResponse{ColumnFormatCodes: make([]uint16, columns)}
	if f.Binary {
		m.OverallFormat = 1
		for i := range m.ColumnFormatCodes {
			m.ColumnFormatCodes[i] = 1
		}
	}
	return m
}

// appendTuple adds a row of the binary form: the number of its values, each with its length, -1 for NULL.
func appendTuple(dst []byte, row Row, columns int) ([]byte, error) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(columns))
	for i := range columns {
		at := len(dst)
		out, null, err := row.AppendBinary(append(dst, 0, 0, 0, 0), i)
		if err != nil {
			return dst, err
		}
		if dst = out; null {
			dst = binary.BigEndian.AppendUint32(dst[:at], 0xFFFFFFFF)
			continue
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, nil
}

// appendLine adds a row of the other forms.
func (f *CopyForm) appendLine(line, cell []byte, row Row, columns int) ([]byte, []byte) {
	for i := range columns {
		var null bool
		cell, null = row.AppendText(cell[:0], i)
		line = f.append(line, i, cell, null)
	}
	return append(line, '\n'), cell
}

// append adds column i to a line.
func (f *CopyForm) append(line []byte, i int, cell []byte, null bool) []byte {
	if i > 0 {
		line = append(line, f.Delimiter)
	}
	switch {
	case null:
		return append(line, f.Null...)
	case f.CSV:
		return f.appendCSV(line, cell)
	}
	return f.appendText(line, cell)
}

// appendCSV quotes what could be read as something else.
func (f *CopyForm) appendCSV(line, cell []byte) []byte {
	special := func(b byte) bool { return b == f.Delimiter || b == f.Quote || b == '\n' || b == '\r' }
	if string(cell) != f.Null && string(cell) != `\.` && !slices.ContainsFunc(cell, special) {
		return append(line, cell...)
	}
	line = append(line, f.Quote)
	for _, b := range cell {
		if b == f.Quote || b == f.Escape {
			line = append(line, f.Escape)
		}
		line = append(line, b)
	}
	return append(line, f.Quote)
}

// escapes are the letters of PostgreSQL's text form.
var escapes = map[byte]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v', '\\': '\\'}

func (f *CopyForm) appendText(line, cell []byte) []byte {
	if bytes.IndexByte(cell, f.Delimiter) < 0 && !bytes.ContainsAny(cell, "\b\f\n\r\t\v\\") {
		return append(line, cell...)
	}
	for _, b := range cell {
		if letter, ok := escapes[b]; ok {
			line = append(line, '\\', letter)
		} else if b == f.Delimiter {
			line = append(line, '\\', b)
		} else {
			line = append(line, b)
		}
	}
	return line
}
