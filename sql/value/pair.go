package value

import "math"

// Pair is a number as the sum of two DOUBLEs that do not overlap: about 106 bits. Sums and products of
// whole numbers of that many bits are exact, so that what was added can be taken off again.
type Pair struct{ Hi, Lo float64 }

// PairOf gives a whole number: exactly.
func PairOf(x int64) Pair {
	hi := float64(x)
	if hi == 1<<63 {
		return Pair{hi, float64(x - math.MaxInt64 - 1)}
	}
	return Pair{hi, float64(x - int64(hi))}
}

// PairOfWide gives a whole number of up to 106 bits exactly, a longer one rounded.
func PairOfWide(x Int128) Pair {
	if n, ok := x.Int64(); ok {
		return PairOf(n)
	}
	const half = 1 << 32
	low := Pair{Hi: float64(x.Lo / half * half)}.Add(Pair{Hi: float64(x.Lo % half)})
	return PairOf(x.Hi).Mul(Pair{Hi: half}).Mul(Pair{Hi: half}).Add(low)
}

// Add gives a + b.
func (a Pair) Add(b Pair) Pair {
	s, e := twoSum(a.Hi, b.Hi)
	t, f := twoSum(a.Lo, b.Lo)
	s, e = fastTwoSum(s, e+t)
	s, e = fastTwoSum(s, e+f)
	return Pair{s, e}
}

// Neg gives -a.
func (a Pair) Neg() Pair { return Pair{-a.Hi, -a.Lo} }

// Sub gives a - b.
func (a Pair) Sub(b Pair) Pair { return a.Add(b.Neg()) }

// Mul gives a · b.
func (a Pair) Mul(b Pair) Pair {
	p := a.Hi * b.Hi
	e := math.FMA(a.Hi, b.Hi, -p)
	hi, lo := fastTwoSum(p, e+(a.Hi*b.Lo+a.Lo*b.Hi))
	return Pair{hi, lo}
}

// Over gives a / b; b is not 0.
func (a Pair) Over(b Pair) Pair {
	q := a.Hi / b.Hi
	rest := a.Sub(b.Mul(Pair{Hi: q}))
	p := rest.Hi / b.Hi
	rest = rest.Sub(b.Mul(Pair{Hi: p}))
	hi, lo := fastTwoSum(q, p)
	return Pair{hi, lo}.Add(Pair{Hi: rest.Hi / b.Hi})
}

// Float gives the nearest DOUBLE.
func (a Pair) Float() float64 { return a.Hi + a.Lo }

func twoSum(a, b float64) (sum, rest float64) {
	s := a + b
	t := s - a
	return s, (a - (s - t)) + (b - t)
}

// fastTwoSum is twoSum where |a| is not below |b|.
func fastTwoSum(a, b float64) (sum, rest float64) {
	s := a + b
	return s, b - (s - a)
}
