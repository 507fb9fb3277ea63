package op

import (
	"math"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// PERCENTILE_CONT, PERCENTILE_DISC and MODE are read from the values in their order, and how many
// there are. The place of a percentile is found by the rank of a row where no value is there twice, else by
// the counts from the nearer end.
func init() {
	kernels["PERCENTILE_CONT"] = func(in, _ types.Type) kernel { return valuesKernel(readContinuous(in), noList) }
	kernels["PERCENTILE_DISC"] = func(types.Type, types.Type) kernel { return valuesKernel(readDiscrete, noList) }
	kernels["MODE"] = func(types.Type, types.Type) kernel { return valuesKernel(readMode, noList) }
}

// valueAt gives the row that has the nth of so many values, from 0.
func valueAt(m *state.OrderedMap, key int32, n, values int64) int32 {
	if int64(m.Size(key)) == values {
		return m.At(key, int(n))
	}
	if n < values/2 {
		id := m.First(key)
		for n -= m.Count(id); n >= 0; n -= m.Count(id) {
			id = m.Next(id)
		}
		return id
	}
	id := m.Last(key)
	for n = values - 1 - n - m.Count(id); n >= 0; n -= m.Count(id) {
		id = m.Prev(id)
	}
	return id
}

func readDiscrete(a *accumulator, s *orderedValues, m *state.OrderedMap, key int32, w []uint64, v *column.Vector) {
	n := int64(w[valuesCount])
	if key == state.Absent || n <= 0 {
		v.AppendNull()
		return
	}
	at := max(0, int64(math.Ceil(a.fraction*float64(n)))-1)
	if a.desc {
		at = n - 1 - at
	}
	s.append(m, valueAt(m, key, at, n), v)
}

// readContinuous goes in a straight line from one value to the next.
func readContinuous(in types.Type) reader {
	low, high := column.NewVector(in), column.NewVector(in)
	scale := math.Pow10(in.Scale)
	return func(a *accumulator, s *orderedValues, m *state.OrderedMap, key int32, w []uint64, v *column.Vector) {
		n := int64(w[valuesCount])
		if key == state.Absent || n <= 0 {
			v.AppendNull()
			return
		}
		fraction := a.fraction
		if a.desc {
			fraction = 1 - fraction
		}
		place := fraction * float64(n-1)
		at := int64(place)
		low.Reset()
		high.Reset()
		s.append(m, valueAt(m, key, at, n), low)
		s.append(m, valueAt(m, key, min(at+1, n-1), n), high)
		x, y := floatOf(low), floatOf(high)
		i := v.Len()
		v.Grow(i + 1)
		v.Present()
		v.Floats[i] = (x + (y-x)*(place-float64(at))) / scale
		if x == y {
			v.Floats[i] = x / scale // of infinities too
		}
	}
}

func floatOf(v *column.Vector) float64 {
	p, _ := pairOf(v, 0)
	return p.Float()
}

// readMode: of values that are there as often the first in the order.
func readMode(a *accumulator, s *orderedValues, m *state.OrderedMap, key int32, _ []uint64, v *column.Vector) {
	if key == state.Absent {
		v.AppendNull()
		return
	}
	best := m.First(key)
	for id := best; id != state.Absent; id = m.Next(id) {
		if n := m.Count(id); n > m.Count(best) || a.desc && n == m.Count(best) {
			best = id
		}
	}
	s.append(m, best, v)
}
