package op

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// WindowUpdates keeps a table for each end of windows. A row of it has what the group is now and
// what was given of it last, so that exactly that is taken back. The values of DISTINCT, lists and percentiles lie beside the table.
type WindowUpdates struct {
	keyed
	w        windows
	most     int64
	at       int // time column
	lateness int64
	every    int64
	before   bool // old versions are wanted
	late     lateTo
	accs     *accumulators
	layout   state.Layout
	time     eventTime
	env      *executor.Env
	out      groups
	now      func() time.Time
	besides  *besides      // of windows, by their ends
	results  *givenResults // nil where nothing is kept beside the groups

	ends    []int64 // of the windows there are, sorted
	sels    map[int64][]int32
	sorted  []int64 // the ends that a batch meets
	changed []int32
}

// The word of a row in front of its accumulators, as they are and as they were given.
const (
	updateFlags = 0
	isChanged   = 1
	wasGiven    = 2
)

// NewWindowUpdates makes the operator of a plan node over an input schema.
func NewWindowUpdates(p *plan.WindowUpdates, in types.Schema) (*WindowUpdates, error) {
	accs, err := newAccumulators(p.Aggs, in, 1)
	if err != nil {
		return nil, err
	}
	accs.layBeside(p.Keys, in, false)
	u := &WindowUpdates{w: newWindows(p.Window), most: p.Window.Most(), at: p.Window.Time, lateness: micros(p.Lateness), every: micros(p.Every),
		before: p.EmitBefore, late: p.Late, accs: accs, besides: newBesides(accs), now: time.Now, sels: map[int64][]int32{}}
	u.layout = state.Layout{Keys: keyTypes(in, p.Keys)}
	u.lay(p.Out)
	u.keyed = keyed{keys: p.Keys, init: make([]uint64, u.layout.Words)}
	u.out = groups{emitter: emitter{batch: column.NewBatch(p.Out), kinds: true}, accs: accs, keys: len(p.Keys), windowed: true}
	return u, nil
}

// lay makes room for what was given: the words of the accumulators, or their results in bytes where values are kept beside them.
func (u *WindowUpdates) lay(out types.Schema) {
	if u.accs.apart() {
		u.results = newGivenResults(u.accs, out)
		u.layout.Words, u.layout.Refs = u.accs.words+1, append(slices.Clone(u.accs.refs), u.accs.words)
		return
	}
	given := u.accs.words - 1
	u.layout.Words = u.accs.words + given
	for _, r := range u.accs.refs {
		u.layout.Refs = append(u.layout.Refs, r, r+given)
	}
}

// Open takes up the windows and the watermark of a restore.
func (u *WindowUpdates) Open(env *executor.Env) error {
	u.env, u.accs.faults.env = env, env
	u.time.open(env)
	for _, name := range env.State.Tables() {
		if end, err := strconv.ParseInt(name, 10, 64); err == nil {
			u.ends = append(u.ends, end)
			if err := env.State.Table(name, u.layout).Fits(u.layout); err != nil {
				return err
			}
		}
	}
	slices.Sort(u.ends)
	if u.every == 0 {
		return nil
	}
	if err := env.Timers.Open(u.layout.Keys); err != nil {
		return err
	}
	return u.resume()
}

// resume asks for a call for groups that had changed and were not given: the timer of former tasks may
// be another task's now.
func (u *WindowUpdates) resume() error {
	for _, end := range u.ends {
		table := u.table(end)
		if u.findChanged(table); len(u.changed) == 0 || u.env.Timers.Len(state.ProcessingTime) > 0 {
			continue
		}
		key := &column.Batch{Rows: 1}
		all := make([]int, len(u.layout.Keys))
		for i, typ := range u.layout.Keys {
			all[i], key.Cols = i, append(key.Cols, column.NewVector(typ))
			table.AppendKey(key.Cols[i], u.changed[0], i)
		}
		return u.env.Timers.Register(state.ProcessingTime, key, all, column.HashColumns(nil, key, all), []int32{0}, []int64{u.next()})
	}
	return nil
}

// Process enters rows into their windows. What that changes of windows that have ended is given.
func (u *WindowUpdates) Process(_ int, b *column.Batch, out executor.Output) error {
	u.hash(b)
	if err := u.divide(b); err != nil {
		return err
	}
	u.out.begin(out, nil)
	for _, end := range u.sorted {
		table := u.table(end)
		if err := u.take(end, table, b, u.sels[end]); err != nil {
			return err
		}
		if end > u.time.at {
			continue
		}
		if err := u.give(end, table, u.changed); err != nil {
			return err
		}
	}
	if err := u.schedule(b); err != nil {
		return err
	}
	return u.out.finish()
}

// divide sorts the rows of a batch by the ends of their windows.
func (u *WindowUpdates) divide(b *column.Batch) (err error) {
	var left leftOut
	for _, end := range u.sorted {
		u.sels[end] = u.sels[end][:0]
	}
	if len(u.sels) > 64 { // of windows long gone
		clear(u.sels)
	}
	u.sorted = u.sorted[:0]
	t := b.Cols[u.at]
	b.Each(func(r int) {
		if t.Null(r) {
			left.timeless++
			return
		}
		for n := range u.most {
			_, end, ok := u.w.before(t.Ints[r], n)
			if ok && !u.forgotten(end) {
				u.put(end, int32(r))
			} else if ok && n == 0 {
				left.late, left.end = left.late+1, end
				err = cmp.Or(err, u.late.row(u.env, b, r, end, u.time.at))
			}
		}
	})
	left.tell(u.env, u.time.at)
	slices.Sort(u.sorted)
	return err
}

