package op

import (
	"bytes"
	"cmp"
	"math"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
	"slipway/sql/value"
)

// A value that is kept in a state row is one word, or two of an Int128, high half first: an
// integer as itself, a DOUBLE by its bits, a BOOLEAN as 0 or 1, a string as a reference into the
// table, which is 0 for the empty one.

// keptWords is how many words a value of a type has.
func keptWords(t types.Type) int {
	if t.Physical() == types.PhysicalInt128 {
		return 2
	}
	return 1
}

// keepValue puts the value of a row of a vector in place of the one that is kept in w.
func keepValue(t *state.Table, w []uint64, v *column.Vector, r int) (err error) {
	switch v.Type.Physical() {
	case types.PhysicalInt64:
		w[0] = uint64(v.Ints[r])
	case types.PhysicalFloat64:
		w[0] = math.Float64bits(v.Floats[r])
	case types.PhysicalInt128:
		w[0], w[1] = uint64(v.Wides[r].Hi), v.Wides[r].Lo
	case types.PhysicalBool:
		w[0] = boolWord(v.Bools[r])
	case types.PhysicalBytes:
		w[0], err = t.Put(w[0], v.Bytes(r))
	}
	return err
}

func boolWord(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// keepKept puts the value kept in x by another table in place of the one in w.
func keepKept(p types.Physical, t *state.Table, w []uint64, from *state.Table, x []uint64) (err error) {
	switch p {
	case types.PhysicalBytes:
		w[0], err = t.Put(w[0], from.Bytes(x[0]))
	case types.PhysicalInt128:
		w[0], w[1] = x[0], x[1]
	default:
		w[0] = x[0]
	}
	return err
}

// compareKept orders a kept value and one that another table keeps.
func compareKept(p types.Physical, t *state.Table, w []uint64, from *state.Table, x []uint64) int {
	switch p {
	case types.PhysicalFloat64:
		return value.CompareFloat(math.Float64frombits(w[0]), math.Float64frombits(x[0]))
	case types.PhysicalInt128:
		return column.Int128{Hi: int64(w[0]), Lo: w[1]}.Cmp(column.Int128{Hi: int64(x[0]), Lo: x[1]})
	case types.PhysicalBytes:
		return bytes.Compare(t.Bytes(w[0]), from.Bytes(x[0]))
	}
	return cmp.Compare(int64(w[0]), int64(x[0]))
}

// equalKept compares a kept value and a value of a batch, bit by bit.
func equalKept(t *state.Table, w []uint64, v *column.Vector, r int) bool {
	switch v.Type.Physical() {
	case types.PhysicalFloat64:
		return w[0] == math.Float64bits(v.Floats[r])
	case types.PhysicalInt128:
		return w[0] == uint64(v.Wides[r].Hi) && w[1] == v.Wides[r].Lo
	case types.PhysicalBytes:
		return string(t.Bytes(w[0])) == string(v.Bytes(r))
	case types.PhysicalBool:
		return w[0] != 0 == v.Bools[r]
	}
	return w[0] == uint64(v.Ints[r])
}

// emitKept is for accumulators of a count of values, of which none is NULL, and a kept value.
func emitKept(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	if v.Type.Physical() == types.PhysicalInt64 {
		for _, w := range accs {
			if w[at] == 0 {
				v.AppendNull()
			} else {
				v.AppendInt(int64(w[at+1]))
			}
		}
		return
	}
	for _, w := range accs {
		if w[at] == 0 {
			v.AppendNull()
		} else {
			t.AppendValue(v, w[at+1:])
		}
	}
}
