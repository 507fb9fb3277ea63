package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// PartialAggregate combines rows before they are exchanged. It holds its groups
// until Flush, which comes before every barrier and watermark, or until there are
// many.
type PartialAggregate struct {
	executor.Stateless
	keyed
	window *windows
	time   int
	slices *column.Vector
	in     column.Batch // the input with the slice column behind it
	accs   *accumulators
	table  *state.Table
	out    groups
	sel    []int32
	env    *executor.Env
}

// maxPartialGroups bounds what is held: it fits the second-level cache.
const maxPartialGroups = 8192

// maxPartialTexts bounds their texts.
const maxPartialTexts = 16 << 20

// NewPartialAggregate makes the operator of a plan node over an input schema.
func NewPartialAggregate(p *plan.PartialAggregate, in types.Schema) (*PartialAggregate, error) {
	accs, err := newAccumulators(p.Aggs, in, 0)
	if err != nil {
		return nil, err
	}
	a := &PartialAggregate{keyed: keyed{keys: slices.Clone(p.Keys), init: accs.init}, accs: accs}
	layout := state.Layout{Keys: keyTypes(in, p.Keys), Words: accs.words, Refs: accs.refs}
	if p.Window != nil {
		w := newWindows(*p.Window)
		a.window, a.time = &w, p.Window.Time
		a.slices = column.NewVector(types.NewTimestamp(types.MaxTimestampPrecision))
		a.in.Cols = make([]*column.Vector, len(in)+1)
		a.keys = append(a.keys, len(in))
		layout.Keys = append(layout.Keys, a.slices.Type)
	}
	a.out = groups{emitter: emitter{batch: column.NewBatch(p.Out)}, accs: accs, keys: len(a.keys)}
	a.table = state.NewStore(state.Range{From: 0, To: state.KeyGroups}, &state.Budget{}).Table("", layout)
	return a, nil
}

// Open implements executor.Operator.
func (a *PartialAggregate) Open(env *executor.Env) error {
	a.env, a.accs.faults.env = env, env
	return nil
}

// Process implements executor.Operator.
func (a *PartialAggregate) Process(_ int, b *column.Batch, out executor.Output) error {
	sel := b.Sel
	if a.window != nil {
		b, sel = a.withSlices(b)
	}
	if err := a.find(a.table, b, sel); err != nil {
		return err
	}
	if err := a.accs.update(a.table, a.ids, b, sel); err != nil {
		return err
	}
	if a.table.Len() >= maxPartialGroups || a.table.TextBytes() >= maxPartialTexts {
		return a.Flush(out)
	}
	return nil
}

// withSlices adds the slice column; rows without a time are counted as failed.
func (a *PartialAggregate) withSlices(b *column.Batch) (*column.Batch, []int32) {
	a.slices.Grow(b.Rows)
	t := b.Cols[a.time]
	ts, ss := t.Ints[:b.Rows], a.slices.Ints[:b.Rows]
	slice, end := int64(0), int64(0) // an empty stretch
	for i, x := range ts {           // neighbours mostly share a slice
		if x < slice || x >= end {
			slice = a.window.sliceOf(x)
			end = slice + a.window.slice
		}
		ss[i] = slice
	}
	n := copy(a.in.Cols, b.Cols)
	a.in.Cols[n] = a.slices
	a.in.Rows, a.in.Sel, a.in.Kinds = b.Rows, b.Sel, b.Kinds
	sel := b.Sel
	if t.Valid != nil {
		a.sel = a.sel[:0]
		var left leftOut
		b.Each(func(r int) {
			if t.Null(r) {
				left.timeless++
			} else {
				a.sel = append(a.sel, int32(r))
			}
		})
		left.tell(a.env, executor.NoWatermark)
		sel = a.sel
	}
	return &a.in, sel
}

// Flush emits every group.
func (a *PartialAggregate) Flush(out executor.Output) error {
	if a.table.Len() == 0 {
		return nil
	}
	a.out.begin(out, a.table)
	a.table.EachRow(func(id int32) { a.out.row(id, a.table.Acc(id), column.Insert) })
	err := a.out.finish()
	a.table.Clear()
	return err
}
