package op

import (
	"slipway/executor/state"
	"slipway/sql/types"
)

// LAST_VALUE is whether there is a value, 0 or 1, and the value that came last.
func init() {
	kernels["LAST_VALUE"] = func(_, out types.Type) kernel {
		k := keptInOrder(out)
		return kernel{words: 1 + k.N, text: k.Ref, add: keepLast(k), combine: combineLast(k), emit: emitKept(out)}
	}
}

func keepLast(k *kept) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			w := t.Write(id)[at:]
			w[0] = 1
			if err := k.put(t, w[1:], r.v, r.at(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func combineLast(k *kept) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			x := from.Acc(src[i])[at:]
			if x[0] == 0 {
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
