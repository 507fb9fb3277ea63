package op

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// probe is the scratch of finding rows.
type probe struct {
	hashes     []uint64
	ids, fresh []int32
}

func keyTypes(in types.Schema, keys []int) []types.Type {
	out := make([]types.Type, len(keys))
	for i, k := range keys {
		out[i] = in[k].Type
	}
	return out
}

// PartialAggregate combines rows before they are exchanged. It holds its groups
// until Flush, which comes before every barrier and watermark, or until there are
// many.
type PartialAggregate struct {
	executor.Stateless
	keys   []int
	window *windows
	time   int
	slices *column.Vector
	in     column.Batch // the input with the slice column behind it
	accs   *accumulators
	table  *state.Table
	out    *column.Batch
	probe  probe
	sel    []int32
	env    *executor.Env
}

// maxPartialGroups bounds what is held: it fits the second-level cache.
const maxPartialGroups = 8192

// NewPartialAggregate makes the operator of a plan node over an input schema.
func NewPartialAggregate(p *plan.PartialAggregate, in types.Schema) *PartialAggregate {
	a := &PartialAggregate{keys: slices.Clone(p.Keys), accs: newAccumulators(p.Aggs, in, 0), out: column.NewBatch(p.Out)}
	layout := state.Layout{Keys: keyTypes(in, p.Keys), Words: a.accs.words, Refs: a.accs.refs}
	if p.Window != nil {
		w := newWindows(*p.Window)
		a.window, a.time = &w, p.Window.Time
		a.slices = column.NewVector(types.NewTimestamp(types.MaxTimestampPrecision))
		a.in.Cols = make([]*column.Vector, len(in)+1)
		a.keys = append(a.keys, len(in))
		layout.Keys = append(layout.Keys, a.slices.Type)
	}
	a.table = state.NewStore(state.Range{From: 0, To: state.KeyGroups}, &state.Budget{}).Table("", layout)
	return a
}

// Open implements executor.Operator.
func (a *PartialAggregate) Open(env *executor.Env) error { a.env = env; return nil }

