package op

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// WindowAggregate keeps one table per slice. A window is emitted when the watermark
// reaches its end, from its slices; a slice goes with its last window. Of cumulating windows
// the slices that have ended are one table.
type WindowAggregate struct {
	executor.NoTimers
	keyed
	w         windows
	time      int
	weight    int
	late      lateTo
	accs      *accumulators
	layout    state.Layout
	out       groups
	env       *executor.Env
	watermark int64
	starts    []int64      // of the slices there are, sorted
	scratch   *state.Store // of merged, on the job's budget
	merged    *state.Table
	to, src   []int32 // rows of merged and of the slice that goes into them
	sels      map[int64][]int32
	besides   *besides // of slices
}

const watermarkValue = "watermark"

// NewWindowAggregate makes the operator of a plan node over an input schema.
func NewWindowAggregate(p *plan.WindowAggregate, in types.Schema) (*WindowAggregate, error) {
	accs, err := newAccumulators(p.Aggs, in, 0)
	if err != nil {
		return nil, err
	}
	accs.layBeside(p.Keys, in, false)
	a := &WindowAggregate{
		keyed: keyed{keys: p.Keys, init: accs.init}, w: newWindows(p.Window), time: p.Window.Time, weight: p.Weight, late: p.Late, accs: accs,
		layout:    state.Layout{Keys: keyTypes(in, p.Keys), Words: accs.words, Refs: accs.refs},
		out:       groups{emitter: emitter{batch: column.NewBatch(p.Out)}, accs: accs, keys: len(p.Keys), windowed: true},
		watermark: executor.NoWatermark, sels: map[int64][]int32{}, besides: newBesides(accs),
	}
	return a, nil
}

// Open takes up the slices and the watermark of a restore: windows that had been
// emitted are not emitted again, and rows that belong to them are late.
func (a *WindowAggregate) Open(env *executor.Env) error {
	a.env, a.scratch = env, env.State.Scratch()
	a.accs.faults.env = env
	a.merged = a.scratch.Table("", a.layout)
	for _, v := range env.State.Former(watermarkValue) {
		if len(v) == 8 {
			a.watermark = max(a.watermark, int64(binary.LittleEndian.Uint64(v)))
		}
	}
	a.keepWatermark()
	if reached := &env.Counters.Watermark; a.watermark > reached.Load() {
		reached.Store(a.watermark)
	}
	for _, name := range env.State.Tables() {
		if start, err := strconv.ParseInt(name, 10, 64); err == nil {
			a.starts = append(a.starts, start)
			if err := env.State.Table(name, a.layout).Fits(a.layout); err != nil {
				return err
			}
		}
	}
	slices.Sort(a.starts)
	return nil
}

func (a *WindowAggregate) keepWatermark() {
	a.env.State.SetValue(watermarkValue, binary.LittleEndian.AppendUint64(nil, uint64(a.watermark)))
}

// Process enters rows into their slices.
func (a *WindowAggregate) Process(_ int, b *column.Batch, _ executor.Output) error {
	t := b.Cols[a.time]
	lo, hi := bounds(b, t)
	a.hash(b)
	if first := a.w.sliceOf(lo); lo <= hi && first == a.w.sliceOf(hi) && t.Valid == nil && a.w.lastEnd(first) > a.watermark {
		return a.take(first, b, b.Sel)
	}
	if err := a.divide(b, t); err != nil {
		return err
	}
	for s, sel := range a.sels {
		if err := a.take(s, b, sel); err != nil {
			return err
		}
	}
	return nil
}

// divide sorts the rows of a batch by their slices.
func (a *WindowAggregate) divide(b *column.Batch, t *column.Vector) (err error) {
	clear(a.sels)
	var left leftOut
	b.Each(func(r int) {
		if t.Null(r) {
			left.timeless++
			return
		}
		s := a.w.sliceOf(t.Ints[r])
		if end := a.w.lastEnd(s); end > a.watermark {
			a.sels[s] = append(a.sels[s], int32(r))
		} else {
			left.late, left.end = left.late+a.rowsOf(b, r), end
			err = cmp.Or(err, a.late.row(a.env, b, r, end, a.watermark))
		}
	})
	left.tell(a.env, a.watermark)
	return err
}

// rowsOf is for how many rows an input row stands.
func (a *WindowAggregate) rowsOf(b *column.Batch, r int) int64 {
	if a.weight < 0 {
		return 1
	}
	return b.Cols[a.weight].Ints[r]
}

func bounds(b *column.Batch, t *column.Vector) (lo, hi int64) {
	lo, hi = math.MaxInt64, math.MinInt64
	if b.Sel == nil {
		for _, x := range t.Ints[:b.Rows] {
			lo, hi = min(lo, x), max(hi, x)
		}
		return lo, hi
	}
	for _, r := range b.Sel {
		lo, hi = min(lo, t.Ints[r]), max(hi, t.Ints[r])
	}
	return lo, hi
}

