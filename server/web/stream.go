package web

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"slipway/server/pgwire"
)

// flushAt is how much may wait to go out.
const flushAt = 64 << 10

// stream writes the lines of an answer. Notices come from other goroutines than rows do.
type stream struct {
	to      io.Writer
	control *http.ResponseController // nil: nobody waits for the parts
	mu      sync.Mutex
	buffer  []byte
	inRows  bool // a line of rows is open
	cell    []byte
	dead    error // the first write error
}

// line adds a line of JSON.
func (s *stream) line(v any) {
	b, err := json.Marshal(v)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil { // all lines are plain structs
		s.dead = err
		return
	}
	s.endRows()
	s.buffer = append(append(s.buffer, b...), '\n')
}

func (s *stream) columns(list []pgwire.Column) {
	l := columnsLine{Columns: make([]columnLine, len(list))}
	for i, c := range list {
		l.Columns[i] = columnLine{c.Name, c.TypeOID()}
	}
	s.line(l)
}

// row adds a row to the line of rows, and sends what has become much.
func (s *stream) row(row pgwire.Row, columns int) error {
	s.mu.Lock()
	if s.inRows {
		s.buffer = append(s.buffer, ',')
	} else {
		s.buffer = append(s.buffer, `{"rows":[`...)
		s.inRows = true
	}
	s.buffer = append(s.buffer, '[')
	for i := range columns {
		if i > 0 {
			s.buffer = append(s.buffer, ',')
		}
		var null bool
		if s.cell, null = row.AppendText(s.cell[:0], i); null {
			s.buffer = append(s.buffer, "null"...)
		} else {
			s.buffer = appendJSON(s.buffer, s.cell)
		}
	}
	s.buffer = append(s.buffer, ']')
	full := len(s.buffer) >= flushAt
	s.mu.Unlock()
	if full {
		return s.flush()
	}
	return nil
}

func (s *stream) endRows() {
	if s.inRows {
		s.buffer = append(s.buffer, "]}\n"...)
		s.inRows = false
	}
}

// flush sends what is there, and tells whether anybody still takes it.
func (s *stream) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endRows()
	if s.dead != nil || len(s.buffer) == 0 {
		return s.dead
	}
	if s.control != nil {
		s.control.SetWriteDeadline(time.Now().Add(writePatience))
	}
	if _, s.dead = s.to.Write(s.buffer); s.dead == nil && s.control != nil {
		s.dead = s.control.Flush()
	}
	s.buffer = s.buffer[:0]
	return s.dead
}

const hexDigits = "0123456789abcdef"

// appendJSON appends a text as a string of JSON; bytes that are no UTF-8 become U+FFFD.
func appendJSON(dst, text []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(text); {
		b := text[i]
		switch {
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case b < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		default:
			dst = append(dst, b)
		}
		i++
	}
	return append(dst, '"')
}
