package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// replaced is a map of one row a key, and what each should be.
type replaced struct {
	*testing.T
	r    *rand.Rand
	m    *OrderedMap
	want map[int64]string
}

func newReplaced(t *testing.T, s *Store) *replaced {
	l := OrderedLayout{Sort: 2, RowLayout: RowLayout{Key: []int{1}, Apart: true, Init: []uint64{7}}}
	for _, c := range eventSchema[:3] {
		l.Columns = append(l.Columns, c.Type)
	}
	l.Columns[2] = types.Of(types.Binary)
	m, err := s.OrderedMap("one", l)
	if err != nil {
		t.Fatal(err)
	}
	return &replaced{T: t, r: rand.New(rand.NewPCG(5, 5)), m: m, want: map[int64]string{}}
}

// put replaces the rows of some keys, or enters them.
func (x *replaced) put(n int) {
	x.Helper()
	b := column.NewBatch(types.Schema{eventSchema[0], eventSchema[1], {Type: types.Of(types.Binary)}})
	var sel, ids []int32
	for i := range n {
		key, text := int64(i)*3+x.r.Int64N(3), fmt.Sprint("text ", x.r.IntN(1000))
		sort := sortText(x.r.Int64N(10_000))
		if x.r.IntN(5) == 0 {
			b.Cols[0].AppendNull()
			text = "NULL"
		} else {
			b.Cols[0].AppendBytes([]byte(text))
		}
		b.Cols[1].AppendInt(key)
		b.Cols[2].AppendBytes(sort)
		if b.Rows++; i%4 == 2 {
			continue
		}
		sel = append(sel, int32(i))
		x.want[key] = text + " " + string(sort)
	}
	hashes := column.HashColumns(nil, b, eventKey)
	for _, key := range x.m.Lookup(b, eventKey, hashes, sel, nil) {
		if ids = append(ids, Absent); key != Absent {
			ids[len(ids)-1] = x.m.First(key)
			x.m.Write(ids[len(ids)-1])[0] = 8
		}
	}
	former := append([]int32(nil), ids...)
	ids, err := x.m.Replace(b, []int{0, 1, 2}, hashes, sel, ids)
	if err != nil {
		x.Fatal(err)
	}
	for i, id := range ids {
		if word := x.m.Acc(id)[0]; former[i] == Absent && word != 7 || former[i] != Absent && (word != 8 || id != former[i]) {
			x.Errorf("row %d in the place of %d has the word %d", id, former[i], word)
		}
	}
}

// check compares what is there; found by its key and by its sort key.
func (x *replaced) check() {
	x.Helper()
	if x.m.Len() != len(x.want) || x.m.Keys() != len(x.want) {
		x.Fatalf("%d rows of %d keys, want %d", x.m.Len(), x.m.Keys(), len(x.want))
	}
	key, text := column.NewVector(eventSchema[1].Type), column.NewVector(eventSchema[0].Type)
	x.m.Each(func(id int32) {
		key.Reset()
		text.Reset()
		x.m.AppendCell(key, 1, id)
		x.m.AppendCell(text, 0, id)
		got := "NULL"
		if !text.Null(0) {
			got = string(text.Bytes(0))
		}
		sort := x.m.SortBytes(id)
		if got += " " + string(sort); got != x.want[key.Ints[0]] {
			x.Errorf("key %d has %q, want %q", key.Ints[0], got, x.want[key.Ints[0]])
		}
		if x.m.Compare(id, Bound{Bytes: sort}) != 0 || x.m.Compare(id, Bound{Bytes: append(sort, 0)}) >= 0 || x.m.Compare(id, Bound{}) <= 0 {
			x.Errorf("key %d does not have the order of its row", key.Ints[0])
		}
		if x.m.Count(id) != 1 {
			x.Errorf("key %d has a row %d times", key.Ints[0], x.m.Count(id))
		}
	})
}

// TestReplace: rows take the place of others, also in what a checkpoint holds; texts that have gone leave no memory
// behind, and rows of a restore have the hashes of what they are.
func TestReplace(t *testing.T) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	x := newReplaced(t, s)
	for range 3 {
		for range 20 {
			x.put(300)
			x.check()
		}
		x.texts()
		s = reloaded(t, s)
		again := newReplaced(t, s)
		again.want = x.want
		x = again
		x.check()
	}
	x.m.Each(func(id int32) { x.rehash(id) })
}

// texts compares the bytes of texts that are counted with those that are there.
func (x *replaced) texts() {
	x.Helper()
	live := int64(0)
	x.m.Each(func(id int32) {
		x.m.table.eachRef(x.m.table.row(id), func(ref uint64) { live += int64(ref & maxValue) })
	})
	if slab := &x.m.table.slab; slab.total-slab.dead != live {
		x.Errorf("texts of %d bytes are counted, there are %d", slab.total-slab.dead, live)
	}
}

// rehash compares the hash of a row with that of what it holds.
func (x *replaced) rehash(id int32) {
	b := column.NewBatch(types.Schema{eventSchema[0], eventSchema[1], {Type: types.Of(types.Binary)}})
	for i, v := range b.Cols {
		x.m.AppendCell(v, i, id)
	}
	b.Rows = 1
	h := column.HashColumns(nil, b, []int{0, 1, 2})
	if inGroups(h, column.HashColumns(nil, b, eventKey)); x.m.table.row(id)[0] != h[0] {
		x.Errorf("row %d has the hash of another", id)
	}
}
