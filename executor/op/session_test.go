package op

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// heldSession is a session as the plain computation has it.
type heldSession struct {
	first, last int64
	rows        []executortest.Tuple
}

// heldSessions are the sessions of each key, by a plain computation: lists that are searched
// from end to end.
type heldSessions struct {
	gap int64
	// They are kept on for so long behind their end.
	lateness int64
	keys     []int
	aggs     []plan.Agg // countSumMost if nil
	of       map[string][]*heldSession
	late     int64
	want     []string
	ended    []*heldSession // those of want
}

// take enters the rows of a batch: those that touch one another do so whatever their order.
func (h *heldSessions) take(rows []executortest.Tuple, watermark int64) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r executortest.Tuple) bool { return r[1] == nil })
	slices.SortStableFunc(rows, func(a, b executortest.Tuple) int { return cmp.Compare(a[1].(int64), b[1].(int64)) })
	batch := map[string][]*heldSession{}
	for _, row := range rows {
		key, t := h.key(row), row[1].(int64)
		if list := batch[key]; len(list) > 0 && t-list[len(list)-1].last <= h.gap {
			one := list[len(list)-1]
			one.last, one.rows = t, append(one.rows, row)
			continue
		}
		batch[key] = append(batch[key], &heldSession{t, t, []executortest.Tuple{row}})
	}
	for key, list := range batch {
		for _, one := range list {
			h.enter(key, one, watermark)
		}
	}
}

func (h *heldSessions) key(row executortest.Tuple) string {
	var key executortest.Tuple
	for _, k := range h.keys {
		key = append(key, row[k])
	}
	return key.String()
}

func (h *heldSessions) enter(key string, one *heldSession, watermark int64) {
	touched := false
	h.of[key] = slices.DeleteFunc(h.of[key], func(s *heldSession) bool {
		if s.first-h.gap > one.last || s.last+h.gap < one.first {
			return false
		}
		one.first, one.last, one.rows = min(s.first, one.first), max(s.last, one.last), append(s.rows, one.rows...)
		touched = true
		return true
	})
	if !touched && one.last+h.gap+h.lateness < watermark {
		h.late += int64(len(one.rows))
		return
	}
	h.of[key] = append(h.of[key], one)
}

// mark gives the sessions that no row can belong to any more.
func (h *heldSessions) mark(watermark int64) {
	for key, list := range h.of {
		h.of[key] = slices.DeleteFunc(list, func(s *heldSession) bool {
			if s.last+h.gap+h.lateness >= watermark {
				return false
			}
			h.want, h.ended = append(h.want, "+I "+h.line(s)), append(h.ended, s)
			return true
		})
	}
}

func (h *heldSessions) line(s *heldSession) string {
	var out executortest.Tuple
	for _, k := range h.keys {
		out = append(out, s.rows[0][k])
	}
	aggs := h.aggs
	if aggs == nil {
		aggs = countSumMost
	}
	return append(append(out, s.first, s.last+h.gap), resultsOf(s.rows, aggs)...).String()
}

func sessionPlan(keys []int, gap time.Duration, aggs []plan.Agg) *plan.SessionAggregate {
	bound := types.NewTimestamp(6)
	p := &plan.SessionAggregate{Keys: keys, Window: plan.Window{Kind: plan.Session, Time: 1, Size: gap, Slide: gap}}
	p.Aggs = aggs
	for _, k := range keys {
		p.Out = append(p.Out, timedIn[k])
	}
	p.Out = append(p.Out, types.Column{Name: "s", Type: bound}, types.Column{Name: "e", Type: bound})
	for _, a := range p.Aggs {
		p.Out = append(p.Out, types.Column{Name: string(a.Kind), Type: a.Typ})
	}
	return p
}

