package expr

import (
	"math"
	"math/bits"
	"strconv"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Functions of numbers.

// overflows are the functions of DOUBLE whose result may be beyond it; of the others an infinity of
// finite arguments is a place where they have no value.
var overflows = map[string]bool{"exp": true, "power": true, "sinh": true, "cosh": true, "degrees": true, "cot": true, "cotd": true, "tand": true}

func init() {
	for name, f := range map[string]func(float64) float64{
		"cbrt": math.Cbrt, "degrees": func(x float64) float64 { return x * (180 / math.Pi) }, "radians": radians,
		"asin": math.Asin, "acos": acos, "sinh": sinh, "cosh": cosh, "tanh": math.Tanh, "asinh": math.Asinh, "acosh": math.Acosh, "atanh": math.Atanh,
		"cot": func(x float64) float64 { return 1 / math.Tan(x) }, "sind": sind, "cosd": cosd, "tand": tand, "cotd": func(x float64) float64 { return 1 / tand(x) },
		"asind": asind, "acosd": acosd, "atand": atand,
	} {
		floatFuncs[name] = f
	}
	kernels(map[string]kernel{
		"isnan": ofFloat(func(x float64) bool { return x != x }), "isinf": ofFloat(func(x float64) bool { return math.IsInf(x, 0) }),
		"log": logarithm, "atan": arctangent, "e": euler, "width_bucket": widthBucket, "factorial": factorial, "gcd": gcdOf, "lcm": lcmOf, "pmod": pmod,
		"number_of_seed": numberOfSeed,
		"&":              ofInts(func(x, y int64) int64 { return x & y }), "|": ofInts(func(x, y int64) int64 { return x | y }), "^": ofInts(func(x, y int64) int64 { return x ^ y }),
		"<<": ofInts(func(x, y int64) int64 { return int64(uint64(x) << min(uint64(y), 64)) }), ">>": ofInts(func(x, y int64) int64 { return int64(uint64(x) >> min(uint64(y), 64)) }),
		"shiftleft": ofInts(func(x, y int64) int64 { return x << (y & 63) }), "shiftright": ofInts(func(x, y int64) int64 { return x >> (y & 63) }),
		"shiftrightunsigned": ofInts(func(x, y int64) int64 { return int64(uint64(x) >> (y & 63)) }),
		"~":                  ofInt(func(x int64) int64 { return ^x }), "bit_count": ofInt(func(x int64) int64 { return int64(bits.OnesCount64(uint64(x))) }),
		"bin": digitsOf(2), "oct": digitsOf(8), "conv": text(conv),
	})
}

// kernels adds to the functions of a few lines.
func kernels(list map[string]kernel) {
	for name, k := range list {
		if simple[name] != nil {
			panic("function " + name + " has two kernels")
		}
		simple[name] = k
	}
}

func ofFloat(f func(float64) bool) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Bools[i] = f(vs[0].Floats[i])
		return true, nil
	}
}

func ofInt(f func(int64) int64) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = f(vs[0].Ints[i])
		return true, nil
	}
}

func ofInts(f func(x, y int64) int64) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		out.Ints[i] = f(vs[0].Ints[i], vs[1].Ints[i])
		return true, nil
	}
}

// sinh and cosh are right up to the greatest number: half of a power of e is there a little longer than the power.
func sinh(x float64) float64 {
	if math.Abs(x) <= 700 {
		return math.Sinh(x)
	}
	return math.Copysign(cosh(x), x)
}

func cosh(x float64) float64 {
	if math.Abs(x) <= 700 {
		return math.Cosh(x)
	}
	half := math.Exp(math.Abs(x) / 2)
	return half / 2 * half
}

// acos keeps its digits near 1, where the difference of two great angles has few.
func acos(x float64) float64 {
	if x > 0.5 {
		return 2 * math.Asin(math.Sqrt((1-x)/2))
	}
	return math.Pi/2 - math.Asin(x)
}

// Angles in degrees are exact at multiples of 30 and 45, as PostgreSQL's are: each is led back to the
// first quadrant, and scaled so that the special values come out.

var (
	sin30, oneLessCos60 = math.Sin(radians(30)), 1 - math.Cos(radians(60))
	asinHalf, acosHalf  = math.Asin(0.5), acos(0.5)
	tan45               = sinFirst(45) / cosFirst(45)
)

func radians(x float64) float64 { return x * (math.Pi / 180) }

