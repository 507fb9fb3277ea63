package op

import (
	"math"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// ConditionSession keeps rows by key and time. The rows of a key are taken in their order, each when
// the watermark has passed it; one that belongs to no session goes then. So the first row of a key
// is either one that is still to be taken, or that which began the open session, and whether one is open
// needs no state of its own. Each key has a timer for its first row to be taken, or for the timeout of
// its open session if that is earlier.
type ConditionSession struct {
	keptRows
	init, end plan.SessionBound
	timeout   int64       // 0: none
	open      openSession // of the key that is looked at
}

// openSession is the session of a key that goes on.
type openSession struct {
	first int32 // its first row, or state.Absent
	last  int64 // the time of its last one
	// ended is when the session before it ended, and nth how many of the key had ended at that time before it.
	ended, nth int64
}

// What a row does to sessions, as its word in the state says.
const (
	beginsSession = 1 << iota
	endsSession
)

// sessionColumns is how many columns a session adds: its bounds and a number.
const sessionColumns = windowBounds + 1

// NewConditionSession makes the operator of a plan node over an input schema.
func NewConditionSession(p *plan.ConditionSession, in types.Schema) *ConditionSession {
	by := p.Sessions
	s := &ConditionSession{keptRows: newKeptRows(by.Keys, by.Time, in[:len(p.Out)-sessionColumns], p.Out), init: by.Init, end: by.End, timeout: micros(by.Timeout)}
	s.late, s.layout.Apart, s.layout.Init = p.Late, true, []uint64{0}
	return s
}

// Process keeps the rows that are in time.
func (s *ConditionSession) Process(_ int, b *column.Batch, _ executor.Output) error {
	left, err := s.divide(b)
	if err != nil {
		return err
	}
	left.tell(s.env, s.time.at)
	if len(s.timely) == 0 {
		return nil
	}
	s.hashes = column.HashColumns(s.hashes, b, s.keys)
	return s.keep(b)
}

// keep enters rows with what they do, and makes timers where one is the first to be taken of its key.
func (s *ConditionSession) keep(b *column.Batch) (err error) {
	if s.ids, err = s.kept.Apply(b, s.all, s.hashes, s.timely, s.ids); err != nil {
		return err
	}
	s.due = s.due[:0]
	s.room(b.Rows)
	begins, ends := b.Cols[s.init.Column], b.Cols[s.end.Column]
	for i, id := range s.ids {
		r := s.timely[i]
		s.kept.Write(id)[0] = word(begins, r, beginsSession) | word(ends, r, endsSession)
		if before := s.kept.Prev(id); before == state.Absent || s.time.passed(s.kept.SortInt(before)) {
			s.due, s.times[r] = append(s.due, r), s.kept.SortInt(id)+1
		}
	}
	return s.register(s.env, b, s.keys, s.hashes)
}

// word is a bit if a row of a BOOLEAN column is true.
func word(v *column.Vector, r int32, bit uint64) uint64 {
	if v.Null(int(r)) || !v.Bools[r] {
		return 0
	}
	return bit
}

// OnTimer takes the rows of keys that the watermark has passed.
func (s *ConditionSession) OnTimer(due *state.Due, out executor.Output) error {
	s.out.out, s.out.err = out, nil
	s.found = s.kept.Lookup(due.Keys, s.keyCols, due.Hashes, nil, s.found)
	s.cancel(due)
	s.due = s.due[:0]
	for i, key := range s.found {
		if key == state.Absent {
			continue
		}
		if next := s.take(key, due.UpTo); next < state.NoTimer {
			s.due, s.times[i] = append(s.due, int32(i)), next
		}
	}
	if err := s.out.finish(); err != nil {
		return err
	}
	s.kept.Prune()
	return s.register(s.env, due.Keys, s.keyCols, due.Hashes)
}

// cancel takes away the timers for the timeouts of open sessions, which are about to be others.
func (s *ConditionSession) cancel(due *state.Due) {
	s.room(due.Keys.Rows)
	if s.timeout == 0 {
		return
	}
	s.due = s.due[:0]
	for i, key := range s.found {
		if key == state.Absent {
			continue
		}
		if s.resume(key); s.open.first != state.Absent {
			s.due, s.times[i] = append(s.due, int32(i)), s.expires()+1
		}
	}
	if len(s.due) > 0 {
		s.env.Timers.Cancel(state.EventTime, due.Keys, s.keyCols, due.Hashes, s.due, s.times)
	}
}

// resume finds the open session of a key, and the first row that is still to be taken.
func (s *ConditionSession) resume(key int32) (next int32) {
	s.open = openSession{first: state.Absent, ended: math.MinInt64}
	first := s.kept.First(key)
	if !s.time.passed(s.kept.SortInt(first)) {
		return first
	}
	s.open.first = first
	if next = s.kept.Ceil(key, state.Bound{Int: s.time.at}); next == state.Absent {
		s.open.last = s.kept.SortInt(s.kept.Last(key))
	} else {
		s.open.last = s.kept.SortInt(s.kept.Prev(next))
	}
	return next
}

// expires is when the open session ends if no row comes.
func (s *ConditionSession) expires() int64 { return s.open.last + s.timeout }

// take takes the rows of a key that the watermark has passed, and says when there is more to do.
func (s *ConditionSession) take(key int32, watermark int64) (again int64) {
	again = state.NoTimer
	id := s.resume(key)
	for id != state.Absent && s.kept.SortInt(id) < watermark {
		next := s.kept.Next(id)
		s.expire(id, s.kept.SortInt(id))
		s.takeRow(id)
		id = next
	}
	s.expire(id, watermark)
	if id != state.Absent {
		again = s.kept.SortInt(id) + 1
	}
	if s.open.first != state.Absent && s.timeout > 0 {
		again = min(again, s.expires()+1)
	}
	return again
}

// expire ends the open session in front of a row if its timeout is before a time.
func (s *ConditionSession) expire(id int32, at int64) {
	if s.timeout == 0 || s.open.first == state.Absent || s.expires() >= at {
		return
	}
	s.give(id, s.expires(), state.Absent)
}

// takeRow lets a row begin the open session, belong to it, end it, or go. One that ends a session begins
// the next one too if it does both, unless it would belong to both.
func (s *ConditionSession) takeRow(id int32) {
	does, at := s.kept.Acc(id)[0], s.kept.SortInt(id)
	begins, ends, shared := does&beginsSession != 0, does&endsSession != 0, !s.init.Exclude && !s.end.Exclude
	if s.open.first != state.Absent {
		if s.open.last = at; !ends {
			return
		}
		if s.give(id, at, s.lastOf(id)); shared {
			begins = false
		}
	} else if begins && ends && shared {
		s.open.first = id
		s.give(id, at, id)
		begins = false
	}
	if begins {
		s.open.first, s.open.last = id, at
		return
	}
	s.kept.Remove(id)
}

// lastOf is the row that ends a session, if it belongs to it.
func (s *ConditionSession) lastOf(id int32) int32 {
	if s.end.Exclude {
		return state.Absent
	}
	return id
}

// give gives the rows of the open session, which lie in front of a row, and perhaps a last one, and
// forgets the former.
func (s *ConditionSession) give(to int32, end int64, last int32) {
	id, start := s.open.first, s.kept.SortInt(s.open.first)
	if s.open.nth++; s.open.ended != end {
		s.open.ended, s.open.nth = end, 0
	}
	for id != to {
		next := s.kept.Next(id)
		if id != s.open.first || !s.init.Exclude {
			s.row(id, start, end)
		}
		s.kept.Remove(id)
		id = next
	}
	if last != state.Absent {
		s.row(last, start, end)
	}
	s.open.first = state.Absent
}

// row gives a row with the bounds of its session.
func (s *ConditionSession) row(id int32, start, end int64) {
	b, width := s.out.batch, len(s.layout.Columns)
	for c := range width {
		s.kept.AppendCell(b.Cols[c], c, id)
	}
	b.Cols[width].AppendInt(start)
	b.Cols[width+1].AppendInt(end)
	b.Cols[width+2].AppendInt(s.open.nth)
	s.out.row(column.Insert)
}
