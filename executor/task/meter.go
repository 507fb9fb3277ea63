package task

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// meter counts what the batches of one operator hold for a budget, as long as the operator keeps them. What a batch shares with that of the
// operator in front of it counts there.
type meter struct {
	memory *state.Budget
	next   executor.Output
	behind *meter // nil: it is the last of the chain
	front  *meter
	slabs  []*byte // of the last batch, those that count, here or in front
	held   int64
}

// countedBytes are the least that count: smaller memory is soon used again.
const countedBytes = 64 << 10

// metered puts a meter in front of what follows an operator.
func (t *Task) metered(next executor.Output) executor.Output {
	m := &meter{memory: t.Memory, next: next}
	if l, ok := next.(*link); ok {
		if m.behind, ok = l.next.(*meter); ok {
			m.behind.front = m
		}
	}
	return m
}

// Emit implements executor.Output.
func (m *meter) Emit(b *column.Batch) error {
	held := int64(0)
	m.slabs = m.slabs[:0]
	for _, v := range b.Cols {
		held += m.count(v)
	}
	if err := m.memory.Borrow(held - m.held); err != nil {
		return err
	}
	m.held = held
	return m.next.Emit(b)
}

// count is what of a vector counts here.
func (m *meter) count(v *column.Vector) (n int64) {
	for _, k := range v.Kids {
		n += m.count(k)
	}
	if len(v.Kids) > 0 && cap(v.Views) >= countedBytes/8 {
		n += 8 * int64(cap(v.Views))
	}
	if cap(v.Slab) < countedBytes {
		return n
	}
	slab := &v.Slab[:1][0]
	if slices.Contains(m.slabs, slab) {
		return n
	}
	m.slabs = append(m.slabs, slab)
	if m.front != nil && slices.Contains(m.front.slabs, slab) {
		return n
	}
	return n + int64(cap(v.Slab))
}
