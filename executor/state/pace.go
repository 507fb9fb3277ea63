package state

import "sync/atomic"

// Budget is the memory that all state of the process may use together.
type Budget struct {
	Limit int64 // bytes; 0 means unlimited
	// Changed, if it is not nil, is told what is used whenever that has changed by an eighth, and
	// by 32 MB; by whoever changed it, who waits.
	Changed func(used int64)
	used    atomic.Int64
	told    atomic.Int64
	of      *Budget // that which this one is a part of
	setting string  // by which it is limited
}

// Part is a budget of its own limit, named by a setting, that reserves of b, too: that of one query.
func (b *Budget) Part(limit int64, setting string) *Budget {
	return &Budget{Limit: limit, of: b, setting: setting}
}

// Used is the bytes reserved now.
func (b *Budget) Used() int64 { return b.used.Load() }

// Reserve takes n bytes (negative gives back) or returns *BudgetError and takes nothing.
func (b *Budget) Reserve(n int64) error {
	if err := b.Borrow(n); err != nil || b.of == nil {
		return err
	}
	err := b.of.Reserve(n)
	if err != nil {
		b.used.Add(-n)
	}
	return err
}

// Borrow is Reserve of what is no state, such as the rows that operators hand on: it counts for this budget, and not for that
// which it is a part of.
func (b *Budget) Borrow(n int64) error {
	used := b.used.Add(n)
	if n > 0 && b.Limit > 0 && used > b.Limit {
		b.used.Add(-n)
		return &BudgetError{Limit: b.Limit, Used: used - n, Wanted: n, Setting: b.setting}
	}
	b.tell(used)
	return nil
}

// hold takes n bytes that cannot be refused.
func (b *Budget) hold(n int64) {
	if b.tell(b.used.Add(n)); b.of != nil {
		b.of.hold(n)
	}
}

const toldStep = 32 << 20

func (b *Budget) tell(used int64) {
	if b.Changed == nil {
		return
	}
	last := b.told.Load()
	step := max(toldStep, last/8)
	if (used-last >= step || last-used >= step) && b.told.CompareAndSwap(last, used) {
		b.Changed(used)
	}
}

// GCPercent is the percentage (debug.SetGCPercent) that fits a process with so many bytes of
// state. State is no garbage and costs a collection nothing, since it holds no pointers; the usual
// 100 would let garbage grow as large as the state is. So it is 128 MB and a tenth of the state.
func GCPercent(used int64) int {
	const free = 128 << 20
	used = max(used, 0)
	return int(100 * (free + used/10) / (free + used))
}
