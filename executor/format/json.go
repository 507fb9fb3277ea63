package format

import (
	"bytes"
	"encoding/json"
	"strings"

	"slipway/conf"
	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// JSON is an object a record, its members by the names of columns.
var JSON = &Format{
	Name: "json", Text: "An object a record, its members by the names of the columns.",
	Options:   []*conf.Setting{timeFormat.Setting},
	NewReader: singleReader(newJSONDecoder), NewWriter: singleWriter(newJSONEncoder),
}

var timeFormat = conf.StringOption("timeformat", "", "V", "Form of TIMESTAMP in records that are read: epoch_ms, epoch_s, or a Java date pattern; SQL text is read besides, and written.")

// jsonDecoder walks an object once. It expects the keys of the record before, in
// their order: then a key costs one comparison. Values it does not need are skipped;
// odd ones (escapes, nesting) take the slow path for themselves only.
type jsonDecoder struct {
	byName  map[string]int // declared spelling -> batch column, -1: not needed
	folded  map[string]int // lower case
	names   []string       // per batch column, for errors
	last    []expected     // keys of the record before
	seen    []int          // per batch column: serial of the record that set it
	serial  int
	misses  int // guesses that failed in a row
	paused  int // records until the next guess
	moments moments
	buf     []byte
	absent  []*column.Vector // per batch column: one row, what it is where a record does not have it; nil: NULL
}

type expected struct {
	key    []byte
	prefix prefix // `,"key":`, the first `{"key":`
	column int
}

func newJSONDecoder(o Options) decoder {
	d := &jsonDecoder{byName: map[string]int{}, folded: map[string]int{}, seen: make([]int, len(o.Columns)), moments: momentsOf(o)}
	for i := range o.Declared {
		d.enter(o.Declared[i].Name, -1)
	}
	for i, c := range o.Columns {
		d.enter(o.Declared[c].Name, i)
		d.names = append(d.names, o.Declared[c].Name)
	}
	d.absent = o.absent()
	return d
}

func (d *jsonDecoder) enter(name string, column int) {
	d.byName[name] = column
	d.folded[strings.ToLower(name)] = column
}

// lookup finds a key by its declared spelling, then without regard to case.
func (d *jsonDecoder) lookup(key []byte) int {
	if c, ok := d.byName[string(key)]; ok {
		return c
	}
	if c, ok := d.folded[strings.ToLower(string(key))]; ok {
		return c
	}
	return -1
}

func malformed(what string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed JSON: %s", what)
}

// decode implements decoder.
func (d *jsonDecoder) decode(v []byte, b *column.Batch, row int) error {
	v = withoutMark(v)
	d.serial++
	if d.speculate(v, b, row) {
		d.fillNulls(b, row)
		return nil
	}
	d.serial++ // what the guess has read does not count
	i := space(v, 0)
	if i >= len(v) || v[i] != '{' {
		return malformed("the record is no object")
	}
	i = space(v, i+1)
	n := 0
	for i < len(v) && v[i] != '}' {
		var err error
		if i, err = d.member(v, i, n, b, row); err != nil {
			return err
		}
		n++
		i = space(v, i)
		if i < len(v) && v[i] == ',' {
			i = space(v, i+1)
			if i < len(v) && v[i] == '}' {
				return malformed("a comma before the end")
			}
			continue
		}
		break
	}
	if i >= len(v) || v[i] != '}' {
		return malformed("it ends too early")
	}
	if space(v, i+1) != len(v) {
		return malformed("text behind the object")
	}
	d.fillNulls(b, row)
	return nil
}

// wholeKey implements decoder: the object may have more members.
func (d *jsonDecoder) wholeKey(_ []byte, names []string) error {
	for i, s := range d.seen {
		if s != d.serial {
			return sqlerr.New(sqlerr.InvalidText, "column %s of the primary key is missing", names[i])
		}
	}
	return nil
}

// fillNulls gives the columns that the record did not have.
func (d *jsonDecoder) fillNulls(b *column.Batch, row int) {
	for c, s := range d.seen {
		if s != d.serial {
			d.leftOut(b.Cols[c], c, row)
		}
	}
}

// leftOut gives a column its DEFAULT, else NULL.
func (d *jsonDecoder) leftOut(out *column.Vector, c, row int) {
	if c >= len(d.absent) || d.absent[c] == nil || d.absent[c].Null(0) {
		setNull(out, row)
		return
	}
	present(out, row)
	out.Set(row, d.absent[c], 0)
}

// member reads "key": value.
func (d *jsonDecoder) member(v []byte, i, n int, b *column.Batch, row int) (int, error) {
	var c int
	if n < len(d.last) && matches(v, i, d.last[n].key) {
		c = d.last[n].column
		i += len(d.last[n].key) + 2
	} else {
		if v[i] != '"' {
			return i, malformed("a key is missing")
		}
		end, escaped, err := stringEnd(v, i)
		if err != nil {
			return i, err
		}
		key := v[i+1 : end-1]
		if escaped {
			if key, err = d.unescape(v[i:end]); err != nil {
				return i, err
			}
			c = d.lookup(key)
		} else {
			c = d.lookup(key)
			d.learn(n, key, c)
		}
		i = end
	}
	i = space(v, i)
	if i >= len(v) || v[i] != ':' {
		return i, malformed("a colon is missing")
	}
	i = space(v, i+1)
	if i >= len(v) {
		return i, malformed("it ends too early")
	}
	if c < 0 {
		return skip(v, i, 0)
	}
	d.seen[c] = d.serial
	end, err := d.value(v, i, b.Cols[c], row)
	if err != nil {
		return end, inColumn(d.names[c], err)
	}
	return end, nil
}

// matches tells whether the expected key stands at i.
func matches(v []byte, i int, key []byte) bool {
	end := i + len(key) + 1
	return end < len(v) && v[i] == '"' && v[end] == '"' && string(v[i+1:end]) == string(key)
}

// learn remembers a key at its place.
func (d *jsonDecoder) learn(n int, key []byte, c int) {
	if n < len(d.last) {
		d.last[n] = expected{append(d.last[n].key[:0], key...), prefixOf(n, key), c}
	} else if n == len(d.last) && n < 256 {
		d.last = append(d.last, expected{bytes.Clone(key), prefixOf(n, key), c})
	}
}

// unescape reads a quoted string with escapes; the result is valid until the next call.
func (d *jsonDecoder) unescape(quoted []byte) ([]byte, error) {
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil, malformed("a string has a wrong escape")
	}
	d.buf = append(column.Emptied(d.buf), s...)
	return d.buf, nil
}

