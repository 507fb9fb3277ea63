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

// TestWindowUpdates: applied, what comes out is what a plain computation gives of the rows whose
// windows had not been forgotten; what is taken back is what was given; a window that has ended
// is as it should be at every watermark; behind the last one there is no state. Over restores.
func TestWindowUpdates(t *testing.T) {
	second := time.Second
	for _, w := range []plan.Window{{Kind: plan.Tumble, Time: 1, Size: 3 * second, Slide: 3 * second}, {Kind: plan.Hop, Time: 1, Size: 5 * second, Slide: 2 * second},
		{Kind: plan.Cumulate, Time: 1, Size: 4 * second, Slide: second, Offset: 300 * time.Millisecond}} {
		for _, lateness := range []time.Duration{0, 4 * second} {
			for _, every := range []time.Duration{0, second} {
				for _, before := range []bool{true, false} {
					t.Run(fmt.Sprint(w, lateness, every, before), func(t *testing.T) {
						checkUpdates(t, &plan.WindowUpdates{Keys: []int{0}, Window: w, Lateness: lateness, Every: every, EmitBefore: before})
					})
					for name, aggs := range map[string][]plan.Agg{"values ": ofValues, "different ": ofDifferent} {
						t.Run(fmt.Sprint(name, w, lateness, every, before), func(t *testing.T) {
							checkUpdates(t, &plan.WindowUpdates{Keys: []int{0}, Window: w, Lateness: lateness, Every: every, EmitBefore: before, Aggs: aggs})
						})
					}
				}
			}
		}
	}
}

// updatesRun holds what the windows are.
type updatesRun struct {
	*timedRun
	p       *plan.WindowUpdates
	windows map[windowOf][]executortest.Tuple
	given   map[string]string // the rest of a row by key and window, applied
	clock   int64
}

func checkUpdates(t *testing.T, p *plan.WindowUpdates) {
	if p.Aggs == nil {
		p.Aggs = countSumMost
	}
	bound := types.NewTimestamp(6)
	p.Out = types.Schema{timedIn[0], {Name: "s", Type: bound}, {Name: "e", Type: bound}}
	for _, a := range p.Aggs {
		p.Out = append(p.Out, types.Column{Name: string(a.Kind), Type: a.Typ})
	}
	d := &updatesRun{p: p, windows: map[windowOf][]executortest.Tuple{}, given: map[string]string{},
		timedRun: &timedRun{t: t, r: executortest.Random(t), hash: p.Keys, watermark: executor.NoWatermark, passed: executor.NoWatermark}}
	d.new = func() (executor.Operator, error) {
		u, err := NewWindowUpdates(p, timedIn)
		u.now = func() time.Time { return time.UnixMicro(d.clock) }
		return u, err
	}
	d.late = func(_ int, at int64) bool {
		return !slices.ContainsFunc(windowsOf(p.Window, at), func(w windowOf) bool { return !d.forgotten(w.end) })
	}
	d.start(nil)
	for step := range int64(80) {
		d.take(step)
		switch d.r.IntN(7) {
		case 0, 1, 2:
			d.mark((step-int64(d.r.IntN(6)))*timedStep - d.r.Int64N(2))
			d.apply(func(w windowOf) bool { return w.end <= d.watermark })
		case 3:
			d.restore()
		case 4:
			d.tick()
		}
	}
	d.mark(1000 * timedStep)
	d.apply(func(windowOf) bool { return true })
	for _, s := range d.tasks {
		if n := s.store.Rows() - s.env.Timers.Len(state.ProcessingTime); n != 0 {
			t.Errorf("%d rows of state are left", n)
		}
		d.count(s)
		d.must(s.op.Close())
	}
	if d.lateRows != 0 {
		t.Errorf("of late rows %d were not counted", d.lateRows)
	}
}

func (d *updatesRun) forgotten(end int64) bool {
	return d.watermark != executor.NoWatermark && end <= d.watermark-micros(d.p.Lateness)
}

func (d *updatesRun) take(step int64) {
	var rows []executortest.Tuple
	for range d.r.IntN(8) {
		row := timedRow(d.r, step*timedStep)
		rows = append(rows, row)
		at, timed := row[1].(int64)
		for _, w := range windowsOf(d.p.Window, at) {
			if timed && !d.forgotten(w.end) {
				w.k = executortest.Tuple{row[0]}.String()
				d.windows[w] = append(d.windows[w], row)
			}
		}
	}
	d.send(0, rows)
	d.apply(func(w windowOf) bool { return w.end <= d.watermark })
}

// tick lets the clock go on: then all that has changed was given.
func (d *updatesRun) tick() {
	d.clock += micros(d.p.Every)
	for _, s := range d.tasks {
		for due := s.env.Timers.Take(state.ProcessingTime, d.clock); due != nil; due = s.env.Timers.Take(state.ProcessingTime, d.clock) {
			d.must(s.op.OnTimer(due, d))
		}
	}
	d.apply(func(w windowOf) bool { return w.end <= d.watermark || d.p.Every > 0 })
}

// apply takes what came out since the last call, and looks at the windows that must be right.
func (d *updatesRun) apply(right func(windowOf) bool) {
	d.t.Helper()
	taken := ""
	for _, line := range d.got {
		kind, row := line[:2], line[3:]
		key, rest := splitRow(row)
		was, there := d.given[key]
		switch {
		case kind == "-U" && (!d.p.EmitBefore || was != rest), kind == "+I" && there, kind == "+U" && (!there || was == rest || d.p.EmitBefore && taken != key), kind == "-D":
			d.t.Fatalf("%s, was %s %v", line, was, there)
		}
		taken = ""
		if kind == "-U" {
			taken = key
			continue
		}
		d.given[key] = rest
	}
	d.got = nil
	n := 0
	for w, rows := range d.windows {
		if !right(w) {
			continue
		}
		n++
		key, rest := splitRow(updatedRow(w, rows, d.p.Aggs).String())
		if d.given[key] != rest {
			d.t.Fatalf("%s is %s, should be %s", key, d.given[key], rest)
		}
	}
	if len(d.given) < n {
		d.t.Fatalf("%d windows were given, %d should be", len(d.given), n)
	}
}

func updatedRow(w windowOf, rows []executortest.Tuple, aggs []plan.Agg) executortest.Tuple {
	return append(executortest.Tuple{rows[0][0], w.start, w.end}, resultsOf(rows, aggs)...)
}

// splitRow parts the key and the bounds of a row from its results.
func splitRow(row string) (key, rest string) {
	n := 0
	for i := range row {
		if row[i] == ' ' {
			if n++; n == 3 {
				return row[:i], row[i:]
			}
		}
	}
	return row, ""
}