// TestSessions: what comes out is what the plain computation gives, whatever the order of the
// rows, also over restores; late rows are counted: input = given + late; behind the last
// session there is no state.
func TestSessions(t *testing.T) {
	for _, keys := range [][]int{{0}, {2, 0}, {}} {
		for _, gap := range []time.Duration{time.Second, 3 * time.Second, 500 * time.Millisecond} {
			t.Run(fmt.Sprint(keys, gap), func(t *testing.T) { checkSessions(t, sessionPlan(keys, gap, countSumMost)) })
		}
	}
}

func checkSessions(t *testing.T, p *plan.SessionAggregate) {
	d := &timedRun{t: t, r: executortest.Random(t), hash: p.Keys, times: []int{len(p.Keys) + 1}, watermark: executor.NoWatermark, passed: executor.NoWatermark}
	d.new = func() (executor.Operator, error) { return NewSessionAggregate(p, timedIn) }
	d.late = func(int, int64) bool { return false }
	h := &heldSessions{gap: micros(p.Window.Size), keys: p.Keys, of: map[string][]*heldSession{}}
	d.start(nil)
	mark := func(w int64) {
		if w > d.watermark {
			h.mark(w)
		}
		d.mark(w)
	}
	for step := range int64(80) {
		var rows []executortest.Tuple
		for range d.r.IntN(6) {
			rows = append(rows, timedRow(d.r, step*timedStep))
		}
		h.take(rows, d.watermark)
		d.send(0, rows)
		switch d.r.IntN(6) {
		case 0, 1, 2:
			mark((step-int64(d.r.IntN(6)))*timedStep - d.r.Int64N(2))
		case 3:
			d.restore()
		}
	}
	mark(1000 * timedStep)
	left := 0
	for _, s := range d.tasks {
		left += s.store.Rows()
	}
	mark(executor.EndWatermark)
	if left != 0 {
		t.Errorf("%d rows of state are left", left)
	}
	for _, s := range d.tasks {
		d.count(s)
		d.must(s.op.Close())
	}
	d.lateRows += h.late
	d.compare(h.want)
}

// TestSessionsOfBatch: rows that are in time give the sessions that a sort gives of all of them.
func TestSessionsOfBatch(t *testing.T) {
	p := sessionPlan([]int{0}, 2*time.Second, countSumMost)
	d := &timedRun{t: t, r: executortest.Random(t), hash: p.Keys, watermark: executor.NoWatermark, passed: executor.NoWatermark}
	d.new = func() (executor.Operator, error) { return NewSessionAggregate(p, timedIn) }
	d.late = func(int, int64) bool { return false }
	d.start(nil)
	var all []executortest.Tuple
	for step := range int64(60) {
		var rows []executortest.Tuple
		for range d.r.IntN(5) {
			rows = append(rows, timedRow(d.r, step*timedStep))
		}
		all = append(all, rows...)
		d.send(0, rows)
		if d.r.IntN(2) == 0 {
			d.mark((step - 3) * timedStep) // no row comes before that any more
		}
		if d.r.IntN(5) == 0 {
			d.restore()
		}
	}
	d.mark(executor.EndWatermark)
	h := &heldSessions{gap: micros(p.Window.Size), keys: p.Keys, of: map[string][]*heldSession{}}
	h.take(all, executor.NoWatermark)
	h.mark(executor.EndWatermark)
	d.compare(h.want)
}

