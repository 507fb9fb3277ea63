package op

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// conditionIn is timedIn with what begins and ends sessions.
var conditionIn = append(slices.Clone(timedIn), types.Column{Name: "a", Type: types.Of(types.Boolean)}, types.Column{Name: "b", Type: types.Of(types.Boolean)})

// conditionRow is a row that begins or ends a session now and then, or both; of some it is not known.
func conditionRow(d *timedRun, at int64) executortest.Tuple {
	row := timedRow(d.r, at)
	for range 2 {
		switch d.r.IntN(6) {
		case 0, 1:
			row = append(row, true)
		case 2:
			row = append(row, nil)
		default:
			row = append(row, false)
		}
	}
	return row
}

// conditionSessionsOf are the sessions of rows by a plain computation: rows are sorted, and taken one by one.
func conditionSessionsOf(p plan.Sessions, rows []executortest.Tuple) (want []string) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r executortest.Tuple) bool { return r[1] == nil })
	slices.SortStableFunc(rows, func(a, b executortest.Tuple) int { return cmp.Compare(a[1].(int64), b[1].(int64)) })
	keys, of := []string{}, map[string][]executortest.Tuple{}
	for _, row := range rows {
		key := (&heldSessions{keys: p.Keys}).key(row)
		if of[key] == nil {
			keys = append(keys, key)
		}
		of[key] = append(of[key], row)
	}
	for _, key := range keys {
		want = append(want, conditionSessionsOfKey(p, of[key])...)
	}
	return want
}

func conditionSessionsOfKey(p plan.Sessions, rows []executortest.Tuple) (want []string) {
	open, start, last := false, int64(0), int64(0)
	var members []executortest.Tuple
	ended := map[int64]int64{}
	end := func(at int64) {
		for _, m := range members {
			want = append(want, "+I "+append(slices.Clone(m), start, at, ended[at]).String())
		}
		ended[at]++
		open, members = false, nil
	}
	for _, row := range rows {
		at, init, ends := row[1].(int64), row[3] == true, row[4] == true
		if p.Timeout > 0 && open && last+micros(p.Timeout) < at {
			end(last + micros(p.Timeout))
		}
		used := false
		if open {
			last = at
			if used = !ends || !p.End.Exclude; used {
				members = append(members, row)
			}
			if !ends {
				continue
			}
			end(at)
			if !init || !p.Init.Exclude && used {
				continue
			}
		}
		if !init {
			continue
		}
		if open, start, last = true, at, at; !p.Init.Exclude {
			members = append(members, row)
		}
		if ends && !p.Init.Exclude && !p.End.Exclude {
			end(at)
		}
	}
	if open && p.Timeout > 0 {
		end(last + micros(p.Timeout))
	}
	return want
}

func conditionPlan(keys []int, init, end bool, timeout time.Duration) *plan.ConditionSession {
	bound := types.NewTimestamp(6)
	by := plan.Sessions{Keys: keys, Time: 1, Init: plan.SessionBound{Column: 3, Exclude: init}, End: plan.SessionBound{Column: 4, Exclude: end}, Timeout: timeout}
	added := types.Schema{{Name: "s", Type: bound}, {Name: "e", Type: bound}, {Name: "n", Type: types.Of(types.BigInt)}}
	return &plan.ConditionSession{Sessions: by, Out: slices.Concat(conditionIn, added)}
}

// TestConditionSessions: each row that is in time is given once, with the session that the plain
// computation gives, when that has ended, whatever the order in which rows come, also over restores;
// late rows are counted; behind the last session there is no state.
func TestConditionSessions(t *testing.T) {
	for _, keys := range [][]int{{0}, {2, 0}, {}} {
		for _, timeout := range []time.Duration{0, time.Second, 3 * time.Second} {
			for _, bounds := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
				t.Run(fmt.Sprint(keys, timeout, bounds), func(t *testing.T) {
					checkConditionSessions(t, conditionPlan(keys, bounds[0], bounds[1], timeout))
				})
			}
		}
	}
}

func checkConditionSessions(t *testing.T, p *plan.ConditionSession) {
	width := len(conditionIn)
	d := &timedRun{t: t, r: executortest.Random(t), in: conditionIn, hash: p.Sessions.Keys, times: []int{width + 1}}
	d.watermark, d.passed = executor.NoWatermark, executor.NoWatermark
	d.new = func() (executor.Operator, error) { return NewConditionSession(p, conditionIn), nil }
	d.late = func(_ int, at int64) bool { return at < d.watermark }
	d.start(nil)
	seen := map[string]executortest.Tuple{} // a row of each key
	for step := range int64(80) {
		var rows []executortest.Tuple
		for range d.r.IntN(6) {
			rows = append(rows, conditionRow(d, step*timedStep))
		}
		d.send(0, rows)
		for _, row := range rows {
			seen[(&heldSessions{keys: p.Sessions.Keys}).key(row)] = row
		}
		switch d.r.IntN(6) {
		case 0, 1, 2:
			d.mark((step-int64(d.r.IntN(6)))*timedStep + d.r.Int64N(3) - 1)
		case 3:
			d.restore()
		}
	}
	d.mark(82*timedStep - 1)
	for _, key := range slices.Sorted(maps.Keys(seen)) { // what is open ends, before its timeout
		row := slices.Clone(seen[key])
		row[1], row[3], row[4] = 82*int64(timedStep), false, true
		d.send(0, []executortest.Tuple{row})
	}
	want := conditionSessionsOf(p.Sessions, d.rows[0])
	d.mark(82*timedStep + 1)
	for _, s := range d.tasks {
		if n := s.store.Rows(); n != 0 {
			t.Errorf("%d rows of state are left", n)
		}
		d.count(s)
		d.must(s.op.Close())
	}
	d.compare(want)
}
