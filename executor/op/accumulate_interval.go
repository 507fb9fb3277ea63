package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
	"slipway/sql/value"
)

// sumOfIntervals is SUM of intervals: the count of values, and the sums of months, days and microseconds.
func sumOfIntervals(out types.Type) kernel {
	return kernel{words: 4, add: addIntervals(out), change: changeIntervals(out), combine: combineIntervals(out), emit: emitIntervals}
}

func intervalOf(w []uint64) value.Interval {
	return value.Interval{Months: int64(w[1]), Days: int64(w[2]), Micros: int64(w[3])}
}

// addInterval adds to w; ok is false if the sum is none of an interval.
func addInterval(w []uint64, v value.Interval) (ok bool) {
	sum, ok := intervalOf(w).Add(v)
	w[1], w[2], w[3] = uint64(sum.Months), uint64(sum.Days), uint64(sum.Micros)
	_, fits := sum.Pack()
	return ok && fits
}

func addIntervals(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w := t.Write(id)[at:]
			w[0]++
			if !addInterval(w, value.UnpackInterval(r.v.Wides[r.at(i)])) {
				return overflow(out)
			}
		}
		return nil
	}
}

func changeIntervals(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w, v := t.Write(id)[at:], value.UnpackInterval(r.v.Wides[r.at(i)])
			if r.signs[i] < 0 {
				v = v.Neg()
			}
			if w[0] += uint64(r.signs[i]); !addInterval(w, v) {
				return overflow(out)
			}
		}
		return nil
	}
}

func combineIntervals(out types.Type) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
			if w[0] += x[0]; !addInterval(w, intervalOf(x)) {
				return overflow(out)
			}
		}
		return nil
	}
}

func emitIntervals(_ *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		if w[at] == 0 {
			v.AppendNull()
			continue
		}
		p, _ := intervalOf(w[at:]).Pack()
		v.AppendScalar(value.Scalar{Wide: p})
	}
}
