package op

import (
	"slices"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// keptOfLate are the columns that operators keep, and inputOfLate has one more, which only late rows are written with.
var (
	keptOfLate  = types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "at", Type: types.NewTimestamp(3)}}
	inputOfLate = append(slices.Clone(keptOfLate), types.Column{Name: "more", Type: types.Of(types.BigInt)})
	lateOut     = types.Schema{{Name: "reason", Type: types.Of(types.String)}, {Name: "more", Type: types.Of(types.BigInt)}}
)

// leavers makes each operator that leaves late rows out, at its input port.
func leavers() map[string]struct {
	port int
	by   string
	make func() (executor.Operator, error)
} {
	type leaver = struct {
		port int
		by   string
		make func() (executor.Operator, error)
	}
	late, twice := []int{plan.LateReason, 2}, append(slices.Clone(keptOfLate), keptOfLate...)
	numbered := append(slices.Clone(keptOfLate), types.Column{Name: "n", Type: types.Of(types.BigInt)})
	number := []plan.OverCall{{Func: "row_number", Agg: plan.Agg{Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}, Default: -1}}
	byTime := plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 1}}}
	byKey := plan.Order{Partition: []int{1}, Keys: []plan.SortKey{{Column: 0}}}
	side := plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true, Late: late}
	interval := func(windows bool) func() (executor.Operator, error) {
		return func() (executor.Operator, error) {
			return NewIntervalJoin(&plan.IntervalJoin{Left: side, Right: side, Windows: windows, Width: 2, Out: twice}, inputOfLate, inputOfLate, expr.Options{})
		}
	}
	const time, window = "its time was ", "its window ended at "
	return map[string]leaver{
		"over by time": {0, time, func() (executor.Operator, error) {
			return NewOver(&plan.Over{Order: byTime, Calls: number, When: plan.AtTime, End: -1, Out: numbered, Late: late})
		}},
		"over of windows": {0, window, func() (executor.Operator, error) {
			return NewOver(&plan.Over{Order: byKey, Calls: number, When: plan.AtWindowEnd, End: 1, Out: numbered, Late: late})
		}},
		"rank of windows": {0, window, func() (executor.Operator, error) {
			return NewRank(&plan.Rank{Order: byKey, Limit: 9, When: plan.AtWindowEnd, End: 1, Out: keptOfLate, Late: late}), nil
		}},
		"interval join, left":  {0, time, interval(false)},
		"interval join, right": {1, time, interval(false)},
		"window join":          {1, window, interval(true)},
		"temporal join": {0, time, func() (executor.Operator, error) {
			p := &plan.TemporalJoin{Left: side, Right: plan.TimedSide{Keys: []int{0}, Time: 1}, Width: 2, Out: twice}
			return NewTemporalJoin(p, inputOfLate, keptOfLate, expr.Options{})
		}},
		"set operation": {0, window, func() (executor.Operator, error) {
			return NewSetOp(&plan.SetOp{Kind: plan.ExceptAll, Time: 1, Out: keptOfLate, LeftLate: late}), nil
		}},
		"condition session": {0, time, func() (executor.Operator, error) {
			init := plan.SessionBound{Column: 3}
			out := append(append(slices.Clone(keptOfLate), keptOfLate[1], keptOfLate[1]), keptOfLate[0])
			sessions := plan.Sessions{Keys: []int{0}, Time: 1, Init: init, End: init}
			return NewConditionSession(&plan.ConditionSession{Sessions: sessions, Out: out, Late: late}, keptOfLate), nil
		}},
	}
}

// TestLateRowsGoElsewhere: a row that event time has passed is written with columns that nobody keeps and the reason,
// and counted; those in time are given without them.
func TestLateRowsGoElsewhere(t *testing.T) {
	for name, l := range leavers() {
		t.Run(name, func(t *testing.T) {
			o, err := l.make()
			if err != nil {
				t.Fatal(err)
			}
			var got, late collector
			e := env(store())
			e.Timers = state.NewTimers(e.State)
			flow := &plan.Dataflow{Stages: []plan.Stage{{}, {Sink: &plan.Sink{Schema: lateOut}}}}
			e.Late = executor.NewLateRows(flow, plan.Edge{To: 1, Late: true}, &late)
			if err := o.Open(e); err != nil {
				t.Fatal(err)
			}
			if err := o.Process(l.port, lateInput(0, 1_000_000, 2_000_000), &got); err != nil {
				t.Fatal(err)
			}
			reachTime(t, o, e, 1_500_000, &got)
			if err := o.Process(l.port, lateInput(10, 1_000_000, 3_000_000, 1_400_000), &got); err != nil {
				t.Fatal(err)
			}
			reachTime(t, o, e, 4_000_000, &got)
			if err := e.Late.Flush(); err != nil {
				t.Fatal(err)
			}
			const behind = ", and event time was at 1970-01-01 00:00:01.500 "
			want := []string{"[late: " + l.by + "1970-01-01 00:00:01.000" + behind + "110]", "[late: " + l.by + "1970-01-01 00:00:01.400" + behind + "112]"}
			if !slices.Equal(late.rows, want) || e.Counters.Late.Load() != 2 {
				t.Errorf("late are %v, want %v; %d are counted", late.rows, want, e.Counters.Late.Load())
			}
			if len(got.rows) != 3 {
				t.Errorf("given are %v", got.rows)
			}
		})
	}
}

// lateInput has a row for each time, with numbers from one on as keys; each begins and ends a session.
func lateInput(from int64, times ...int64) *column.Batch {
	b := column.NewBatch(append(slices.Clone(inputOfLate), types.Column{Name: "init", Type: types.Of(types.Boolean)}))
	for i, at := range times {
		b.Cols[0].AppendInt(from + int64(i))
		b.Cols[1].AppendInt(at)
		b.Cols[2].AppendInt(100 + from + int64(i))
		b.Cols[3].Bools = append(b.Cols[3].Bools, true)
		b.Rows++
	}
	return b
}

// reachTime lets an operator's timers fire and its watermark come.
func reachTime(t *testing.T, o executor.Operator, e *executor.Env, at int64, out executor.Output) {
	t.Helper()
	for due := e.Timers.Take(state.EventTime, at); due != nil; due = e.Timers.Take(state.EventTime, at) {
		if err := o.OnTimer(due, out); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.OnWatermark(at, out); err != nil {
		t.Fatal(err)
	}
}
