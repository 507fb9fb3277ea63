package state

import (
	"fmt"
	"strings"
	"testing"

	"slipway/executor/column"
)

// storedIs compares what a store keeps of a structure, the layouts and the words of the rows of
// its tables, with what checkpoints hold; TestStoredSection pins how a section holds a table.
func storedIs(t *testing.T, s *Store, want string) {
	t.Helper()
	var got strings.Builder
	for _, name := range s.Tables() {
		table := s.tables[name]
		fmt.Fprintf(&got, "%s: %s\n", name, table.layout.stored())
		table.EachRow(func(id int32) { fmt.Fprintf(&got, "%x\n", table.row(id)) })
	}
	if got.String() != want {
		t.Errorf("a store keeps\n%scheckpoints hold\n%s", got.String(), want)
	}
}

// storedRows are two equal rows, one of another text under the same key, and one taken back.
func storedRows() *column.Batch {
	b := column.NewBatch(pairSchema)
	for _, text := range []string{"a", "b", "a", "gone", "gone"} {
		b.Cols[0].AppendNull()
		b.Cols[1].AppendBytes([]byte(text))
		b.Cols[2].AppendBytes([]byte("key"))
		b.Cols[3].AppendInt(5)
		b.Kinds = append(b.Kinds, column.Insert)
		b.Rows++
	}
	b.Kinds[4] = column.Delete
	return b
}

// TestStoredMultimap pins the words of a row: the hash in the group of its key, the columns,
// count, serial, the operator's words.
func TestStoredMultimap(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	m, err := s.Multimap("left", pairLayout)
	if err != nil {
		t.Fatal(err)
	}
	b := storedRows()
	hashes := column.HashColumns(nil, b, pairKeys)
	ids, err := m.Apply(b, pairCols, hashes, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Write(ids[1])[0] = 9
	m.Prune()
	if got := Group(m.table.row(ids[0])[0]); got != Group(hashes[0]) {
		t.Errorf("a row is in group %d, its key in group %d", got, Group(hashes[0]))
	}
	storedIs(t, s, `left: keys (STRING, STRING, BIGINT), 4 words [3]
[beebb673164caef7 8000000000000000 1 1000003 5 2 0 7 0]
[bf5535ae795d25ee 8000000000000000 4000001 5000003 5 1 1 9 0]
`)
}

// TestStoredOrderedMap pins the words of a row: they are those of a multimap.
func TestStoredOrderedMap(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	m, err := s.OrderedMap("right", OrderedLayout{RowLayout: pairLayout, Sort: 0, Unique: true})
	if err != nil {
		t.Fatal(err)
	}
	b := storedRows()
	if _, err := m.Apply(b, pairCols, column.HashColumns(nil, b, pairKeys), nil, nil); err != nil {
		t.Fatal(err)
	}
	m.Prune()
	storedIs(t, s, `right: keys (STRING, STRING, BIGINT), 4 words [3]
[beebb673164caef7 8000000000000000 1 1000003 5 1 0 7 0]
[bf5535ae795d25ee 8000000000000000 4000001 5000003 5 1 1 7 0]
`)
}

// TestStoredTimers pins the tables of both domains and the words of a timer: the hash in the
// group of its key, the key, the time, the number of its registration.
func TestStoredTimers(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	timers := NewTimers(s)
	if err := timers.Open(timerKeys); err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(timerSchema)
	b.Cols[0].AppendInt(5)
	b.Cols[0].AppendNull()
	for range 2 {
		b.Cols[1].AppendNull()
		b.Cols[2].AppendBytes([]byte("key"))
		b.Rows++
	}
	hashes := column.HashColumns(nil, b, timerCols)
	for d := range domains {
		if err := timers.Register(d, b, timerCols, hashes, nil, []int64{1_700_000_000_000_000, 20 + int64(d)}); err != nil {
			t.Fatal(err)
		}
	}
	storedIs(t, s, `timers/event: keys (STRING, BIGINT, TIMESTAMP(6)), 1 words []
[b2d9d58cf31ae02e 8000000000000000 3 5 60a24181e4000 0]
[a1be453852110d36 8000000000000002 3000003 0 14 1]
timers/processing: keys (STRING, BIGINT, TIMESTAMP(6)), 1 words []
[b2d9d58cf31ae02e 8000000000000000 3 5 60a24181e4000 0]
[a132c67294013b07 8000000000000002 3000003 0 15 1]
`)
}
