package op

import (
	"slipway/executor/state"
	"slipway/sql/types"
)

// FIRST_VALUE and LAST_VALUE are whether there is a value, 0 or 1, and the value that came first, or last. Over
// rows that are taken back they are the ends of all values as they came: of equal ones FIRST_VALUE counts the
// first and LAST_VALUE the last.
func init() {
	kernels["FIRST_VALUE"] = func(_, out types.Type) kernel { return endOfArrivals(out, false) }
	kernels["LAST_VALUE"] = func(_, out types.Type) kernel { return endOfArrivals(out, true) }
	kernels["FIRST_VALUE_OF_CHANGES"] = func(types.Type, types.Type) kernel { return valuesKernel(readFirstOfList, listOfChanges) }
	kernels["LAST_VALUE_OF_CHANGES"] = func(types.Type, types.Type) kernel { return valuesKernel(readLastOfList, listOfRepeats) }
}

func endOfArrivals(out types.Type, last bool) kernel {
	k := keptExactly(out)
	return kernel{words: 1 + k.N, text: k.Ref, add: keepEnd(k, last), combine: combineEnds(k, last), emit: k.emitted(out)}
}

func keepEnd(k *kept, last bool) adder {
	return func(t *state.Table, at int, r *rows) error {
		for i, id := range r.ids {
			if !last && t.Acc(id)[at] != 0 {
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

func combineEnds(k *kept, last bool) combiner {
	return func(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
		for i, id := range to {
			x := from.Acc(src[i])[at:]
			if x[0] == 0 || !last && t.Acc(id)[at] != 0 {
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
