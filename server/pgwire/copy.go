package pgwire

import (
	"bytes"
	"context"
	"io"
	"slices"

	"github.com/jackc/pgproto3/v2"
)

// CopyForm is how COPY writes rows.
type CopyForm struct {
	CSV                      bool
	Header                   bool
	Null                     string
	Delimiter, Quote, Escape byte // quote and escape: CSV only
}

// TextForm and CSVForm are PostgreSQL's defaults.
var (
	TextForm = CopyForm{Null: `\N`, Delimiter: '\t'}
	CSVForm  = CopyForm{CSV: true, Delimiter: ',', Quote: '"', Escape: '"'}
)

// copyOut sends rows as COPY data, each before the next is waited for.
func (c *conn) copyOut(ctx context.Context, r Result, form *CopyForm) error {
	cols := r.Columns()
	c.send(&pgproto3.CopyOutResponse{ColumnFormatCodes: make([]uint16, len(cols))})
	var line, cell []byte
	if form.Header {
		for i, col := range cols {
			line = form.append(line, i, []byte(col.Name), false)
		}
		c.send(&pgproto3.CopyData{Data: append(line, '\n')})
	}
	for {
		row, err := c.pull(ctx, r)
		if err == io.EOF {
			c.send(&pgproto3.CopyDone{})
			c.send(&pgproto3.CommandComplete{CommandTag: []byte(r.Tag())})
			return nil
		}
		if err != nil {
			return err
		}
		line = line[:0]
		for i := range cols {
			var null bool
			cell, null = row.AppendText(cell[:0], i)
			line = form.append(line, i, cell, null)
		}
		line = append(line, '\n')
		c.send(&pgproto3.CopyData{Data: line})
		if err := c.flushFull(); err != nil {
			return err
		}
	}
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
