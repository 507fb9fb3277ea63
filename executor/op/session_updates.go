package op

import (
	"slices"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// SessionUpdates keeps sessions until they are not corrected any more, and beside them what was given: rows of the same form, each of which lies in the session
// that has taken its rows. What is given of a session takes the place of all that lies in it.
type SessionUpdates struct {
	keptSessions
	every  int64
	before bool // old versions are wanted
	given  *state.OrderedMap
	now    func() time.Time

	changed  []int32       // sessions that are to be given
	named    *column.Batch // their keys and the times that they are found by
	hashesOf []uint64
	keysOf   []int32 // of each of them, its number in given
	former   []int32
	lie      []int32
	ids      []int32
}

// changedWord tells of a session whether it is not as it was given.
const changedWord = sessionWords

// NewSessionUpdates makes the operator of a plan node over an input schema.
func NewSessionUpdates(p *plan.SessionUpdates, in types.Schema) (*SessionUpdates, error) {
	a, err := newKeptSessions(p.Keys, p.Window, p.Aggs, in, p.Out, sessionWords+1)
	if err != nil {
		return nil, err
	}
	u := &SessionUpdates{keptSessions: *a, every: micros(p.Every), before: p.EmitBefore, now: time.Now}
	u.late = p.Late
	u.lateness, u.corrects, u.out.kinds = micros(p.Lateness), true, true
	u.out.bounds = u.bounds
	schema := make(types.Schema, len(u.layout.Columns))
	for i, t := range u.layout.Columns {
		schema[i].Type = t
	}
	u.named = column.NewBatch(schema)
	return u, nil
}

// Open takes up the sessions, what was given of them, and the watermark of a restore.
func (u *SessionUpdates) Open(env *executor.Env) (err error) {
	if err = u.keptSessions.Open(env); err != nil {
		return err
	}
	if u.given, err = env.State.OrderedMap("given", u.layout); err != nil {
		return err
	}
	u.changed = u.changed[:0]
	u.sessions.EachRow(u.ifChanged)
	if len(u.changed) == 0 {
		return nil
	}
	u.name() // the timer of former tasks may be another task's now
	return u.schedule(u.named, u.cols[:len(u.keys)], u.hashesOf, 0)
}

// Process enters rows into their sessions. What that changes of sessions that have ended is given.
func (u *SessionUpdates) Process(port int, b *column.Batch, out executor.Output) error {
	u.into = u.into[:0]
	if err := u.keptSessions.Process(port, b, out); err != nil || len(u.into) == 0 {
		return err
	}
	u.collect(b)
	if err := u.register(u.env, b, u.keys, u.hashes); err != nil {
		return err
	}
	if err := u.schedule(b, u.keys, u.hashes, u.rows[0]); err != nil {
		return err
	}
	return u.give(out)
}

// collect notes which sessions have changed, and lists those of them that have ended. One that had
// ended and goes on needs a timer again.
func (u *SessionUpdates) collect(b *column.Batch) {
	u.keyed.begin()
	u.changed, u.due = u.changed[:0], u.due[:0]
	u.room(b.Rows)
	for i, id := range u.into {
		if !u.keyed.meet(id) {
			continue
		}
		end, w := u.last(id)+u.gap, u.sessions.Write(id)
		switch row := u.rows[i]; {
		case u.time.passed(end):
			u.changed = append(u.changed, id)
		case w[changedWord-state.OwnWords] == 0:
			u.due, u.times[row] = append(u.due, row), end+1
		}
		w[changedWord-state.OwnWords] = 1
	}
}

// schedule asks for a call when sessions that have not ended are due, if there is none yet.
func (u *SessionUpdates) schedule(b *column.Batch, keys []int, hashes []uint64, row int32) error {
	if u.every == 0 || u.env.Timers.Len(state.ProcessingTime) > 0 {
		return nil
	}
	u.room(b.Rows)
	u.times[row] = column.FloorDiv(u.now().UnixMicro(), u.every)*u.every + u.every
	return u.env.Timers.Register(state.ProcessingTime, b, keys, hashes, []int32{row}, u.times)
}

// give emits sessions in place of what was given of their rows.
func (u *SessionUpdates) give(out executor.Output) error {
	for all := u.changed; len(all) > 0; {
		n := min(len(all), column.BatchRows)
		u.changed, all = all[:n], all[n:]
		if err := u.giveSome(out); err != nil {
			return err
		}
	}
	return nil
}

func (u *SessionUpdates) giveSome(out executor.Output) error {
	u.out.begin(out, u.sessions.Table())
	u.name()
	u.keysOf = u.given.Lookup(u.named, u.cols[:len(u.keys)], u.hashesOf, nil, u.keysOf)
	u.former = u.former[:0]
	for i, id := range u.changed {
		u.replace(u.keysOf[i], id)
	}
	if err := u.out.finish(); err != nil {
		return err
	}
	return u.note()
}

// name gathers the keys of the sessions and the times that they are found by.
func (u *SessionUpdates) name() {
	u.named.Reset()
	for i, v := range u.named.Cols {
		u.sessions.AppendColumn(v, i, u.changed)
	}
	u.named.Rows = len(u.changed)
	u.hashesOf = column.HashColumns(u.hashesOf, u.named, u.cols[:len(u.keys)])
}

// replace emits a session, in front of it all that was given and lies in it.
func (u *SessionUpdates) replace(key, id int32) {
	kind := column.Insert
	u.lie = u.lie[:0]
	if key != state.Absent {
		u.lie = u.given.AppendRange(u.lie, u.given.Ceil(key, state.Bound{Int: u.first(id)}), state.Bound{Int: u.last(id)}, 1<<31-1)
	}
	if len(u.lie) == 1 && slices.Equal(u.boundsOf(u.given, u.lie[0]), u.boundsOf(u.sessions, id)) {
		kind = column.UpdateAfter
	}
	if kind == column.Insert || u.before {
		u.out.turn(u.given.Table())
		for _, old := range u.lie {
			back := column.UpdateBefore
			if kind == column.Insert {
				back = column.Delete
			}
			u.out.row(old, u.given.Table().Acc(old), back)
		}
	}
	u.out.turn(u.sessions.Table())
	u.out.row(id, u.sessions.Table().Acc(id), kind)
	u.former = append(u.former, u.lie...)
}

func (u *SessionUpdates) boundsOf(m *state.OrderedMap, id int32) []uint64 {
	return m.Table().Acc(id)[sessionFirst : sessionLast+1]
}

// note keeps what was given.
func (u *SessionUpdates) note() (err error) {
	for _, id := range u.former {
		u.given.Remove(id)
	}
	if u.ids, err = u.given.Apply(u.named, u.cols, u.hashesOf, nil, u.ids); err != nil {
		return err
	}
	for i, id := range u.changed {
		u.sessions.Write(id)[changedWord-state.OwnWords] = 0
		if err := u.copy(u.ids[i], u.sessions.Acc(id)); err != nil {
			return err
		}
	}
	return nil
}

// copy writes the words of a session into those of what was given of it.
func (u *SessionUpdates) copy(to int32, from []uint64) (err error) {
	w := u.given.Write(to)
	for i, x := range from {
		if !slices.Contains(u.layout.Refs, i) {
			w[i] = x
		} else if w[i], err = u.given.Put(w[i], u.sessions.Bytes(x)); err != nil {
			return err
		}
	}
	return nil
}

// OnTimer gives the sessions that have ended and forgets those that are not corrected any more; or,
// by the clock, gives all that are not as they were given.
func (u *SessionUpdates) OnTimer(due *state.Due, out executor.Output) error {
	u.changed = u.changed[:0]
	if due.Domain == state.ProcessingTime {
		u.sessions.EachRow(u.ifChanged)
		return u.give(out)
	}
	all := u.cols[:len(u.keys)]
	u.found = u.sessions.Lookup(due.Keys, all, due.Hashes, nil, u.found)
	for _, key := range u.found {
		if key == state.Absent {
			continue
		}
		for id := u.sessions.First(key); id != state.Absent && u.last(id)+u.gap < due.UpTo; id = u.sessions.Next(id) {
			u.ifChanged(id)
		}
	}
	if err := u.give(out); err != nil {
		return err
	}
	return u.forget(due, all)
}

func (u *SessionUpdates) ifChanged(id int32) {
	if u.sessions.Acc(id)[changedWord-state.OwnWords] != 0 {
		u.changed = append(u.changed, id)
	}
}

// forget removes the sessions of keys that are not corrected any more, and makes a timer for what
// comes next of each key.
func (u *SessionUpdates) forget(due *state.Due, all []int) error {
	u.keysOf = u.given.Lookup(due.Keys, all, due.Hashes, nil, u.keysOf)
	u.due = u.due[:0]
	u.room(due.Keys.Rows)
	for i, key := range u.found {
		if key == state.Absent {
			continue
		}
		if next, ok := u.forgetKey(key, u.keysOf[i], due.UpTo); ok {
			u.due, u.times[i] = append(u.due, int32(i)), next
		}
	}
	u.sessions.Prune()
	u.given.Prune()
	return u.register(u.env, due.Keys, all, due.Hashes)
}

// forgetKey does it for one key; next is when its next session ends, or is to be forgotten.
func (u *SessionUpdates) forgetKey(key, given int32, watermark int64) (next int64, ok bool) {
	id := u.sessions.First(key)
	for id != state.Absent && u.last(id)+u.gap+u.lateness < watermark {
		if given != state.Absent {
			u.lie = u.given.RemoveBelow(given, state.Bound{Int: u.last(id) + 1}, u.lie[:0], 1<<31-1)
		}
		after := u.sessions.Next(id)
		u.sessions.Remove(id)
		id = after
	}
	if id == state.Absent {
		return 0, false
	}
	for next = u.dueOf(id, watermark); id != state.Absent && u.last(id)+u.gap < watermark; id = u.sessions.Next(id) {
	}
	if id != state.Absent {
		next = min(next, u.dueOf(id, watermark))
	}
	return next, true
}

// dueOf is when a session ends or, if it has, when it is forgotten.
func (u *SessionUpdates) dueOf(id int32, watermark int64) int64 {
	end := u.last(id) + u.gap
	if end < watermark {
		end += u.lateness
	}
	return end + 1
}
