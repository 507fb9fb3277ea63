package value

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// JSONPath is where something stands in JSON: $, then .name, ."any name", .*, [number], [last], [last - number], [*] or a filter
// ? (condition), as often as wanted, with strict or lax in front. It is never changed.
type JSONPath struct {
	steps []jsonStep
	// Strict: what is not there is an error, not nothing.
	Strict bool
	// Several: it may lead to several values.
	Several bool
	// standard: a member of an array is that of its elements, and any value is the only element of an array, as the standard
	// has it of lax paths. Of paths without a filter, which are MySQL's and Hive's too, they are nothing.
	standard bool
}

// jsonStep is one step down: to a member, or to an element.
type jsonStep struct {
	name   string
	index  int  // from 0; from the end where last is set
	member bool // of an object, else an element of an array
	last   bool
	all    bool
	filter *jsonFilter
}

// maxPathSteps bounds how deep a path goes.
const maxPathSteps = 100

// ParseJSONPath reads a path; false if it is none.
func ParseJSONPath(text string) (p JSONPath, ok bool) {
	rest := strings.TrimSpace(text)
	for _, mode := range []string{"lax", "strict"} {
		if after, found := strings.CutPrefix(rest, mode); found && strings.HasPrefix(strings.TrimLeft(after, " \t\n"), "$") {
			p.Strict, rest = mode == "strict", strings.TrimSpace(after)
			break
		}
	}
	if rest, ok = strings.CutPrefix(rest, "$"); !ok {
		return JSONPath{}, false
	}
	if p.standard = !p.Strict && beginsFilter.MatchString(rest); p.standard || p.Strict && beginsFilter.MatchString(rest) {
		rest, ok = p.read(rest, 0)
		return p, ok && strings.TrimSpace(rest) == ""
	}
	for rest != "" {
		var s jsonStep
		if s, rest, ok = nextStep(rest); !ok || len(p.steps) == maxPathSteps {
			return JSONPath{}, false
		}
		p.add(s)
	}
	return p, true
}

// beginsFilter: names in a path without one may hold any sign, in one with it those that need no quotes.
var beginsFilter = regexp.MustCompile(`\?\s*\(`)

// ParseStandardJSONPath reads a path as the SQL standard and PostgreSQL have it, with or without filters.
func ParseStandardJSONPath(text string) (JSONPath, bool) {
	p, ok := ParseJSONPath(text)
	p.standard = !p.Strict
	p.Several = p.Several || p.standard && len(p.steps) > 0
	return p, ok
}

func (p *JSONPath) add(s jsonStep) {
	p.steps = append(p.steps, s)
	p.Several = p.Several || s.all || s.filter != nil || p.standard
}

// read reads the steps of a path with filters, and gives what stands behind them.
func (p *JSONPath) read(text string, depth int) (rest string, ok bool) {
	for {
		before := text
		text = strings.TrimLeft(text, " \t\r\n")
		if text == "" || strings.IndexByte(".[?", text[0]) < 0 {
			return before, true
		}
		if len(p.steps) == maxPathSteps {
			return "", false
		}
		var s jsonStep
		switch named := len(text) > 1 && text[0] == '.' && isNameByte(text[1]); {
		case text[0] == '?':
			r := filterReader{text: text[1:], strict: p.Strict, depth: depth}
			f, fine := r.bracket()
			s.filter, text, ok = &f, r.text, fine
		case named:
			end := 1
			for end < len(text) && isNameByte(text[end]) {
				end++
			}
			s, text, ok = jsonStep{name: text[1:end], member: true}, text[end:], true
		default:
			s, text, ok = nextStep(text)
		}
		if !ok {
			return "", false
		}
		p.add(s)
	}
}

