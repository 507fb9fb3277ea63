package state

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// TestOrderedByEncodedKeys: rows ordered as ORDER BY price DESC NULLS LAST, name has them, by the
// bytes of column.AppendKey: the first of a key, the one at a rank, and those up to a price.
func TestOrderedByEncodedKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	schema := types.Schema{{Type: types.Of(types.BigInt)}, {Type: types.Of(types.BigInt)}, {Type: types.Of(types.String)}, {Type: types.Of(types.String)}}
	columns := []types.Type{schema[0].Type, schema[1].Type, schema[2].Type, schema[3].Type}
	m, err := NewStore(Range{0, KeyGroups}, &Budget{}).OrderedMap("top", OrderedLayout{RowLayout: RowLayout{Columns: columns, Key: []int{0}}, Sort: 3})
	if err != nil {
		t.Fatal(err)
	}
	type offer struct {
		price int64 // below 0: NULL
		name  string
	}
	var want []offer
	b := column.NewBatch(schema)
	byPrice, byName := column.KeyOrder{Desc: true}, column.KeyOrder{}
	for i := range 500 {
		o := offer{int64(r.IntN(60) - 5), fmt.Sprintf("name %d", r.IntN(1000)*1000+i)}
		b.Cols[0].AppendInt(1)
		if o.price < 0 {
			o.price = -1
			b.Cols[1].AppendNull()
		} else {
			b.Cols[1].AppendInt(o.price)
		}
		b.Cols[2].AppendBytes([]byte(o.name))
		b.Cols[3].AppendBytes(column.AppendKey(column.AppendKey(nil, b.Cols[1], i, byPrice), b.Cols[2], i, byName))
		b.Rows++
		want = append(want, o)
	}
	slices.SortFunc(want, func(a, b offer) int { return cmp.Or(-cmp.Compare(a.price, b.price), cmp.Compare(a.name, b.name)) })
	hashes := column.HashColumns(nil, b, []int{0})
	if _, err := m.Apply(b, []int{0, 1, 2, 3}, hashes, nil, nil); err != nil {
		t.Fatal(err)
	}
	key := m.Lookup(b, []int{0}, hashes, []int32{0}, nil)[0]
	ids := m.AppendRange(nil, m.First(key), Bound{Bytes: []byte{0xFF}}, 1000)
	price, name := column.NewVector(schema[1].Type), column.NewVector(schema[2].Type)
	m.AppendColumn(price, 1, ids)
	m.AppendColumn(name, 2, ids)
	if len(ids) != len(want) {
		t.Fatalf("%d rows, want %d", len(ids), len(want))
	}
	for i, o := range want {
		if string(name.Bytes(i)) != o.name || price.Null(i) != (o.price < 0) || !price.Null(i) && price.Ints[i] != o.price || m.At(key, i) != ids[i] {
			t.Fatalf("row %d is %s at %d (NULL: %t), want %v", i, name.Bytes(i), price.Ints[i], price.Null(i), o)
		}
	}
	bound := column.NewVector(schema[1].Type) // prices of 40 and above: all in front of the first below
	bound.AppendInt(39)
	below := m.Ceil(key, Bound{Bytes: column.AppendKey(nil, bound, 0, byPrice)})
	if got := slices.IndexFunc(want, func(o offer) bool { return o.price <= 39 }); m.Rank(below) != got {
		t.Fatalf("%d rows are in front of a price of 39, want %d", m.Rank(below), got)
	}
}
