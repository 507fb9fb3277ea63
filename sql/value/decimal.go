package value

import (
	"math/bits"
	"strconv"
)

// AppendDecimal64 writes a scaled number of up to 18 digits.
func AppendDecimal64(dst []byte, x int64, scale int) []byte {
	if scale == 0 {
		return AppendInt(dst, x)
	}
	u := uint64(x)
	if x < 0 {
		dst = append(dst, '-')
		u = -u
	}
	p := uint64(Pow10[scale])
	dst = append(appendUint(dst, u/p), '.')
	return appendPadded(dst, u%p, scale)
}

func appendPadded(dst []byte, u uint64, digits int) []byte {
	if digits <= 8 {
		return appendEight(dst, digitsOf(u)>>(64-8*digits), digits)
	}
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
// ok is false if it is no number. It allocates nothing.
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

// parseLong handles every form, however long.
func parseLong(b []byte, precision, scale int) (v Int128, fits, ok bool) {
	n, ok := scanNumber(b)
	if !ok {
		return Int128{}, false, false
	}
	keep := n.point + scale // digits in front of the point of the scaled number
	if n.digits == 0 || keep < 0 {
		return Int128{}, true, true
	}
	if keep > 38 {
		return Int128{}, false, true
	}
	hi, lo := n.take(b, keep)
	v, ok = signed(hi, lo, n.negative)
	return v, ok && v.Within(precision), true
}

// number is a text of digits taken apart: 0.d1d2d3… times 10^point, d1 not zero.
type number struct {
	negative bool
	first    int // where d1 stands
	digits   int // from d1 to the end of the mantissa, without the point
	point    int
}

func scanNumber(b []byte) (n number, ok bool) {
	i, any, point := 0, false, false
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		n.negative = b[i] == '-'
		i++
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			if any && (c == 'e' || c == 'E') {
				exponent, ok := scanExponent(b[i+1:])
				n.point += exponent
				return n, ok
			}
			return n, false
		}
		any = true
		n.count(b[i] == '0', i, point)
	}
	return n, any
}

// count takes a digit into account; zeros in front only move the point.
func (n *number) count(zero bool, at int, behindPoint bool) {
	switch {
	case n.digits == 0 && zero:
		if behindPoint {
			n.point--
		}
		return
	case n.digits == 0:
		n.first = at
	}
	n.digits++
	if !behindPoint {
		n.point++
	}
}

// maxExponent bounds exponents: beyond it every number is zero or too large.
const maxExponent = 1 << 30

func scanExponent(b []byte) (n int, ok bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), maxExponent)
	}
	if negative {
		n = -n
	}
	return n, len(b) > 0
}

// take reads the first keep digits, adding zeros behind the last, and rounds by the next.
func (n number) take(b []byte, keep int) (hi, lo uint64) {
	at := n.first
	for i := range keep + 1 {
		digit := uint64(0)
		if i < n.digits {
			if b[at] == '.' {
				at++
			}
			digit = uint64(b[at] - '0')
			at++
		}
		if i == keep {
			if digit >= 5 {
				hi, lo = plus(hi, lo, 1)
			}
			return hi, lo
		}
		h, l := bits.Mul64(lo, 10)
		hi, lo = plus(hi*10+h, l, digit)
	}
	return hi, lo
}

func plus(hi, lo, x uint64) (uint64, uint64) {
	lo, carry := bits.Add64(lo, x, 0)
	return hi + carry, lo
}
