package value

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// jsonFilter is what stands in ? (…) of a path, or one part of it.
type jsonFilter struct {
	// op is && || ! ( for a bracket with IS UNKNOWN, exists, a comparison, starts with or like_regex.
	op       string
	parts    []jsonFilter // of && || ! (
	operands []jsonOperand
	pattern  *regexp.Regexp
}

// jsonOperand is a constant, or a path from the current value, @, or from the whole, $.
type jsonOperand struct {
	constant []byte
	path     *JSONPath
	whole    bool
	strict   bool
}

// truth is that of SQL: a comparison of values of two kinds is neither true nor false.
type truth int8

const (
	isFalse truth = iota
	isUnknown
	isTrue
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

func (f *jsonFilter) of(v, whole []byte) truth {
	switch f.op {
	case "&&":
		return min(f.parts[0].of(v, whole), f.parts[1].of(v, whole))
	case "||":
		return max(f.parts[0].of(v, whole), f.parts[1].of(v, whole))
	case "!":
		return isTrue - f.parts[0].of(v, whole)
	case "is unknown":
		return truthOf(f.parts[0].of(v, whole) == isUnknown)
	case "exists":
		found := isFalse
		f.operands[0].each(v, whole, func([]byte) bool {
			found = isTrue
			return false
		})
		return found
	}
	return f.compare(v, whole)
}

// compare is true if it is for a pair of values of both sides, and else unknown if it is for one.
func (f *jsonFilter) compare(v, whole []byte) truth {
	best := isFalse
	right := [][]byte{nil}
	if len(f.operands) > 1 {
		right = f.operands[1].values(v, whole)
	}
	for _, a := range f.operands[0].values(v, whole) {
		for _, b := range right {
			if best = max(best, f.pair(a, b)); best == isTrue {
				return isTrue
			}
		}
	}
	return best
}

func (f *jsonFilter) pair(a, b []byte) truth {
	switch f.op {
	case "starts with":
		if a[0] != '"' || b[0] != '"' {
			return isUnknown
		}
		return truthOf(bytes.HasPrefix(Unquoted(a), Unquoted(b)))
	case "like_regex":
		if a[0] != '"' {
			return isUnknown
		}
		return truthOf(f.pattern.Match(Unquoted(a)))
	}
	order, known := compareJSONScalars(a, b)
	if !known {
		return isUnknown
	}
	switch f.op {
	case "==":
		return truthOf(order == 0)
	case "!=":
		return truthOf(order != 0)
	case "<":
		return truthOf(order == -1)
	case "<=":
		return truthOf(order == -1 || order == 0)
	case ">":
		return truthOf(order == 1)
	}
	return truthOf(order == 1 || order == 0)
}

// neitherWay is the order of null and another value, which are not equal, and neither is less.
const neitherWay = 2

// compareJSONScalars compares two of one kind; of objects and arrays, and of others, nothing is known.
func compareJSONScalars(a, b []byte) (order int, known bool) {
	x, y := scalarKind(a), scalarKind(b)
	switch {
	case x == '{' || y == '{':
		return 0, false
	case x == 'n' || y == 'n':
		if x == y {
			return 0, true
		}
		return neitherWay, true
	case x != y:
		return 0, false
	case x == '"':
		return bytes.Compare(Unquoted(a), Unquoted(b)), true
	case x == 't':
		return bytes.Compare(b[:1], a[:1]) * -1, true // f is less than t
	}
	return CompareJSONNumbers(a, b), true
}

// scalarKind is n of null, t of true and false, 0 of a number, { of an object and an array.
func scalarKind(v []byte) byte {
	switch v[0] {
	case '{', '[':
		return '{'
	case 't', 'f':
		return 't'
	case 'n', '"':
		return v[0]
	}
	return 0
}

// values are those of an operand; an array is its elements, but in a strict path.
func (o *jsonOperand) values(v, whole []byte) (list [][]byte) {
	o.each(v, whole, func(part []byte) bool {
		if part[0] != '[' || o.strict {
			list = append(list, part)
			return true
		}
		for parts := PartsOf(part); parts.Next(); {
			list = append(list, parts.Value)
		}
		return true
	})
	return list
}

// each gives the values of an operand as they are.
func (o *jsonOperand) each(v, whole []byte, take func(part []byte) bool) {
	switch {
	case o.path == nil:
		take(o.constant)
	case o.whole:
		o.path.each(whole, whole, take)
	default:
		o.path.each(v, whole, take)
	}
}

// filterReader reads a filter by recursive descent.
type filterReader struct {
	text   string
	strict bool
	depth  int
}

// maxFilterDepth bounds the brackets of a filter.
const maxFilterDepth = 50

func (r *filterReader) blank() { r.text = strings.TrimLeft(r.text, " \t\r\n") }

func (r *filterReader) take(sign string) bool {
	r.blank()
	rest, ok := strings.CutPrefix(r.text, sign)
	if ok {
		r.text = rest
	}
	return ok
}

// word takes a word that ends there.
func (r *filterReader) word(word string) bool {
	r.blank()
	rest, ok := strings.CutPrefix(r.text, word)
	if !ok || rest != "" && (isNameByte(rest[0])) {
		return false
	}
	r.text = rest
	return true
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// either reads x || y; both x && y, which binds closer.
func (r *filterReader) either() (f jsonFilter, ok bool) {
	return r.chain("||", func() (jsonFilter, bool) { return r.chain("&&", r.one) })
}

func (r *filterReader) chain(op string, part func() (jsonFilter, bool)) (f jsonFilter, ok bool) {
	for f, ok = part(); ok && r.take(op); {
		var right jsonFilter
		right, ok = part()
		f = jsonFilter{op: op, parts: []jsonFilter{f, right}}
	}
	return f, ok
}

// bracket reads (filter).
func (r *filterReader) bracket() (f jsonFilter, ok bool) {
	if r.depth++; r.depth > maxFilterDepth || !r.take("(") {
		return f, false
	}
	f, ok = r.either()
	r.depth--
	return f, ok && r.take(")")
}

// one reads what && and || join.
func (r *filterReader) one() (f jsonFilter, ok bool) {
	switch {
	case r.take("!"):
		r.blank()
		if strings.HasPrefix(r.text, "exists") {
			f, ok = r.one()
		} else {
			f, ok = r.bracket()
		}
		return jsonFilter{op: "!", parts: []jsonFilter{f}}, ok
	case r.word("exists"):
		if !r.take("(") {
			return f, false
		}
		o, ok := r.operand()
		return jsonFilter{op: "exists", operands: []jsonOperand{o}}, ok && o.path != nil && r.take(")")
	}
	if r.blank(); strings.HasPrefix(r.text, "(") {
		if f, ok = r.bracket(); ok && r.word("is") {
			return jsonFilter{op: "is unknown", parts: []jsonFilter{f}}, r.word("unknown")
		}
		return f, ok
	}
	return r.comparison()
}

func (r *filterReader) comparison() (f jsonFilter, ok bool) {
	left, ok := r.operand()
	if !ok {
		return f, false
	}
	f.operands = []jsonOperand{left}
	switch {
	case r.word("like_regex"):
		return r.regexp(f)
	case r.word("starts"):
		f.op, ok = "starts with", r.word("with")
	default:
		ok = false
		for _, op := range []string{"==", "!=", "<>", "<=", ">=", "<", ">"} {
			if ok = r.take(op); ok {
				f.op = strings.Replace(op, "<>", "!=", 1)
				break
			}
		}
	}
	if !ok {
		return f, false
	}
	right, ok := r.operand()
	f.operands = append(f.operands, right)
	return f, ok
}

// regexp reads the pattern of like_regex, with the flags i, s and m.
func (r *filterReader) regexp(f jsonFilter) (jsonFilter, bool) {
	pattern, ok := r.operand()
	if !ok || pattern.path != nil || pattern.constant[0] != '"' {
		return f, false
	}
	text := string(Unquoted(pattern.constant))
	if r.word("flag") {
		flags, ok := r.operand()
		if !ok || flags.path != nil || strings.Trim(string(Unquoted(flags.constant)), "ism") != "" {
			return f, false
		}
		if set := Unquoted(flags.constant); len(set) > 0 {
			text = "(?" + string(set) + ")" + text
		}
	}
	var err error
	f.op = "like_regex"
	f.pattern, err = regexp.Compile(text)
	return f, err == nil
}

func (r *filterReader) operand() (o jsonOperand, ok bool) {
	r.blank()
	o.strict = r.strict
	switch {
	case r.text == "":
		return o, false
	case r.text[0] == '@' || r.text[0] == '$':
		o.whole, o.path = r.text[0] == '$', &JSONPath{Strict: r.strict, standard: true}
		r.text, ok = o.path.read(r.text[1:], r.depth)
		return o, ok
	}
	d := json.NewDecoder(strings.NewReader(r.text))
	d.UseNumber()
	var raw json.RawMessage
	if r.text[0] == '"' || r.text[0] == '{' || r.text[0] == '[' {
		if d.Decode(&raw) != nil {
			return o, false
		}
		o.constant, r.text = raw, r.text[d.InputOffset():]
		return o, true
	}
	end := 0
	for end < len(r.text) && (isNameByte(r.text[end]) || strings.IndexByte("+-.", r.text[end]) >= 0) {
		end++
	}
	o.constant, r.text = []byte(r.text[:end]), r.text[end:]
	return o, end > 0 && json.Valid(o.constant)
}

// BindJSONPath puts values of JSON in the place of variables, $name or $"name"; false gives the name that has none.
func BindJSONPath(path string, valueOf func(name string) ([]byte, bool)) (bound, unknown string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(path); {
		switch c := path[i]; {
		case c == '"':
			end := stringEnd([]byte(path), i)
			b.WriteString(path[i:end])
			i = end
		case c == '$' && i+1 < len(path) && (path[i+1] == '"' || isNameByte(path[i+1])):
			end := i + 1
			if path[end] == '"' {
				end = stringEnd([]byte(path), end)
			} else {
				for end < len(path) && isNameByte(path[end]) {
					end++
				}
			}
			name := string(Unquoted([]byte(path[i+1 : end])))
			v, known := valueOf(name)
			if !known {
				return "", name, false
			}
			b.Write(v)
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), "", true
}
