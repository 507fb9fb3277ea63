package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// keptSessions are the sessions of each key as rows of an ordered map, which a row that bridges two
// makes one. A session is found by some time in it, which stays when it grows at either end. It
// ends the gap behind its last row; each key has a timer that is due then, or before.
type keptSessions struct {
	stretches
	dueTimers // of keys whose first session opens, or is another one
	accs      *accumulators
	layout    state.OrderedLayout
	at        int // time column
	// corrects: sessions that have ended are kept on for the lateness, in which rows may still come.
	lateness int64
	corrects bool
	late     lateTo
	time     eventTime
	env      *executor.Env
	sessions *state.OrderedMap
	out      groups

	found   []int32 // of each key of the batch, its number in sessions
	in      column.Batch
	cols    []int
	stamps  *column.Vector // by row of the batch
	opened  []int32        // rows of the batch that open a session, and the stretches that they are of
	of      []int32
	to, src []int32
	rows    []int32
	into    []int32 // sessions of rows
}

// The words of a session behind those of every row: its first time, its last one, and the
// accumulators.
const (
	sessionFirst = state.OwnWords
	sessionLast  = state.OwnWords + 1
	sessionWords = state.OwnWords + 2
)

// newKeptSessions makes those of a window and the columns that come out, with so many words in
// front of their accumulators.
func newKeptSessions(keys []int, w plan.Window, aggs []plan.Agg, in, out types.Schema, words int) (*keptSessions, error) {
	accs, err := newAccumulators(aggs, in, words)
	if err != nil {
		return nil, err
	}
	stamp := types.NewTimestamp(types.MaxTimestampPrecision)
	a := &keptSessions{stretches: stretches{keyed: keyed{keys: keys}, gap: micros(w.Size)}, accs: accs, at: w.Time, stamps: column.NewVector(stamp)}
	a.layout.Columns = append(keyTypes(in, keys), stamp)
	a.layout.Sort, a.layout.Unique = len(keys), true
	a.layout.Init = accs.init[state.OwnWords:]
	for _, r := range accs.refs {
		a.layout.Refs = append(a.layout.Refs, r-state.OwnWords)
	}
	for i := range keys {
		a.layout.Key, a.cols = append(a.layout.Key, i), append(a.cols, i)
	}
	a.cols = append(a.cols, len(keys))
	a.in.Cols = make([]*column.Vector, len(a.cols))
	a.out = groups{emitter: emitter{batch: column.NewBatch(out)}, accs: accs, keys: len(keys), bounds: a.bounds}
	return a, nil
}

// Open takes up the sessions and the watermark of a restore.
func (a *keptSessions) Open(env *executor.Env) (err error) {
	a.env, a.accs.faults.env = env, env
	a.time.open(env)
	keys := a.layout.Columns[:len(a.keys)]
	a.stretches.open(env, state.Layout{Keys: keys})
	if a.sessions, err = env.State.OrderedMap("sessions", a.layout); err != nil {
		return err
	}
	return env.Timers.Open(keys)
}

// bounds appends the beginning and the end of sessions to two columns.
func (a *keptSessions) bounds(words [][]uint64, start, end *column.Vector) {
	for _, w := range words {
		start.AppendInt(int64(w[sessionFirst]))
		end.AppendInt(int64(w[sessionLast]) + a.gap)
	}
}

// Process enters rows into their sessions.
func (a *keptSessions) Process(_ int, b *column.Batch, _ executor.Output) error {
	timeless, err := a.find(b, b.Cols[a.at])
	if err != nil {
		return err
	}
	left := leftOut{timeless: timeless}
	if len(a.sel) == 0 {
		left.tell(a.env, a.time.at)
		return nil
	}
	a.meetAll(b)
	if err := a.accs.combine(a.sessions.Table(), a.to, a.sessions.Table(), a.src); err != nil {
		return err
	}
	a.sessions.Prune()
	if err := a.begin(b); err != nil {
		return err
	}
	left.tell(a.env, a.time.at)
	if err := a.assign(b); err != nil {
		return err
	}
	return a.accs.update(a.sessions.Table(), a.into, b, a.rows)
}

// meetAll finds the sessions of all stretches, and those stretches that open one.
func (a *keptSessions) meetAll(b *column.Batch) {
	a.rows, a.to, a.src, a.opened, a.of, a.due = a.rows[:0], a.to[:0], a.src[:0], a.opened[:0], a.of[:0], a.due[:0]
	from := int32(0)
	for _, to := range a.ends {
		a.rows = append(a.rows, a.list[from].row)
		from = to
	}
	a.found = a.sessions.Lookup(b, a.keys, a.hashes, a.rows, a.found)
	from = 0
	for g, to := range a.ends {
		a.meetKey(a.found[g], from, to)
		from = to
	}
}

