package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// jsonDecoder walks an object once. It expects the keys of the record before, in
// their order: then a key costs one comparison. Values it does not need are skipped;
// odd ones (escapes, nesting) take the slow path for themselves only.
type jsonDecoder struct {
	byName map[string]int // declared spelling -> batch column, -1: not needed
	folded map[string]int // lower case
	names  []string       // per batch column, for errors
	last   []expected     // keys of the record before
	seen   []int          // per batch column: serial of the record that set it
	serial int
	misses int   // guesses that failed in a row
	paused int   // records until the next guess
	epoch  int64 // microseconds of a numeric TIMESTAMP's unit
	layout string
	buf    []byte
}

type expected struct {
	key    []byte
	prefix []byte // `,"key":`, the first `{"key":`
	column int
}

func newJSONDecoder(o Options) *jsonDecoder {
	d := &jsonDecoder{byName: map[string]int{}, folded: map[string]int{}, seen: make([]int, len(o.Columns)), epoch: column.Millisecond}
	for i := range o.Declared {
		d.enter(o.Declared[i].Name, -1)
	}
	for i, c := range o.Columns {
		d.enter(o.Declared[c].Name, i)
		d.names = append(d.names, o.Declared[c].Name)
	}
	switch o.TimeFormat {
	case "", "epoch_ms":
	case "epoch_s":
		d.epoch = column.Second
	default:
		d.layout = expr.JavaLayout(o.TimeFormat)
	}
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

// Decode implements Decoder.
func (d *jsonDecoder) Decode(v []byte, b *column.Batch, row int) error {
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

// fillNulls gives the columns that the record did not have.
func (d *jsonDecoder) fillNulls(b *column.Batch, row int) {
	for c, s := range d.seen {
		if s != d.serial {
			setNull(b.Cols[c], row)
		}
	}
}

func space(v []byte, i int) int {
	for i < len(v) && (v[i] == ' ' || v[i] == '\n' || v[i] == '\t' || v[i] == '\r') {
		i++
	}
	return i
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

// stringEnd gives the offset behind the closing quote of the string at i.
func stringEnd(v []byte, i int) (end int, escaped bool, err error) {
	at, quote := i+1, i // quote: the next one, looked for again only when it is passed
	for {
		if quote < at {
			q := bytes.IndexByte(v[min(at, len(v)):], '"')
			if q < 0 {
				return 0, false, malformed("a string does not end")
			}
			quote = at + q
		}
		s := bytes.IndexByte(v[at:quote], '\\')
		if s < 0 {
			return quote + 1, escaped, nil
		}
		escaped = true
		at += s + 2
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

// maxDepth bounds nesting.
const maxDepth = 1000

// skip gives the offset behind the value at i.
func skip(v []byte, i, depth int) (int, error) {
	switch c := v[i]; {
	case c == '"':
		return skipString(v, i)
	case c == '{' || c == '[':
		return skipNested(v, i, depth)
	case c == '-' || c >= '0' && c <= '9':
		end := numberEnd(v, i)
		if !validNumber(v[i:end]) {
			return i, malformed("a number")
		}
		return end, nil
	}
	for _, word := range []string{"null", "true", "false"} {
		if len(v)-i >= len(word) && string(v[i:i+len(word)]) == word {
			return i + len(word), nil
		}
	}
	return i, malformed("a value is missing")
}

// skipString checks the escapes of a string that nobody needs.
func skipString(v []byte, i int) (int, error) {
	end, escaped, err := stringEnd(v, i)
	if err == nil && escaped && !json.Valid(v[i:end]) {
		return i, malformed("a string has a wrong escape")
	}
	return end, err
}

func skipNested(v []byte, i, depth int) (int, error) {
	if depth > maxDepth {
		return i, malformed("it is nested too deeply")
	}
	object := v[i] == '{'
	closing := v[i] + 2 // '{' -> '}', '[' -> ']'
	i = space(v, i+1)
	for first := true; i < len(v) && v[i] != closing; first = false {
		if !first {
			if v[i] != ',' {
				return i, malformed("a comma is missing")
			}
			i = space(v, i+1)
		}
		if object {
			if i >= len(v) || v[i] != '"' {
				return i, malformed("a key is missing")
			}
			end, err := skipString(v, i)
			if err != nil {
				return i, err
			}
			if i = space(v, end); i >= len(v) || v[i] != ':' {
				return i, malformed("a colon is missing")
			}
			i = space(v, i+1)
		}
		if i >= len(v) {
			break
		}
		var err error
		if i, err = skip(v, i, depth+1); err != nil {
			return i, err
		}
		i = space(v, i)
	}
	if i >= len(v) {
		return i, malformed("it ends too early")
	}
	return i + 1, nil
}

func numberEnd(v []byte, i int) int {
	for i < len(v) && (v[i] >= '0' && v[i] <= '9' || v[i] == '-' || v[i] == '+' || v[i] == '.' || v[i] == 'e' || v[i] == 'E') {
		i++
	}
	return i
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
	if out.Type.Physical() != types.PhysicalBytes {
		return end, mismatch(v[i:end], out.Type)
	}
	if !json.Valid(v[i:end]) {
		return end, malformed("a nested value")
	}
	out.SetBytes(row, v[i:end])
	return end, nil
}

func (d *jsonDecoder) text(text []byte, out *column.Vector, row int) error {
	switch out.Type.Physical() {
	case types.PhysicalBytes:
		out.SetBytes(row, value.Characters(text))
		return nil
	}
	if out.Type.Kind == types.Timestamp && d.layout != "" {
		t, err := time.Parse(d.layout, string(text))
		if err != nil {
			return value.Malformed.Error(out.Type, text)
		}
		return setTime(out, row, t.UnixMicro(), text)
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
	if out.Type.IsInteger() { // digits of a common length, by hand
		n, at, negative := int64(0), i, false
		if v[at] == '-' {
			negative = true
			at++
		}
		start := at
		for at < len(v) && v[at]-'0' <= 9 {
			n = n*10 + int64(v[at]-'0')
			at++
		}
		if at > start && at-start <= 18 && (at == len(v) || v[at] != '.' && v[at] != 'e' && v[at] != 'E') && (v[start] != '0' || at-start == 1) && (out.Type.Kind == types.BigInt || at-start <= 2) {
			if negative {
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
	case out.Type.Kind == types.Timestamp:
		n, fault := value.ReadInt(text, types.BigInt)
		if fault != value.OK || n > (1<<62)/d.epoch || n < -(1<<62)/d.epoch {
			return end, value.OutOfRange.Error(out.Type, text)
		}
		return end, setTime(out, row, n*d.epoch, text)
	case out.Type.Physical() == types.PhysicalBytes:
		out.SetBytes(row, text)
		return end, nil
	case out.Type.Kind == types.Date:
		return end, mismatch(text, out.Type)
	}
	return end, out.SetText(row, text)
}

// validNumber follows RFC 8259.
func validNumber(b []byte) bool {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	start := i
	if !digits() || b[start] == '0' && i > start+1 {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}

// jsonEncoder writes objects with prepared keys.
type jsonEncoder struct {
	prefix [][]byte // `{"id":`, `,"k":` …
	binary []int    // columns whose bytes need not be text
	names  []string
	keys   []int
	keyPre [][]byte
}

func newJSONEncoder(o Options) *jsonEncoder {
	e := &jsonEncoder{keys: o.Keys}
	for i, c := range o.Declared {
		e.prefix = append(e.prefix, keyText(i, c.Name))
		if c.Type.Kind == types.Binary {
			e.binary, e.names = append(e.binary, i), append(e.names, c.Name)
		}
	}
	for i, k := range o.Keys {
		e.keyPre = append(e.keyPre, keyText(i, o.Declared[k].Name))
	}
	return e
}

func keyText(i int, name string) []byte {
	b := []byte{'{'}
	if i > 0 {
		b[0] = ','
	}
	return append(AppendString(b, []byte(name)), ':')
}

// Takes implements Encoder: JSON is text, and bytes that are none would not come back.
func (e *jsonEncoder) Takes(b *column.Batch) error {
	for n, c := range e.binary {
		if !isText(b, b.Cols[c]) {
			return sqlerr.New(sqlerr.InvalidCharacter, "column %s: a BINARY value is no text of UTF-8, and JSON holds only text", e.names[n]).
				WithHint("The formats raw and delimited keep all bytes.")
		}
	}
	return nil
}

func isText(b *column.Batch, v *column.Vector) bool {
	text := true
	b.Each(func(i int) { text = text && (v.Null(i) || utf8.Valid(v.Bytes(i))) })
	return text
}

// Append implements Encoder.
func (e *jsonEncoder) Append(dst []byte, b *column.Batch, i int) []byte {
	for c, p := range e.prefix {
		dst = append(dst, p...)
		dst = AppendJSON(dst, b.Cols[c], i)
	}
	return append(dst, '}')
}

// AppendKey implements Encoder.
func (e *jsonEncoder) AppendKey(dst []byte, b *column.Batch, i int) []byte {
	for n, k := range e.keys {
		dst = append(dst, e.keyPre[n]...)
		dst = AppendJSON(dst, b.Cols[k], i)
	}
	return append(dst, '}')
}

// AppendJSON writes one value.
func AppendJSON(dst []byte, v *column.Vector, i int) []byte {
	if v.Null(i) {
		return append(dst, "null"...)
	}
	switch v.Type.Kind {
	case types.Date, types.Timestamp:
		dst = append(dst, '"')
		dst = column.AppendText(dst, v, i)
		return append(dst, '"')
	case types.Float, types.Double:
		if f := v.Floats[i]; f-f != 0 { // JSON has no NaN and no infinity: they are written as strings
			dst = append(dst, '"')
			dst = column.AppendText(dst, v, i)
			return append(dst, '"')
		}
	case types.String, types.Varchar, types.Char, types.Binary:
		return AppendString(dst, v.Bytes(i))
	}
	return column.AppendText(dst, v, i)
}

// AppendString writes a JSON string; the common one is copied as it is.
func AppendString(dst, s []byte) []byte {
	plain := true
	for _, c := range s {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	dst = append(dst, '"')
	if plain {
		dst = append(dst, s...)
		return append(dst, '"')
	}
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, "\uFFFD"...)
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return append(dst, '"')
}
