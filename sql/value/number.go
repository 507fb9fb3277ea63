package value

import (
	"math"
	"strconv"
	"unsafe"

	"slipway/sql/types"
)

// Numbers are [+-]digits[.digits][e[+-]digits], with a digit somewhere in front of the
// e. What Go would read beyond that (0x1p4, 1_000) is no number.

var intBits = [...]uint{types.TinyInt: 8, types.SmallInt: 16, types.Int: 32, types.BigInt: 64}

// FitsInt tells whether n is within an integer type.
func FitsInt(n int64, k types.Kind) bool {
	shift := 64 - intBits[k]
	return n<<shift>>shift == n
}

// ReadInt reads a whole number. It may be written as 8.0 or 1e3; a fraction that is not
// zero is out of range, never rounded.
func ReadInt(b []byte, k types.Kind) (int64, Fault) {
	n, ok := shortInt(b)
	if !ok {
		var f Fault
		if n, f = longInt(trim(b)); f != OK {
			return 0, f
		}
	}
	if !FitsInt(n, k) {
		return 0, OutOfRange
	}
	return n, OK
}

// shortInt reads up to 18 digits with a sign.
func shortInt(b []byte) (n int64, ok bool) {
	i, negative := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, i = b[0] == '-', 1
	}
	if len(b) == i || len(b)-i > 18 {
		return 0, false
	}
	for _, c := range b[i:] {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if negative {
		n = -n
	}
	return n, true
}

func longInt(b []byte) (int64, Fault) {
	num, ok := scanNumber(b)
	if !ok {
		return 0, Malformed
	}
	if num.digits == 0 {
		return 0, OK
	}
	switch {
	case num.point < num.significant(b):
		return 0, Fraction
	case num.point > 19:
		return 0, OutOfRange
	}
	hi, lo := num.take(b, num.point)
	v, _ := signed(hi, lo, num.negative)
	if n, ok := v.Int64(); ok {
		return n, OK
	}
	return 0, OutOfRange
}

// significant counts the digits up to the last that is not zero.
func (n number) significant(b []byte) int {
	last, seen := 0, 0
	for at := n.first; seen < n.digits; at++ {
		if b[at] == '.' {
			continue
		}
		seen++
		if b[at] != '0' {
			last = seen
		}
	}
	return last
}

// ReadDecimal reads a number times 10^scale, rounded half away from zero.
func ReadDecimal(b []byte, precision, scale int) (Int128, Fault) {
	v, fits, ok := ParseDecimal(trim(b), precision, scale)
	switch {
	case !ok:
		return Int128{}, Malformed
	case !fits:
		return Int128{}, OutOfRange
	}
	return v, OK
}

// DecimalType is the DECIMAL with the digits that a text is written with.
func DecimalType(b []byte) (t types.Type, f Fault) {
	b = trim(b)
	n, ok := scanNumber(b)
	if !ok {
		return t, Malformed
	}
	scale := max(0, n.digits-n.point)
	precision := max(1, max(0, n.point)+scale)
	if n.digits == 0 {
		precision = max(1, scale)
	}
	if precision > types.MaxDecimalPrecision {
		return t, OutOfRange
	}
	return types.NewDecimal(precision, scale), OK
}

// exactPowers are the powers of ten that a float64 holds exactly.
var exactPowers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// ReadFloat reads a number as the nearest one of 32 or 64 bits, and NaN, Infinity, inf
// with a sign, in any case. What is too large is out of range, and so is what is not
// zero but too small to differ from it.
func ReadFloat(b []byte, bits int) (float64, Fault) {
	b = trim(b)
	n, ok := scanNumber(b)
	if !ok {
		return readSpecial(b)
	}
	if bits == 64 && n.digits <= 15 {
		if f, ok := n.exact(b); ok {
			return f, OK
		}
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), bits) // b is not kept: an error has a copy
	if err != nil || v == 0 && n.digits > 0 && n.significant(b) > 0 {
		return 0, OutOfRange
	}
	return v, OK
}

// exact computes a number of few digits: both the digits and the power of ten are exact,
// so that one rounding gives the nearest number.
func (n number) exact(b []byte) (float64, bool) {
	mantissa, seen := uint64(0), 0
	for at := n.first; seen < n.digits; at++ {
		if b[at] != '.' {
			mantissa = mantissa*10 + uint64(b[at]-'0')
			seen++
		}
	}
	f, power := float64(mantissa), n.point-n.digits
	switch {
	case n.digits == 0 || power == 0:
	case power > 0 && power < len(exactPowers):
		f *= exactPowers[power]
	case power < 0 && -power < len(exactPowers):
		f /= exactPowers[-power]
	default:
		return 0, false
	}
	if n.negative {
		f = math.Copysign(f, -1)
	}
	return f, true
}

func readSpecial(b []byte) (float64, Fault) {
	sign := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		sign = 1 - int(b[0]-'+') // '+' is 43, '-' is 45
		b = b[1:]
	}
	switch {
	case equalFold(b, "nan"):
		return math.NaN(), OK
	case equalFold(b, "infinity") || equalFold(b, "inf"):
		if sign == 0 {
			sign = 1
		}
		return math.Inf(sign), OK
	}
	return 0, Malformed
}

// CompareFloat orders numbers: NaN equals itself and stands behind all others, as
// PostgreSQL, Hive and the keys of a GROUP BY have it.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case a == a:
		return -1
	case b == b:
		return 1
	}
	return 0
}
