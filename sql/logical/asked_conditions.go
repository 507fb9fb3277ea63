package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// AskedConditions are those parts of a condition that a database can be told: comparisons of columns
// from first on, which are numbered from there, with constants. It may hold more rows for matching:
// the condition is looked at again behind it. Nil for none.
func AskedConditions(e plan.Expr, first int) plan.Expr {
	var list []plan.Expr
	for _, c := range Conjuncts(e) {
		if told := askedCondition(c, first); told != nil {
			list = append(list, told)
		}
	}
	return Conjunction(list)
}

func askedCondition(e plan.Expr, first int) plan.Expr {
	c, ok := e.(*plan.Call)
	if !ok || len(c.Args) != 2 {
		return nil
	}
	if c.Func == "or" {
		a, b := askedCondition(c.Args[0], first), askedCondition(c.Args[1], first)
		if a == nil || b == nil {
			return nil
		}
		return &plan.Call{Func: "or", Args: []plan.Expr{a, b}, Typ: c.Typ}
	}
	op, column, constant := c.Func, c.Args[0], c.Args[1]
	if constantOf(column) != nil {
		op, column, constant = mirrored[op], constant, column
	}
	x, plain := AskedColumn(column)
	k := constantOf(constant)
	if !plain || k == nil || k.Null || x.Index < first || !slices.Contains(told(x.Typ, k.Typ), op) {
		return nil
	}
	return &plan.Call{Func: op, Args: []plan.Expr{&plan.Column{Index: x.Index - first, Name: x.Name, Typ: x.Typ}, k}, Typ: c.Typ}
}

// constantOf is a constant, also one that is brought to a wider type; nil for anything else.
func constantOf(e plan.Expr) *plan.Const {
	if c, ok := e.(*plan.Cast); ok && c.Typ.Kind != types.Decimal && holds(c.Typ, c.Arg.Type()) {
		if k, ok := c.Arg.(*plan.Const); ok {
			wide := *k
			wide.Typ = c.Typ
			return &wide
		}
	}
	k, _ := e.(*plan.Const)
	return k
}

// told are the comparisons of a column and a constant that a database holds for true whenever they
// are here: an order of texts is its own affair, and a time there may have more digits.
func told(column, constant types.Type) []string {
	switch {
	case column.IsInteger() && constant.IsInteger():
		return []string{"=", "!=", "<", "<=", ">", ">="}
	case column.IsText() && constant.IsText() || column.Kind == types.Boolean && constant.Kind == types.Boolean:
		return []string{"="}
	case (column.Kind == types.Timestamp || column.Kind == types.Date) && column == constant:
		return []string{"<", ">", ">="}
	}
	return nil
}
