package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// FinalRows counts how often each row is there, and gives those that are left when the
// input has ended. A row may be taken back before it comes: its count is then below 0.
type FinalRows struct {
	executor.NoTimers
	keyed
	layout state.Layout
	store  *state.Store
	table  *state.Table
	out    *column.Batch
}

// NewFinalRows makes the operator of a plan node.
func NewFinalRows(p *plan.FinalRows) *FinalRows {
	f := &FinalRows{keyed: keyed{keys: make([]int, len(p.Out)), init: noRows}, out: column.NewBatch(p.Out)}
	for i := range f.keys {
		f.keys[i] = i
	}
	f.layout = state.Layout{Keys: keyTypes(p.Out, f.keys), Words: 1}
	return f
}

// Open implements executor.Operator.
func (f *FinalRows) Open(env *executor.Env) error {
	f.store = env.State
	f.table = f.store.Table("rows", f.layout)
	return nil
}

var noRows = []uint64{0}

// Process implements executor.Operator.
func (f *FinalRows) Process(_ int, b *column.Batch, _ executor.Output) error {
	if err := f.find(f.table, b, b.Sel); err != nil {
		return err
	}
	for i, id := range f.ids {
		w := f.table.Write(id)
		if w[0] += uint64(sign(b, rowAt(b.Sel, i))); w[0] == 0 {
			f.drop(id, i)
		}
	}
	return nil
}

// drop forgets a row that is there no more, unless the rest of the batch names it.
func (f *FinalRows) drop(id int32, at int) {
	for _, later := range f.ids[at+1:] {
		if later == id {
			return
		}
	}
	f.table.Delete(id)
}

// OnWatermark implements executor.Operator.
func (f *FinalRows) OnWatermark(watermark int64, out executor.Output) error {
	if watermark != executor.EndWatermark {
		return nil
	}
	e := emitter{batch: f.out, out: out}
	f.table.EachRow(func(id int32) {
		for range int64(f.table.Acc(id)[0]) {
			for i := range f.keys {
				f.table.AppendKey(f.out.Cols[i], id, i)
			}
			e.row(column.Insert)
		}
	})
	f.table = emptied(f.store, "rows", f.layout)
	return e.finish()
}

// Flush has nothing to emit: the end is not yet.
func (f *FinalRows) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (f *FinalRows) Close() error { return nil }
