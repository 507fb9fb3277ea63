package state

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// nullKeys are a number and then one column of every way in which a key is held.
var nullKeys = []types.Type{
	types.Of(types.BigInt), types.Of(types.BigInt), types.Of(types.String), types.NewDecimal(30, 4),
	types.Of(types.Double), types.Of(types.Boolean), types.NewArray(types.Of(types.BigInt)),
}

// nullBatch are rows whose first column counts from a number, and of whose others most are NULL.
func nullBatch(r *rand.Rand, from, rows int) *column.Batch {
	var schema types.Schema
	for i, k := range nullKeys {
		schema = append(schema, types.Column{Name: fmt.Sprint(i), Type: k})
	}
	b := column.NewBatch(schema)
	present := func(v *column.Vector, put func()) {
		if r.IntN(4) == 0 {
			put()
		} else {
			v.AppendNull()
		}
	}
	for i := range rows {
		b.Cols[0].AppendInt(int64(from + i))
		present(b.Cols[1], func() { b.Cols[1].AppendInt(int64(r.IntN(3))) })
		present(b.Cols[2], func() { b.Cols[2].AppendBytes(fmt.Appendf(nil, "text %d", r.IntN(3))) })
		for c, put := range map[int]func(v *column.Vector){
			3: func(v *column.Vector) { v.Wides[i] = column.FromInt64(int64(r.IntN(3))) },
			4: func(v *column.Vector) { v.Floats[i] = math.Copysign(0, float64(r.IntN(2))-0.5) },
			5: func(v *column.Vector) { v.Bools[i] = r.IntN(2) == 0 },
			6: func(v *column.Vector) { v.SetText(i, fmt.Appendf(nil, "[%d]", r.IntN(3))) },
		} {
			present(b.Cols[c], func() {
				b.Cols[c].Grow(i + 1)
				put(b.Cols[c])
				b.Cols[c].Present()
			})
		}
		b.Rows++
	}
	return b
}

// longest is the longest probe of a table.
func longest(t *Table) (n uint64) {
	mask := uint64(len(t.index) - 1)
	t.EachRow(func(id int32) {
		home := t.slot(t.place(t.row(id)))
		at := home
		for uint32(t.index[at]) != uint32(id+1) {
			at = (at + 1) & mask
		}
		n = max(n, (at-home)&mask)
	})
	return n
}

// TestKeysWithNullAreFound: keys whose last columns are NULL, of which the hash tells nothing,
// are found by a short probe, also by those of another table and after a restore.
func TestKeysWithNullAreFound(t *testing.T) {
	for _, rows := range []int{4000, partRows + 4000} { // the index of many is made in parts
		t.Run(fmt.Sprint(rows), func(t *testing.T) { keysWithNull(t, rows) })
	}
}

func keysWithNull(t *testing.T, rows int) {
	r := rand.New(rand.NewPCG(6, 6))
	all := []int{0, 1, 2, 3, 4, 5, 6}
	var batches []*column.Batch
	for at := 0; at < rows; at += column.BatchRows {
		batches = append(batches, nullBatch(r, at, min(column.BatchRows, rows-at)))
	}
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	layout := Layout{Keys: nullKeys, Words: 1}
	table := s.Table("t", layout)
	enter := func(table *Table) (ids []int32) {
		t.Helper()
		for _, b := range batches {
			own, _, err := table.Upsert(b, all, column.HashColumns(nil, b, all), nil, []uint64{0}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, own...)
		}
		return ids
	}
	ids := enter(table)
	finds := func(what string, table *Table, want []int32) {
		t.Helper()
		var found []int32
		for _, b := range batches {
			for r, h := range column.HashColumns(nil, b, all) {
				found = append(found, table.Find(b, all, r, h))
			}
		}
		if got := enter(table); !slices.Equal(got, found) || want != nil && !slices.Equal(got, want) || table.Len() != rows {
			t.Fatalf("%s: not all of %d rows are found; there are %d", what, rows, table.Len())
		}
		if n := longest(table); n > 100 {
			t.Errorf("%s: a probe of %d", what, n)
		}
	}
	finds("again", table, ids)
	other := NewStore(Range{0, KeyGroups}, &Budget{}).Table("t", layout)
	for _, id := range ids {
		if _, fresh, err := other.UpsertRow(table, id, []uint64{0}); err != nil || !fresh {
			t.Fatalf("row %d of another table is new: %t, %v", id, fresh, err)
		}
	}
	finds("of another table", other, nil)
	again := reloaded(t, s)
	finds("after a restore", again.Table("t", layout), nil)
	for _, id := range ids {
		table.Delete(id)
	}
	if slices.ContainsFunc(table.index, func(e uint64) bool { return e != 0 }) {
		t.Error("rows that were deleted are in the index")
	}
}
