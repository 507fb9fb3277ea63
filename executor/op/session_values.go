package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// sessionValues gives the results of aggregates for which values are kept beside a group. Those of two sessions cannot be made those
// of one, so the rows of sessions are kept, and one that is to be given is computed from them, in the order of their times.
type sessionValues struct {
	rows    sessionRows
	given   givenSessions
	results *givenResults
	accs    *accumulators
	groups  keyed // by the number of a session
	layout  state.Layout
	store   *state.Store

	in      *column.Batch // as the input, with the number of the session behind it
	table   *state.Table  // of one call
	beside  *beside
	chosen  []int32 // rows that stand for those of in
	numbers []int32
	taken   []int32 // of sessions that are given
}

// resultsWord is the word of what was given that its results are under.
const resultsWord = changedWord

// newSessionsOfRows makes the operator that gives aggregates so.
func newSessionsOfRows(p *updatedSessions, before bool) (*SessionUpdates, error) {
	values, err := newSessionValues(p)
	if err != nil {
		return nil, err
	}
	p.aggs = nil
	u, err := newSessionUpdates(p)
	if err != nil {
		return nil, err
	}
	values.given = givenSessions{layout: u.layout, before: before}
	values.given.layout.Refs = []int{resultsWord - state.OwnWords}
	u.form = values
	return u, nil
}

func newSessionValues(p *updatedSessions) (*sessionValues, error) {
	accs, err := newAccumulators(p.aggs, p.in, 0)
	if err != nil {
		return nil, err
	}
	number := []int{len(p.in)}
	numbered := append(slices.Clone(p.in), types.Column{Type: types.Of(types.BigInt)})
	accs.layBeside(number, numbered, false)
	return &sessionValues{rows: newSessionRows(p.reads(), p.keys, p.window.Time, p.in), accs: accs, results: newGivenResults(accs, p.out),
		groups: keyed{keys: number, init: accs.init}, in: column.NewBatch(numbered),
		layout: state.Layout{Keys: keyTypes(numbered, number), Words: accs.words, Refs: accs.refs}}, nil
}

// reads are the columns that rows are kept with: the keys, the time, and what aggregates read, in their order.
func (p *updatedSessions) reads() (cols []int) {
	all := append(slices.Clone(p.keys), p.window.Time)
	for _, a := range p.aggs {
		all = append(append(all, a.Args()...), a.Filter)
		for _, k := range a.Order {
			all = append(all, k.Column)
		}
	}
	for _, c := range all {
		if c >= 0 && !slices.Contains(cols, c) {
			cols = append(cols, c)
		}
	}
	return cols
}

func (s *sessionValues) open(env *executor.Env) error {
	s.store, s.accs.faults.env = env.State, env
	if err := s.given.open(env); err != nil {
		return err
	}
	return s.rows.open(env.State)
}

func (s *sessionValues) keep(b *column.Batch, hashes []uint64, rows []int32) error {
	return s.rows.keep(b, hashes, rows)
}

func (s *sessionValues) find(keys *column.Batch, cols []int, hashes []uint64) {
	s.given.find(keys, cols, hashes)
	s.rows.find(keys, cols, hashes)
}

// forget implements sessionForm.
func (s *sessionValues) forget(n int, below int64) {
	s.given.forget(n, below)
	s.rows.forget(n, below)
}

func (s *sessionValues) prune() {
	s.given.prune()
	s.rows.prune()
}

// give implements sessionForm. A session whose bounds and results are those that were given is not given again.
func (s *sessionValues) give(u *SessionUpdates, out executor.Output) error {
	s.find(u.named, u.keyCols(), u.hashesOf)
	if err := s.compute(u); err != nil {
		return err
	}
	u.out.begin(out, nil)
	s.taken, s.given.former = s.taken[:0], s.given.former[:0]
	for i, id := range u.changed {
		if err := s.replace(u, i, id); err != nil {
			return err
		}
	}
	if err := u.out.finish(); err != nil {
		return err
	}
	return s.note(u)
}

