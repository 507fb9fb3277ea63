package value

import "slipway/sql/types"

// record reads PostgreSQL's form of a row, (1,"a b",), into JSON, in which all fields are strings. A field that is
// empty and not in quotes is NULL.
func (l *literal) record(t types.Type) bool {
	fields := t.Fields()
	for k, f := range fields {
		if l.i++; k > 0 && l.text[l.i-1] != ',' || l.i > len(l.text) {
			return false
		}
		sign := byte(',')
		if k == 0 {
			sign = '{'
		}
		l.out = append(AppendJSONString(append(l.out, sign), []byte(f.Name)), ':')
		text, quoted, ok := l.field()
		switch {
		case !ok:
			return false
		case !quoted && len(text) == 0:
			l.out = append(l.out, "null"...)
		case !l.part(text, f.Type):
			return false
		}
	}
	l.i++
	l.out = append(l.out, '}')
	return l.i <= len(l.text) && l.text[l.i-1] == ')'
}

// field reads a value up to the comma or bracket behind it. Quotes may stand anywhere in it; blanks count.
func (l *literal) field() (text []byte, quoted, ok bool) {
	inside := false
	for ; l.i < len(l.text); l.i++ {
		c := l.text[l.i]
		switch {
		case c == '\\' && l.i+1 < len(l.text):
			l.i++
			text = append(text, l.text[l.i])
		case c == '"' && inside && l.i+1 < len(l.text) && l.text[l.i+1] == '"':
			l.i++
			text = append(text, c)
		case c == '"':
			inside, quoted = !inside, true
		case !inside && (c == ',' || c == ')'):
			return text, quoted, true
		case !inside && c == '(':
			return nil, false, false
		default:
			text = append(text, c)
		}
	}
	return nil, false, false
}

// part writes an element or a field that was read, as JSON.
func (l *literal) part(text []byte, t types.Type) bool {
	if t.IsNested() {
		text, f := Nested(text, t)
		l.out = append(l.out, text...)
		return f == OK
	}
	if t.Kind == types.JSON {
		l.out = append(l.out, text...)
	} else {
		l.out = AppendJSONString(l.out, text)
	}
	return true
}