func sinTo30(x float64) float64 { return math.Sin(radians(x)) / sin30 / 2 }

func cosTo60(x float64) float64 { return 1 - (1-math.Cos(radians(x)))/oneLessCos60/2 }

// sinFirst and cosFirst are of 0 to 90 degrees.
func sinFirst(x float64) float64 {
	if x <= 30 {
		return sinTo30(x)
	}
	return cosTo60(90 - x)
}

func cosFirst(x float64) float64 {
	if x <= 60 {
		return cosTo60(x)
	}
	return sinTo30(90 - x)
}

// quadrant leads an angle back to 0 to 90 degrees, with the signs that sine and cosine have there.
func quadrant(x float64) (first, sin, cos float64) {
	x, sin, cos = math.Mod(x, 360), 1, 1
	if x < 0 {
		x, sin = -x, -1
	}
	if x > 180 {
		x, sin = 360-x, -sin
	}
	if x > 90 {
		x, cos = 180-x, -1
	}
	return x, sin, cos
}

func sind(x float64) float64 {
	first, sign, _ := quadrant(x)
	return sign * sinFirst(first)
}

func cosd(x float64) float64 {
	first, _, sign := quadrant(x)
	return sign * cosFirst(first)
}

func tand(x float64) float64 {
	first, sin, cos := quadrant(x)
	return sin * cos * (sinFirst(first) / cosFirst(first) / tan45)
}

func asind(x float64) float64 {
	if x < 0 {
		return -asind(-x)
	}
	if x <= 0.5 {
		return math.Asin(x) / asinHalf * 30
	}
	return 90 - acos(x)/acosHalf*60
}

func acosd(x float64) float64 {
	switch {
	case x < 0:
		return 90 + asind(-x)
	case x <= 0.5:
		return 90 - math.Asin(x)/asinHalf*30
	}
	return acos(x) / acosHalf * 60
}

func atand(x float64) float64 { return math.Atan(x) / math.Atan(1) * 45 }

// logarithm is MySQL's LOG(x) and LOG(base, x).
func logarithm(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	base, x := math.E, vs[len(vs)-1].Floats[i]
	if len(vs) == 2 {
		base = vs[0].Floats[i]
	}
	if base <= 0 || base == 1 || x <= 0 {
		return false, nil
	}
	out.Floats[i] = math.Log(x)
	if len(vs) == 2 {
		out.Floats[i] /= math.Log(base)
	}
	return true, nil
}

// arctangent is ATAN(x), and ATAN(y, x), ATAN2(y, x).
func arctangent(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Floats[i] = math.Atan(vs[0].Floats[i])
	if len(vs) == 2 {
		out.Floats[i] = math.Atan2(vs[0].Floats[i], vs[1].Floats[i])
	}
	return true, nil
}

func euler(_ []*column.Vector, out *column.Vector, i int) (bool, error) {
	out.Floats[i] = math.E
	return true, nil
}

// widthBucket is PostgreSQL's, also in its errors.
func widthBucket(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x, low, high, n := vs[0].Floats[i], vs[1].Floats[i], vs[2].Floats[i], vs[3].Ints[i]
	const code = "2201G"
	switch {
	case n <= 0:
		return false, sqlerr.New(code, "width_bucket: the number of buckets must be greater than zero")
	case x != x || low != low || high != high:
		return false, sqlerr.New(code, "width_bucket: the value and the bounds must be numbers")
	case !finite(low) || !finite(high):
		return false, sqlerr.New(code, "width_bucket: the bounds must be finite")
	case low == high:
		return false, sqlerr.New(code, "width_bucket: the lower bound must not equal the upper")
	case n == math.MaxInt64:
		return false, outOfRange(strconv.FormatInt(n, 10)+" + 1", types.Of(types.BigInt))
	}
	down := low > high
	if down {
		x, low, high = -x, -low, -high
	}
	switch {
	case x < low:
		out.Ints[i] = 0
	case x >= high:
		out.Ints[i] = n + 1
	default:
		out.Ints[i] = min(int64((x/2-low/2)/(high/2-low/2)*float64(n))+1, n)
	}
	return true, nil
}

