package value

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// sumOf is what a pair stands for.
func sumOf(p Pair) *big.Float {
	sum := new(big.Float).SetPrec(400).SetFloat64(p.Hi)
	return sum.Add(sum, new(big.Float).SetFloat64(p.Lo))
}

// TestPairsOfWholeNumbers: conversions, products and sums within 106 bits are exact.
func TestPairsOfWholeNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		a, b := int64(r.Uint64())>>r.IntN(64), int64(r.Uint64())>>(14+r.IntN(50))
		if got := sumOf(PairOf(a)); got.Cmp(new(big.Float).SetInt64(a)) != 0 {
			t.Fatalf("%d is %v", a, got)
		}
		wide := Int128{Hi: b >> 8, Lo: r.Uint64()}
		if got := sumOf(PairOfWide(wide)); got.Cmp(new(big.Float).SetPrec(400).SetInt(wide.Big())) != 0 {
			t.Fatalf("%v is %v", wide.Big(), got)
		}
		x, y := Int128{Hi: a >> 26, Lo: r.Uint64()}, Int128{Hi: b >> 12, Lo: r.Uint64()} // below 2^102
		both := new(big.Int).Add(x.Big(), y.Big())
		if got := sumOf(PairOfWide(x).Add(PairOfWide(y))); got.Cmp(new(big.Float).SetPrec(400).SetInt(both)) != 0 {
			t.Fatalf("%v and %v are %v", x.Big(), y.Big(), got)
		}
		c, d := a>>12, b>>2
		product := new(big.Int).Mul(big.NewInt(c), big.NewInt(d))
		if got := sumOf(PairOf(c).Mul(PairOf(d))); product.BitLen() <= 104 && got.Cmp(new(big.Float).SetPrec(400).SetInt(product)) != 0 {
			t.Fatalf("%d times %d is %v", c, d, got)
		}
		back := PairOf(a).Add(PairOf(b)).Sub(PairOf(a))
		if sumOf(back).Cmp(new(big.Float).SetInt64(b)) != 0 {
			t.Fatalf("%d and %d less the first is %v", a, b, sumOf(back))
		}
		if b != 0 {
			q, _ := new(big.Float).SetPrec(400).Quo(new(big.Float).SetInt64(a), new(big.Float).SetInt64(b)).Float64()
			if got := PairOf(a).Over(PairOf(b)).Float(); got != q {
				t.Fatalf("%d over %d is %v, want %v", a, b, got, q)
			}
		}
	}
	for _, x := range []Int128{{Hi: -1, Lo: 1<<64 - 1}, {Lo: 1<<64 - 1}, {Lo: 1 << 63}, {Hi: -1}, {Hi: -1, Lo: 1 << 63}, {Hi: 1}} {
		if got := sumOf(PairOfWide(x)); got.Cmp(new(big.Float).SetPrec(400).SetInt(x.Big())) != 0 {
			t.Errorf("%v is %v", x.Big(), got)
		}
	}
	for _, x := range []int64{0, 1, -1, 1<<63 - 1, -1 << 63, 1 << 53, 1<<53 + 1} {
		if sumOf(PairOf(x)).Cmp(new(big.Float).SetInt64(x)) != 0 {
			t.Errorf("%d is %v", x, sumOf(PairOf(x)))
		}
	}
}
