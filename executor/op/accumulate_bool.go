package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// BOOL_AND and BOOL_OR are the count of values and that of those which decide: of the first the
// false ones, of the second the true ones.
func init() {
	kernels["BOOL_AND"] = func(types.Type, types.Type) kernel { return decided(false) }
	kernels["BOOL_OR"] = func(types.Type, types.Type) kernel { return decided(true) }
}

// decided is what a single value of `by` makes the result.
func decided(by bool) kernel {
	change := func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w, sign := t.Write(id)[at:], uint64(1)
			if r.signs != nil {
				sign = uint64(r.signs[i])
			}
			w[0] += sign
			if r.v.Bools[r.at(i)] == by {
				w[1] += sign
			}
		}
		return nil
	}
	combine := func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
			w[0] += x[0]
			w[1] += x[1]
		}
		return nil
	}
	emit := func(_ *state.Table, at int, accs [][]uint64, v *column.Vector) {
		for _, w := range accs {
			if w[at] == 0 {
				v.AppendNull()
				continue
			}
			n := v.Len()
			v.Grow(n + 1)
			v.Present()
			v.Bools[n] = (w[at+1] > 0) == by
		}
	}
	return kernel{words: 2, add: change, change: change, combine: combine, emit: emit}
}
