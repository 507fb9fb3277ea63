package value

import (
	"encoding/binary"
	"math"
)

// Moments are the power sums of numbers, or of pairs of them, from which variances, covariances and
// regressions are computed. They can be added and taken off. A DECIMAL is its unscaled number: with
// two digits behind the point it counts hundredths, and so does what is computed.
type Moments struct {
	N   int64 // how many there are
	Odd int64 // how many of these are NaN or an infinity, and in no sum
	// Sums are those of x and x·x; of pairs those of x, y, x·x, y·y and x·y.
	Sums  [5]Pair
	Pairs bool // there is a y
}

const momentsVersion = 1

// AppendMoments writes what words hold: N, Odd, and the halves of the sums that there are.
func AppendMoments(dst []byte, words []uint64) []byte {
	dst = append(dst, momentsVersion)
	for _, w := range words {
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	return dst
}

// MomentsWords gives the number of words.
func MomentsWords(pairs bool) int {
	if pairs {
		return 12
	}
	return 6
}

// ReadMoments reads what AppendMoments wrote.
func ReadMoments(b []byte) (m Moments, ok bool) {
	const head = 1
	m.Pairs = len(b) == head+8*MomentsWords(true)
	if !m.Pairs && len(b) != head+8*MomentsWords(false) || b[0] != momentsVersion {
		return m, false
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[head+8*i:]) }
	m.N, m.Odd = int64(word(0)), int64(word(1))
	for i := range (MomentsWords(m.Pairs) - 2) / 2 {
		m.Sums[i] = Pair{math.Float64frombits(word(2 + 2*i)), math.Float64frombits(word(3 + 2*i))}
	}
	return m, true
}

// squares is where Σx·x stands.
func (m *Moments) squares() int {
	if m.Pairs {
		return 2
	}
	return 1
}

// Spread of x is Σ(x-x̄)², which is Σx·x - (Σx)²/n; of y likewise; of both Σ(x-x̄)(y-ȳ).
func (m *Moments) spread(a, b, product int) float64 {
	if m.Odd > 0 {
		return math.NaN()
	}
	return m.Sums[product].Sub(m.Sums[a].Mul(m.Sums[b]).Over(PairOf(m.N))).Float()
}

// SpreadX is Σ(x-x̄)².
func (m *Moments) SpreadX() float64 { return notNegative(m.spread(0, 0, m.squares())) }

// SpreadY is Σ(y-ȳ)².
func (m *Moments) SpreadY() float64 { return notNegative(m.spread(1, 1, 3)) }

// SpreadXY is Σ(x-x̄)(y-ȳ).
func (m *Moments) SpreadXY() float64 { return m.spread(0, 1, 4) }

// MeanX is x̄.
func (m *Moments) MeanX() float64 { return m.mean(0) }

// MeanY is ȳ.
func (m *Moments) MeanY() float64 { return m.mean(1) }

func (m *Moments) mean(of int) float64 {
	if m.Odd > 0 {
		return math.NaN()
	}
	return m.Sums[of].Over(PairOf(m.N)).Float()
}

func notNegative(x float64) float64 {
	if x < 0 {
		return 0 // of rounding
	}
	return x
}
