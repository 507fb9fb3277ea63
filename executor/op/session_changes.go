package op

import (
	"cmp"
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// SessionChanges keeps rows by key and time, and with each of them the bounds that it was given
// with. A batch first leaves its mark on the rows; then the sessions near the times that it has
// changed are gone through, and rows whose bounds are not those that they were given with are taken
// back and given again. So a row that comes or goes costs as much as its session is long.
type SessionChanges struct {
	executor.NoTimers
	boundRows
	keys   []int
	at     int // time column
	gap    int64
	layout state.OrderedLayout
	env    *executor.Env
	idle   expiry

	all        []int // columns
	hashes     []uint64
	back, here []int32 // rows of the batch that are taken back, and given
	missing    []int32 // of those taken back that were given by the batch itself
	ids        []int32
	touched    []int32 // rows of the batch that have a time
	times      []touchedTime
}

// touchedTime is a time of a key at which rows have come or gone.
type touchedTime struct {
	key int32
	at  int64
}

// NewSessionChanges makes the operator of a plan node over an input schema.
func NewSessionChanges(p *plan.SessionChanges, in types.Schema) *SessionChanges {
	s := &SessionChanges{boundRows: newBoundRows(p.Out), keys: p.Keys, at: p.Window.Time, gap: micros(p.Window.Size), idle: expiry{newIdle(p.TTL)}}
	for i, c := range in {
		s.all, s.layout.Columns = append(s.all, i), append(s.layout.Columns, c.Type)
	}
	s.layout.Key, s.layout.Sort, s.layout.Init = p.Keys, p.Window.Time, make([]uint64, givenEnd+1)
	return s
}

// Open takes up the rows of a restore.
func (s *SessionChanges) Open(env *executor.Env) (err error) {
	s.env = env
	s.kept, err = env.State.OrderedMap("rows", s.layout)
	return err
}

// Process enters the rows, and gives what changes by that: all that is taken back before what is given.
func (s *SessionChanges) Process(_ int, b *column.Batch, out executor.Output) error {
	s.out.out, s.out.err = out, nil
	if s.divide(b); len(s.touched) == 0 {
		return nil
	}
	s.hashes = column.HashColumns(s.hashes, b, s.keys)
	if err := s.enter(b); err != nil {
		return err
	}
	s.touch(b)
	s.giveAll()
	s.kept.Prune()
	return s.out.finish()
}

// divide sorts the rows into those that are given and those that are taken back.
func (s *SessionChanges) divide(b *column.Batch) {
	s.back, s.here, s.touched = s.back[:0], s.here[:0], s.touched[:0]
	var left leftOut
	t := b.Cols[s.at]
	b.Each(func(r int) {
		retracts := b.Kind(r).Retracts()
		switch {
		case t.Null(r):
			if !retracts {
				left.timeless++
			}
			return
		case retracts:
			s.back = append(s.back, int32(r))
		default:
			s.here = append(s.here, int32(r))
		}
		s.touched = append(s.touched, int32(r))
	})
	left.tell(s.env, executor.NoWatermark)
}

// enter takes rows back before it takes those that come; what only the batch itself gives is taken
// back behind that.
func (s *SessionChanges) enter(b *column.Batch) error {
	if err := s.takeBack(b, s.back); err != nil {
		return err
	}
	if len(s.here) > 0 {
		var err error
		if s.ids, err = s.kept.Apply(b, s.all, s.hashes, s.here, s.ids); err != nil {
			return err
		}
	}
	return s.takeBack(b, s.missing)
}

// takeBack takes rows back, and puts those that are not there into missing.
func (s *SessionChanges) takeBack(b *column.Batch, sel []int32) (err error) {
	if len(sel) == 0 {
		s.missing = s.missing[:0]
		return nil
	}
	if s.ids, err = s.kept.Apply(b, s.all, s.hashes, sel, s.ids); err != nil {
		return err
	}
	n := 0
	for i, id := range s.ids {
		if id == state.Absent {
			sel[n] = sel[i]
			n++
			continue
		}
		if s.copies(id) > s.kept.Count(id) {
			s.retract(id, 1)
		}
	}
	s.missing = append(s.missing[:0], sel[:n]...)
	return nil
}

// touch goes through the sessions that a batch may have changed, in their order, each once.
func (s *SessionChanges) touch(b *column.Batch) {
	s.ids = s.kept.Lookup(b, s.keys, s.hashes, s.touched, s.ids)
	s.times = s.times[:0]
	for i, key := range s.ids {
		if key != state.Absent {
			s.times = append(s.times, touchedTime{key, b.Cols[s.at].Ints[s.touched[i]]})
		}
	}
	slices.SortFunc(s.times, func(a, b touchedTime) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	s.given = s.given[:0]
	last := state.Absent // row up to which a key is done
	for i, t := range s.times {
		if i == 0 || s.times[i-1].key != t.key {
			last = state.Absent
		}
		last = s.near(t, last)
	}
}

// near goes through the sessions that have rows at most the gap before or after a time, from the
// first one behind a row on, and gives their last row.
func (s *SessionChanges) near(t touchedTime, done int32) int32 {
	id := s.kept.Ceil(t.key, state.Bound{Int: t.at - s.gap})
	if done != state.Absent && id != state.Absent && s.kept.SortInt(id) <= s.kept.SortInt(done) {
		id = s.kept.Next(done)
	}
	for id != state.Absent && s.kept.SortInt(id)-s.gap <= t.at {
		done = s.session(id)
		id = s.kept.Next(done)
	}
	return done
}

// session goes through the session of a row, and gives its last row.
func (s *SessionChanges) session(id int32) (last int32) {
	first := id
	for prev := s.kept.Prev(first); prev != state.Absent && s.kept.SortInt(first)-s.kept.SortInt(prev) <= s.gap; prev = s.kept.Prev(first) {
		first = prev
	}
	last = id
	for next := s.kept.Next(last); next != state.Absent && s.kept.SortInt(next)-s.kept.SortInt(last) <= s.gap; next = s.kept.Next(last) {
		last = next
	}
	start, end, now := s.kept.SortInt(first), s.kept.SortInt(last)+s.gap, s.idle.stamp()
	for id = first; ; id = s.kept.Next(id) {
		s.bound(id, uint64(start), uint64(end), now)
		if id == last {
			return last
		}
	}
}

// OnWatermark has nothing to emit: rows go out as they come.
func (s *SessionChanges) OnWatermark(int64, executor.Output) error { return nil }

// Flush forgets idle sessions now and then; it comes at least with every barrier.
func (s *SessionChanges) Flush(executor.Output) error {
	s.idle.sweep(&s.kept.Rows)
	return nil
}

// Close implements executor.Operator.
func (s *SessionChanges) Close() error { return nil }
