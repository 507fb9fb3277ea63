package expr

import (
	"math"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/value"
)

// statistics are the functions that make a number of power sums; ok is false for NULL. Of pairs x
// is the first argument of the aggregate, which regressions call y, and y the second.
var statistics = map[string]func(m *value.Moments, s scales) (z float64, ok bool){
	"variance_of_all":    func(m *value.Moments, s scales) (float64, bool) { return over(m.SpreadX()/s.xx(), m.N) },
	"variance_of_sample": func(m *value.Moments, s scales) (float64, bool) { return over(m.SpreadX()/s.xx(), m.N-1) },
	"deviation_of_all": func(m *value.Moments, s scales) (float64, bool) {
		z, ok := over(m.SpreadX()/s.xx(), m.N)
		return math.Sqrt(z), ok
	},
	"deviation_of_sample": func(m *value.Moments, s scales) (float64, bool) {
		z, ok := over(m.SpreadX()/s.xx(), m.N-1)
		return math.Sqrt(z), ok
	},
	"covariance_of_all":    func(m *value.Moments, s scales) (float64, bool) { return over(m.SpreadXY()/s.xy(), m.N) },
	"covariance_of_sample": func(m *value.Moments, s scales) (float64, bool) { return over(m.SpreadXY()/s.xy(), m.N-1) },
	"correlation": func(m *value.Moments, _ scales) (float64, bool) {
		x, y := m.SpreadX(), m.SpreadY()
		z := m.SpreadXY() / math.Sqrt(x) / math.Sqrt(y)
		return min(max(z, -1), 1), x != 0 && y != 0
	},
	"regression_slope": func(m *value.Moments, s scales) (float64, bool) {
		y := m.SpreadY() / s.yy()
		return m.SpreadXY() / s.xy() / y, y != 0
	},
	"regression_intercept": func(m *value.Moments, s scales) (float64, bool) {
		y := m.SpreadY()
		return (m.MeanX() - m.MeanY()*m.SpreadXY()/y) / s.x, y != 0
	},
	"regression_fit": func(m *value.Moments, _ scales) (float64, bool) {
		x, y, xy := m.SpreadX(), m.SpreadY(), m.SpreadXY()
		if x == 0 {
			return 1, y != 0
		}
		return xy / x * (xy / y), y != 0
	},
	"mean_of_first":    func(m *value.Moments, s scales) (float64, bool) { return m.MeanX() / s.x, true },
	"mean_of_second":   func(m *value.Moments, s scales) (float64, bool) { return m.MeanY() / s.y, true },
	"spread_of_first":  func(m *value.Moments, s scales) (float64, bool) { return m.SpreadX() / s.xx(), true },
	"spread_of_second": func(m *value.Moments, s scales) (float64, bool) { return m.SpreadY() / s.yy(), true },
	"spread_of_both":   func(m *value.Moments, s scales) (float64, bool) { return m.SpreadXY() / s.xy(), true },
}

// scales are what a unit of unscaled numbers is: of DECIMAL with two digits behind the point 100.
type scales struct{ x, y float64 }

func (s scales) xx() float64 { return s.x * s.x }
func (s scales) yy() float64 { return s.y * s.y }
func (s scales) xy() float64 { return s.x * s.y }

func over(x float64, n int64) (float64, bool) { return x / float64(n), n > 0 }

// statistic computes one of them over the bytes of power sums and the scales.
func statistic(f func(m *value.Moments, s scales) (float64, bool)) kernel {
	return func(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
		m, s, err := momentsAt(vs, i)
		if err != nil || m.N == 0 {
			return false, err
		}
		z, ok := f(&m, s)
		out.Floats[i] = z
		return ok, nil
	}
}

// numberOfPairs is how many there are.
func numberOfPairs(vs []*column.Vector, out *column.Vector, i int) (bool, error) {
	m, _, err := momentsAt(vs, i)
	out.Ints[i] = m.N
	return true, err
}

func momentsAt(vs []*column.Vector, i int) (m value.Moments, s scales, err error) {
	m, ok := value.ReadMoments(vs[0].Bytes(i))
	if !ok {
		return m, s, sqlerr.New(sqlerr.Internal, "these are no power sums")
	}
	s = scales{math.Pow10(int(vs[1].Ints[i])), 1}
	if len(vs) > 2 {
		s.y = math.Pow10(int(vs[2].Ints[i]))
	}
	return m, s, nil
}