// meetKey finds the sessions of the stretches of one key, which stand in their order.
func (a *keptSessions) meetKey(key, from, to int32) {
	first := int64(1<<63 - 1) // where the first session of the key begins
	if key != state.Absent {
		first = a.first(a.sessions.First(key))
	}
	for i := from; i < to; i++ {
		r := &a.list[i]
		if key != state.Absent {
			a.meet(key, r)
		}
		if r.session != state.Absent || a.time.passed(r.last+a.gap+a.lateness) {
			continue
		}
		if r.last < first || a.corrects {
			a.due, first = append(a.due, r.row), r.first
		}
		a.opened, a.of = append(a.opened, r.row), append(a.of, i)
	}
}

func (a *keptSessions) first(id int32) int64 {
	return int64(a.sessions.Table().Acc(id)[sessionFirst])
}

func (a *keptSessions) last(id int32) int64 {
	return int64(a.sessions.Table().Acc(id)[sessionLast])
}

// meet makes a stretch and the sessions that it touches one, that of the first of them.
func (a *keptSessions) meet(key int32, r *stretch) {
	id := a.sessions.Floor(key, state.Bound{Int: r.first})
	if id == state.Absent {
		id = a.sessions.First(key)
	}
	for id != state.Absent && a.last(id)+a.gap < r.first {
		id = a.sessions.Next(id)
	}
	for id != state.Absent && a.first(id)-a.gap <= r.last {
		next := a.sessions.Next(id)
		if r.session == state.Absent {
			r.session = id
			a.extend(id, r.first, r.last)
		} else {
			a.extend(r.session, a.first(id), a.last(id))
			a.to, a.src = append(a.to, r.session), append(a.src, id)
			a.sessions.Remove(id)
		}
		id = next
	}
}

func (a *keptSessions) extend(id int32, first, last int64) {
	t := a.sessions.Table()
	w := t.Acc(id)
	if first >= int64(w[sessionFirst]) && last <= int64(w[sessionLast]) {
		return
	}
	w = t.Write(id)
	w[sessionFirst] = uint64(min(first, int64(w[sessionFirst])))
	w[sessionLast] = uint64(max(last, int64(w[sessionLast])))
}

// begin makes the sessions that stretches open, and timers for those that are the first of their keys.
func (a *keptSessions) begin(b *column.Batch) (err error) {
	if len(a.opened) == 0 {
		return nil
	}
	for i, k := range a.keys {
		a.in.Cols[i] = b.Cols[k]
	}
	a.in.Cols[len(a.keys)], a.in.Rows = a.stamps, b.Rows
	a.stamps.Grow(b.Rows)
	a.room(b.Rows)
	for i, row := range a.opened {
		r := &a.list[a.of[i]]
		a.stamps.Ints[row], a.times[row] = r.first, r.last+a.gap+1
	}
	if a.into, err = a.sessions.Apply(&a.in, a.cols, a.hashes, a.opened, a.into); err != nil {
		return err
	}
	for i, id := range a.into {
		r, w := &a.list[a.of[i]], a.sessions.Table().Write(id)
		r.session, w[sessionFirst], w[sessionLast] = id, uint64(r.first), uint64(r.last)
	}
	return a.register(a.env, b, a.keys, a.hashes)
}

// assign gives each row the session of its stretch; a stretch of which there is none has come late.
func (a *keptSessions) assign(b *column.Batch) error {
	a.rows, a.into = a.rows[:0], a.into[:0]
	var left leftOut
	for i, row := range a.sel {
		r := &a.list[a.stretchOf[i]]
		if r.session != state.Absent {
			a.rows, a.into = append(a.rows, row), append(a.into, r.session)
			continue
		}
		left.late, left.end = left.late+1, r.last+a.gap
		if err := a.late.row(a.env, b, int(row), left.end, a.time.at); err != nil {
			return err
		}
	}
	left.tell(a.env, a.time.at)
	return nil
}

// OnWatermark notes which rows are late from now on; what has ended was given by timers.
func (a *keptSessions) OnWatermark(watermark int64, _ executor.Output) error {
	a.time.advance(watermark)
	return nil
}

// Flush has nothing to emit: everything is in the state.
func (a *keptSessions) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (a *keptSessions) Close() error {
	a.close()
	return nil
}
