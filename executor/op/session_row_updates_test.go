package op

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestSessionRowUpdates: applied, what comes out is the rows that were not late with the bounds of their sessions; what is taken back
// is what was given; rows of a session that has ended are as they should be at every moment, and all are at every tick of the
// clock; behind the last one there is no state. Over restores.
func TestSessionRowUpdates(t *testing.T) {
	for _, keys := range [][]int{{0}, {2, 0}, {}} {
		for _, lateness := range []time.Duration{0, 4 * time.Second} {
			for _, every := range []time.Duration{0, time.Second} {
				t.Run(fmt.Sprint(keys, lateness, every), func(t *testing.T) { checkSessionRowUpdates(t, keys, lateness, every) })
			}
		}
	}
}

// sessionRowsRun holds what the rows of sessions are, and how often each was given.
type sessionRowsRun struct {
	sessionsRun
	rows map[string]int
}

func checkSessionRowUpdates(t *testing.T, keys []int, lateness, every time.Duration) {
	gap, bound := time.Second, types.NewTimestamp(6)
	p := &plan.SessionRowUpdates{Keys: keys, Window: plan.Window{Kind: plan.Session, Time: 1, Size: gap, Slide: gap}, Lateness: lateness, Every: every,
		Out: append(slices.Clone(timedIn), types.Column{Name: "s", Type: bound}, types.Column{Name: "e", Type: bound})}
	d := &sessionRowsRun{rows: map[string]int{}}
	d.p = &plan.SessionUpdates{Keys: keys, Every: every}
	d.held = &heldSessions{gap: micros(gap), lateness: micros(lateness), keys: keys, of: map[string][]*heldSession{}}
	d.timedRun = &timedRun{t: t, r: executortest.Random(t), hash: keys, watermark: executor.NoWatermark, passed: executor.NoWatermark}
	d.new = func() (executor.Operator, error) {
		u, err := NewSessionRowUpdates(p, timedIn)
		u.now = func() time.Time { return time.UnixMicro(d.clock) }
		return u, err
	}
	d.late = func(int, int64) bool { return false }
	d.check = d.apply
	d.start(nil)
	d.steps(100)
	d.pass(1000 * timedStep)
	for _, s := range d.tasks {
		if n := s.store.Rows() - s.env.Timers.Len(state.ProcessingTime); n != 0 {
			t.Errorf("%d rows of state are left", n)
		}
		d.count(s)
		d.must(s.op.Close())
	}
	if d.lateRows += d.held.late; d.lateRows != 0 {
		t.Errorf("of late rows %d were not counted", d.lateRows)
	}
	d.compareRows(d.held.ended)
	if len(d.rows) > 0 {
		t.Errorf("there are besides %v", d.rows)
	}
}

// apply takes what came out since the last call, and looks whether the rows of sessions that have ended are there, or all.
func (d *sessionRowsRun) apply(all bool) {
	d.t.Helper()
	for _, line := range d.got {
		switch kind, row := line[:2], line[3:]; {
		case kind == "+I":
			d.rows[row]++
		case kind != "-D" || d.rows[row] == 0:
			d.t.Fatalf("%s: was there %d times", line, d.rows[row])
		case d.rows[row] == 1:
			delete(d.rows, row)
		default:
			d.rows[row]--
		}
	}
	d.got = nil
	var right []*heldSession
	for _, list := range d.held.of {
		right = append(right, slices.DeleteFunc(slices.Clone(list), func(s *heldSession) bool { return !all && s.last+d.held.gap >= d.watermark })...)
	}
	was := d.rows
	d.rows = map[string]int{}
	for row, n := range was {
		d.rows[row] = n
	}
	d.compareRows(right)
	d.rows = was
}

// compareRows takes the rows of sessions out of those that were given.
func (d *sessionRowsRun) compareRows(sessions []*heldSession) {
	d.t.Helper()
	for _, s := range sessions {
		want := map[string]int{}
		for _, row := range s.rows {
			want[append(slices.Clone(row), s.first, s.last+d.held.gap).String()]++
		}
		for row, n := range want {
			if d.rows[row] != n {
				d.t.Fatalf("%s was given %d times, not %d, at %d", row, d.rows[row], n, d.watermark)
			}
			delete(d.rows, row)
		}
	}
}
