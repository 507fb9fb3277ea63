package op

import (
	"fmt"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// TestSessionUpdates: applied, what comes out is the sessions of the rows that were not late; what
// is taken back is what was given; a session that has ended is as it should be at every moment, and
// all are at every tick of the clock; behind the last one there is no state. Over restores.
func TestSessionUpdates(t *testing.T) {
	for _, keys := range [][]int{{0}, {2, 0}, {}} {
		for _, lateness := range []time.Duration{0, 4 * time.Second} {
			for _, every := range []time.Duration{0, time.Second} {
				for _, before := range []bool{true, false} {
					for name, aggs := range map[string][]plan.Agg{"": countSumMost, "values ": ofValues, "different ": ofDifferent} {
						t.Run(fmt.Sprint(name, keys, lateness, every, before), func(t *testing.T) {
							p := sessionPlan(keys, time.Second, aggs)
							checkSessionUpdates(t, &plan.SessionUpdates{Keys: keys, Window: p.Window, Aggs: p.Aggs, Out: p.Out, Lateness: lateness, Every: every, EmitBefore: before,
								Rows: name != ""})
						})
					}
				}
			}
		}
	}
}

// sessionsRun holds what the sessions are, and what was given of them.
type sessionsRun struct {
	*timedRun
	p     *plan.SessionUpdates
	held  *heldSessions
	given map[string]bool // lines, applied
	clock int64
	check func(all bool) // apply
}

func checkSessionUpdates(t *testing.T, p *plan.SessionUpdates) {
	held := &heldSessions{gap: micros(p.Window.Size), lateness: micros(p.Lateness), keys: p.Keys, aggs: p.Aggs, of: map[string][]*heldSession{}}
	d := &sessionsRun{p: p, given: map[string]bool{}, held: held,
		timedRun: &timedRun{t: t, r: executortest.Random(t), hash: p.Keys, watermark: executor.NoWatermark, passed: executor.NoWatermark}}
	d.new = func() (executor.Operator, error) {
		u, err := NewSessionUpdates(p, timedIn)
		u.now = func() time.Time { return time.UnixMicro(d.clock) }
		return u, err
	}
	d.late = func(int, int64) bool { return false }
	d.check = d.apply
	d.start(nil)
	d.steps(100)
	d.end()
}

// steps sends rows, watermarks and ticks of the clock, and restores, at random.
func (d *sessionsRun) steps(n int64) {
	for step := range n {
		var rows []executortest.Tuple
		for range d.r.IntN(6) {
			rows = append(rows, timedRow(d.r, step*timedStep))
		}
		d.held.take(rows, d.watermark)
		d.send(0, rows)
		d.check(false)
		switch d.r.IntN(7) {
		case 0, 1, 2:
			d.pass((step-int64(d.r.IntN(6)))*timedStep - d.r.Int64N(2))
		case 3:
			d.restore()
		case 4:
			d.tick()
		}
	}
}

// pass lets a watermark come.
func (d *sessionsRun) pass(w int64) {
	if w > d.watermark {
		d.held.mark(w)
	}
	d.mark(w)
	d.check(false)
}

// tick lets the clock go on: then all that has changed was given.
func (d *sessionsRun) tick() {
	d.clock += micros(d.p.Every)
	for _, s := range d.tasks {
		for due := s.env.Timers.Take(state.ProcessingTime, d.clock); due != nil; due = s.env.Timers.Take(state.ProcessingTime, d.clock) {
			d.must(s.op.OnTimer(due, d))
		}
	}
	d.check(d.p.Every > 0)
}

// apply takes what came out since the last call, and looks whether the sessions that have ended
// are there, or all.
func (d *sessionsRun) apply(all bool) {
	d.t.Helper()
	former := ""
	for _, line := range d.got {
		kind, row := line[:2], line[3:]
		if after := former != ""; after != (kind == "+U" && d.p.EmitBefore) {
			d.t.Fatalf("%s behind an old version: %v", line, after)
		}
		was := former
		former = ""
		switch kind {
		case "-U", "-D":
			if !d.given[row] || kind == "-U" && !d.p.EmitBefore {
				d.t.Fatalf("%s: was there: %v", line, d.given[row])
			}
			delete(d.given, row)
			if kind == "-U" {
				former = row
			}
			continue
		case "+U":
			if !d.p.EmitBefore {
				was = d.drop(row)
			}
			if was == row {
				d.t.Fatalf("%s is given again as it was", line)
			}
		}
		if d.given[row] {
			d.t.Fatalf("%s is given twice", line)
		}
		d.given[row] = true
	}
	d.got = nil
	for _, list := range d.held.of {
		for _, s := range list {
			if line := d.held.line(s); (all || s.last+d.held.gap < d.watermark) && !d.given[line] {
				d.t.Fatalf("%s is not there at %d: %v", line, d.watermark, d.given)
			}
		}
	}
}

// drop takes the row with the same key and bounds away, and gives it.
func (d *sessionsRun) drop(row string) string {
	key := d.keyOf(row)
	for line := range d.given {
		if d.keyOf(line) == key {
			delete(d.given, line)
			return line
		}
	}
	d.t.Fatalf("+U %s of what is not there", row)
	return ""
}

func (d *sessionsRun) keyOf(row string) string {
	n := 0
	for i := range row {
		if row[i] == ' ' {
			if n++; n == len(d.p.Keys)+2 {
				return row[:i]
			}
		}
	}
	return row
}

func (d *sessionsRun) end() {
	d.pass(1000 * timedStep)
	for _, s := range d.tasks {
		if n := s.store.Rows() - s.env.Timers.Len(state.ProcessingTime); n != 0 {
			d.t.Errorf("%d rows of state are left", n)
		}
		d.count(s)
		d.must(s.op.Close())
	}
	if d.lateRows += d.held.late; d.lateRows != 0 {
		d.t.Errorf("of late rows %d were not counted", d.lateRows)
	}
	for _, line := range d.held.want {
		if !d.given[line[3:]] {
			d.t.Errorf("%s is not there", line)
		}
		delete(d.given, line[3:])
	}
	for line := range d.given {
		d.t.Errorf("%s should not be there", line)
	}
}
