package column

import (
	"fmt"
	"testing"

	"slipway/sql/types"
)

func TestHashIsFixed(t *testing.T) {
	b := NewBatch(types.Schema{{Name: "i", Type: types.Of(types.BigInt)}, {Name: "s", Type: types.Of(types.String)}})
	for i, s := range []string{"", "a", "slipway and more"} {
		b.Cols[0].AppendInt(int64(i))
		b.Cols[1].AppendBytes([]byte(s))
		b.Rows++
	}
	b.Cols[0].AppendNull()
	b.Cols[1].AppendNull()
	b.Rows++
	got := fmt.Sprintf("%x", HashColumns(nil, b, []int{0, 1}))
	if want := "[b1e70b911f52521f 1a24feb9b695df c0af5b405558eb25 a0761d6478bd642f]"; got != want {
		t.Fatalf("the hash is now %s, checkpoints were written with %s", got, want)
	}
}

// TestHashSpreads: sequential keys fill all of 128 groups about evenly, by the top bits.
func TestHashSpreads(t *testing.T) {
	b := NewBatch(types.Schema{{Name: "i", Type: types.Of(types.BigInt)}})
	for i := range int64(128 * 1000) {
		b.Cols[0].AppendInt(i)
		b.Rows++
	}
	groups := map[uint64]int{}
	for _, h := range HashColumns(nil, b, []int{0}) {
		groups[h>>57]++
	}
	for g := range uint64(128) {
		if groups[g] < 800 || groups[g] > 1200 {
			t.Fatalf("group %d got %d of 1000", g, groups[g])
		}
	}
}

func TestAppendRowsKeepsNulls(t *testing.T) {
	for _, typ := range []types.Type{types.Of(types.BigInt), types.Of(types.String), types.Of(types.Boolean), types.Of(types.Double), types.NewDecimal(30, 2)} {
		src, dst := NewVector(typ), NewVector(typ)
		for i := range 200 {
			src.Grow(i + 1)
			if i%3 == 0 {
				src.SetNull(i)
			}
		}
		sel := []int32{0, 1, 2, 99, 100, 199}
		for range 40 {
			dst.AppendRows(src, sel, 200)
		}
		if dst.Len() != 240 {
			t.Fatalf("%s: %d rows", typ, dst.Len())
		}
		for i := range 240 {
			if want := sel[i%6]%3 == 0; dst.Null(i) != want {
				t.Fatalf("%s: row %d null %t, want %t", typ, i, dst.Null(i), want)
			}
		}
	}
}
