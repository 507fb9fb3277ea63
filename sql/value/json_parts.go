package value

import (
	"encoding/json"

	"slipway/sql/types"
)

// Parts walks the elements of a JSON array, or the members of a JSON object, that has been found to be JSON.
type Parts struct {
	// Key is that of a member, in its quotes; nil in an array. Value is the JSON of one; both lie in the text.
	Key, Value []byte
	text       []byte
	object     bool
}

// PartsOf begins a walk.
func PartsOf(text []byte) Parts { return Parts{text: text[1:], object: text[0] == '{'} }

// Next goes to the next part, if there is one.
func (p *Parts) Next() bool {
	p.skip()
	if len(p.text) == 0 || p.text[0] == ']' || p.text[0] == '}' {
		return false
	}
	if p.object {
		p.Key = p.take()
		p.skip()
	}
	p.Value = p.take()
	return true
}

// skip leaves out what stands between parts.
func (p *Parts) skip() {
	for len(p.text) > 0 && (blank(p.text[0]) || p.text[0] == ',' || p.text[0] == ':') {
		p.text = p.text[1:]
	}
}

// take gives the value that is next.
func (p *Parts) take() []byte {
	end, depth := 0, 0
	for end < len(p.text) {
		switch c := p.text[end]; {
		case c == '"':
			end = stringEnd(p.text, end)
		case c == '[' || c == '{':
			depth++
			end++
		case (c == ']' || c == '}') && depth > 0:
			depth--
			end++
		case depth == 0:
			end = scalarEnd(p.text, end)
		default:
			end++
			continue
		}
		if depth == 0 {
			break
		}
	}
	v := p.text[:end]
	p.text = p.text[end:]
	return v
}

// stringEnd is behind the quote that ends the string at i.
func stringEnd(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(text))
}

// scalarEnd is behind a number or word.
func scalarEnd(text []byte, i int) int {
	for i < len(text) && text[i] != ',' && text[i] != ']' && text[i] != '}' && text[i] != ':' && !blank(text[i]) {
		i++
	}
	return i
}

// Unquoted gives what a JSON string says; a text that is none as it is.
func Unquoted(text []byte) []byte {
	if len(text) < 2 || text[0] != '"' {
		return text
	}
	inner := text[1 : len(text)-1]
	for _, c := range inner {
		if c == '\\' {
			var s string
			json.Unmarshal(text, &s)
			return []byte(s)
		}
	}
	return inner
}

// FieldOf finds the field of a STRUCT for a member's key: by its spelling, else without regard to case; -1 if there is none.
func FieldOf(fields []types.Field, key []byte) int {
	name := Unquoted(key)
	for i := range fields {
		if fields[i].Name == string(name) {
			return i
		}
	}
	return types.FieldNamed(fields, string(name))
}
