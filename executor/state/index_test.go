package state

import (
	"runtime"
	"testing"

	"slipway/checkpoint"
	"slipway/executor/column"
)

// TestLargeIndex: an index made in buckets finds every row, on any number of cores, as the
// table grows and when it is restored.
func TestLargeIndex(t *testing.T) {
	for _, cores := range []int{1, 3} {
		before := runtime.GOMAXPROCS(cores)
		s := NewStore(Range{0, KeyGroups}, &Budget{})
		table := s.Table("t", windowLayout)
		b := column.NewBatch(windowSchema)
		for from := range int64(100) {
			b.Reset()
			for i := range int64(column.BatchRows) {
				b.Cols[0].AppendInt(from*column.BatchRows + i)
			}
			b.Rows = column.BatchRows
			ids, _, err := table.Upsert(b, []int{0}, column.HashColumns(nil, b, []int{0}), nil, []uint64{0, 0}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			table.Delete(ids[from])
		}
		checkTable(t, table)
		f, err := s.Freeze(1)
		if err != nil {
			t.Fatal(err)
		}
		sections := &memorySections{}
		chain, _, err := f.Write(sections)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 2; n++ {
			for i := range n {
				loaded := NewStore(GroupsOf(i, n), &Budget{})
				if err := loaded.Load(sections.read, []checkpoint.Section{chain[0]}); err != nil {
					t.Fatal(err)
				}
				checkTable(t, loaded.Table("t", windowLayout))
			}
		}
		runtime.GOMAXPROCS(before)
	}
}

// TestBucketsThatOverflow: rows whose hashes are much the same find their places too.
func TestBucketsThatOverflow(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	table := s.Table("t", windowLayout)
	for i := range 3 * partRows {
		id, err := table.newRow()
		if err != nil {
			t.Fatal(err)
		}
		row := table.writable(id)
		row[0], row[1] = uint64(i)<<32, liveFlag
		if i < 9_000 {
			row[0] = 7 << 32
		}
		table.live++
	}
	if err := table.grow(table.live); err != nil {
		t.Fatal(err)
	}
	checkTable(t, table)
}
