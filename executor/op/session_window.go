package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// SessionWindow keeps rows by key and time, and gives those of a session with its bounds when
// the watermark has passed its end. Each key has a timer for its first session, at the end that
// it had when somebody looked last: what is before that holds together.
type SessionWindow struct {
	keptRows
	gap    int64
	behind []int32 // rows of the batch whose own session has ended
}

// windowBounds is how many columns a window adds.
const windowBounds = 2

// NewSessionWindow makes the operator of a plan node over an input schema.
func NewSessionWindow(p *plan.SessionWindow, in types.Schema) *SessionWindow {
	s := &SessionWindow{keptRows: newKeptRows(p.Keys, p.Window.Time, in[:len(p.Out)-windowBounds], p.Out), gap: micros(p.Window.Size)}
	s.late = p.Late
	return s
}

// Process keeps the rows. One whose own session has ended is late, unless it belongs to one that
// has not.
func (s *SessionWindow) Process(_ int, b *column.Batch, _ executor.Output) error {
	left := s.divide(b)
	s.hashes = column.HashColumns(s.hashes, b, s.keys)
	if err := s.keep(b, s.timely); err != nil {
		return err
	}
	for i, row := range s.behind {
		if !s.touches(b, row) {
			end := b.Cols[s.at].Ints[row] + s.gap
			left.late, left.end = left.late+1, end
			if err := s.late.row(s.env, b, int(row), end, s.time.at); err != nil {
				return err
			}
		} else if err := s.keep(b, s.behind[i:i+1]); err != nil {
			return err
		}
	}
	left.tell(s.env, s.time.at)
	return nil
}

func (s *SessionWindow) divide(b *column.Batch) (left leftOut) {
	s.timely, s.behind = s.timely[:0], s.behind[:0]
	t := b.Cols[s.at]
	b.Each(func(r int) {
		switch {
		case t.Null(r):
			left.timeless++
		case s.time.passed(t.Ints[r] + s.gap):
			s.behind = append(s.behind, int32(r))
		default:
			s.timely = append(s.timely, int32(r))
		}
	})
	return left
}

// touches tells whether a row belongs to a session with rows that are kept.
func (s *SessionWindow) touches(b *column.Batch, row int32) bool {
	s.found = s.kept.Lookup(b, s.keys, s.hashes, []int32{row}, s.found)
	key, t := s.found[0], b.Cols[s.at].Ints[row]
	if key == state.Absent {
		return false
	}
	near := s.kept.Ceil(key, state.Bound{Int: t - s.gap})
	return near != state.Absent && s.kept.SortInt(near)-s.gap <= t
}

// keep enters rows, and makes timers where they are the first of their key.
func (s *SessionWindow) keep(b *column.Batch, sel []int32) (err error) {
	if len(sel) == 0 {
		return nil
	}
	if s.ids, err = s.kept.Apply(b, s.all, s.hashes, sel, s.ids); err != nil {
		return err
	}
	s.due = s.due[:0]
	s.room(b.Rows)
	for i, id := range s.ids {
		if s.kept.Prev(id) == state.Absent {
			s.due, s.times[sel[i]] = append(s.due, sel[i]), s.kept.SortInt(id)+s.gap+1
		}
	}
	return s.register(s.env, b, s.keys, s.hashes)
}

// OnTimer gives the rows of sessions that have ended.
func (s *SessionWindow) OnTimer(due *state.Due, out executor.Output) error {
	s.out.out, s.out.err = out, nil
	s.found = s.kept.Lookup(due.Keys, s.keyCols, due.Hashes, nil, s.found)
	s.due = s.due[:0]
	s.room(due.Keys.Rows)
	for i, key := range s.found {
		if key == state.Absent {
			continue
		}
		if id, end := s.end(key, due.Times[i]-1-s.gap, due.UpTo); id != state.Absent {
			s.due, s.times[i] = append(s.due, int32(i)), end+1
		}
	}
	if err := s.out.finish(); err != nil {
		return err
	}
	s.kept.Prune()
	return s.register(s.env, due.Keys, s.keyCols, due.Hashes)
}

// end gives the sessions of a key that the watermark has passed, and the first row behind them
// with the end of its session. The first session reaches to joined at least.
func (s *SessionWindow) end(key int32, joined, watermark int64) (id int32, end int64) {
	id = s.kept.First(key)
	for id != state.Absent {
		last := s.lastOf(key, id, joined)
		if end = s.kept.SortInt(last) + s.gap; end >= watermark {
			return id, end
		}
		id = s.give(id, s.kept.Next(last), end)
	}
	return id, 0
}

// lastOf is the last row of the session that begins with a row.
func (s *SessionWindow) lastOf(key, id int32, joined int64) int32 {
	if s.kept.SortInt(id) < joined {
		id = s.kept.Floor(key, state.Bound{Int: joined})
	}
	for {
		next := s.kept.Next(id)
		if next == state.Absent || s.kept.SortInt(next)-s.kept.SortInt(id) > s.gap {
			return id
		}
		id = next
	}
}

// give gives rows up to another one, which it returns, and forgets them.
func (s *SessionWindow) give(id, to int32, end int64) int32 {
	start := s.kept.SortInt(id)
	width := len(s.layout.Columns)
	for id != to {
		next := s.kept.Next(id)
		for range s.kept.Count(id) {
			one := [1]int32{id}
			for c := range width {
				s.kept.AppendColumn(s.out.batch.Cols[c], c, one[:])
			}
			s.out.batch.Cols[width].AppendInt(start)
			s.out.batch.Cols[width+1].AppendInt(end)
			s.out.row(column.Insert)
		}
		s.kept.Remove(id)
		id = next
	}
	return id
}
