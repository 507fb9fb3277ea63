package op

import (
	"math"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// MOMENTS are the power sums of a column, COMOMENTS those of two, with twice the digits of a DOUBLE: of
// whole numbers up to 2^40 they are exact, and in any order of rows the same. Words are how many values
// there are, how many of them are no finite numbers, and the sums (value.Moments); the result is these
// as bytes, which a function behind the aggregate makes a number of.
func init() {
	kernels["MOMENTS"] = func(in, _ types.Type) kernel { return moments(1) }
	kernels["COMOMENTS"] = func(in, _ types.Type) kernel { return moments(2) }
}

func moments(columns int) kernel {
	words := value.MomentsWords(columns == 2)
	return kernel{words: words, whole: true, add: changeMoments(words), change: changeMoments(words), merge: mergeMoments(words),
		combine: combineMoments(words), emit: emitMoments(words)}
}

// pairOf reads a number of a column; ok is false for NaN and the infinities.
func pairOf(v *column.Vector, i int) (p value.Pair, ok bool) {
	if len(v.Wides) > 0 {
		return value.PairOfWide(v.Wides[i]), true
	}
	if len(v.Ints) > 0 {
		return value.PairOf(v.Ints[i]), true
	}
	x := v.Floats[i]
	return value.Pair{Hi: x}, x-x == 0
}

// tooLarge is where squares leave the range of DOUBLE.
const tooLarge = 1e150

func changeMoments(words int) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w, sign := t.Write(id)[at:at+words], int64(1)
			if r.signs != nil {
				sign = r.signs[i]
			}
			if err := addMoments(w, r, r.at(i), sign); err != nil {
				return err
			}
			if w[0] == 0 {
				clear(w)
			}
		}
		return nil
	}
}

func addMoments(w []uint64, r *rows, i int, sign int64) error {
	w[0] += uint64(sign)
	x, ok := pairOf(r.v, i)
	y, second := value.Pair{}, len(r.more) > 0
	if second && ok {
		y, ok = pairOf(r.more[0], i)
	}
	switch {
	case !ok:
		w[1] += uint64(sign)
		return nil
	case math.Abs(x.Hi) > tooLarge || math.Abs(y.Hi) > tooLarge:
		return sqlerr.New(sqlerr.OutOfRange, "a square is out of range for DOUBLE")
	}
	sums := w[2:]
	addPair(sums, x, sign)
	if !second {
		addPair(sums[2:], x.Mul(x), sign)
		return nil
	}
	addPair(sums[2:], y, sign)
	addPair(sums[4:], x.Mul(x), sign)
	addPair(sums[6:], y.Mul(y), sign)
	addPair(sums[8:], x.Mul(y), sign)
	return nil
}

func addPair(w []uint64, x value.Pair, sign int64) {
	if sign < 0 {
		x = x.Neg()
	}
	z := value.Pair{Hi: math.Float64frombits(w[0]), Lo: math.Float64frombits(w[1])}.Add(x)
	w[0], w[1] = math.Float64bits(z.Hi), math.Float64bits(z.Lo+0) // -0 is 0
}

func addWords(w, x []uint64) {
	w[0] += x[0]
	w[1] += x[1]
	for i := 2; i < len(w); i += 2 {
		addPair(w[i:], value.Pair{Hi: math.Float64frombits(x[i]), Lo: math.Float64frombits(x[i+1])}, 1)
	}
}

func mergeMoments(words int) adder {
	return func(t *state.Table, at int, r *rows) error {
		var room [12]uint64
		for i, id := range r.ids {
			m, ok := value.ReadMoments(r.v.Bytes(r.at(i)))
			if !ok {
				return sqlerr.New(sqlerr.Internal, "a partial result is no sums")
			}
			w := append(room[:0], uint64(m.N), uint64(m.Odd))
			for _, s := range m.Sums[:(words-2)/2] {
				w = append(w, math.Float64bits(s.Hi), math.Float64bits(s.Lo))
			}
			addWords(t.Write(id)[at:at+words], w)
		}
		return nil
	}
}

func combineMoments(words int) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			addWords(t.Write(id)[at:at+words], from.Acc(src[i])[at:at+words])
		}
		return nil
	}
}

func emitMoments(words int) func(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	var room []byte
	return func(_ *state.Table, at int, accs [][]uint64, v *column.Vector) {
		for _, w := range accs {
			room = value.AppendMoments(room[:0], w[at:at+words])
			v.AppendBytes(room)
		}
	}
}
