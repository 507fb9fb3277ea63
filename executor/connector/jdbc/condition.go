package jdbc

import (
	"context"
	"slices"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// condition is what the database is told beside the key: what logical.AskedConditions leaves of a
// condition over columns. Where it does not find a comparison, that is left out.
type condition struct {
	*table
	columns []int          // of the condition's columns, in the declaration
	kinds   map[int]string // of them
	before  int            // arguments of the statement before those of the condition
	args    []any
}

// where learns what the columns are there, and gives the condition with its arguments, which stand
// behind so many others; empty: there is none.
func (t *table) where(ctx context.Context, e plan.Expr, columns []int, before int) (string, []any, error) {
	if e == nil {
		return "", nil, nil
	}
	c := condition{table: t, columns: columns, kinds: map[int]string{}, before: before}
	var key []keyColumn
	var of []int
	plan.EachColumn(e, func(x *plan.Column) {
		if !slices.Contains(of, x.Index) {
			key, of = append(key, keyColumn{name: t.quote(t.columns[columns[x.Index]].Name)}), append(of, x.Index)
		}
	})
	if err := t.learn(ctx, key); err != nil {
		return "", nil, err
	}
	for i, k := range key {
		c.kinds[of[i]] = k.kind
	}
	text := c.text(e)
	return text, c.args, nil
}

// text is the condition, or what is left of it; empty: nothing.
func (c *condition) text(e plan.Expr) string {
	call, ok := e.(*plan.Call)
	if !ok || len(call.Args) != 2 {
		return ""
	}
	switch call.Func {
	case "and":
		return both(c.text(call.Args[0]), " AND ", c.text(call.Args[1]))
	case "or":
		args := len(c.args)
		a, b := c.text(call.Args[0]), c.text(call.Args[1])
		if a == "" || b == "" {
			c.args = c.args[:args]
			return ""
		}
		return both(a, " OR ", b)
	}
	x, k := call.Args[0].(*plan.Column), call.Args[1].(*plan.Const)
	v := column.NewVector(k.Typ)
	expr.AppendConst(v, k)
	left, place, arg := c.compared(keyColumn{name: c.quote(c.table.columns[c.columns[x.Index]].Name), typ: x.Typ, kind: c.kinds[x.Index]}, v, c.before+len(c.args)+1)
	if left == "" {
		return ""
	}
	c.args = append(c.args, arg)
	op := call.Func
	if op == "!=" {
		op = "<>"
	}
	return left + " " + op + " " + place
}

// both joins two conditions, of which either may be none.
func both(a, op, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + op + b + ")"
}

// postgresKinds are the types of columns there that are compared as those of here.
var postgresKinds = map[types.Kind][]string{
	types.TinyInt: {"smallint", "integer", "bigint"}, types.SmallInt: {"smallint", "integer", "bigint"}, types.Int: {"smallint", "integer", "bigint"},
	types.BigInt: {"smallint", "integer", "bigint"}, types.Boolean: {"boolean"},
	types.Date:      {"date", "timestamp without time zone", "timestamp with time zone"},
	types.Timestamp: {"date", "timestamp without time zone", "timestamp with time zone"},
}
