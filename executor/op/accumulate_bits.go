package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// BIT_AND, BIT_OR and BIT_XOR are the count of values and the bits. Where values of the first two are
// taken back, it is counted for each bit in how many values it is set.
func init() {
	kernels["BIT_AND"] = bits(func(a, b uint64) uint64 { return a & b })
	kernels["BIT_OR"] = bits(func(a, b uint64) uint64 { return a | b })
	kernels["BIT_XOR"] = func(types.Type, types.Type) kernel {
		xor := func(a, b uint64) uint64 { return a ^ b }
		k := bits(xor)(types.Type{}, types.Type{})
		k.change = func(t *state.Table, at int, r *rows) error {
			for i, id := range r.ids {
				w := t.Write(id)[at:]
				w[0] += uint64(r.signs[i])
				w[1] ^= uint64(r.v.Ints[r.at(i)])
			}
			return nil
		}
		return k
	}
	kernels["BIT_AND_OF_CHANGES"] = countedBits(func(set, values uint64) bool { return set == values })
	kernels["BIT_OR_OF_CHANGES"] = countedBits(func(set, _ uint64) bool { return set > 0 })
}

func bits(f func(a, b uint64) uint64) func(in, out types.Type) kernel {
	put := func(w []uint64, n, x uint64) {
		if w[0] == 0 {
			w[1] = x
		} else {
			w[1] = f(w[1], x)
		}
		w[0] += n
	}
	add := func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			put(t.Write(id)[at:], 1, uint64(r.v.Ints[r.at(i)]))
		}
		return nil
	}
	combine := func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			if x := from.Acc(src[i])[at:]; x[0] > 0 {
				put(t.Write(id)[at:], x[0], x[1])
			}
		}
		return nil
	}
	return func(types.Type, types.Type) kernel {
		return kernel{words: 2, add: add, combine: combine, emit: emitKeptInts}
	}
}

// countedBits has a bit set by how many of the values have it.
func countedBits(is func(set, values uint64) bool) func(in, out types.Type) kernel {
	change := func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w, sign := t.Write(id)[at:], uint64(1)
			if r.signs != nil {
				sign = uint64(r.signs[i])
			}
			w[0] += sign
			for x, n := uint64(r.v.Ints[r.at(i)]), 1; x != 0; x, n = x>>1, n+1 {
				w[n] += sign * (x & 1)
			}
		}
		return nil
	}
	emit := func(_ *state.Table, at int, accs [][]uint64, v *column.Vector) {
		for _, w := range accs {
			w, x := w[at:], uint64(0)
			for n := range 64 {
				if is(w[n+1], w[0]) {
					x |= 1 << n
				}
			}
			if w[0] == 0 {
				v.AppendNull()
			} else {
				v.AppendInt(int64(x))
			}
		}
	}
	return func(types.Type, types.Type) kernel { return kernel{words: 65, add: change, change: change, emit: emit} }
}
