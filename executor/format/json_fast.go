package format

import (
	"bytes"
	"encoding/binary"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

// The speculative path: records of a topic mostly have the same keys in the same order
// and no blanks, as programs write them. Then the text between two values is known, and
// a record is walked by comparing it. Whatever is not as expected, also what is wrong,
// is left to the general path, which reads the record again from its beginning.

const (
	// A topic whose records keep failing the expectation is not asked for a while.
	patience = 8
	pause    = 256
)

// speculate reads a record as the one before was; false if it is not like it.
func (d *jsonDecoder) speculate(v []byte, b *column.Batch, row int) bool {
	if d.paused > 0 {
		d.paused--
		return false
	}
	if len(d.last) == 0 || bytes.IndexByte(v, '\\') >= 0 {
		return false
	}
	if d.walk(v, b, row) {
		d.misses = 0
		return true
	}
	if d.misses++; d.misses == patience {
		d.misses, d.paused = 0, pause
	}
	return false
}

func (d *jsonDecoder) walk(v []byte, b *column.Batch, row int) bool {
	i := 0
	for n := range d.last {
		if n > 0 && i == len(v)-1 && v[i] == '}' {
			return true // a shorter one
		}
		e := &d.last[n]
		if i+len(e.prefix.text) >= len(v) || !e.prefix.begins(v[i:]) {
			return false
		}
		i += len(e.prefix.text)
		var ok bool
		if c := e.column; c < 0 {
			i, ok = pass(v, i)
		} else {
			d.seen[c] = d.serial
			i, ok = d.take(v, i, b.Cols[c], row)
		}
		if !ok {
			return false
		}
	}
	return i == len(v)-1 && v[i] == '}'
}

// pass skips a string without escapes, a whole number, an array or an object.
func pass(v []byte, i int) (int, bool) {
	if v[i] == '[' || v[i] == '{' {
		end, err := skip(v, i, 0)
		return end, err == nil
	}
	if v[i] == '"' {
		end := bytes.IndexByte(v[i+1:], '"')
		return i + end + 2, end >= 0
	}
	digits := value.CountDigits(v[i:])
	end := i + digits
	return end, digits > 0 && (v[i] != '0' || digits == 1) && end < len(v) && (v[end] == ',' || v[end] == '}')
}

// take reads a string without escapes or a number into a row.
func (d *jsonDecoder) take(v []byte, i int, out *column.Vector, row int) (int, bool) {
	switch c := v[i]; {
	case c == '"':
		end := bytes.IndexByte(v[i+1:], '"')
		if end < 0 || out.Type.Kind == types.JSON {
			return i, false
		}
		present(out, row)
		return i + end + 2, d.text(v[i+1:i+1+end], out, row) == nil
	case c == '-' || c >= '0' && c <= '9':
		present(out, row)
		end, err := d.number(v, i, out, row)
		return end, err == nil && end < len(v) && (v[end] == ',' || v[end] == '}')
	case (c == '[' || c == '{') && out.Type.IsNested():
		end, err := skip(v, i, 0)
		present(out, row)
		return end, err == nil && out.SetJSON(row, v[i:end]) == nil
	}
	return i, false
}

// prefix is what stands between the value before a key and the value behind it. Its first and its last eight bytes are numbers
// too, which overlap: two comparisons do where it has 8 to 16 bytes, as most have.
type prefix struct {
	text        []byte
	first, last uint64 // 0: it has fewer bytes or more
}

func prefixOf(n int, key []byte) (p prefix) {
	p.text = make([]byte, 0, len(key)+4)
	if n == 0 {
		p.text = append(p.text, '{')
	} else {
		p.text = append(p.text, ',')
	}
	p.text = append(p.text, '"')
	p.text = append(p.text, key...)
	p.text = append(p.text, '"', ':')
	if size := len(p.text); size >= 8 && size <= 16 {
		p.first, p.last = binary.LittleEndian.Uint64(p.text), binary.LittleEndian.Uint64(p.text[size-8:])
	}
	return p
}

// begins tells whether v, which is longer, begins with it.
func (p *prefix) begins(v []byte) bool {
	size := len(p.text)
	if p.first != 0 {
		return binary.LittleEndian.Uint64(v) == p.first && binary.LittleEndian.Uint64(v[size-8:]) == p.last
	}
	return string(v[:size]) == string(p.text)
}
