package value

import (
	"encoding/json"
	"unicode/utf8"

	"slipway/sql/types"
)

// Nested gives the JSON of a nested value that is written as JSON, or as PostgreSQL writes an ARRAY,
// {1,NULL,"a b"}, and a STRUCT, (1,"a b",). It is JSON of the right kind; what is in it is not looked at.
func Nested(b []byte, t types.Type) ([]byte, Fault) {
	b = trim(b)
	l := literal{text: b}
	switch {
	case len(b) == 0:
	case b[0] == '{' && t.Kind == types.Array:
		if !l.array(t) || l.i < len(b) {
			return nil, Malformed
		}
		b = l.out
	case b[0] == '(' && t.Kind == types.Struct:
		if !l.record(t) || l.i < len(b) {
			return nil, Malformed
		}
		b = l.out
	}
	if !utf8.Valid(b) || !json.Valid(b) {
		return nil, Malformed
	}
	return b, OK
}

// CheckNested tells whether a text is a nested value: what reading it would say.
func CheckNested(b []byte, t types.Type) error {
	text, f := Nested(b, t)
	if f != OK {
		return f.Error(t, b)
	}
	return checkPart(text, t)
}

func checkPart(text []byte, t types.Type) error {
	switch {
	case string(text) == "null":
		return nil
	case !t.IsNested():
		if t.Kind != types.JSON {
			text = Unquoted(text)
		}
		_, f := Read(text, t)
		return f.Error(t, text)
	case (text[0] == '[') != (t.Kind == types.Array) || text[0] != '[' && text[0] != '{':
		return Malformed.Error(t, text)
	}
	fields := t.Fields()
	for p := PartsOf(text); p.Next(); {
		if err := checkEntry(&p, t, fields); err != nil {
			return err
		}
	}
	return nil
}

func checkEntry(p *Parts, t types.Type, fields []types.Field) error {
	switch t.Kind {
	case types.Array:
		return checkPart(p.Value, fields[0].Type)
	case types.Map:
		if err := checkKey(Unquoted(p.Key), fields[0].Type); err != nil {
			return err
		}
		return checkPart(p.Value, fields[1].Type)
	}
	if k := FieldOf(fields, p.Key); k >= 0 {
		return checkPart(p.Value, fields[k].Type)
	}
	return nil
}

// checkKey: that of a MAP is a text in JSON, whatever its type.
func checkKey(text []byte, t types.Type) error {
	if t.IsNested() {
		return CheckNested(text, t)
	}
	_, f := Read(text, t)
	return f.Error(t, text)
}

// literal reads PostgreSQL's form of an array or a row into JSON, in which all elements are strings.
type literal struct {
	text, out []byte
	i         int
}

// array reads { … } with what is around it.
func (l *literal) array(t types.Type) bool {
	element := types.Type{}
	if fields := t.Fields(); len(fields) == 1 {
		element = fields[0].Type
	}
	l.i++
	l.out = append(l.out, '[')
	for n := 0; ; n++ {
		l.blanks()
		switch c := l.peek(); {
		case c == 0:
			return false
		case c == '}' && n == 0:
			return l.end()
		case c == '{' && element.Kind == types.Array:
			if !l.array(element) {
				return false
			}
		case !l.element(element):
			return false
		}
		l.blanks()
		switch l.peek() {
		case '}':
			return l.end()
		case ',':
			l.i++
			l.out = append(l.out, ',')
		default:
			return false
		}
	}
}

func (l *literal) end() bool {
	l.i++
	l.out = append(l.out, ']')
	return true
}

func (l *literal) blanks() {
	for l.i < len(l.text) && blank(l.text[l.i]) {
		l.i++
	}
}

func (l *literal) peek() byte {
	if l.i < len(l.text) {
		return l.text[l.i]
	}
	return 0
}

// element reads a value in quotes, or one that ends at a comma or bracket.
func (l *literal) element(t types.Type) bool {
	text, quoted, ok := l.value()
	switch {
	case !ok || !quoted && len(text) == 0:
		return false
	case !quoted && equalFold(text, "null"):
		l.out = append(l.out, "null"...)
	default:
		return l.part(text, t)
	}
	return true
}

// value takes the backslashes out of a value.
func (l *literal) value() (text []byte, quoted, ok bool) {
	if quoted = l.peek() == '"'; quoted {
		l.i++
	}
	for ; l.i < len(l.text); l.i++ {
		c := l.text[l.i]
		switch {
		case c == '\\' && l.i+1 < len(l.text):
			l.i++
			text = append(text, l.text[l.i])
		case quoted && c == '"':
			l.i++
			return text, true, true
		case !quoted && (c == '{' || c == '"'):
			return nil, false, false
		case !quoted && (c == ',' || c == '}'):
			return trim(text), false, true
		default:
			text = append(text, c)
		}
	}
	return nil, false, false
}
