package op

import (
	"slices"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestChangesOfAGroupLeaveTogether: what comes between two flushes is one change of each group, and of one
// that came and went meanwhile there is none.
func TestChangesOfAGroupLeaveTogether(t *testing.T) {
	big := types.Of(types.BigInt)
	in := types.Schema{{Name: "k", Type: big}, {Name: "v", Type: big}}
	g, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, InputUpdates: true, EmitBefore: true, Out: in,
		Aggs: []plan.Agg{{Kind: plan.Sum, Arg: 1, Filter: -1, Typ: big}}}, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, round := range []struct{ in, want []string }{
		{[]string{"+I 1 5", "+I 2 7", "+I 1 6, +I 3 1", "-D 3 1"}, []string{"+I 1 11", "+I 2 7"}},
		{[]string{"+I 1 1", "-D 2 7", "+I 1 2", "+I 2 8"}, []string{"-U 1 11", "+U 1 14", "-U 2 7", "+U 2 8"}},
		{[]string{"-D 2 8", "+I 3 4"}, []string{"-D 2 8", "+I 3 4"}},
		{nil, nil},
	} {
		rows = nil
		for _, b := range round.in {
			if err := g.Process(0, changes(b), changesText(&rows)); err != nil || len(rows) > 0 {
				t.Fatal(rows, err)
			}
		}
		if err := g.Flush(changesText(&rows)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rows, round.want) {
			t.Errorf("of %v it gives %v, want %v", round.in, rows, round.want)
		}
	}
	if g.table.Len() != 2 {
		t.Errorf("%d groups are kept, want 1 and 3", g.table.Len())
	}
}

// TestHeldChangesAreBounded: many groups do not wait for Flush.
func TestHeldChangesAreBounded(t *testing.T) {
	big := types.Of(types.BigInt)
	in := types.Schema{{Name: "k", Type: big}}
	g, err := NewGroupAggregate(&plan.GroupAggregate{Keys: []int{0}, Out: types.Schema{in[0], {Name: "n", Type: big}},
		Aggs: []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}}}, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	b, given := column.NewBatch(in), 0
	for first := int64(0); first < maxHeldGroups; first += column.BatchRows {
		b.Reset()
		for i := range int64(column.BatchRows) {
			b.Cols[0].AppendInt(first + i)
		}
		b.Rows = column.BatchRows
		if given > 0 {
			t.Fatalf("%d rows leave when %d groups are held", given, first)
		}
		if err := g.Process(0, b, outputFunc(func(b *column.Batch) error { given += b.Live(); return nil })); err != nil {
			t.Fatal(err)
		}
	}
	if given != maxHeldGroups {
		t.Errorf("%d rows have left, want %d", given, maxHeldGroups)
	}
}
