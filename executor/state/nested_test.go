package state

import (
	"fmt"
	"math"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// nestedKeys is a batch of a nested key column, read from JSON.
func nestedKeys(t *testing.T, typ types.Type, texts ...string) *column.Batch {
	t.Helper()
	b := column.NewBatch(types.Schema{{Name: "k", Type: typ}})
	for i, text := range texts {
		if text == "" {
			b.Cols[0].AppendNull()
		} else if b.Cols[0].Grow(i + 1); b.Cols[0].SetText(i, []byte(text)) != nil {
			t.Fatalf("%s is no %s", text, typ)
		}
		b.Rows++
	}
	return b
}

// TestNestedKeys: rows are found by a nested key, also after a restore, and give it back.
func TestNestedKeys(t *testing.T) {
	typ := types.NewMap(types.Of(types.String), types.NewArray(types.Of(types.Double)))
	layout := Layout{Keys: []types.Type{types.Of(types.Double), typ}, Words: 1}
	texts := []string{`{"a":[1,null],"b":[]}`, `{}`, "", `{"a":[-0.0]}`, `{"b":[],"a":[1,null]}`, `{"a":[0]}`}
	want := []int32{0, 1, 2, 3, 0, 3}
	b := nestedKeys(t, typ, texts...)
	numbers := column.NewVector(types.Of(types.Double))
	numbers.Floats = make([]float64, b.Rows)
	b.Cols = append([]*column.Vector{numbers}, b.Cols...)
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	check := func(table *Table, want []int32) {
		t.Helper()
		ids, _, err := table.Upsert(b, []int{0, 1}, column.HashColumns(nil, b, []int{0, 1}), nil, []uint64{7}, nil, nil)
		if err != nil || table.Len() != 4 {
			t.Fatalf("%d rows, %v", table.Len(), err)
		}
		back := column.NewVector(typ)
		for i, id := range ids {
			if want != nil && id != want[i] {
				t.Errorf("%s is row %d, want %d", texts[i], id, want[i])
			}
			table.AppendKey(back, id, 1)
			if back.Null(i) != (texts[i] == "") || !back.Null(i) && back.Compare(i, b.Cols[1], i) != 0 {
				t.Errorf("%s came back as %s", texts[i], column.AppendText(nil, back, i))
			}
		}
	}
	check(s.Table("t", layout), want)
	restored := reloaded(t, s)
	table := restored.Table("t", layout)
	if err := restored.Fits(layout); err != nil {
		t.Fatal(err)
	}
	check(table, nil)
	to := NewStore(Range{0, KeyGroups}, &Budget{}).Table("t", layout)
	for range 2 {
		table.EachRow(func(id int32) {
			if _, _, err := to.UpsertRow(table, id, []uint64{1}); err != nil {
				t.Fatal(err)
			}
		})
	}
	check(to, nil)
	if got := fmt.Sprint(to.layout.Keys); got != "[DOUBLE MAP]" {
		t.Errorf("a section would hold keys %s", got)
	}
}

// TestOneNaN: keys that are no number are one key, whatever their bits.
func TestOneNaN(t *testing.T) {
	b := column.NewBatch(types.Schema{{Name: "k", Type: types.Of(types.Double)}})

	nan := math.NaN()
	b.Cols[0].Floats = append(b.Cols[0].Floats, nan, math.Copysign(nan, -1), 0, math.Copysign(0, -1))
	b.Rows = 4
	table := NewStore(Range{0, KeyGroups}, &Budget{}).Table("t", Layout{Keys: []types.Type{types.Of(types.Double)}, Words: 1})
	ids, _, err := table.Upsert(b, []int{0}, column.HashColumns(nil, b, []int{0}), nil, []uint64{0}, nil, nil)
	if err != nil || fmt.Sprint(ids) != "[0 0 1 1]" {
		t.Fatalf("%v, %v", ids, err)
	}
}