// TestSessionRows: each row that is in time is given once, with the session that a sort gives,
// when that has ended, also over restores; behind the last one there is no state.
func TestSessionRows(t *testing.T) {
	for _, keys := range [][]int{{0}, {2, 0}, {}} {
		t.Run(fmt.Sprint(keys), func(t *testing.T) {
			gap := 2 * time.Second
			bound := types.NewTimestamp(6)
			p := &plan.SessionWindow{Keys: keys, Window: plan.Window{Kind: plan.Session, Time: 1, Size: gap, Slide: gap},
				Out: append(slices.Clone(timedIn), types.Column{Name: "s", Type: bound}, types.Column{Name: "e", Type: bound})}
			d := &timedRun{t: t, r: executortest.Random(t), hash: keys, times: []int{4}, watermark: executor.NoWatermark, passed: executor.NoWatermark}
			d.new = func() (executor.Operator, error) { return NewSessionWindow(p, timedIn), nil }
			d.late = func(int, int64) bool { return false }
			d.start(nil)
			h := &heldSessions{gap: micros(gap), keys: keys, of: map[string][]*heldSession{}}
			var all []executortest.Tuple
			for step := range int64(80) {
				var rows []executortest.Tuple
				for range d.r.IntN(4) {
					rows = append(rows, timedRow(d.r, step*timedStep))
				}
				all = append(all, rows...)
				d.send(0, rows)
				switch d.r.IntN(5) {
				case 0, 1:
					d.mark((step - 3) * timedStep) // no row comes before that any more
				case 2:
					d.restore()
				}
			}
			d.mark(1000 * timedStep)
			for _, s := range d.tasks {
				if n := s.store.Rows(); n != 0 {
					t.Errorf("%d rows of state are left", n)
				}
			}
			h.take(all, executor.NoWatermark)
			var want []string
			for _, list := range h.of {
				for _, s := range list {
					for _, row := range s.rows {
						want = append(want, "+I "+append(slices.Clone(row), s.first, s.last+h.gap).String())
					}
				}
			}
			d.compare(want)
		})
	}
}

// TestLateSessionRows: a row whose own session has ended is late, unless it belongs to one that
// goes on.
func TestLateSessionRows(t *testing.T) {
	gap, bound := 2*time.Second, types.NewTimestamp(6)
	p := &plan.SessionWindow{Keys: []int{0}, Window: plan.Window{Kind: plan.Session, Time: 1, Size: gap, Slide: gap},
		Out: append(slices.Clone(timedIn), types.Column{Name: "s", Type: bound}, types.Column{Name: "e", Type: bound})}
	d := &timedRun{t: t, r: executortest.Random(t), hash: []int{0}, watermark: executor.NoWatermark, passed: executor.NoWatermark}
	d.new = func() (executor.Operator, error) { return NewSessionWindow(p, timedIn), nil }
	d.late = func(int, int64) bool { return false }
	d.start(nil)
	row := func(k string, seconds int64) executortest.Tuple {
		return executortest.Tuple{k, seconds * timedStep, seconds}
	}
	d.send(0, []executortest.Tuple{row("k1", 10), row("k1", 12), row("k1", 14), row("k2", 14)})
	d.mark(15 * timedStep)
	d.send(0, []executortest.Tuple{row("k1", 11), row("k2", 11), row("k1", 7), row("k1", 8)})
	d.mark(100 * timedStep)
	d.lateRows = 2
	for _, s := range d.tasks {
		d.count(s)
	}
	first := int64(8)
	var want []string
	for _, at := range []int64{10, 12, 14, 11, 8} {
		want = append(want, "+I "+append(row("k1", at), first*timedStep, 16*timedStep).String())
	}
	d.compare(append(want, "+I "+append(row("k2", 14), 14*timedStep, 16*timedStep).String()))
}

// TestSessionsAllocateNothing per row, whose sessions are there already.
func TestSessionsAllocateNothing(t *testing.T) {
	p := sessionPlan([]int{0}, time.Second, countSumMost)
	a, err := NewSessionAggregate(p, timedIn)
	if err != nil {
		t.Fatal(err)
	}
	e := env(store())
	e.Timers = state.NewTimers(e.State)
	if err := a.Open(e); err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(timedIn)
	for i := range int64(column.BatchRows) {
		b.Cols[0].AppendBytes(fmt.Appendf(nil, "k%d", i%100))
		b.Cols[1].AppendInt(i)
		b.Cols[2].AppendInt(i)
		b.Rows++
	}
	n := testing.AllocsPerRun(50, func() {
		if err := a.Process(0, b, nil); err != nil {
			t.Fatal(err)
		}
	})
	if n > 2 { // a batch, not its rows
		t.Errorf("%v allocations per batch of %d rows", n, b.Rows)
	}
}
