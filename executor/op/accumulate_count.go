package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// COUNT and COUNT(*) are one word, the count. Partial results of them are added up.
func init() {
	count := func(types.Type, types.Type) kernel {
		return kernel{words: 1, add: countRows, merge: addCounts, change: countChanges, combine: combineCounts, emit: emitCounts}
	}
	kernels["COUNT"], kernels["COUNT(*)"] = count, count
}

func countRows(t *state.Table, at int, r *rows) error {
	for _, id := range r.ids {
		t.Write(id)[at]++
	}
	return nil
}

func countChanges(t *state.Table, at int, r *rows) error {
	for i, id := range r.ids {
		t.Write(id)[at] += uint64(r.signs[i])
	}
	return nil
}

func addCounts(t *state.Table, at int, r *rows) error {
	xs := r.v.Ints
	for i, id := range r.ids {
		t.Write(id)[at] += uint64(xs[r.at(i)])
	}
	return nil
}

func combineCounts(t *state.Table, at int, to []int32, from *state.Table, src []int32) error {
	for i, id := range to {
		t.Write(id)[at] += from.Acc(src[i])[at]
	}
	return nil
}

func emitCounts(_ *state.Table, at int, accs [][]uint64, v *column.Vector) {
	for _, w := range accs {
		v.AppendInt(int64(w[at]))
	}
}
