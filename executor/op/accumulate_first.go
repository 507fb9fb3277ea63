package op

import (
	"slipway/executor/state"
	"slipway/sql/types"
)

// FIRST_VALUE is whether there is a value, 0 or 1, and the value that came first.
func init() {
	kernels["FIRST_VALUE"] = func(_, out types.Type) kernel {
		k := keptInOrder(out)
		return kernel{words: 1 + k.N, text: k.Ref, add: keepFirst(k), combine: combineFirst(k), emit: emitKept(out)}
	}
}

func keepFirst(k *kept) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			if t.Acc(id)[at] != 0 {
				continue
			}
			w := t.Write(id)[at:]
			w[0] = 1
			if err := k.put(t, w[1:], r.v, r.at(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func combineFirst(k *kept) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			x := from.Acc(src[i])[at:]
			if x[0] == 0 || t.Acc(id)[at] != 0 {
				continue
			}
			w := t.Write(id)[at:]
			w[0] = 1
			if err := k.copy(t, w[1:], from, x[1:]); err != nil {
				return err
			}
		}
		return nil
	}
}
