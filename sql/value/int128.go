package value

import (
	"math/big"
	"math/bits"
)

// Int128 is a signed 128-bit integer in two's complement: Hi is the upper half.
type Int128 struct {
	Hi int64
	Lo uint64
}

// FromInt64 widens.
func FromInt64(x int64) Int128 { return Int128{Hi: x >> 63, Lo: uint64(x)} }

// Int64 narrows; ok is false if the value does not fit.
func (a Int128) Int64() (x int64, ok bool) {
	x = int64(a.Lo)
	return x, a.Hi == x>>63
}

// Add adds; ok is false on overflow.
func (a Int128) Add(b Int128) (sum Int128, ok bool) {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), carry)
	sum = Int128{int64(hi), lo}
	return sum, (a.Hi < 0) != (b.Hi < 0) || (sum.Hi < 0) == (a.Hi < 0)
}

// Neg negates; the smallest value is its own negative.
func (a Int128) Neg() Int128 {
	lo, borrow := bits.Sub64(0, a.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.Hi), borrow)
	return Int128{int64(hi), lo}
}

// Sub subtracts; ok is false on overflow.
func (a Int128) Sub(b Int128) (Int128, bool) {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(uint64(a.Hi), uint64(b.Hi), borrow)
	d := Int128{int64(hi), lo}
	return d, (a.Hi < 0) == (b.Hi < 0) || (d.Hi < 0) == (a.Hi < 0)
}

// Cmp compares: -1, 0, 1.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a.Hi != b.Hi:
		if a.Hi < b.Hi {
			return -1
		}
		return 1
	case a.Lo < b.Lo:
		return -1
	case a.Lo > b.Lo:
		return 1
	}
	return 0
}

// Big gives the value as a big integer, for the rare operations.
func (a Int128) Big() *big.Int {
	x := big.NewInt(a.Hi)
	x.Lsh(x, 64)
	return x.Add(x, new(big.Int).SetUint64(a.Lo))
}

var maxDecimal38 = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

// FromBig narrows a big integer; ok is false at 10^38 and beyond.
func FromBig(x *big.Int) (Int128, bool) {
	if x.CmpAbs(maxDecimal38) >= 0 {
		return Int128{}, false
	}
	var abs big.Int
	abs.Abs(x)
	lo := new(big.Int).And(&abs, new(big.Int).SetUint64(^uint64(0))).Uint64()
	hi := new(big.Int).Rsh(&abs, 64).Uint64()
	v := Int128{int64(hi), lo}
	if x.Sign() < 0 {
		v = v.Neg()
	}
	return v, true
}

// Float approximates.
func (a Int128) Float() float64 {
	return float64(a.Hi)*(1<<63)*2 + float64(a.Lo)
}

// abs is the magnitude.
func (a Int128) abs() (hi, lo uint64) {
	if a.Hi < 0 {
		a = a.Neg()
	}
	return uint64(a.Hi), a.Lo
}

// signed makes a number of a magnitude; ok is false from 2^127 on.
func signed(hi, lo uint64, negative bool) (v Int128, ok bool) {
	v = Int128{int64(hi), lo}
	if negative {
		v = v.Neg()
	}
	return v, hi>>63 == 0
}

// IsNegative tells a < 0.
func (a Int128) IsNegative() bool { return a.Hi < 0 }

// IsZero tells a = 0.
func (a Int128) IsZero() bool { return a.Hi == 0 && a.Lo == 0 }

// MulInt64 is the full product of two 64-bit numbers; it always fits.
func MulInt64(a, b int64) Int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	hi -= uint64(a>>63)&uint64(b) + uint64(b>>63)&uint64(a)
	return Int128{int64(hi), lo}
}

// Mul multiplies; ok is false on overflow.
func (a Int128) Mul(b Int128) (product Int128, ok bool) {
	x, small := a.Int64()
	y, small2 := b.Int64()
	if small && small2 {
		return MulInt64(x, y), true
	}
	p := mulWide(a, b)
	v, ok := signed(p[1], p[0], (a.Hi < 0) != (b.Hi < 0))
	return v, ok && p[3]|p[2] == 0
}

// mulWide is the product of the magnitudes in four words, the lowest first.
func mulWide(a, b Int128) (p [4]uint64) {
	ah, al := a.abs()
	bh, bl := b.abs()
	var carry uint64
	p[1], p[0] = bits.Mul64(al, bl)
	h1, l1 := bits.Mul64(ah, bl)
	h2, l2 := bits.Mul64(al, bh)
	h3, l3 := bits.Mul64(ah, bh)
	p[1], carry = bits.Add64(p[1], l1, 0)
	p[2], carry = bits.Add64(h1, h2, carry)
	p[3] = h3 + carry
	p[1], carry = bits.Add64(p[1], l2, 0)
	p[2], carry = bits.Add64(p[2], l3, carry)
	p[3] += carry
	return p
}