// factorial is Hive's: of what is negative, or has none in 64 bits, it is NULL.
func factorial(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	n := vs[0].Ints[i]
	if n < 0 || n > 20 {
		return false, nil
	}
	out.Ints[i] = 1
	for ; n > 1; n-- {
		out.Ints[i] *= n
	}
	return true, nil
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

func gcd(x, y uint64) uint64 {
	for y != 0 {
		x, y = y, x%y
	}
	return x
}

func gcdOf(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	z := gcd(magnitude(vs[0].Ints[i]), magnitude(vs[1].Ints[i]))
	out.Ints[i] = int64(z)
	return true, within(z, "gcd", vs, i)
}

func lcmOf(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	x, y := magnitude(vs[0].Ints[i]), magnitude(vs[1].Ints[i])
	if x == 0 || y == 0 {
		out.Ints[i] = 0
		return true, nil
	}
	hi, lo := bits.Mul64(x/gcd(x, y), y)
	if hi != 0 {
		lo = math.MaxUint64
	}
	out.Ints[i] = int64(lo)
	return true, within(lo, "lcm", vs, i)
}

// within refuses what is beyond BIGINT.
func within(z uint64, f string, vs []*column.Vector, i int) error {
	if z <= math.MaxInt64 {
		return nil
	}
	return sqlerr.New(sqlerr.OutOfRange, "BIGINT value is out of range in %s(%d, %d)", f, vs[0].Ints[i], vs[1].Ints[i])
}

// pmod is Hive's remainder, which has the sign of the divisor.
func pmod(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	if out.Type.Physical() == types.PhysicalFloat64 {
		x, y := vs[0].Floats[i], vs[1].Floats[i]
		out.Floats[i] = math.Mod(math.Mod(x, y)+y, y)
		return y != 0, nil
	}
	x, y := vs[0].Ints[i], vs[1].Ints[i]
	switch {
	case y == 0:
		return false, nil
	case y == -1:
		out.Ints[i] = 0
		return true, nil
	}
	z := x % y
	if z != 0 && (z < 0) != (y < 0) {
		z += y
	}
	out.Ints[i] = z
	return true, nil
}

// numberOfSeed is the first number that MySQL's RAND(seed) gives.
func numberOfSeed(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	const most = 0x3FFFFFFF
	seed := uint64(uint32(vs[0].Ints[i]))
	one, two := uint64(uint32(seed*0x10001+55555555))%most, uint64(uint32(seed*0x10000001))%most
	one = (one*3 + two) % most
	out.Floats[i] = float64(one) / most
	return true, nil
}

// digitsOf writes the 64 bits of a number.
func digitsOf(base int) kernel {
	return text(func(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
		return strconv.AppendUint(dst, uint64(vs[0].Ints[i]), base), true
	})
}

// conv is MySQL's: digits up to the first that is none, in 64 bits, which a negative base takes and
// writes with a sign. What is beyond them is the greatest number.
func conv(dst []byte, vs []*column.Vector, i int) ([]byte, bool) {
	from, to := vs[1].Ints[i], vs[2].Ints[i]
	if !isBase(from) || !isBase(to) || vs[0].Views[i].Len == 0 {
		return dst, false
	}
	n, negative := digitsIn(vs[0].Bytes(i), uint64(max(from, -from)), from < 0)
	if negative {
		n = -n
	}
	if to < 0 {
		return capital(strconv.AppendInt(dst, int64(n), int(-to)), len(dst)), true
	}
	return capital(strconv.AppendUint(dst, n, int(to)), len(dst)), true
}

func isBase(n int64) bool { return n >= 2 && n <= 36 || n >= -36 && n <= -2 }

// digitsIn reads the digits at the beginning of a text, behind blanks and a sign.
func digitsIn(b []byte, base uint64, signed bool) (n uint64, negative bool) {
	for len(b) > 0 && (b[0] == ' ' || b[0] >= '\t' && b[0] <= '\r') {
		b = b[1:]
	}
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	most := uint64(math.MaxUint64)
	if signed {
		most = math.MaxInt64
		if negative {
			most++
		}
	}
	for _, c := range b {
		d := digit(c)
		if d >= base {
			break
		}
		hi, lo := bits.Mul64(n, base)
		sum, carry := bits.Add64(lo, d, 0)
		if hi != 0 || carry != 0 || sum > most {
			return most, negative && signed
		}
		n = sum
	}
	return n, negative
}

func digit(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c >= 'a' && c <= 'z':
		return uint64(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return uint64(c-'A') + 10
	}
	return math.MaxUint64
}

// capital makes capitals of the letters from a place on, which are ASCII's.
func capital(b []byte, from int) []byte {
	for i := from; i < len(b); i++ {
		if b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return b
}