// Process implements executor.Operator.
func (a *PartialAggregate) Process(_ int, b *column.Batch, out executor.Output) error {
	sel := b.Sel
	if a.window != nil {
		b, sel = a.withSlices(b)
	}
	a.probe.hashes = column.HashColumns(a.probe.hashes, b, a.keys)
	var err error
	a.probe.ids, a.probe.fresh, err = a.table.Upsert(b, a.keys, a.probe.hashes, sel, a.accs.init, a.probe.ids, a.probe.fresh[:0])
	if err != nil {
		return err
	}
	if err := a.accs.update(a.table, a.probe.ids, b, sel); err != nil {
		return err
	}
	if a.table.Len() >= maxPartialGroups {
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
	e := emitter{batch: a.out, out: out}
	a.table.EachRow(func(id int32) {
		for i := range a.keys {
			a.table.AppendKey(a.out.Cols[i], id, i)
		}
		a.accs.emit(a.table, id, a.out, len(a.keys))
		e.row(column.Insert)
	})
	a.table.Clear()
	return e.end()
}

// emitter sends a batch on when it is full, but never between the two versions of a row.
type emitter struct {
	batch *column.Batch
	out   executor.Output
	kinds bool // the rows' kinds matter
	err   error
}

func (e *emitter) row(k column.RowKind) {
	if e.kinds {
		e.batch.Kinds = append(e.batch.Kinds, k)
	}
	if e.batch.Rows++; e.batch.Rows >= column.BatchRows && k != column.UpdateBefore {
		e.send()
	}
}

func (e *emitter) send() {
	if e.err == nil {
		e.err = e.out.Emit(e.batch)
	}
	e.batch.Reset()
}

func (e *emitter) end() error {
	if e.batch.Rows > 0 {
		e.send()
	}
	return e.err
}

// GroupAggregate is the unwindowed GROUP BY. A state row has two words of its own:
// how many input rows the group has, and when it was last touched (milliseconds).
type GroupAggregate struct {
	keys       []int
	updates    bool
	emitBefore bool
	final      bool
	presence   bool
	ttl        int64
	layout     state.Layout
	accs       *accumulators
	table      *state.Table
	out        *column.Batch
	probe      probe
	touched    []uint32 // per row id: serial of the batch that touched it last
	serial     uint32
	changed    []int32
	before     []uint64 // former accumulators of those of changed that are not new
	now        func() time.Time
	swept      int64
	aggs       []plan.Agg
}

const (
	groupRows  = 0
	groupTouch = 1
)

// NewGroupAggregate makes the operator of a plan node over an input schema.
func NewGroupAggregate(p *plan.GroupAggregate, in types.Schema) (*GroupAggregate, error) {
	if err := checkInput(p.Aggs, p.InputUpdates); err != nil {
		return nil, err
	}
	a := &GroupAggregate{keys: p.Keys, updates: p.InputUpdates, emitBefore: p.EmitBefore, final: p.Final, presence: p.Presence, ttl: p.TTL.Milliseconds(), accs: newAccumulators(p.Aggs, in, 2),
		out: column.NewBatch(p.Out), now: time.Now, aggs: p.Aggs}
	a.layout = state.Layout{Keys: keyTypes(in, p.Keys), Words: a.accs.words, Refs: a.accs.refs}
	return a, nil
}

// Open implements executor.Operator.
func (a *GroupAggregate) Open(env *executor.Env) error {
	a.table = env.State.Table("groups", a.layout)
	return env.State.Fits(a.layout)
}

// Process emits the changes of the batch, combined per key.
func (a *GroupAggregate) Process(_ int, b *column.Batch, out executor.Output) (err error) {
	a.probe.hashes = column.HashColumns(a.probe.hashes, b, a.keys)
	a.probe.ids, a.probe.fresh, err = a.table.Upsert(b, a.keys, a.probe.hashes, b.Sel, a.accs.init, a.probe.ids, a.probe.fresh[:0])
	if err != nil {
		return err
	}
	e := emitter{batch: a.out, out: out, kinds: true}
	if !a.final {
		a.collect()
	}
	if err := a.count(b); err != nil {
		return err
	}
	if err := a.accs.update(a.table, a.probe.ids, b, b.Sel); err != nil {
		return err
	}
	if a.final {
		return nil
	}
	a.emitChanges(&e)
	return e.end()
}

// collect lists the groups this batch touches and notes their former values where
// somebody needs them.
func (a *GroupAggregate) collect() {
	a.serial++
	a.changed, a.before = a.changed[:0], a.before[:0]
	fresh := 0
	for _, id := range a.probe.ids {
		for int(id) >= len(a.touched) {
			a.touched = append(a.touched, 0)
		}
		if a.touched[id] == a.serial {
			continue
		}
		a.touched[id] = a.serial
		a.changed = append(a.changed, id)
		if fresh < len(a.probe.fresh) && a.probe.fresh[fresh] == id {
			fresh++
			continue
		}
		if a.emitBefore {
			a.before = append(a.before, a.table.Acc(id)...)
		}
	}
}

// count keeps the number of input rows of each group, so that a group whose last
// row is taken back disappears.
func (a *GroupAggregate) count(b *column.Batch) error {
	now := uint64(0)
	if a.ttl > 0 {
		now = uint64(a.now().UnixMilli())
	}
	for i, id := range a.probe.ids {
		w := a.table.Write(id)
		w[groupRows] += uint64(sign(b, rowAt(b.Sel, i)))
		if a.ttl > 0 {
			w[groupTouch] = now
		}
	}
	return nil
}

func (a *GroupAggregate) emitChanges(e *emitter) {
	fresh, before := 0, a.before
	for _, id := range a.changed {
		row := a.table.Acc(id)
		kind := column.UpdateAfter
		if fresh < len(a.probe.fresh) && a.probe.fresh[fresh] == id {
			fresh++
			kind = column.Insert
		}
		old := row
		if kind != column.Insert && a.emitBefore {
			old, before = before[:a.accs.words], before[a.accs.words:]
		}
		switch gone := a.gone(row); {
		case gone && kind == column.Insert: // came and went within the batch
			a.table.Delete(id)
		case gone:
			a.emitRow(e, id, old, column.Delete)
			a.table.Delete(id)
		case a.presence && kind != column.Insert:
		default:
			if kind != column.Insert && a.emitBefore {
				a.emitRow(e, id, old, column.UpdateBefore)
			}
			a.emitRow(e, id, row, kind)
		}
	}
}

// gone tells that a group has no rows left. The one group of an aggregate without GROUP BY
// stays: of no rows COUNT is 0 and SUM is NULL.
func (a *GroupAggregate) gone(row []uint64) bool {
	return int64(row[groupRows]) <= 0 && len(a.keys) > 0
}

func (a *GroupAggregate) emitRow(e *emitter, id int32, row []uint64, k column.RowKind) {
	for i := range a.keys {
		a.table.AppendKey(a.out.Cols[i], id, i)
	}
	a.accs.emitWords(a.table, row, a.out, len(a.keys))
	e.row(k)
}

// OnWatermark has nothing to emit before the end: results go out as they change.
func (a *GroupAggregate) OnWatermark(watermark int64, out executor.Output) error {
	if !a.final || watermark != executor.EndWatermark {
		return nil
	}
	if len(a.keys) == 0 && a.table.Len() == 0 {
		if err := a.none(); err != nil {
			return err
		}
	}
	e := emitter{batch: a.out, out: out}
	a.table.EachRow(func(id int32) { a.emitRow(&e, id, a.table.Acc(id), column.Insert) })
	a.table.Clear()
	return e.end()
}

// none makes the one group of no rows.
func (a *GroupAggregate) none() (err error) {
	a.probe.ids, a.probe.fresh, err = a.table.Upsert(&column.Batch{Rows: 1}, nil, []uint64{0}, nil, a.accs.init, a.probe.ids, a.probe.fresh[:0])
	return err
}

// Flush forgets idle groups now and then; it comes at least with every barrier.
func (a *GroupAggregate) Flush(executor.Output) error {
	if a.ttl == 0 {
		return nil
	}
	now := a.now().UnixMilli()
	if now-a.swept < a.ttl/10 {
		return nil
	}
	a.swept = now
	a.table.EachRow(func(id int32) {
		if now-int64(a.table.Acc(id)[groupTouch]) > a.ttl {
			a.table.Delete(id)
		}
	})
	return nil
}

// Close implements executor.Operator.
func (a *GroupAggregate) Close() error { return nil }

// WindowAggregate keeps one table per slice. A window is emitted when the watermark
// reaches its end, from its slices; a slice goes with its last window.
type WindowAggregate struct {
	keys      []int
	w         windows
	time      int
	weight    int
	accs      *accumulators
	layout    state.Layout
	out       *column.Batch
	env       *executor.Env
	watermark int64
	starts    []int64 // of the slices there are, sorted
	merged    *state.Table
	probe     probe
	sels      map[int64][]int32
}

const watermarkValue = "watermark"

// NewWindowAggregate makes the operator of a plan node over an input schema.
func NewWindowAggregate(p *plan.WindowAggregate, in types.Schema) (*WindowAggregate, error) {
	a := &WindowAggregate{keys: p.Keys, w: newWindows(p.Window), time: p.Window.Time, weight: p.Weight, accs: newAccumulators(p.Aggs, in, 0),
		out: column.NewBatch(p.Out), watermark: executor.NoWatermark, sels: map[int64][]int32{}}
	a.layout = state.Layout{Keys: keyTypes(in, p.Keys), Words: a.accs.words, Refs: a.accs.refs}
	a.merged = state.NewStore(state.Range{From: 0, To: state.KeyGroups}, &state.Budget{}).Table("", a.layout)
	return a, nil
}

// Open takes up the slices and the watermark of a restore: windows that had been
// emitted are not emitted again, and rows that belong to them are late.
func (a *WindowAggregate) Open(env *executor.Env) error {
	a.env = env
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
		}
	}
	slices.Sort(a.starts)
	return env.State.Fits(a.layout)
}

