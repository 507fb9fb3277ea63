package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// ARG_MIN and ARG_MAX are the count of rows, the first argument of the accumulator, which decides, and the
// second, which is the result: whether it is there, and its value. Of rows that are as good the first stays.
// Over rows that are taken back they are an end of all results in the order of what decides.
func init() {
	kernels["ARG_MIN_OF_CHANGES"] = func(types.Type, types.Type) kernel { return valuesKernel(readFirstOfList, listOfPairs) }
	kernels["ARG_MAX_OF_CHANGES"] = func(types.Type, types.Type) kernel { return valuesKernel(readFirstOfLast, listOfPairs) }
	kernels["ARG_MIN"] = func(in, out types.Type) kernel { return bestRow(in, out, 1) }
	kernels["ARG_MAX"] = func(in, out types.Type) kernel { return bestRow(in, out, -1) }
}

// best keeps a value by which rows are compared, and the result of the best one.
type best struct {
	by, result *kept
	direction  int
	at         int // of the result's presence
}

func bestRow(in, out types.Type, direction int) kernel {
	b := &best{by: keptInOrder(in), result: keptExactly(out), direction: direction}
	b.at = 1 + b.by.N
	k := kernel{words: b.at + 1 + b.result.N, text: b.by.Ref, add: b.add, combine: b.combine, emit: b.emit}
	if b.result.Ref {
		k.refs = []int{b.at + 1}
	}
	return k
}

func (b *best) add(t *state.Table, at int, r *rows) error {
	for i, id := range r.ids {
		row := r.at(i)
		if w := t.Acc(id)[at:]; w[0] > 0 && !b.better(t, w[1:], r.v, row) {
			continue
		}
		w, v := t.Write(id)[at:], r.more[0]
		if err := b.by.put(t, w[1:], r.v, row); err != nil {
			return err
		}
		w[0], w[b.at] = 1, 0
		if v.Null(row) {
			continue
		}
		w[b.at] = 1
		if err := b.result.put(t, w[b.at+1:], v, row); err != nil {
			return err
		}
	}
	return nil
}

// better tells that a row of a vector comes before the value that is kept.
func (b *best) better(t *state.Table, w []uint64, v *column.Vector, row int) bool {
	return b.by.against(t, w, v, row)*b.direction > 0
}

func (b *best) combine(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
	for i, id := range to {
		w, x := t.Write(id)[at:], from.Acc(src[i])[at:]
		if x[0] == 0 || w[0] > 0 && b.by.compare(from, x[1:], t, w[1:])*b.direction >= 0 {
			continue
		}
		w[0], w[b.at] = 1, x[b.at]
		if err := b.by.copy(t, w[1:], from, x[1:]); err != nil {
			return err
		}
		if err := b.result.copy(t, w[b.at+1:], from, x[b.at+1:]); err != nil {
			return err
		}
	}
	return nil
}

func (b *best) emit(t *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		if w = w[at:]; w[0] == 0 || w[b.at] == 0 {
			v.AppendNull()
		} else {
			b.result.emit(t, w[b.at+1:], v)
		}
	}
}
