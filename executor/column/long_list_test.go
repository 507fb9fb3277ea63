package column

import (
	"bytes"
	"testing"

	"slipway/sql/types"
)

// TestLongLists: the elements of a long array are read one after the other, and copied seldom.
func TestLongLists(t *testing.T) {
	const elements = 20_000
	for _, typ := range []types.Type{types.Of(types.Int), types.Of(types.Double), types.Of(types.Boolean), types.Of(types.String), types.NewDecimal(30, 0), types.NewArray(bigint),
		row("a", bigint)} {
		v, grown, room := NewVector(types.NewArray(typ)), 0, 0
		v.Grow(1)
		for n := range elements {
			kid := v.Kids[0]
			kid.Grow(n + 1)
			if now := kid.Memory(); now != room {
				grown, room = grown+1, now
			}
		}
		if grown > 40 {
			t.Errorf("%s: the elements were copied %d times", typ, grown)
		}
	}
	v := NewVector(types.NewArray(types.Of(types.Int)))
	v.Grow(1)
	if err := v.SetText(0, append(append([]byte("["), bytes.Repeat([]byte("1,"), elements)...), "1]"...)); err != nil || v.Views[0].Len != elements+1 {
		t.Errorf("%d elements, %v", v.Views[0].Len, err)
	}
}
