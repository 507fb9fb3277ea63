package state

import (
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// TestHashesDifferBehindNull: rows, keys and timers whose last column is NULL are told apart like
// others, and lie in the groups that the exchange gives them.
func TestHashesDifferBehindNull(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	columns := []types.Type{types.Of(types.BigInt), types.Of(types.String), types.Of(types.Double)}
	m, err := s.Multimap("m", RowLayout{Columns: columns, Key: []int{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	timers := NewTimers(s)
	if err := timers.Open(columns[:2]); err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(types.Schema{{Type: columns[0]}, {Type: columns[1]}, {Type: columns[2]}})
	times := make([]int64, column.BatchRows)
	for i := range column.BatchRows {
		b.Cols[0].AppendInt(int64(i))
		b.Cols[1].AppendNull()
		b.Cols[2].AppendNull()
		b.Rows++
	}
	cols, keys := []int{0, 1, 2}, []int{0, 1}
	hashes := column.HashColumns(nil, b, keys)
	var ids []int32
	steady(t, "entering rows with NULL", func() {
		if ids, err = m.Apply(b, cols, hashes, nil, ids); err != nil {
			t.Fatal(err)
		}
		if err = timers.Register(EventTime, b, keys, hashes, nil, times); err != nil {
			t.Fatal(err)
		}
	})
	different := map[string]map[uint64]bool{"rows": {}, "keys": {}, "timers": {}}
	for _, id := range ids {
		different["rows"][m.table.place(m.table.row(id))] = true
		different["keys"][m.keys.list[m.keyOf[id]-1].hash] = true
	}
	timers.sets[EventTime].table.EachRow(func(id int32) {
		table := timers.sets[EventTime].table
		different["timers"][table.place(table.row(id))] = true
	})
	for _, id := range ids {
		if h := m.table.row(id)[0]; Group(h) != Group(hashes[0]) {
			t.Fatalf("a row is in group %d, the exchange gives it to %d", Group(h), Group(hashes[0]))
		}
	}
	for what, set := range different {
		if len(set) < column.BatchRows-1 {
			t.Errorf("%d %s have %d hashes", column.BatchRows, what, len(set))
		}
	}
	if due := timers.Take(EventTime, 0); len(due.Times) < column.BatchRows-1 {
		t.Errorf("only %d timers fire at once", len(due.Times))
	}
}
