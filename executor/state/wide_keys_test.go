package state

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// wideSchema has so many columns: numbers, and a text in every tenth.
func wideSchema(columns int) (schema types.Schema, all []int) {
	for i := range columns {
		typ := types.Of(types.BigInt)
		if i%10 == 9 {
			typ = types.Of(types.String)
		}
		schema, all = append(schema, types.Column{Name: fmt.Sprint(i), Type: typ}), append(all, i)
	}
	return schema, all
}

// appendWide appends key k: of two that follow one another all columns are the same, but one
// of the last eight, which is 0, or the empty text, in the first and NULL in the second. A third
// of them have no other NULL.
func appendWide(b *column.Batch, k int) {
	r := rand.New(rand.NewPCG(uint64(k/2), 70))
	differs := len(b.Cols) - 1 - k/2%8
	for i, v := range b.Cols {
		x := r.IntN(3)
		switch {
		case i == differs && k%2 == 1, i != differs && i > 0 && x == 0 && k/2%3 > 0:
			v.AppendNull()
		case v.Type.Kind == types.String && i == differs:
			v.AppendBytes(nil)
		case v.Type.Kind == types.String:
			v.AppendBytes(fmt.Appendf(nil, "text %d", x))
		case i == differs:
			v.AppendInt(0)
		default:
			v.AppendInt(int64(k/2*3 + x))
		}
	}
	b.Rows++
}

// wideText spells a row of a batch.
func wideText(b *column.Batch, r int) string {
	var out strings.Builder
	for _, v := range b.Cols {
		switch {
		case v.Null(r):
			out.WriteString("NULL ")
		case v.Type.Kind == types.String:
			fmt.Fprintf(&out, "%q ", v.Bytes(r))
		default:
			fmt.Fprintf(&out, "%d ", v.Ints[r])
		}
	}
	return out.String()
}

// wideSubject is a table with many key columns.
type wideSubject struct {
	store   *Store
	columns int
	rows    contents
}

func (s *wideSubject) state() *Store   { return s.store }
func (s *wideSubject) model() contents { return s.rows }

func (s *wideSubject) over(_ *testing.T, store *Store, rows contents) subject {
	return &wideSubject{store: store, columns: s.columns, rows: rows}
}

func (s *wideSubject) table() *Table {
	schema, _ := wideSchema(s.columns)
	layout := Layout{Words: 1}
	for _, c := range schema {
		layout.Keys = append(layout.Keys, c.Type)
	}
	return s.store.Table("wide", layout)
}

// change counts some keys and deletes one.
func (s *wideSubject) change(t *testing.T, r *rand.Rand) {
	schema, all := wideSchema(s.columns)
	b := column.NewBatch(schema)
	for range 1 + r.IntN(60) {
		appendWide(b, r.IntN(200))
	}
	hashes := column.HashColumns(nil, b, all)
	sel := owned(s.store, b, hashes, r)
	table := s.table()
	ids, _, err := table.Upsert(b, all, hashes, sel, []uint64{0}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range sel {
		key := wideText(b, int(row))
		count := int64(1)
		if was := s.rows[key]; was != nil {
			count += was[0].count
		}
		table.Write(ids[i])[0]++
		s.rows[key] = []entry{{count: count}}
	}
	if len(sel) > 0 {
		table.Delete(ids[0])
		delete(s.rows, wideText(b, int(sel[0])))
	}
}

// have gives the rows as they are read, which must be found as well, also in another table.
func (s *wideSubject) have(t *testing.T) contents {
	schema, all := wideSchema(s.columns)
	b, out, table := column.NewBatch(schema), contents{}, s.table()
	other := (&wideSubject{store: NewStore(Range{0, KeyGroups}, &Budget{}), columns: s.columns}).table()
	var ids []int32
	table.EachRow(func(id int32) {
		for i, v := range b.Cols {
			table.AppendKey(v, id, i)
		}
		b.Rows++
		ids = append(ids, id)
		out[wideText(b, b.Rows-1)] = []entry{{count: int64(table.Acc(id)[0])}}
	})
	for r, h := range column.HashColumns(nil, b, all) {
		if found := table.Find(b, all, r, h); found != ids[r] {
			t.Fatalf("row %d is found as %d: %s", ids[r], found, wideText(b, r))
		}
		for i, fresh := range []bool{true, false} {
			to, was, err := other.UpsertRow(table, ids[r], []uint64{0})
			if err != nil || was != fresh || other.Find(b, all, r, h) != to {
				t.Fatalf("row %d of another table, time %d: new %t, %v", ids[r], i, was, err)
			}
		}
	}
	return out
}

// TestWideKeysAgainstModel: keys of as many columns as there are flags in a row's first word of
// them, and of more, up to four words.
func TestWideKeysAgainstModel(t *testing.T) {
	for _, columns := range []int{62, 63, 64, 65, 70, 126, 127, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			testAgainstModel(t, func(s *Store) subject { return &wideSubject{store: s, columns: columns, rows: contents{}} })
		})
	}
}

// TestHeaderOfKeys pins how many words a row has before its key.
func TestHeaderOfKeys(t *testing.T) {
	for keys, want := range map[int]int{0: 2, 1: 2, 63: 2, 64: 3, 126: 3, 127: 4} {
		if got := headerOf(keys); got != want {
			t.Errorf("a key of %d columns begins at word %d, not %d", keys, got, want)
		}
	}
}

// TestWideRows: a multimap and an ordered map keep rows of many columns, also over a checkpoint.
func TestWideRows(t *testing.T) {
	const columns, keys = 70, 40
	schema, all := wideSchema(columns)
	layout := RowLayout{Key: []int{0}}
	for _, c := range schema {
		layout.Columns = append(layout.Columns, c.Type)
	}
	b := column.NewBatch(schema)
	for k := range keys {
		appendWide(b, k)
	}
	hashes := column.HashColumns(nil, b, layout.Key)
	store := NewStore(Range{0, KeyGroups}, &Budget{})
	counts := func(store *Store, want int64) {
		t.Helper()
		m, err := store.Multimap("left", layout)
		if err != nil {
			t.Fatal(err)
		}
		o, err := store.OrderedMap("right", OrderedLayout{RowLayout: layout, Sort: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []*Rows{&m.Rows, &o.Rows} {
			ids, err := rows.Apply(b, all, hashes, nil, nil)
			if err != nil || rows.Len() != keys {
				t.Fatalf("%d rows of %d, %v", rows.Len(), keys, err)
			}
			for r, id := range ids {
				if rows.Count(id) != want {
					t.Fatalf("row %d is there %d times: %s", r, rows.Count(id), wideText(b, r))
				}
			}
			got := column.NewBatch(schema)
			for i, v := range got.Cols {
				rows.AppendColumn(v, i, ids)
			}
			for r := range b.Rows {
				if wideText(got, r) != wideText(b, r) {
					t.Fatalf("row %d is read as\n%s\nit is\n%s", r, wideText(got, r), wideText(b, r))
				}
			}
		}
	}
	counts(store, 1)
	again := reloaded(t, store)
	counts(again, 2)
}
