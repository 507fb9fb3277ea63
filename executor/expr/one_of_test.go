package expr

import (
	"fmt"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// anyOf is x IN (…) as the analyzer makes it.
func anyOf(t testing.TB, x plan.Expr, items ...plan.Expr) plan.Expr {
	out := call(t, "=", x, items[0])
	for _, item := range items[1:] {
		out = call(t, "or", out, call(t, "=", x, item))
	}
	return out
}

// TestOneOf: a value that is looked up among constants is found where comparing it with each of them finds it, and with NULL
// among these it is not known that it is none of them.
func TestOneOf(t *testing.T) {
	for _, typ := range []types.Type{types.Of(types.BigInt), types.Of(types.String), types.NewDecimal(30, 2), types.Of(types.Double), types.Of(types.Boolean)} {
		for _, withNull := range []bool{false, true} {
			x := &plan.Column{Typ: types.Of(types.String)}
			var items []plan.Expr
			for i := range 20 {
				items = append(items, &plan.Cast{Arg: str(fmt.Sprint(i * 3 % 7 % 2)), Typ: typ})
			}
			if withNull {
				items = append(items, &plan.Const{Typ: typ, Null: true})
			}
			list := anyOf(t, &plan.Cast{Arg: x, Typ: typ}, items...)
			ev, err := Compile(list, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, looked := ev.(*member); looked != lookedUp(typ) {
				t.Errorf("%s is compiled to %T", typ, ev)
			}
			v := column.NewVector(types.Of(types.String))
			for _, s := range []string{"0", "1", "1"} {
				v.AppendBytes([]byte(s))
			}
			v.AppendNull()
			all := ""
			for i := range 4 {
				all += evaluated(t, list, v, i) + " "
			}
			want := "true true true NULL "
			if all != want {
				t.Errorf("%s, NULL %v: %s, want %s", typ, withNull, all, want)
			}
		}
	}
	x := &plan.Column{Typ: types.Of(types.BigInt)}
	v := column.NewVector(types.Of(types.BigInt))
	v.AppendInt(99)
	var items []plan.Expr
	for i := range 20 {
		items = append(items, bigint(int64(i)))
	}
	if got := evaluated(t, anyOf(t, x, items...), v, 0); got != "false" {
		t.Errorf("99 is %s", got)
	}
	if got := evaluated(t, anyOf(t, x, append(items, &plan.Const{Typ: types.Of(types.BigInt), Null: true})...), v, 0); got != "NULL" {
		t.Errorf("with NULL in the list 99 is %s", got)
	}
	if other := call(t, "or", anyOf(t, x, items...), call(t, "=", &plan.Column{Index: 1, Typ: types.Of(types.BigInt)}, bigint(99))); (Options{constants: map[plan.Expr]bool{}}).oneOf(other.(*plan.Call)) != nil {
		t.Error("a comparison of another column is taken for one of the same")
	}
}

// evaluated is an expression over the only column, of one row.
func evaluated(t testing.TB, e plan.Expr, v *column.Vector, row int) string {
	t.Helper()
	ev, err := Compile(e, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := ev.Eval(&column.Batch{Rows: v.Len(), Cols: []*column.Vector{v}}, []int32{int32(row)})
	if err != nil {
		t.Fatal(err)
	}
	if out.Null(row) {
		return "NULL"
	}
	return string(column.AppendText(nil, out, row))
}
