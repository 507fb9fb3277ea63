package expr

import (
	"fmt"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// arrayBatch has an array and a number in each row, some of them NULL.
func arrayBatch(t *testing.T, rows int) (*column.Batch, plan.Expr, plan.Expr) {
	t.Helper()
	schema := types.Schema{{Name: "a", Type: bigs}, {Name: "n", Type: types.Of(types.BigInt)}}
	b := column.NewBatch(schema)
	for i := range rows {
		b.Cols[0].Grow(i + 1)
		if err := b.Cols[0].SetText(i, fmt.Appendf(nil, "[%d,null,%d]", i, i%7)); err != nil {
			t.Fatal(err)
		}
		b.Cols[1].AppendInt(int64(i % 5))
		b.Rows++
	}
	b.Cols[0].SetNull(3)
	b.Cols[1].SetNull(4)
	return b, &plan.Column{Index: 0, Name: "a", Typ: bigs}, &plan.Column{Index: 1, Name: "n", Typ: schema[1].Type}
}

// TestArraysAllocateNothing: not per row, where a result takes no memory of its own.
func TestArraysAllocateNothing(t *testing.T) {
	b, a, n := arrayBatch(t, 500)
	list := call(t, "array", n, n)
	for _, e := range []plan.Expr{call(t, "element", a, n), call(t, "= any", n, a), call(t, "cardinality", a), call(t, "array_contains", a, n), list, call(t, "array_append", a, n),
		call(t, "array_cat", a, list), call(t, "=", a, list), call(t, "array_position", a, n), call(t, "array_max", a), call(t, "element", call(t, "map", n, n), n),
		&plan.Cast{Arg: a, Typ: types.NewArray(types.Of(types.Double))}} {
		ev, err := Compile(e, Options{})
		if err != nil {
			t.Fatal(err)
		}
		sel := []int32{}
		for i := range b.Rows {
			if i != 4 { // the key of a map
				sel = append(sel, int32(i))
			}
		}
		run := func() {
			if _, err := ev.Eval(b, sel); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if allocs := testing.AllocsPerRun(20, run); allocs > 20 {
			t.Errorf("%s: %v allocations for %d rows", e, allocs, b.Rows)
		}
	}
}

// TestArraysRowByRow: a column of arrays gives what each row gives alone, with selections and NULLs.
func TestArraysRowByRow(t *testing.T) {
	b, a, n := arrayBatch(t, 60)
	second := &plan.Const{Typ: types.Of(types.BigInt), Int: 1}
	for _, e := range []plan.Expr{call(t, "element", a, n), call(t, "= any", n, a), call(t, "!= all", n, a), call(t, "array_append", a, n), call(t, "array_prepend", n, a),
		call(t, "array_cat", a, call(t, "array", n)), call(t, "array_remove", a, n), call(t, "array_distinct", a), call(t, "sort_array", a), call(t, "array_position", a, n),
		call(t, "array_length", a, second), call(t, "<", a, call(t, "array", n, n)), call(t, "array_to_string", a, &plan.Const{Typ: types.Of(types.String), Text: ","}),
		call(t, "row", a, n), call(t, "map_keys", call(t, "map", second, a)), &plan.Cast{Arg: a, Typ: types.NewArray(types.Of(types.String))}} {
		ev, err := Compile(e, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var alone []string
		for i := range b.Rows {
			v, err := ev.Eval(b, []int32{int32(i)})
			if err != nil {
				t.Fatal(err)
			}
			alone = append(alone, string(column.AppendJSON(nil, v, i)))
		}
		v, err := ev.Eval(b, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range alone {
			if got := string(column.AppendJSON(nil, v, i)); got != want {
				t.Errorf("%s: row %d is %s, alone %s", e, i, got, want)
			}
		}
	}
}
