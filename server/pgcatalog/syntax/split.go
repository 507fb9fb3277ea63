package syntax

import (
	"reflect"
	"strings"
)

// Piece is one statement of a text.
type Piece struct {
	Text   string // without its semicolon
	Offset int    // in the text, in bytes
}

// Split cuts a text at its semicolons; what has no words is no statement. It fails where a text is not of PostgreSQL's words.
func Split(text string) (list []Piece, err error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	began := -1
	for _, t := range tokens {
		switch {
		case (t.is(";") || t.kind == end) && began >= 0:
			list = append(list, Piece{strings.TrimRight(text[began:t.pos], " \t\r\n"), began})
			began = -1
		case !t.is(";") && began < 0:
			began = t.pos
		}
	}
	return list, nil
}

// Names are the relations that a query names, without those of its own WITH, and its calls.
func Names(q *Query) (tables []*Table, calls []*Call) {
	n := names{own: map[string]bool{}}
	n.walk(reflect.ValueOf(q))
	for _, t := range n.tables {
		if t.Schema != "" || !n.own[t.Name] {
			tables = append(tables, t)
		}
	}
	return tables, n.calls
}

type names struct {
	own    map[string]bool // of WITH
	tables []*Table
	calls  []*Call
}

// walk goes through all parts of a tree, whatever they are.
func (n *names) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		n.walk(v.Elem())
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		switch x := v.Interface().(type) {
		case *Table:
			n.tables = append(n.tables, x)
		case *Call:
			n.calls = append(n.calls, x)
		}
		n.walk(v.Elem())
	case reflect.Struct:
		if c, ok := v.Interface().(CTE); ok {
			n.own[c.Name] = true
		}
		for i := range v.NumField() {
			n.walk(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			n.walk(v.Index(i))
		}
	}
}