// compute reads the results of the changed sessions from their rows.
func (s *sessionValues) compute(u *SessionUpdates) (err error) {
	scratch := s.store.Scratch()
	defer scratch.Close()
	s.table = scratch.Table("", s.layout)
	if s.beside, err = s.accs.openBeside(scratch, ""); err != nil {
		return err
	}
	s.numbers = s.numbers[:0]
	for i, id := range u.changed {
		s.numbers = append(s.numbers, int32(i)) // those of rows of the table too, as they come in this order
		if err := s.enterSession(i, u.sessions.Table().Acc(id)); err != nil {
			return err
		}
	}
	if err := s.enter(); err != nil {
		return err
	}
	s.results.read(s.table, s.beside, s.numbers)
	return nil
}

// enterSession enters the rows of the nth of the changed sessions.
func (s *sessionValues) enterSession(n int, session []uint64) error {
	number := s.in.Cols[len(s.in.Cols)-1]
	for _, row := range s.rows.of(n, session) {
		for range s.rows.kept.Count(row) {
			s.chosen = append(s.chosen, row)
			number.AppendInt(int64(n))
			if len(s.chosen) < column.BatchRows {
				continue
			}
			if err := s.enter(); err != nil {
				return err
			}
		}
	}
	return nil
}

// enter takes the chosen rows into the accumulators of their sessions.
func (s *sessionValues) enter() error {
	if len(s.chosen) == 0 {
		return nil
	}
	for i, c := range s.rows.cols {
		s.rows.kept.AppendColumn(s.in.Cols[c], i, s.chosen)
	}
	s.in.Rows = len(s.chosen)
	if err := s.groups.find(s.table, s.in, nil); err != nil {
		return err
	}
	if err := s.accs.enter(s.beside, s.table, &s.groups, s.in, nil); err != nil {
		return err
	}
	err := s.accs.update(s.table, s.groups.ids, s.in, nil)
	s.in.Reset()
	s.chosen = s.chosen[:0]
	return err
}

// replace emits the nth of the changed sessions, in front of it all that was given and lies in it.
func (s *sessionValues) replace(u *SessionUpdates, n int, id int32) error {
	session, kind, back := u.sessions.Table().Acc(id), column.Insert, column.Delete
	if s.given.lying(n, session) {
		if s.results.same(s.resultsOf(s.given.lie[0]), n) {
			return nil
		}
		kind, back = column.UpdateAfter, column.UpdateBefore
	}
	if kind == column.Insert || s.given.before {
		for _, old := range s.given.lie {
			if err := s.results.appendGiven(sessionResults(u, s.given.given, old), s.resultsOf(old)); err != nil {
				return err
			}
			u.out.emitter.row(back)
		}
	}
	s.results.append(sessionResults(u, u.sessions, id), n)
	u.out.emitter.row(kind)
	s.given.former = append(s.given.former, s.given.lie...)
	s.taken = append(s.taken, int32(n))
	return nil
}

// resultsOf is what was given of a session, valid until the next change.
func (s *sessionValues) resultsOf(id int32) []byte {
	return s.given.given.Bytes(s.given.given.Table().Acc(id)[resultsWord])
}

// sessionResults appends the keys and bounds of a session, and gives the columns of its results.
func sessionResults(u *SessionUpdates, m *state.OrderedMap, id int32) []*column.Vector {
	cols, keys := u.out.batch.Cols, len(u.keys)
	for i := range keys {
		m.AppendCell(cols[i], i, id)
	}
	w := m.Table().Acc(id)
	cols[keys].AppendInt(int64(w[sessionFirst]))
	cols[keys+1].AppendInt(int64(w[sessionLast]) + u.gap)
	return cols[keys+windowBounds:]
}

// note keeps what was given.
func (s *sessionValues) note(u *SessionUpdates) error {
	if len(s.taken) == 0 {
		return nil
	}
	if err := s.given.renew(u, s.taken); err != nil {
		return err
	}
	for i, n := range s.taken {
		w := s.given.given.Table().Write(s.given.ids[i])
		copy(boundWords(w), boundWords(u.sessions.Table().Acc(u.changed[n])))
		ref, err := s.given.given.Put(w[resultsWord], s.results.text(int(n)))
		if err != nil {
			return err
		}
		w[resultsWord] = ref
	}
	return nil
}
