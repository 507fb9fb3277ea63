package op

import (
	"encoding/binary"
	"slices"
	"strconv"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// SetOp keeps of each row how often it is in either input. A state row has three words of its
// own: the count of the left input, that of the right one, and when it was last touched
// (milliseconds). Rows that belong to windows have a table for each end of one.
type SetOp struct {
	executor.NoTimers
	keyed
	times func(left, right int64) int64 // how often a row is given
	final bool
	time  int // column of the window's end, -1: none
	late  [2]lateTo
	idle
	layout    state.Layout
	env       *executor.Env
	table     *state.Table // of rows without windows
	ends      []int64      // of the windows there are, sorted
	watermark int64
	sels      map[int64][]int32 // rows of a batch by the end of their window
	passed    []int32           // rows of a batch that are late
	changed   []int32           // rows of the table that the batch has met
	before    []int64           // how often each of them was given
	out       *column.Batch
}

const (
	leftCount = iota
	rightCount
	setTouch
	setWords
)

// givenTimes says for each kind how often a row is given that is so often in the inputs.
var givenTimes = map[plan.SetOpKind]func(left, right int64) int64{
	plan.IntersectAll: func(l, r int64) int64 { return max(0, min(l, r)) },
	plan.Intersect:    func(l, r int64) int64 { return max(0, min(l, r, 1)) },
	plan.ExceptAll:    func(l, r int64) int64 { return max(0, l-max(0, r)) },
	plan.Except: func(l, r int64) int64 {
		if r > 0 {
			return 0
		}
		return max(0, min(l, 1))
	},
}

// NewSetOp makes the operator of a plan node.
func NewSetOp(p *plan.SetOp) *SetOp {
	s := &SetOp{
		keyed: keyed{keys: plan.SamePlaces(len(p.Out)), init: make([]uint64, setWords)}, times: givenTimes[p.Kind],
		final: p.Final, time: p.Time, late: [2]lateTo{p.LeftLate, p.RightLate}, idle: newIdle(p.TTL), out: column.NewBatch(p.Out), sels: map[int64][]int32{},
		watermark: executor.NoWatermark,
	}
	s.layout = state.Layout{Keys: keyTypes(p.Out, s.keys), Words: setWords}
	return s
}

// Open implements executor.Operator.
func (s *SetOp) Open(env *executor.Env) error {
	s.env = env
	if s.time < 0 {
		s.table = env.State.Table("rows", s.layout)
		return env.State.Fits(s.layout)
	}
	for _, v := range env.State.Former(watermarkValue) {
		if len(v) == 8 {
			s.watermark = max(s.watermark, int64(binary.LittleEndian.Uint64(v)))
		}
	}
	s.keepWatermark()
	for _, name := range env.State.Tables() {
		if end, err := strconv.ParseInt(name, 10, 64); err == nil {
			s.ends = append(s.ends, end)
		}
	}
	slices.Sort(s.ends)
	return env.State.Fits(s.layout)
}

// Process counts the rows of a batch, and gives what it changes where nothing is awaited.
func (s *SetOp) Process(port int, b *column.Batch, out executor.Output) error {
	if s.time >= 0 {
		return s.byWindow(port, b)
	}
	if err := s.find(s.table, b, b.Sel); err != nil {
		return err
	}
	s.collect()
	s.count(s.table, port, b, b.Sel)
	if s.final {
		s.forget(s.table)
		return nil
	}
	err := s.emitChanges(out)
	s.forget(s.table)
	return err
}

// collect lists the rows of the table that the batch has met, and how often each was given.
func (s *SetOp) collect() {
	s.begin()
	s.changed, s.before = s.changed[:0], s.before[:0]
	for _, id := range s.ids {
		if s.meet(id) {
			s.changed = append(s.changed, id)
			s.before = append(s.before, s.given(s.table, id))
		}
	}
}

func (s *SetOp) given(t *state.Table, id int32) int64 {
	w := t.Acc(id)
	return s.times(int64(w[leftCount]), int64(w[rightCount]))
}

// count enters the rows that find or enter has found.
func (s *SetOp) count(t *state.Table, port int, b *column.Batch, sel []int32) {
	now := s.stamp()
	for i, id := range s.ids {
		w := t.Write(id)
		w[leftCount+port] += uint64(sign(b, rowAt(sel, i)))
		w[setTouch] = now
	}
}

// emitChanges gives each row that the batch has met as often as it is there more often now, or
// takes it back as often as it is there less often.
func (s *SetOp) emitChanges(out executor.Output) error {
	e := emitter{batch: s.out, out: out, kinds: true}
	for i, id := range s.changed {
		more := s.given(s.table, id) - s.before[i]
		s.emit(&e, s.table, id, more, column.Insert)
		s.emit(&e, s.table, id, -more, column.Delete)
	}
	return e.finish()
}

func (s *SetOp) emit(e *emitter, t *state.Table, id int32, times int64, k column.RowKind) {
	for ; times > 0 && e.err == nil; times-- {
		for i := range s.keys {
			t.AppendKey(s.out.Cols[i], id, i)
		}
		e.row(k)
	}
}

// forget deletes the rows of the batch that are in neither input any more.
func (s *SetOp) forget(t *state.Table) {
	for _, id := range s.changed {
		if w := t.Acc(id); w[leftCount] == 0 && w[rightCount] == 0 {
			t.Delete(id)
		}
	}
}

// byWindow counts rows in the tables of their windows; those of one that has ended are late.
func (s *SetOp) byWindow(port int, b *column.Batch) error {
	clear(s.sels)
	s.passed = s.passed[:0]
	var left leftOut
	end := b.Cols[s.time]
	b.Each(func(r int) {
		switch at := end.Ints[r]; {
		case end.Null(r):
			left.timeless++
		case at <= s.watermark:
			s.passed = append(s.passed, int32(r))
		default:
			s.sels[at] = append(s.sels[at], int32(r))
		}
	})
	left.tell(s.env, s.watermark)
	if err := s.late[port].rows(windowEnded, s.env, b, s.passed, end.Ints, s.watermark); err != nil {
		return err
	}
	s.hash(b)
	for at, sel := range s.sels {
		t := s.window(at)
		if err := s.enter(t, b, sel); err != nil {
			return err
		}
		s.count(t, port, b, sel)
	}
	return nil
}

func (s *SetOp) window(end int64) *state.Table {
	if i, ok := slices.BinarySearch(s.ends, end); !ok {
		s.ends = slices.Insert(s.ends, i, end)
	}
	return s.env.State.Table(strconv.FormatInt(end, 10), s.layout)
}

// OnWatermark gives the rows of the windows that have ended, oldest first; at the end of bounded
// inputs all rows.
func (s *SetOp) OnWatermark(watermark int64, out executor.Output) error {
	e := emitter{batch: s.out, out: out}
	switch {
	case s.final && watermark == executor.EndWatermark:
		s.emitAll(&e, s.table)
		s.table = emptied(s.env.State, "rows", s.layout)
	case s.time >= 0 && watermark > s.watermark:
		for len(s.ends) > 0 && s.ends[0] <= watermark {
			s.emitAll(&e, s.window(s.ends[0]))
			s.env.State.Drop(strconv.FormatInt(s.ends[0], 10))
			s.ends = s.ends[1:]
		}
		s.watermark = watermark
		s.keepWatermark()
	}
	return e.finish()
}

func (s *SetOp) keepWatermark() {
	s.env.State.SetValue(watermarkValue, binary.LittleEndian.AppendUint64(nil, uint64(s.watermark)))
}

func (s *SetOp) emitAll(e *emitter, t *state.Table) {
	t.EachRow(func(id int32) { s.emit(e, t, id, s.given(t, id), column.Insert) })
}

// Flush forgets idle rows now and then; it comes at least with every barrier.
func (s *SetOp) Flush(executor.Output) error {
	if s.table == nil {
		return nil
	}
	oldest, sweep := s.sweepDue()
	if !sweep {
		return nil
	}
	s.table.EachRow(func(id int32) {
		if s.table.Acc(id)[setTouch] < oldest {
			s.table.Delete(id)
		}
	})
	return nil
}

// Close implements executor.Operator.
func (s *SetOp) Close() error { return nil }
