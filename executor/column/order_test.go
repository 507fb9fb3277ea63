package column

import (
	"math/big"
	"testing"

	"slipway/sql/types"
	"slipway/sql/value"
)

// TestDecimalsOfUnlikeScale: numbers are compared, not their digits.
func TestDecimalsOfUnlikeScale(t *testing.T) {
	r := seeded(t)
	for range 20_000 {
		var vs [2]*Vector
		var want [2]*big.Rat
		for i := range vs {
			p := 1 + r.IntN(38)
			typ := types.NewDecimal(p, r.IntN(p+1))
			n := Int128{Hi: r.Int64N(1 << 62), Lo: r.Uint64()}
			_, n = n.QuoRem(value.WidePow10[1+r.IntN(p)])
			if r.IntN(2) == 0 {
				n = n.Neg()
			}
			if r.IntN(4) == 0 { // one that is often equal
				n = value.WidePow10[r.IntN(p)]
			}
			vs[i] = NewVector(typ)
			put(vs[i], map[bool]any{true: int64(n.Lo), false: n}[typ.Physical() == types.PhysicalInt64])
			want[i] = new(big.Rat).SetFrac(n.Big(), value.BigPow10(typ.Scale))
		}
		got := Comparison(vs[0].Type, vs[1].Type)(vs[0], 0, vs[1], 0)
		if got != want[0].Cmp(want[1]) {
			t.Fatalf("%s of %s and %s of %s: %d", want[0], vs[0].Type, want[1], vs[1].Type, got)
		}
	}
}