// value reads the value at i into a row.
func (d *jsonDecoder) value(v []byte, i int, out *column.Vector, row int) (int, error) {
	present(out, row)
	switch c := v[i]; {
	case c == '"':
		end, escaped, err := stringEnd(v, i)
		if err != nil {
			return i, err
		}
		if out.Type.Kind == types.JSON {
			return end, out.SetText(row, v[i:end]) // with its quotes and escapes: it is JSON text
		}
		text := v[i+1 : end-1]
		if escaped {
			if text, err = d.unescape(v[i:end]); err != nil {
				return i, err
			}
		}
		return end, d.text(text, out, row)
	case c == '-' || c >= '0' && c <= '9':
		return d.number(v, i, out, row)
	case c == 'n':
		end, err := skip(v, i, 0)
		setNull(out, row)
		return end, err
	}
	end, err := skip(v, i, 0)
	if err != nil {
		return i, err
	}
	if v[i] == 't' || v[i] == 'f' {
		if out.Type.Kind == types.Boolean {
			out.Bools[row] = v[i] == 't'
			return end, nil
		}
		return end, out.SetText(row, v[i:end])
	}
	if out.Type.IsNested() {
		return end, out.SetJSON(row, v[i:end])
	}
	if out.Type.Physical() != types.PhysicalBytes {
		return end, mismatch(v[i:end], out.Type)
	}
	if !json.Valid(v[i:end]) {
		return end, malformed("a nested value")
	}
	out.SetBytes(row, value.Characters(v[i:end]))
	return end, nil
}

func (d *jsonDecoder) text(text []byte, out *column.Vector, row int) error {
	if out.Type.Physical() == types.PhysicalBytes {
		out.SetBytes(row, value.Characters(text))
		return nil
	}
	if out.Type.IsMoment() {
		return d.moments.text(text, out, row)
	}
	return out.SetText(row, text)
}

// setTime puts a TIMESTAMP that was not written as one into a row.
func setTime(out *column.Vector, row int, micros int64, text []byte) error {
	if !value.TimeInRange(micros) {
		return value.OutOfRange.Error(out.Type, text)
	}
	out.Ints[row] = value.CutTime(micros, out.Type.Precision)
	return nil
}

func mismatch(text []byte, t types.Type) error {
	if len(text) > 60 {
		text = append(bytes.Clone(text[:60]), "…"...)
	}
	return sqlerr.New(sqlerr.InvalidText, "%s is no %s", text, t)
}

func (d *jsonDecoder) number(v []byte, i int, out *column.Vector, row int) (int, error) {
	if out.Type.IsInteger() { // digits of a common length
		start := i
		if v[i] == '-' {
			start++
		}
		n, digits := value.ReadDigits(v[start:])
		at := start + digits
		whole := at == len(v) || v[at] != '.' && v[at] != 'e' && v[at] != 'E'
		if whole && digits > 0 && digits <= 18 && (v[start] != '0' || digits == 1) && (digits <= 2 || out.Type.Kind == types.BigInt) {
			if start > i {
				n = -n
			}
			out.Ints[row] = n
			return at, nil
		}
	}
	end := numberEnd(v, i)
	text := v[i:end]
	if !validNumber(text) {
		return i, malformed("a number")
	}
	switch {
	case out.Type.IsMoment():
		return end, d.moments.number(text, out, row)
	case out.Type.Physical() == types.PhysicalBytes:
		out.SetBytes(row, text)
		return end, nil
	case out.Type.Kind == types.Date, out.Type.Kind == types.Time, out.Type.Kind == types.Interval:
		return end, mismatch(text, out.Type)
	}
	return end, out.SetText(row, text)
}