// divWide divides four words by two, giving a quotient of four words. The divisor is not zero.
func divWide(u [4]uint64, dh, dl uint64) (q [4]uint64, rh, rl uint64) {
	if dh == 0 {
		for i := 3; i >= 0; i-- {
			q[i], rl = bits.Div64(rl, u[i], dl)
		}
		return q, 0, rl
	}
	// Knuth's algorithm D with a divisor of two words, brought to a set top bit.
	s := uint(bits.LeadingZeros64(dh))
	dh, dl = dh<<s|dl>>1>>(63-s), dl<<s
	var n [5]uint64
	n[4] = u[3] >> 1 >> (63 - s)
	for i := 3; i > 0; i-- {
		n[i] = u[i]<<s | u[i-1]>>1>>(63-s)
	}
	n[0] = u[0] << s
	for i := 2; i >= 0; i-- {
		q[i] = divStep(n[i:i+3], dh, dl)
	}
	return q, n[1] >> s, n[0]>>s | n[1]<<1<<(63-s)
}

// divStep finds one digit of the quotient of n (three words, the lowest first, less
// than 2^64 divisors) and leaves the remainder in n.
func divStep(n []uint64, dh, dl uint64) uint64 {
	guess := ^uint64(0)
	if n[2] < dh {
		guess, _ = bits.Div64(n[2], n[1], dh)
	}
	ph, pl := bits.Mul64(guess, dl)
	th, tl := bits.Mul64(guess, dh)
	var b, c uint64
	p1, c := bits.Add64(ph, tl, 0)
	p2 := th + c
	n[0], b = bits.Sub64(n[0], pl, 0)
	n[1], b = bits.Sub64(n[1], p1, b)
	n[2], b = bits.Sub64(n[2], p2, b)
	for b != 0 { // the guess was one or two too high
		guess--
		n[0], c = bits.Add64(n[0], dl, 0)
		n[1], c = bits.Add64(n[1], dh, c)
		n[2], c = bits.Add64(n[2], 0, c)
		b -= c
	}
	return guess
}

// QuoRem divides toward zero, the remainder having a's sign. b must not be zero;
// dividing the smallest value by -1 gives itself.
func (a Int128) QuoRem(b Int128) (q, r Int128) {
	ah, al := a.abs()
	bh, bl := b.abs()
	words, rh, rl := divWide([4]uint64{al, ah}, bh, bl)
	q, _ = signed(words[1], words[0], (a.Hi < 0) != (b.Hi < 0))
	r, _ = signed(rh, rl, a.Hi < 0)
	return q, r
}

// MulQuo is a*m/d with the full product between, rounded half away from zero; ok is
// false if the result overflows. d must not be zero.
func MulQuo(a, m, d Int128) (q Int128, ok bool) {
	dh, dl := d.abs()
	w, rh, rl := divWide(mulWide(a, m), dh, dl)
	if half(rh, rl, dh, dl) {
		var c uint64
		w[0], c = bits.Add64(w[0], 1, 0)
		w[1], c = bits.Add64(w[1], 0, c)
		w[2] += c
	}
	v, ok := signed(w[1], w[0], (a.Hi < 0) != (m.Hi < 0) != (d.Hi < 0))
	return v, ok && w[3]|w[2] == 0
}

// half tells whether a remainder is at least half of the divisor.
func half(rh, rl, dh, dl uint64) bool {
	lo, b := bits.Sub64(dl, rl, 0)
	hi, _ := bits.Sub64(dh, rh, b) // divisor - remainder, above zero
	return rh > hi || rh == hi && rl >= lo
}

// Rescale moves the decimal point of a scaled number from one scale to another (0 to
// 38), rounding half away from zero; ok is false on overflow.
func (a Int128) Rescale(from, to int) (v Int128, ok bool) {
	switch {
	case from == to:
		return a, true
	case to > from:
		return a.Mul(WidePow10[to-from])
	}
	return MulQuo(a, Int128{Lo: 1}, WidePow10[from-to])
}

// Pow10 are the powers of ten of an int64.
var Pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// BigPow10 gives 10^n.
func BigPow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// WidePow10 are the powers of ten up to 10^38.
var WidePow10 = func() (p [39]Int128) {
	for i := range p {
		abs := BigPow10(i)
		p[i] = Int128{int64(new(big.Int).Rsh(abs, 64).Uint64()), new(big.Int).And(abs, new(big.Int).SetUint64(^uint64(0))).Uint64()}
	}
	return p
}()

// Within tells whether |a| < 10^precision.
func (a Int128) Within(precision int) bool {
	limit := WidePow10[precision]
	return a.Cmp(limit) < 0 && a.Cmp(limit.Neg()) > 0
}
