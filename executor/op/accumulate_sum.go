package op

import (
	"math"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// SUM is the count of values, which tells a sum of none, and the sum: one word, or high and low half.
func init() {
	kernels["SUM"] = func(in, out types.Type) kernel {
		if in.Kind == types.Interval {
			return sumOfIntervals(out)
		}
		k := kernel{words: 2, emit: emitKept(out)}
		switch {
		case out.Physical() == types.PhysicalFloat64:
			k.add, k.change, k.combine = sumFloats(out), changeFloats(out), combineFloats(out)
		case out.Physical() == types.PhysicalInt64:
			k.add, k.change, k.combine = sumInts(out), changeInts(out), combineInts(out)
		case in.Physical() == types.PhysicalInt128:
			k.words, k.add, k.change, k.combine = 3, sumWides(out), changeWides(out), combineWides(out)
		default:
			k.words, k.add, k.change, k.combine = 3, sumIntsWide(out), changeIntsWide(out), combineWides(out)
		}
		return k
	}
}

func overflow(t types.Type) error {
	return sqlerr.New(sqlerr.OutOfRange, "SUM is out of range for %s", t)
}

// addInt adds to w, the count and the sum; ok is false if the sum does not fit.
func addInt(w []uint64, x int64) (ok bool) {
	s := int64(w[1])
	z := s + x
	w[1] = uint64(z)
	return (s^z)&(x^z) >= 0
}

// addFloat: infinities and what is no number come only from the values themselves.
func addFloat(w []uint64, x float64) (ok bool) {
	s := math.Float64frombits(w[1])
	z := s + x
	w[1] = math.Float64bits(z)
	return z-z == 0 || s-s != 0 || x-x != 0
}

func addWide(w []uint64, x column.Int128, precision int) (ok bool) {
	z, ok := column.Int128{Hi: int64(w[1]), Lo: w[2]}.Add(x)
	w[1], w[2] = uint64(z.Hi), z.Lo
	return ok && z.Within(precision)
}

type adder = func(t *state.Table, at int, r *rows) error

func sumInts(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Ints
		for i, id := range r.ids {
			w := t.Write(id)[at:]
			w[0]++
			if !addInt(w, xs[r.at(i)]) {
				return overflow(out)
			}
		}
		return nil
	}
}

func sumFloats(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Floats
		for i, id := range r.ids {
			w := t.Write(id)[at:]
			w[0]++
			if !addFloat(w, xs[r.at(i)]) {
				return overflow(out)
			}
		}
		return nil
	}
}

func sumWides(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Wides
		for i, id := range r.ids {
			w := t.Write(id)[at:]
			w[0]++
			if !addWide(w, xs[r.at(i)], out.Precision) {
				return overflow(out)
			}
		}
		return nil
	}
}

// sumIntsWide adds up values of one word in two.
func sumIntsWide(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Ints
		for i, id := range r.ids {
			w := t.Write(id)[at:]
			w[0]++
			if !addWide(w, column.FromInt64(xs[r.at(i)]), out.Precision) {
				return overflow(out)
			}
		}
		return nil
	}
}

// none tells that the last value has been taken back: nothing is left of the sum then, no
// rounding and no NaN.
func none(w []uint64, sign int64) bool {
	w[0] += uint64(sign)
	return w[0] == 0
}

func changeInts(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Ints
		for i, id := range r.ids {
			w := t.Write(id)[at : at+2]
			gone := none(w, r.signs[i])
			if !addInt(w, xs[r.at(i)]*r.signs[i]) {
				return overflow(out)
			}
			if gone {
				clear(w)
			}
		}
		return nil
	}
}

func changeFloats(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Floats
		for i, id := range r.ids {
			w := t.Write(id)[at : at+2]
			gone := none(w, r.signs[i])
			if !addFloat(w, xs[r.at(i)]*float64(r.signs[i])) {
				return overflow(out)
			}
			if gone {
				clear(w)
			}
		}
		return nil
	}
}

func changeWides(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Wides
		for i, id := range r.ids {
			if err := changeWide(t.Write(id)[at:at+3], xs[r.at(i)], r.signs[i], out); err != nil {
				return err
			}
		}
		return nil
	}
}

func changeIntsWide(out types.Type) adder {
	return func(t *state.Table, at int, r *rows) error {
		xs := r.v.Ints
		for i, id := range r.ids {
			if err := changeWide(t.Write(id)[at:at+3], column.FromInt64(xs[r.at(i)]), r.signs[i], out); err != nil {
				return err
			}
		}
		return nil
	}
}

func changeWide(w []uint64, x column.Int128, sign int64, out types.Type) error {
	if sign < 0 {
		x = x.Neg()
	}
	gone := none(w, sign)
	if !addWide(w, x, out.Precision) {
		return overflow(out)
	}
	if gone {
		clear(w)
	}
	return nil
}

type combiner = func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error

func combineInts(out types.Type) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
			w[0] += x[0]
			if !addInt(w, int64(x[1])) {
				return overflow(out)
			}
		}
		return nil
	}
}

func combineFloats(out types.Type) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
			if x[0] == 0 {
				continue // of no values: not even the sign of a zero
			}
			w[0] += x[0]
			if !addFloat(w, math.Float64frombits(x[1])) {
				return overflow(out)
			}
		}
		return nil
	}
}

func combineWides(out types.Type) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
			w[0] += x[0]
			if !addWide(w, column.Int128{Hi: int64(x[1]), Lo: x[2]}, out.Precision) {
				return overflow(out)
			}
		}
		return nil
	}
}
