package logical

import (
	"slipway/sql/plan"
	"slipway/sql/types"
)

// AskedColumn is the column of a table outside that an expression over it stands for: the column
// itself, or the same values in a wider type, as which the table can be read as well.
func AskedColumn(e plan.Expr) (*plan.Column, bool) {
	if c, ok := e.(*plan.Cast); ok && holds(c.Typ, c.Arg.Type()) {
		e = c.Arg
	}
	c, ok := e.(*plan.Column)
	return c, ok
}

// digits of the integer types.
var digits = map[types.Kind]int{types.TinyInt: 3, types.SmallInt: 5, types.Int: 10, types.BigInt: 19}

// holds tells that every value of a type is one of the wider type, with the same text.
func holds(wide, t types.Type) bool {
	switch {
	case t.IsInteger() && wide.IsInteger():
		return wide.Kind >= t.Kind
	case t.IsInteger() && wide.Kind == types.Decimal:
		return wide.Precision-wide.Scale >= digits[t.Kind]
	case t.Kind == types.Decimal && wide.Kind == types.Decimal:
		return wide.Scale >= t.Scale && wide.Precision-wide.Scale >= t.Precision-t.Scale
	}
	return t.IsText() && wide.Kind == types.String
}
