package plan

import "reflect"

// Same tells that two expressions compute the same of the same columns, whatever these are called.
func Same(a, b Expr) bool { return reflect.DeepEqual(nameless(a), nameless(b)) }

func nameless(e Expr) Expr {
	return MapColumns(e, func(c *Column) Expr { return &Column{Index: c.Index, Typ: c.Typ} })
}
