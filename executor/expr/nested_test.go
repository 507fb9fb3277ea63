package expr

import (
	"fmt"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestNestedValuesAreChosen: CASE picks nested values, batch after batch in the same memory.
func TestNestedValuesAreChosen(t *testing.T) {
	typ := types.NewStruct(types.Field{Name: "a", Type: types.NewArray(types.Of(types.String))}, types.Field{Name: "b", Type: types.Of(types.Int)})
	schema := types.Schema{{Name: "c", Type: types.Of(types.Boolean)}, {Name: "x", Type: typ}, {Name: "y", Type: typ}}
	of := func(i int) plan.Expr { return &plan.Column{Name: schema[i].Name, Index: i, Typ: schema[i].Type} }
	ev, err := Compile(&plan.Case{Whens: []plan.When{{Cond: of(0), Then: of(1)}}, Else: of(2), Typ: typ}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	memory := 0
	for round := range 50 {
		b := column.NewBatch(schema)
		var want []string
		for i := range 30 {
			b.Cols[0].Grow(i + 1)
			b.Cols[0].Bools[i] = (i+round)%3 == 0
			for c, v := range b.Cols[1:] {
				v.Grow(i + 1)
				text := fmt.Sprintf(`{"a":["%d",null,"x%d"],"b":%d}`, i, c, round)
				if (i+c)%5 == 0 {
					v.SetNull(i)
				} else if err := v.SetText(i, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			from := b.Cols[2]
			if b.Cols[0].Bools[i] {
				from = b.Cols[1]
			}
			want = append(want, string(column.AppendJSON(nil, from, i)))
			b.Rows++
		}
		out, err := ev.Eval(b, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := string(column.AppendJSON(nil, out, i)); got != w {
				t.Fatalf("row %d is %s, want %s", i, got, w)
			}
		}
		if round == 5 {
			memory = out.Memory()
		}
		if round > 5 && out.Memory() > memory {
			t.Fatalf("%d bytes are held, %d before", out.Memory(), memory)
		}
	}
}

// TestNestedConstants: as many rows as each batch has, longer and shorter ones in turn.
func TestNestedConstants(t *testing.T) {
	typ := types.NewStruct(types.Field{Name: "a", Type: types.NewArray(types.Of(types.String))}, types.Field{Name: "b", Type: types.Of(types.String)})
	v := column.NewVector(typ)
	v.Grow(1)
	const text = `{"a":["x",null],"b":"y"}`
	if err := v.SetText(0, []byte(text)); err != nil {
		t.Fatal(err)
	}
	c := constantOf(v, 0, typ)
	for _, rows := range []int{3, 1, 3, 5, 0, 2} {
		out, err := c.Eval(&column.Batch{Rows: rows}, nil)
		if err != nil || out.Len() != rows {
			t.Fatalf("%d rows, want %d, %v", out.Len(), rows, err)
		}
		for i := range rows {
			if got := string(column.AppendText(nil, out, i)); got != text {
				t.Fatalf("row %d of %d is %s", i, rows, got)
			}
		}
	}
}