func nextStep(path string) (s jsonStep, rest string, ok bool) {
	switch {
	case path[0] == '[':
		inside, rest, found := strings.Cut(path[1:], "]")
		s, ok = elementStep(strings.TrimSpace(inside))
		return s, rest, found && ok
	case strings.HasPrefix(path, `."`):
		quoted, err := strconv.QuotedPrefix(path[1:])
		if err != nil {
			return s, "", false
		}
		s.member = true
		err = json.Unmarshal([]byte(quoted), &s.name)
		return s, path[1+len(quoted):], err == nil
	case strings.HasPrefix(path, ".*"):
		return jsonStep{member: true, all: true}, path[2:], true
	case path[0] == '.':
		end := strings.IndexAny(path[1:], `.["]*`)
		if end < 0 {
			end = len(path) - 1
		}
		rest = path[1+end:]
		return jsonStep{name: path[1 : 1+end], member: true}, rest, end > 0 && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	return s, "", false
}

// elementStep reads what stands between [ and ].
func elementStep(inside string) (s jsonStep, ok bool) {
	if inside == "*" {
		return jsonStep{all: true}, true
	}
	digits := inside
	if after, found := strings.CutPrefix(inside, "last"); found {
		s.last, digits = true, strings.TrimSpace(after)
		if digits == "" {
			return s, true
		}
		if digits, found = strings.CutPrefix(digits, "-"); !found {
			return s, false
		}
		digits = strings.TrimSpace(digits)
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	s.index = int(n)
	return s, err == nil
}

// Each visits the values that a path leads to in a text that has been found to be JSON, until visit gives false. It tells
// whether each step was one into an array or an object that had it.
func (p *JSONPath) Each(text []byte, visit func(v []byte) bool) (found bool) {
	text = bytes.TrimSpace(text)
	return p.each(text, text, visit)
}

// each begins at a part of the whole.
func (p *JSONPath) each(v, whole []byte, visit func(v []byte) bool) (found bool) {
	w := pathWalk{visit: visit, whole: whole, standard: p.standard, found: true}
	w.down(v, p.steps)
	return w.found
}

type pathWalk struct {
	visit       func([]byte) bool
	whole       []byte
	standard    bool
	found, ends bool
}

func (w *pathWalk) down(v []byte, steps []jsonStep) {
	if len(steps) == 0 {
		w.ends = !w.visit(v)
		return
	}
	s := steps[0]
	switch {
	case w.standard && v[0] == '[' && (s.filter != nil || s.member):
		w.elements(v, steps)
	case s.filter != nil:
		w.filter(v, steps)
	case w.standard && !s.member && v[0] != '[' && (s.all || s.index == 0):
		w.down(v, steps[1:])
	case s.member && v[0] != '{' || !s.member && v[0] != '[':
		w.found = false
	case s.all:
		for parts := PartsOf(v); !w.ends && parts.Next(); {
			w.down(parts.Value, steps[1:])
		}
	default:
		if part := s.of(v); part != nil {
			w.down(part, steps[1:])
		} else {
			w.found = false
		}
	}
}

// elements goes on with each element of an array in its place.
func (w *pathWalk) elements(v []byte, steps []jsonStep) {
	for parts := PartsOf(v); !w.ends && parts.Next(); {
		switch {
		case steps[0].filter != nil:
			w.filter(parts.Value, steps)
		case parts.Value[0] == '{':
			w.down(parts.Value, steps)
		}
	}
}

func (w *pathWalk) filter(v []byte, steps []jsonStep) {
	if steps[0].filter.of(v, w.whole) == isTrue {
		w.down(v, steps[1:])
	}
}

// of gives the part that the step leads to, nil if there is none. Of members of one name the last one counts.
func (s *jsonStep) of(v []byte) (found []byte) {
	if s.member {
		return MemberOf(v, s.name)
	}
	at := s.index
	if s.last {
		at = LengthOf(v) - 1 - s.index
	}
	return ElementOf(v, at)
}

// First gives the value that a path without wildcards leads to; nil if there is none.
func (p *JSONPath) First(text []byte) []byte {
	v := bytes.TrimSpace(text)
	for i := range p.steps {
		s := &p.steps[i]
		if s.member && v[0] != '{' || !s.member && v[0] != '[' {
			return nil
		}
		if v = s.of(v); v == nil {
			return nil
		}
	}
	return v
}

// MemberOf gives the last member of a name of a JSON object; nil if there is none.
func MemberOf(object []byte, name string) (found []byte) {
	for parts := PartsOf(object); parts.Next(); {
		if string(Unquoted(parts.Key)) == name {
			found = parts.Value
		}
	}
	return found
}

// ElementOf gives an element of a JSON array by its place from 0; nil if there is none.
func ElementOf(array []byte, at int) []byte {
	for parts := PartsOf(array); at >= 0 && parts.Next(); at-- {
		if at == 0 {
			return parts.Value
		}
	}
	return nil
}

// LengthOf counts the elements of a JSON array, or the members of an object; anything else is one.
func LengthOf(v []byte) (n int) {
	if v[0] != '[' && v[0] != '{' {
		return 1
	}
	for parts := PartsOf(v); parts.Next(); {
		n++
	}
	return n
}
