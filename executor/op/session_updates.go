package op

import (
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// SessionUpdates keeps sessions until they are not corrected any more, and beside them what was given, which lies in the sessions
// that have taken its rows. What is given of a session takes the place of all that lies in it.
type SessionUpdates struct {
	keptSessions
	every int64
	form  sessionForm
	now   func() time.Time

	changed  []int32       // sessions that are to be given
	named    *column.Batch // their keys and the times that they are found by
	hashesOf []uint64
}

// sessionForm is as what sessions are given, and what is kept for that beside them.
type sessionForm interface {
	// open takes up what is kept.
	open(env *executor.Env) error
	// keep takes rows of a batch that belong to sessions, by the hashes of their keys.
	keep(b *column.Batch, hashes []uint64, rows []int32) error
	// give emits the changed sessions in place of what was given of their rows, and notes it.
	give(u *SessionUpdates, out executor.Output) error
	// find looks keys up of which sessions end; forget forgets what is of the nth of them, of times below one.
	find(keys *column.Batch, cols []int, hashes []uint64)
	forget(n int, below int64)
	prune()
}

// changedWord tells of a session whether it is not as it was given.
const changedWord = sessionWords

// NewSessionUpdates makes the operator of a plan node over an input schema.
func NewSessionUpdates(p *plan.SessionUpdates, in types.Schema) (*SessionUpdates, error) {
	terms := updatedSessions{keys: p.Keys, window: p.Window, aggs: p.Aggs, in: in, out: p.Out, lateness: p.Lateness, every: p.Every, late: p.Late}
	if p.Rows {
		return newSessionsOfRows(&terms, p.EmitBefore)
	}
	u, err := newSessionUpdates(&terms)
	if err != nil {
		return nil, err
	}
	u.form = &sessionSums{givenSessions{layout: u.layout, before: p.EmitBefore}}
	return u, nil
}

// updatedSessions are sessions of some keys of an input, when they are given, and what comes out.
type updatedSessions struct {
	keys            []int
	window          plan.Window
	aggs            []plan.Agg // that are words of a session
	in, out         types.Schema
	lateness, every time.Duration
	late            []int
}

// newSessionUpdates makes the operator but for the form.
func newSessionUpdates(p *updatedSessions) (*SessionUpdates, error) {
	a, err := newKeptSessions(p.keys, p.window, p.aggs, p.in, p.out, sessionWords+1)
	if err != nil {
		return nil, err
	}
	u := &SessionUpdates{keptSessions: *a, every: micros(p.every), now: time.Now}
	u.late = p.late
	u.lateness, u.corrects, u.out.kinds = micros(p.lateness), true, true
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
	if err = u.form.open(env); err != nil {
		return err
	}
	u.changed = u.changed[:0]
	u.sessions.EachRow(u.ifChanged)
	if len(u.changed) == 0 {
		return nil
	}
	u.name() // the timer of former tasks may be another task's now
	return u.schedule(u.named, u.keyCols(), u.hashesOf, 0)
}

// keyCols are the columns of the keys where they stand first.
func (u *SessionUpdates) keyCols() []int { return u.cols[:len(u.keys)] }

// Process enters rows into their sessions. What that changes of sessions that have ended is given.
func (u *SessionUpdates) Process(port int, b *column.Batch, out executor.Output) error {
	u.into = u.into[:0]
	if err := u.keptSessions.Process(port, b, out); err != nil || len(u.into) == 0 {
		return err
	}
	if err := u.form.keep(b, u.hashes, u.rows); err != nil {
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
		u.name()
		for _, id := range u.changed {
			u.sessions.Write(id)[changedWord-state.OwnWords] = 0
		}
		if err := u.form.give(u, out); err != nil {
			return err
		}
	}
	return nil
}

// name gathers the keys of the sessions and the times that they are found by.
func (u *SessionUpdates) name() {
	u.named.Reset()
	for i, v := range u.named.Cols {
		u.sessions.AppendColumn(v, i, u.changed)
	}
	u.named.Rows = len(u.changed)
	u.hashesOf = column.HashColumns(u.hashesOf, u.named, u.keyCols())
}

// OnTimer gives the sessions that have ended and forgets those that are not corrected any more; or,
// by the clock, gives all that are not as they were given.
func (u *SessionUpdates) OnTimer(due *state.Due, out executor.Output) error {
	u.changed = u.changed[:0]
	if due.Domain == state.ProcessingTime {
		u.sessions.EachRow(u.ifChanged)
		return u.give(out)
	}
	u.found = u.sessions.Lookup(due.Keys, u.keyCols(), due.Hashes, nil, u.found)
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
	return u.forget(due)
}

func (u *SessionUpdates) ifChanged(id int32) {
	if u.sessions.Acc(id)[changedWord-state.OwnWords] != 0 {
		u.changed = append(u.changed, id)
	}
}

// forget removes the sessions of keys that are not corrected any more, and makes a timer for what
// comes next of each key.
func (u *SessionUpdates) forget(due *state.Due) error {
	u.form.find(due.Keys, u.keyCols(), due.Hashes)
	u.due = u.due[:0]
	u.room(due.Keys.Rows)
	for i, key := range u.found {
		if key == state.Absent {
			continue
		}
		if next, ok := u.forgetKey(key, i, due.UpTo); ok {
			u.due, u.times[i] = append(u.due, int32(i)), next
		}
	}
	u.sessions.Prune()
	u.form.prune()
	return u.register(u.env, due.Keys, u.keyCols(), due.Hashes)
}

// forgetKey does it for one key; next is when its next session ends, or is to be forgotten.
func (u *SessionUpdates) forgetKey(key int32, n int, watermark int64) (next int64, ok bool) {
	id := u.sessions.First(key)
	for id != state.Absent && u.last(id)+u.gap+u.lateness < watermark {
		u.form.forget(n, u.last(id)+1)
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