func (a *WindowAggregate) keepWatermark() {
	a.env.State.SetValue(watermarkValue, binary.LittleEndian.AppendUint64(nil, uint64(a.watermark)))
}

// Process enters rows into their slices.
func (a *WindowAggregate) Process(_ int, b *column.Batch, _ executor.Output) error {
	t := b.Cols[a.time]
	lo, hi := bounds(b, t)
	a.probe.hashes = column.HashColumns(a.probe.hashes, b, a.keys)
	if first := a.w.sliceOf(lo); lo <= hi && first == a.w.sliceOf(hi) && t.Valid == nil && a.w.lastEnd(first) > a.watermark {
		return a.enter(first, b, b.Sel)
	}
	clear(a.sels)
	var left leftOut
	b.Each(func(r int) {
		if t.Null(r) {
			left.timeless++
			return
		}
		s := a.w.sliceOf(t.Ints[r])
		if end := a.w.lastEnd(s); end <= a.watermark {
			left.late, left.end = left.late+a.rowsOf(b, r), end
			return
		}
		a.sels[s] = append(a.sels[s], int32(r))
	})
	left.tell(a.env, a.watermark)
	for s, sel := range a.sels {
		if err := a.enter(s, b, sel); err != nil {
			return err
		}
	}
	return nil
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

func (a *WindowAggregate) enter(start int64, b *column.Batch, sel []int32) (err error) {
	table := a.slice(start)
	a.probe.ids, a.probe.fresh, err = table.Upsert(b, a.keys, a.probe.hashes, sel, a.accs.init, a.probe.ids, a.probe.fresh[:0])
	if err != nil {
		return err
	}
	return a.accs.update(table, a.probe.ids, b, sel)
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
	e := emitter{batch: a.out, out: out}
	for len(a.starts) > 0 {
		start, ok := a.nextWindow()
		if !ok || start+a.w.size > watermark || start+a.w.size < start {
			break
		}
		if err := a.fire(&e, start); err != nil {
			return err
		}
		a.watermark = start + a.w.size
		a.expire()
	}
	a.watermark = watermark
	a.expire()
	a.keepWatermark()
	return e.end()
}

// nextWindow is the first window that holds a slice and has not been emitted.
func (a *WindowAggregate) nextWindow() (int64, bool) {
	for _, s := range a.starts {
		start := a.w.lastStart(s + a.w.slice - a.w.size + a.w.slide - 1) // the first that holds the slice
		if start+a.w.size <= a.watermark {
			start = a.w.lastStart(a.watermark-a.w.size) + a.w.slide
		}
		if start <= s {
			return start, true
		}
	}
	return 0, false
}

func (a *WindowAggregate) fire(e *emitter, start int64) error {
	table := a.merged
	if a.w.size == a.w.slice {
		table = a.env.State.Table(sliceName(start), a.layout)
	} else if err := a.merge(start); err != nil {
		return err
	}
	table.EachRow(func(id int32) {
		n := len(a.keys)
		for i := range a.keys {
			table.AppendKey(a.out.Cols[i], id, i)
		}
		a.out.Cols[n].AppendInt(start)
		a.out.Cols[n+1].AppendInt(start + a.w.size)
		a.accs.emit(table, id, a.out, n+2)
		e.row(column.Insert)
	})
	return e.err
}

// merge combines the slices of a window.
func (a *WindowAggregate) merge(start int64) (err error) {
	a.merged.Clear()
	i, _ := slices.BinarySearch(a.starts, start)
	for ; i < len(a.starts) && a.starts[i] < start+a.w.size; i++ {
		from := a.env.State.Table(sliceName(a.starts[i]), a.layout)
		from.EachRow(func(id int32) {
			if err != nil {
				return
			}
			var to int32
			if to, _, err = a.merged.UpsertRow(from, id, a.accs.init); err == nil {
				err = a.accs.combine(a.merged, to, from, id)
			}
		})
	}
	return err
}

// expire drops the slices whose last window has ended.
func (a *WindowAggregate) expire() {
	for len(a.starts) > 0 && a.w.lastEnd(a.starts[0]) <= a.watermark {
		a.env.State.Drop(sliceName(a.starts[0]))
		a.starts = a.starts[1:]
	}
}

// Flush has nothing to emit: everything is in the state.
func (a *WindowAggregate) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (a *WindowAggregate) Close() error { return nil }
