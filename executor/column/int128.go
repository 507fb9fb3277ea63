package column

import (
	"math/big"
	"math/bits"
	"strconv"
)

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

// AppendDecimal64 writes a scaled number of up to 18 digits.
func AppendDecimal64(dst []byte, x int64, scale int) []byte {
	if scale == 0 {
		return strconv.AppendInt(dst, x, 10)
	}
	u := uint64(x)
	if x < 0 {
		dst = append(dst, '-')
		u = -u
	}
	p := uint64(Pow10[scale])
	dst = strconv.AppendUint(dst, u/p, 10)
	dst = append(dst, '.')
	return appendPadded(dst, u%p, scale)
}

func appendPadded(dst []byte, u uint64, digits int) []byte {
	at := len(dst)
	for range digits {
		dst = append(dst, '0')
	}
	for i := at + digits - 1; u > 0; i-- {
		dst[i] = byte('0' + u%10)
		u /= 10
	}
	return dst
}

// AppendDecimal128 writes a scaled number of up to 38 digits.
func AppendDecimal128(dst []byte, x Int128, scale int) []byte {
	if n, ok := x.Int64(); ok && scale <= 18 {
		return AppendDecimal64(dst, n, scale)
	}
	if x.Hi < 0 {
		dst = append(dst, '-')
		x = x.Neg()
	}
	// Two divisions by 10^19 give three groups of digits.
	const e19 = 10_000_000_000_000_000_000
	q, low := bits.Div64(uint64(x.Hi)%e19, x.Lo, e19)
	top := uint64(x.Hi) / e19
	var digits [64]byte
	d := digits[:0]
	if top > 0 {
		d = strconv.AppendUint(d, top, 10)
		d = appendPadded(d, q, 19)
	} else if q > 0 {
		d = strconv.AppendUint(d, q, 10)
	}
	if len(d) > 0 {
		d = appendPadded(d, low, 19)
	} else {
		d = strconv.AppendUint(d, low, 10)
	}
	for len(d) <= scale {
		d = append(d, 0)
		copy(d[1:], d)
		d[0] = '0'
	}
	dst = append(dst, d[:len(d)-scale]...)
	if scale > 0 {
		dst = append(dst, '.')
		dst = append(dst, d[len(d)-scale:]...)
	}
	return dst
}

// ParseDecimal reads [+-]digits[.digits][e[+-]digits] as a number times 10^scale,
// rounding half away from zero. fits is false if it has more than precision digits;
// ok is false if it is no number.
func ParseDecimal(b []byte, precision, scale int) (v Int128, fits, ok bool) {
	if x, done := parseShort(b, precision, scale); done {
		return FromInt64(x), true, true
	}
	return parseLong(b, precision, scale)
}

// parseShort handles the common form: few digits, no exponent, no rounding.
func parseShort(b []byte, precision, scale int) (int64, bool) {
	i, negative := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, i = b[0] == '-', 1
	}
	if len(b)-i == 0 || len(b)-i > 18 || scale > 18 {
		return 0, false
	}
	n, digits, after, point := int64(0), 0, 0, false
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
			digits++
			if point {
				after++
			}
		case c == '.' && !point:
			point = true
		default:
			return 0, false
		}
	}
	if digits == 0 || after > scale || digits-after+scale > 18 {
		return 0, false
	}
	n *= Pow10[scale-after]
	if precision < 19 && n >= Pow10[min(precision, 18)] {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

func parseLong(b []byte, precision, scale int) (v Int128, fits, ok bool) {
	if len(b) > 200 || !isNumber(b) {
		return Int128{}, false, false
	}
	r, good := new(big.Rat).SetString(string(b))
	if !good {
		return Int128{}, false, false
	}
	n := roundedQuotient(new(big.Int).Mul(r.Num(), BigPow10(scale)), r.Denom())
	v, fits = FromBig(n)
	return v, fits && n.CmpAbs(BigPow10(precision)) < 0, true
}

// isNumber keeps what big.Rat would also read (fractions, hex, underscores, huge exponents) away from it.
func isNumber(b []byte) bool {
	digits, exponent := false, -1
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c == '.' && exponent < 0:
		case (c == 'e' || c == 'E') && digits && exponent < 0:
			exponent = i
		case (c == '+' || c == '-') && (i == 0 || i-1 == exponent):
		default:
			return false
		}
	}
	return digits && (exponent < 0 || len(b)-exponent <= 5)
}

// roundedQuotient divides, rounding half away from zero.
func roundedQuotient(num, den *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Lsh(r.Abs(r), 1).CmpAbs(den) >= 0 {
		if num.Sign()*den.Sign() < 0 {
			return q.Sub(q, big.NewInt(1))
		}
		return q.Add(q, big.NewInt(1))
	}
	return q
}

// Quotient divides scaled numbers with rounding half away from zero; ok is false if
// the result has more than 38 digits. b must not be zero.
func Quotient(a, b *big.Int) (Int128, bool) { return FromBig(roundedQuotient(a, b)) }

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