func (u *WindowUpdates) put(end int64, row int32) {
	sel := u.sels[end]
	if len(sel) == 0 {
		u.sorted = append(u.sorted, end)
	}
	u.sels[end] = append(sel, row)
}

// forgotten tells that a window is not corrected any more.
func (u *WindowUpdates) forgotten(end int64) bool {
	return u.time.at != executor.NoWatermark && end <= u.time.at-u.lateness
}

func (u *WindowUpdates) table(end int64) *state.Table {
	if i, ok := slices.BinarySearch(u.ends, end); !ok {
		u.ends = slices.Insert(u.ends, i, end)
	}
	return u.env.State.Table(sliceName(end), u.layout)
}

// take enters rows into a window, and lists the groups that they change.
func (u *WindowUpdates) take(end int64, table *state.Table, b *column.Batch, sel []int32) error {
	if err := u.enter(table, b, sel); err != nil {
		return err
	}
	u.begin()
	u.changed = u.changed[:0]
	for _, id := range u.ids {
		if u.meet(id) {
			u.changed = append(u.changed, id)
			table.Write(id)[updateFlags] |= isChanged
		}
	}
	if err := u.besides.enter(u.env.State, end, table, &u.keyed, b, sel); err != nil {
		return err
	}
	return u.accs.update(table, u.ids, b, sel)
}

// give emits groups of a window and notes what was given.
func (u *WindowUpdates) give(end int64, table *state.Table, ids []int32) error {
	if u.results != nil {
		return u.giveResults(end, table, ids)
	}
	given := u.accs.words - 1
	u.out.table, u.out.from, u.out.to = table, u.w.startOf(end), end
	for _, id := range ids {
		w, kind := table.Acc(id), column.Insert
		if w[updateFlags]&wasGiven != 0 {
			kind = column.UpdateAfter
			if u.before {
				u.out.row(id, w[given:], column.UpdateBefore)
			}
		}
		u.out.row(id, w, kind)
	}
	u.out.write() // before the table changes
	if u.out.err != nil {
		return u.out.err
	}
	for _, id := range ids {
		if err := u.note(table, id); err != nil {
			return err
		}
	}
	return nil
}

// note keeps what was given of a group.
func (u *WindowUpdates) note(table *state.Table, id int32) error {
	given := u.accs.words - 1
	w := table.Write(id)
	for i := 1; i <= given; i++ {
		if !slices.Contains(u.accs.refs, i) {
			w[i+given] = w[i]
			continue
		}
		ref, err := table.Put(w[i+given], table.Bytes(w[i]))
		if err != nil {
			return err
		}
		w[i+given] = ref
	}
	w[updateFlags] = wasGiven
	return nil
}

// giveChanged emits the groups of a window that are not as they were given.
func (u *WindowUpdates) giveChanged(end int64) error {
	table := u.table(end)
	u.findChanged(table)
	return u.give(end, table, u.changed)
}

// findChanged lists the groups of a window that are not as they were given.
func (u *WindowUpdates) findChanged(table *state.Table) {
	u.changed = u.changed[:0]
	table.EachRow(func(id int32) {
		if table.Acc(id)[updateFlags]&isChanged != 0 {
			u.changed = append(u.changed, id)
		}
	})
}

// schedule asks for a call when windows that have not ended are due, if there is none yet.
func (u *WindowUpdates) schedule(b *column.Batch) error {
	if u.every == 0 || len(u.sorted) == 0 || u.env.Timers.Len(state.ProcessingTime) > 0 {
		return nil
	}
	row := u.sels[u.sorted[0]][:1]
	times := make([]int64, b.Rows)
	times[row[0]] = u.next()
	return u.env.Timers.Register(state.ProcessingTime, b, u.keys, u.hashes, row, times)
}

// next is the time of the clock at which windows are given again.
func (u *WindowUpdates) next() int64 {
	return column.FloorDiv(u.now().UnixMicro(), u.every)*u.every + u.every
}

// OnTimer gives what has changed of windows that have not ended.
func (u *WindowUpdates) OnTimer(_ *state.Due, out executor.Output) error {
	u.out.begin(out, nil)
	for _, end := range u.ends {
		if err := u.giveChanged(end); err != nil {
			return err
		}
	}
	return u.out.finish()
}

// OnWatermark gives the windows that have ended, and forgets those that are not corrected any
// more.
func (u *WindowUpdates) OnWatermark(watermark int64, out executor.Output) error {
	from := u.time.at
	if !u.time.advance(watermark) {
		return nil
	}
	u.out.begin(out, nil)
	for _, end := range u.ends {
		if end <= from {
			continue
		}
		if end > watermark {
			break
		}
		if err := u.giveChanged(end); err != nil {
			return err
		}
	}
	for len(u.ends) > 0 && u.forgotten(u.ends[0]) {
		u.env.State.Drop(sliceName(u.ends[0]))
		u.besides.drop(u.env.State, u.ends[0])
		u.ends = u.ends[1:]
	}
	return u.out.finish()
}

// Flush has nothing to emit: everything is in the state.
func (u *WindowUpdates) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (u *WindowUpdates) Close() error { return nil }
