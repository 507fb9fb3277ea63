package expr

import (
	"fmt"
	"slices"
	"strings"
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

// TestLikeManySteps: a pattern that nearly stands at each of very many places ends, and one of many _ in front of a text is found in one pass.
func TestLikeManySteps(t *testing.T) {
	long := str(strings.Repeat("ab", 500_000))
	for _, c := range []struct{ pattern, want string }{
		{strings.Repeat("%a_", 100_000) + "c", "false"},
		{"%" + strings.Repeat("_", 500_000) + "c%", "false"},
		{"%" + strings.Repeat("_", 500_000) + "b%", "true"},
		{"%" + strings.Repeat("_", 1_000_000) + "%", "true"},
		{"%" + strings.Repeat("_", 1_000_001) + "%", "false"},
		{"%" + strings.Repeat("ab_b", 100_000) + "c%", "54001"},
	} {
		if got := valueOf(call(t, "like", long, str(c.pattern))); got != c.want {
			t.Errorf("%.12s…: %s, want %s", c.pattern, got, c.want)
		}
	}
}

// TestDistinctElements: of a hundred thousand elements the first of each value is left, in order.
func TestDistinctElements(t *testing.T) {
	v := column.NewVector(types.Of(types.BigInt))
	var list []int32
	for i := range 100_000 {
		if i%7 == 3 {
			v.AppendNull()
		} else {
			v.AppendInt(int64(i * 31 % 50_000))
		}
		list = append(list, int32(i))
	}
	seen, want := map[string]bool{}, []int32{}
	for _, e := range list {
		key := "NULL"
		if !v.Null(int(e)) {
			key = fmt.Sprint(v.Ints[e])
		}
		if !seen[key] {
			want = append(want, e)
		}
		seen[key] = true
	}
	if got := distinctElements(v, list); !slices.Equal(got, want) {
		t.Errorf("%d elements are left, want %d", len(got), len(want))
	}
}
