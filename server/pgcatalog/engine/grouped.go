package engine

import (
	"reflect"

	"slipway/server/pgcatalog/syntax"
)

// groupCheck walks the values of a grouped SELECT: each column of its own sources is a key, within a key, or within an aggregate.
type groupCheck struct {
	scope *scope
	keys  []syntax.Expr
}

func (g *groupCheck) check(x syntax.Expr) {
	if x == nil || g.isKey(x) {
		return
	}
	switch x := x.(type) {
	case *syntax.Column:
		if len(g.scope.own(x)) > 0 {
			g.ungrouped(x)
		}
		return
	case *syntax.Call:
		if aggregates[x.Name] != nil && (x.Schema == "" || x.Schema == "pg_catalog") && x.Over == nil {
			return
		}
	case *syntax.Scalar, *syntax.Exists, *syntax.ArrayQuery: // what they name of the outside is left to the reader
		return
	}
	for _, part := range parts(x) {
		g.check(part)
	}
}

// isKey tells whether a value is one of the keys; t.a and a are the same column.
func (g *groupCheck) isKey(x syntax.Expr) bool {
	for _, k := range g.keys {
		if g.same(reflect.ValueOf(k), reflect.ValueOf(x)) {
			return true
		}
	}
	return false
}

var (
	placeType  = reflect.TypeFor[syntax.At]()
	columnType = reflect.TypeFor[*syntax.Column]()
)

// same compares two trees but for the places in the text.
func (g *groupCheck) same(a, b reflect.Value) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Type() {
	case placeType:
		return true
	case columnType:
		return g.sameColumn(a.Interface().(*syntax.Column), b.Interface().(*syntax.Column))
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return g.same(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if a.Type().Field(i).Name != "Pos" && !g.same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !g.same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}

func (g *groupCheck) sameColumn(a, b *syntax.Column) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := g.scope.own(a), g.scope.own(b)
	return len(x) == 1 && len(y) == 1 && x[0].source == y[0].source && x[0].column == y[0].column || len(x) == 0 && len(y) == 0 && a.Name == b.Name
}

// parts are the values that a value is made of.
func parts(x syntax.Expr) (list []syntax.Expr) {
	v := reflect.ValueOf(x)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil
	}
	v = v.Elem()
	for i := range v.NumField() {
		switch f := v.Field(i).Interface().(type) {
		case syntax.At:
		case syntax.Expr:
			list = append(list, f)
		case []syntax.Expr:
			list = append(list, f...)
		case []syntax.When:
			for _, w := range f {
				list = append(list, w.If, w.Then)
			}
		}
	}
	return list
}
