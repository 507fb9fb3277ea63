package op

import (
	"math"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// IntervalJoin keeps the rows of both inputs by key and time. A row looks for the rows of the
// other input that are near, and is kept for those that come. Of a side whose lonely rows are
// given too, each row kept has a word: twice how often it is there, and 1 if it has met one.
type IntervalJoin struct {
	executor.NoTimers
	sideBySide
	time  eventTime
	sides [2]timedSide
}

// timedSide is the rows of one input.
type timedSide struct {
	plan.TimedSide
	// A row at t meets those of the other side from t+lower to t+upper.
	lower, upper int64
	layout       state.OrderedLayout
	counted      bool  // rows have a word
	all          []int // columns
	rows         *state.TimedMap

	by     lateBy
	live   []int32
	late   []int32 // rows of the batch that the watermark has passed
	sel    []int32 // rows of the batch that may meet others
	alone  []int32 // rows that cannot: of no key or no time
	hashes []uint64
	ids    []int32 // of sel, in rows
	found  []int32 // of sel, keys of the other side
	own    []int32 // of each pair, the row of this side
	look   state.Look
}

const (
	onceKept = 2 // in the word of a row
	hasMet   = 1
)

// NewIntervalJoin makes the operator of a plan node over the columns of its inputs.
func NewIntervalJoin(p *plan.IntervalJoin, left, right types.Schema, o expr.Options) (*IntervalJoin, error) {
	lower, upper := micros(p.Lower), micros(p.Upper)
	j := &IntervalJoin{sides: [2]timedSide{newTimedSide(p.Left, left[:p.Width], -upper, -lower), newTimedSide(p.Right, right[:len(p.Out)-p.Width], lower, upper)}}
	for port := range j.sides { // of a window the end alone is kept: many rows may be equal
		s := &j.sides[port]
		if s.layout.Apart = !p.Windows || s.Distinct; p.Windows {
			s.by = windowEnded
		}
	}
	var err error
	j.sideBySide, err = newSideBySide(p.On, p.Width, p.Out, o)
	return j, err
}

func newTimedSide(p plan.TimedSide, in types.Schema, lower, upper int64) timedSide {
	s := timedSide{TimedSide: p, by: timePassed, lower: lower, upper: upper}
	for i, c := range in {
		s.all, s.layout.Columns = append(s.all, i), append(s.layout.Columns, c.Type)
	}
	s.layout.Key, s.layout.Sort = p.Keys, p.Time
	if p.Keep {
		s.count()
	}
	return s
}

// count gives the rows a word: how often a row was there is not known any more when it has gone.
func (s *timedSide) count() { s.counted, s.layout.Init = true, []uint64{0} }

// Open takes up the rows and the watermark of a restore.
func (j *IntervalJoin) Open(env *executor.Env) (err error) {
	j.time.open(env)
	for i, name := range []string{"left", "right"} {
		if j.sides[i].rows, err = env.State.TimedMap(name, j.sides[i].layout, j.span()); err != nil {
			return err
		}
	}
	return j.failingRows.Open(env)
}

// span is for how long a row may meet others.
func (j *IntervalJoin) span() int64 { return j.sides[0].upper - j.sides[0].lower }

// Process keeps the rows and gives those that they meet.
func (j *IntervalJoin) Process(port int, b *column.Batch, out executor.Output) (err error) {
	j.out = out
	mine, other := &j.sides[port], &j.sides[1-port]
	if err := mine.divide(b, &j.time); err != nil {
		return err
	}
	if mine.Keep {
		if err := j.emitAlone(port, b, mine.alone); err != nil {
			return err
		}
	}
	if len(mine.sel) == 0 {
		return nil
	}
	mine.hashes = column.HashColumns(mine.hashes, b, mine.Keys)
	if err := mine.enter(b); err != nil {
		return err
	}
	near := state.Near{Times: b.Cols[mine.Time].Ints, Lower: mine.lower, Upper: mine.upper}
	if err := other.rows.Look(&mine.look, b, mine.Keys, mine.hashes, mine.sel, near); err != nil {
		return err
	}
	mine.found = other.rows.Lookup(b, mine.Keys, mine.hashes, mine.sel, mine.found)
	return j.probe(port, b)
}

// divide sorts the rows of a batch into those that may meet others and those that cannot, and
// leaves the late ones out.
func (s *timedSide) divide(b *column.Batch, time *eventTime) error {
	s.live = liveRows(s.live, b)
	s.sel, s.alone, s.late = s.sel[:0], s.alone[:0], s.late[:0]
	t := b.Cols[s.Time]
	for _, r := range s.live {
		switch {
		case t.Null(int(r)):
			s.alone = append(s.alone, r)
		case time.passed(t.Ints[r]):
			s.late = append(s.late, r)
		case anyNull(b, s.Keys, int(r)):
			s.alone = append(s.alone, r)
		default:
			s.sel = append(s.sel, r)
		}
	}
	return lateTo(s.Late).rows(s.by, time.env, b, s.late, t.Ints, time.at)
}

func anyNull(b *column.Batch, columns []int, r int) bool {
	for _, c := range columns {
		if b.Cols[c].Null(r) {
			return true
		}
	}
	return false
}

// enter keeps the rows that may meet others.
func (s *timedSide) enter(b *column.Batch) (err error) {
	if s.ids, err = s.rows.Apply(b, s.all, s.hashes, s.sel, s.ids); err != nil || !s.counted {
		return err
	}
	for _, id := range s.ids {
		s.rows.Write(id)[0] += onceKept
	}
	return nil
}

// probe walks the pairs of rows of the batch with those that are kept of the other side.
func (j *IntervalJoin) probe(port int, b *column.Batch) error {
	mine, other := &j.sides[port], j.sides[1-port].rows
	times := b.Cols[mine.Time].Ints
	for i, r := range mine.sel {
		key := mine.found[i]
		if key == state.Absent {
			continue
		}
		to := times[r] + mine.upper
		for id := other.Ceil(key, state.Bound{Int: times[r] + mine.lower}); id != state.Absent && other.SortInt(id) <= to; id = other.Next(id) {
			for range other.Count(id) {
				if err := j.meet(port, b, i, id); err != nil {
					return err
				}
			}
		}
	}
	for other.More(&mine.look) {
		if err := j.meetWaiting(port, b); err != nil {
			return err
		}
	}
	return j.give(port, b)
}

// meetWaiting takes the pairs with rows that wait, which are about a batch: where many rows have one key,
// no row waits for them.
func (j *IntervalJoin) meetWaiting(port int, b *column.Batch) error {
	mine := &j.sides[port]
	if len(j.probes) > 0 {
		if err := j.give(port, b); err != nil {
			return err
		}
	}
	for _, i := range mine.look.Probes {
		j.probes = append(j.probes, mine.sel[i])
	}
	j.kept = append(j.kept, mine.look.Rows...)
	if mine.Keep {
		for _, i := range mine.look.Probes {
			mine.own = append(mine.own, mine.ids[i])
		}
	}
	return j.give(port, b)
}

// meet takes the pair of a selected row and a kept one.
func (j *IntervalJoin) meet(port int, b *column.Batch, i int, id int32) error {
	mine := &j.sides[port]
	if mine.Keep {
		mine.own = append(mine.own, mine.ids[i])
	}
	if !j.pair(mine.sel[i], id) {
		return nil
	}
	return j.give(port, b)
}

// give emits the pairs so far.
func (j *IntervalJoin) give(port int, b *column.Batch) error {
	if len(j.probes) == 0 {
		return nil
	}
	mine, other := &j.sides[port], &j.sides[1-port]
	matching, err := j.emitPairs(port, b, &other.rows.Rows)
	if mine.Keep {
		mine.met(mine.own, matching, j.on == nil)
	}
	if other.Keep {
		other.met(j.kept, matching, j.on == nil)
	}
	j.probes, j.kept, mine.own = j.probes[:0], j.kept[:0], mine.own[:0]
	return err
}

// met notes of the rows of pairs that they are not alone.
func (s *timedSide) met(ids, matching []int32, all bool) {
	if !all {
		for _, at := range matching {
			s.note(ids[at])
		}
		return
	}
	for _, id := range ids {
		s.note(id)
	}
}

func (s *timedSide) note(id int32) {
	if s.rows.Acc(id)[0]&hasMet == 0 {
		s.rows.Write(id)[0] |= hasMet
	}
}

// OnWatermark removes the rows for which no partner can come any more, and gives those that
// never met one where they are wanted.
func (j *IntervalJoin) OnWatermark(watermark int64, out executor.Output) error {
	if !j.time.advance(watermark) {
		return nil
	}
	j.out = out
	for port := range j.sides {
		if err := j.expire(port); err != nil {
			return err
		}
	}
	return nil
}

// expire: who comes from now on is in time, and meets rows of this side that are from there on.
func (j *IntervalJoin) expire(port int) (err error) {
	s, from := &j.sides[port], int64(math.MaxInt64)
	if j.time.at != executor.EndWatermark {
		from = j.time.at - s.upper
	}
	for {
		if s.ids, err = s.rows.ExpireBelow(from, s.ids[:0], column.BatchRows); err != nil {
			return err
		}
		if s.Keep {
			err = j.giveLonely(port, s)
		}
		if err != nil || len(s.ids) < column.BatchRows {
			s.rows.Prune()
			return err
		}
	}
}

// giveLonely gives those of the rows that have gone which met none.
func (j *IntervalJoin) giveLonely(port int, s *timedSide) error {
	s.own = s.own[:0]
	for _, id := range s.ids {
		for w := s.rows.Acc(id)[0]; w&hasMet == 0 && w >= onceKept; w -= onceKept {
			if s.own = append(s.own, id); len(s.own) < column.BatchRows {
				continue
			}
			if err := j.emitKeptAlone(port, &s.rows.Rows, s.own); err != nil {
				return err
			}
			s.own = s.own[:0]
		}
	}
	err := j.emitKeptAlone(port, &s.rows.Rows, s.own)
	s.own = s.own[:0]
	return err
}

// Flush has nothing to emit: pairs leave as they are found.
func (j *IntervalJoin) Flush(executor.Output) error { return nil }

// Close implements executor.Operator.
func (j *IntervalJoin) Close() error { return nil }
