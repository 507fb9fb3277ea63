package value

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// randomWide favours the edges: few bits, all bits, powers of ten and their neighbours.
func randomWide(r *rand.Rand) Int128 {
	switch r.IntN(4) {
	case 0:
		return FromInt64(int64(r.IntN(21) - 10))
	case 1:
		p := WidePow10[r.IntN(39)]
		p.Lo += uint64(r.IntN(3)) - 1
		if r.IntN(2) == 0 {
			p = p.Neg()
		}
		return p
	case 2:
		return FromInt64(int64(r.Uint64()) >> r.IntN(64))
	}
	return Int128{int64(r.Uint64()) >> r.IntN(64), r.Uint64()}
}

// exactly makes an Int128 of a big integer within its range.
func exactly(x *big.Int) (Int128, bool) {
	if x.Cmp(minWide) < 0 || x.Cmp(maxWide) > 0 {
		return Int128{}, false
	}
	mask := new(big.Int).SetUint64(^uint64(0))
	lo := new(big.Int).And(x, mask).Uint64()
	return Int128{new(big.Int).Rsh(x, 64).Int64(), lo}, true
}

var (
	maxWide = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 127), big.NewInt(1))
	minWide = new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 127))
)

// rounded divides half away from zero.
func rounded(a, b *big.Int) *big.Int {
	q, rest := new(big.Int).QuoRem(a, b, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).CmpAbs(b) < 0 {
		return q
	}
	if a.Sign()*b.Sign() < 0 {
		return q.Sub(q, big.NewInt(1))
	}
	return q.Add(q, big.NewInt(1))
}

func TestWideArithmeticAgainstBig(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	check := func(what string, a, b Int128, got Int128, ok bool, want *big.Int) {
		t.Helper()
		w, fits := exactly(want)
		if ok != fits || ok && got != w {
			t.Fatalf("%s of %s and %s is %s (%t), want %s", what, a.Big(), b.Big(), got.Big(), ok, want)
		}
	}
	for range 200_000 {
		a, b := randomWide(r), randomWide(r)
		x, y := a.Big(), b.Big()
		got, ok := a.Add(b)
		check("sum", a, b, got, ok, new(big.Int).Add(x, y))
		got, ok = a.Sub(b)
		check("difference", a, b, got, ok, new(big.Int).Sub(x, y))
		if got, ok = a.Mul(b); x.Cmp(minWide) > 0 && y.Cmp(minWide) > 0 && new(big.Int).Mul(x, y).Cmp(minWide) != 0 {
			check("product", a, b, got, ok, new(big.Int).Mul(x, y))
		}
		if c := a.Cmp(b); c != x.Cmp(y) {
			t.Fatalf("%s against %s is %d", x, y, c)
		}
		if b.IsZero() {
			continue
		}
		q, rest := a.QuoRem(b)
		wq, wr := new(big.Int).QuoRem(x, y, new(big.Int))
		if wq.Cmp(maxWide) <= 0 {
			check("quotient", a, b, q, true, wq)
			check("remainder", a, b, rest, true, wr)
		}
		m := randomWide(r)
		want := rounded(new(big.Int).Mul(x, m.Big()), y)
		if got, ok = MulQuo(a, m, b); want.Cmp(minWide) != 0 {
			check("product by "+m.Big().String()+" and quotient", a, b, got, ok, want)
		}
		from, to := r.IntN(39), r.IntN(39)
		if got, ok = a.Rescale(from, to); a.Within(38) {
			check("rescaling", a, FromInt64(int64(to-from)), got, ok, rounded(new(big.Int).Mul(x, BigPow10(to)), BigPow10(from)))
		}
	}
}
