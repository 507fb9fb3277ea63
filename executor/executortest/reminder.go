package executortest

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// What a row asks of a Reminder.
const (
	RegisterEvent = iota
	RegisterProcessing
	CancelEvent
	CancelProcessing
)

// ReminderIn are the columns that a Reminder takes: a key, a time in microseconds since
// 1970-01-01, and one of the above. ReminderOut are those it gives: the key and the time of a
// timer that fired, its domain, and what the clock of the domain had reached.
var (
	ReminderIn  = bigints("key", "at", "what")
	ReminderOut = bigints("key", "at", "domain", "upto")
)

func bigints(names ...string) (out types.Schema) {
	for _, n := range names {
		out = append(out, types.Column{Name: n, Type: types.Of(types.BigInt)})
	}
	return out
}

// Reminder is an operator that registers and cancels timers as its rows tell it, and gives a row
// for each that fires: for tests of what drives operators. It is keyed by its first column.
type Reminder struct {
	// Again, if set, gives the time of the timer of a key that follows one that fires.
	Again func(key, at int64) (next int64, ok bool)

	timers    *state.Timers
	watermark int64
	hashes    []uint64
	out       *column.Batch
}

// Open implements executor.Operator.
func (m *Reminder) Open(env *executor.Env) error {
	m.timers, m.out, m.watermark = env.Timers, column.NewBatch(ReminderOut), executor.NoWatermark
	return m.timers.Open([]types.Type{ReminderIn[0].Type})
}

// Process implements executor.Operator.
func (m *Reminder) Process(_ int, b *column.Batch, _ executor.Output) (err error) {
	keys := []int{0}
	m.hashes = column.HashColumns(m.hashes, b, keys)
	b.Each(func(r int) {
		row, times := []int32{int32(r)}, b.Cols[1].Ints
		switch b.Cols[2].Ints[r] {
		case CancelEvent:
			m.timers.Cancel(state.EventTime, b, keys, m.hashes, row, times)
		case CancelProcessing:
			m.timers.Cancel(state.ProcessingTime, b, keys, m.hashes, row, times)
		default:
			if err == nil {
				err = m.timers.Register(state.Domain(b.Cols[2].Ints[r]), b, keys, m.hashes, row, times)
			}
		}
	})
	return err
}

// OnTimer implements executor.Operator.
func (m *Reminder) OnTimer(due *state.Due, out executor.Output) error {
	m.out.Reset()
	for i, at := range due.Times {
		for c, x := range []int64{due.Keys.Cols[0].Ints[i], at, int64(due.Domain), due.UpTo} {
			m.out.Cols[c].AppendInt(x)
		}
		m.out.Rows++
	}
	if err := out.Emit(m.out); err != nil || m.Again == nil {
		return err
	}
	var sel []int32
	next := make([]int64, len(due.Times))
	for i, at := range due.Times {
		var ok bool
		if next[i], ok = m.Again(due.Keys.Cols[0].Ints[i], at); ok {
			sel = append(sel, int32(i))
		}
	}
	if sel == nil {
		return nil
	}
	return m.timers.Register(due.Domain, due.Keys, []int{0}, due.Hashes, sel, next)
}

// OnWatermark gives a row of key -1, so that a test sees what came before it.
func (m *Reminder) OnWatermark(watermark int64, out executor.Output) error {
	m.out.Reset()
	for c, x := range []int64{-1, watermark, int64(state.EventTime), m.watermark} {
		m.out.Cols[c].AppendInt(x)
	}
	m.out.Rows++
	m.watermark = watermark
	return out.Emit(m.out)
}

// Flush implements executor.Operator.
func (m *Reminder) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (m *Reminder) Close() error { return nil }