// take enters rows into one slice.
func (a *WindowAggregate) take(start int64, b *column.Batch, sel []int32) error {
	table := a.slice(start)
	if err := a.enter(table, b, sel); err != nil {
		return err
	}
	if err := a.besides.enter(a.env.State, start, table, &a.keyed, b, sel); err != nil {
		return err
	}
	return a.accs.update(table, a.ids, b, sel)
}

func sliceName(start int64) string { return strconv.FormatInt(start, 10) }

func (a *WindowAggregate) slice(start int64) *state.Table {
	if i, ok := slices.BinarySearch(a.starts, start); !ok {
		a.starts = slices.Insert(a.starts, i, start)
	}
	return a.env.State.Table(sliceName(start), a.layout)
}

// OnWatermark emits the windows that end at or before the watermark, oldest first.
func (a *WindowAggregate) OnWatermark(watermark int64, out executor.Output) error {
	if watermark <= a.watermark {
		return nil
	}
	a.out.begin(out, nil)
	for len(a.starts) > 0 {
		start, end, ok := a.nextWindow()
		if !ok || end > watermark || end < start {
			break
		}
		if err := a.fire(start, end); err != nil {
			return err
		}
		a.watermark = end
		a.expire()
	}
	a.watermark = watermark
	a.expire()
	a.keepWatermark()
	return a.out.finish()
}

// nextWindow is the first window that holds a slice and has not been emitted.
func (a *WindowAggregate) nextWindow() (start, end int64, ok bool) {
	for _, s := range a.starts {
		if start, end, ok = a.w.next(s, a.watermark); ok {
			break
		}
	}
	return start, end, ok
}

func (a *WindowAggregate) fire(start, end int64) error {
	table, err := a.whole(start, end)
	if err != nil {
		return err
	}
	if a.out.beside, err = a.besides.at(a.env.State, start); err != nil {
		return err
	}
	a.out.table, a.out.from, a.out.to = table, start, end
	table.EachRow(func(id int32) { a.out.row(id, table.Acc(id), column.Insert) })
	a.out.write() // before the table changes
	return a.out.err
}

// whole gives the table with all rows of a window.
func (a *WindowAggregate) whole(start, end int64) (*state.Table, error) {
	switch {
	case a.w.cumulate:
		return a.slice(start), a.cumulate(start, end)
	case a.w.size == a.w.slice:
		return a.slice(start), nil
	}
	return a.merged, a.merge(start)
}

// cumulate takes the slices of a window into its first one, which all windows behind it hold too.
func (a *WindowAggregate) cumulate(start, end int64) error {
	first := a.slice(start)
	i, _ := slices.BinarySearch(a.starts, start+1)
	from := i
	for ; i < len(a.starts) && a.starts[i] < end; i++ {
		if err := a.mergeSlice(first, a.slice(a.starts[i])); err != nil {
			return err
		}
		a.env.State.Drop(sliceName(a.starts[i]))
	}
	a.starts = slices.Delete(a.starts, from, i)
	return nil
}

// merge combines the slices of a window, in their order.
func (a *WindowAggregate) merge(start int64) error {
	a.merged.Clear()
	i, _ := slices.BinarySearch(a.starts, start)
	for ; i < len(a.starts) && a.starts[i] < start+a.w.size; i++ {
		if err := a.mergeSlice(a.merged, a.slice(a.starts[i])); err != nil {
			return err
		}
	}
	return nil
}

func (a *WindowAggregate) mergeSlice(into, from *state.Table) (err error) {
	a.to, a.src = a.to[:0], a.src[:0]
	from.EachRow(func(id int32) {
		if err != nil {
			return
		}
		var to int32
		if to, _, err = into.UpsertRow(from, id, a.init); err == nil {
			a.to, a.src = append(a.to, to), append(a.src, id)
		}
	})
	if err != nil {
		return err
	}
	return a.accs.combine(into, a.to, from, a.src)
}

// expire drops the slices whose last window has ended.
func (a *WindowAggregate) expire() {
	for len(a.starts) > 0 && a.w.lastEnd(a.starts[0]) <= a.watermark {
		a.env.State.Drop(sliceName(a.starts[0]))
		a.besides.drop(a.env.State, a.starts[0])
		a.starts = a.starts[1:]
	}
}

// Flush has nothing to emit: everything is in the state.
func (a *WindowAggregate) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (a *WindowAggregate) Close() error {
	if a.scratch != nil {
		a.scratch.Close()
	}
	return nil
}
