// Package plantest has a sample of every operator of a plan, for the tests that walk all of
// them: of what an operator says of itself, of its bytes, and of its implementation.
package plantest

import (
	"time"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Sample is an operator as the compiler might make it.
type Sample struct {
	Name string
	// Make gives the operator, each time a new one.
	Make func() plan.Op
	// Inputs are the columns of its inputs, by port.
	Inputs []types.Schema
}

var (
	intT   = types.Of(types.Int)
	bigT   = types.Of(types.BigInt)
	boolT  = types.Of(types.Boolean)
	textT  = types.Of(types.String)
	timeT  = types.NewTimestamp(3)
	sliceT = types.NewTimestamp(6)
	exactT = types.NewDecimal(30, 4)
)

// rows is the input of most samples.
var rows = types.Schema{{Name: "k", Type: intT}, {Name: "t", Type: timeT}, {Name: "s", Type: textT}, {Name: "d", Type: exactT}, {Name: "b", Type: boolT}}

// named is the other input of those that have two.
var named = types.Schema{{Name: "name", Type: textT}, {Name: "k", Type: intT}, {Name: "at", Type: timeT}}

var (
	bound = types.Schema{{Name: "window_start", Type: timeT}, {Name: "window_end", Type: timeT}}
	slice = types.Schema{{Name: "slice_start", Type: sliceT}}
)

func column(i int) *plan.Column {
	return &plan.Column{Index: i, Name: rows[i].Name, Typ: rows[i].Type}
}

func concat(parts ...types.Schema) (out types.Schema) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func result(name string, t types.Type) types.Schema { return types.Schema{{Name: name, Type: t}} }

// aggs are aggregates over rows.
func aggs() []plan.Agg {
	return []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: bigT}, {Kind: plan.Max, Arg: 3, Filter: 4, Typ: exactT}}
}

var aggregated = concat(result("n", bigT), result("m", exactT))

// Samples has each operator at least once.
func Samples() []Sample {
	tumble := plan.Window{Kind: plan.Tumble, Time: 1, Size: time.Minute, Slide: time.Minute}
	hop := plan.Window{Kind: plan.Hop, Time: 1, Size: time.Minute, Slide: 10 * time.Second, Offset: time.Second}
	sliced := plan.Window{Kind: plan.Hop, Time: 2, Size: time.Minute, Slide: 10 * time.Second}
	partial := concat(rows[2:3], rows[0:1], slice, aggregated)
	wide := concat(rows, result("late", textT))
	one, two, sides := []types.Schema{rows}, []types.Schema{rows, rows}, []types.Schema{rows, named}
	return []Sample{
		{"filter", func() plan.Op {
			isK := &plan.Call{Func: ">", Args: []plan.Expr{&plan.Cast{Arg: column(0), Typ: bigT}, &plan.Const{Typ: bigT, Int: 3}}, Typ: boolT}
			return &plan.Filter{Pred: &plan.Call{Func: "and", Args: []plan.Expr{isK, column(4)}, Typ: boolT}, Changes: true, Out: rows}
		}, one},
		{"projection", func() plan.Op {
			either := &plan.Case{Whens: []plan.When{{Cond: column(4), Then: column(2)}}, Else: &plan.Const{Typ: textT, Null: true}, Typ: textT}
			return &plan.Project{Exprs: []plan.Expr{column(3), either, column(0)}, Out: concat(rows[3:4], result("e", textT), rows[0:1])}
		}, one},
		{"projection of a constant", func() plan.Op {
			return &plan.Project{Exprs: []plan.Expr{&plan.Const{Typ: exactT, WideHi: -1, WideLo: 7}}, Out: result("c", exactT)}
		}, one},
		{"unfold", func() plan.Op {
			return &plan.Unfold{Keep: 2, Rows: 2, Width: 2, Out: concat(rows[:2], result("a", textT), result("b", bigT))}
		}, []types.Schema{concat(rows[:2], result("a", textT), result("b", bigT), result("c", textT), result("d", bigT))}},
		{"unnest", func() plan.Op {
			return &plan.Unnest{Keep: 1, Arrays: 2, Ordinality: true, Outer: true, Out: concat(rows[:1], result("a", textT), result("k", textT), result("v", bigT), result("n", bigT))}
		}, []types.Schema{concat(rows[:1], result("a", types.NewArray(textT)), result("m", types.NewMap(textT, bigT)))}},
		{"series of a left join", func() plan.Op {
			on := &plan.Call{Func: "<", Args: []plan.Expr{column(1), &plan.Column{Index: 2, Name: "n", Typ: timeT}}, Typ: boolT}
			return &plan.Series{Keep: 2, Outer: true, On: on, Out: concat(rows[:2], result("n", timeT))}
		}, []types.Schema{concat(rows[:2], result("from", timeT), result("to", timeT), result("step", timeT))}},
		{"series", func() plan.Op {
			return &plan.Series{Keep: 1, Out: concat(rows[:1], result("n", timeT))}
		}, []types.Schema{concat(rows[:1], result("from", timeT), result("to", timeT), result("step", timeT))}},
		{"window assignment", func() plan.Op { return &plan.AssignWindow{Window: hop, Out: concat(rows, bound)} }, one},
		{"expand", func() plan.Op {
			return &plan.Expand{Sets: []plan.GroupingSet{{Nulls: []int{0}}, {Nulls: []int{2, 0}}}, Out: concat(rows, result("grouping_set", bigT))}
		}, one},
		{"partial aggregate", func() plan.Op {
			return &plan.PartialAggregate{Keys: []int{2, 0}, Aggs: aggs(), Out: concat(rows[2:3], rows[0:1], aggregated)}
		}, one},
		{"partial aggregate over windows", func() plan.Op {
			w := hop
			return &plan.PartialAggregate{Keys: []int{2, 0}, Window: &w, Aggs: aggs(), Out: partial}
		}, one},
		{"group aggregate", func() plan.Op {
			return &plan.GroupAggregate{Op: "group-1", Keys: []int{2}, Aggs: aggs()[:1], InputUpdates: true, EmitBefore: true, TTL: time.Hour,
				Out: concat(rows[2:3], aggregated[:1])}
		}, one},
		{"group aggregate of distinct values", func() plan.Op {
			distinct := []plan.Agg{{Kind: plan.Count, Arg: 3, More: []int{2, 1}, Distinct: true, Filter: 4, Typ: bigT}}
			return &plan.GroupAggregate{Op: "group-4", Keys: []int{0}, Aggs: distinct, InputUpdates: true, EmitBefore: true, Out: concat(rows[0:1], aggregated[:1])}
		}, one},
		{"group aggregate in WebAssembly", func() plan.Op {
			module := &plan.Module{Hash: "204c1e3dfd385bfc89f65a4c187cf13ac9a5d276506e64f22f38be3ce1339fdc", Code: emptyModule, Export: "f", Memory: 1 << 20, Time: time.Second, Retracts: true}
			own := []plan.Agg{{Kind: "d.f", Arg: 3, More: []int{2}, Module: module, Nulls: true, Filter: 4, Typ: types.Of(types.Binary)}}
			return &plan.GroupAggregate{Op: "group-6", Keys: []int{0}, Aggs: own, InputUpdates: true, Out: concat(rows[0:1], result("state", types.Of(types.Binary)))}
		}, one},
		{"group aggregate of all rows", func() plan.Op {
			return &plan.GroupAggregate{Op: "group-2", Aggs: aggs(), Final: true, Out: aggregated}
		}, one},
		{"group aggregate of grouping sets", func() plan.Op {
			return &plan.GroupAggregate{Op: "group-5", Keys: []int{2, 5}, Aggs: aggs(), Empty: []int64{2, 3}, EmitBefore: true,
				Out: concat(rows[2:3], result("grouping_set", bigT), aggregated)}
		}, []types.Schema{concat(rows, result("grouping_set", bigT))}},
		{"group aggregate without results", func() plan.Op {
			return &plan.GroupAggregate{Op: "group-3", Keys: []int{0}, Aggs: aggs()[:1], Presence: true, Out: concat(rows[0:1], aggregated[:1])}
		}, one},
		{"marks of distinct values", func() plan.Op {
			return &plan.MarkDistinct{Op: "marks-1", Keys: []int{0}, Args: []int{3, 2}, Filters: []int{-1, 4}, Out: concat(rows, result("first", boolT), result("first", boolT))}
		}, one},
		{"marks of distinct values in windows", func() plan.Op {
			return &plan.MarkDistinct{Op: "marks-2", Keys: []int{0}, Args: []int{3}, Filters: []int{-1}, Windows: true, Time: 1, Out: concat(rows, result("first", boolT))}
		}, one},
		{"window aggregate", func() plan.Op {
			return &plan.WindowAggregate{Op: "window-1", Keys: []int{0}, Window: tumble, Weight: -1, Aggs: aggs(), Out: concat(rows[0:1], bound, aggregated)}
		}, one},
		{"window aggregate with late rows", func() plan.Op {
			return &plan.WindowAggregate{Op: "window-5", Keys: []int{0}, Window: tumble, Weight: -1, Aggs: aggs(), Out: concat(rows[0:1], bound, aggregated),
				Late: []int{0, plan.LateReason, 3}}
		}, one},
		{"session aggregate", func() plan.Op {
			w := plan.Window{Kind: plan.Session, Time: 1, Size: time.Minute, Slide: time.Minute}
			return &plan.SessionAggregate{Op: "window-3", Keys: []int{2}, Window: w, Aggs: aggs(), Out: concat(rows[2:3], bound, aggregated)}
		}, one},
		{"window aggregate that is corrected", func() plan.Op {
			return &plan.WindowUpdates{Op: "updates-1", Keys: []int{0}, Window: hop, Lateness: time.Minute, Every: time.Second, EmitBefore: true,
				Aggs: aggs(), Out: concat(rows[0:1], bound, aggregated)}
		}, one},
		{"session aggregate that is corrected", func() plan.Op {
			w := plan.Window{Kind: plan.Session, Time: 1, Size: time.Minute, Slide: time.Minute}
			return &plan.SessionUpdates{Op: "updates-2", Keys: []int{2}, Window: w, Lateness: time.Minute, Every: time.Second, EmitBefore: true,
				Aggs: aggs(), Out: concat(rows[2:3], bound, aggregated)}
		}, one},
		{"session window", func() plan.Op {
			w := plan.Window{Kind: plan.Session, Time: 1, Size: time.Minute, Slide: time.Minute}
			return &plan.SessionWindow{Op: "session-1", Keys: []int{2, 0}, Window: w, Out: concat(rows, bound)}
		}, one},
		{"session window that is corrected", func() plan.Op {
			w := plan.Window{Kind: plan.Session, Time: 1, Size: time.Minute, Slide: time.Minute}
			return &plan.SessionRowUpdates{Op: "session-4", Keys: []int{2, 0}, Window: w, Lateness: time.Minute, Every: time.Second, Out: concat(rows, bound)}
		}, one},
		{"sessions by conditions", func() plan.Op {
			number := types.Schema{{Name: "session_number", Type: bigT}}
			by := plan.Sessions{Keys: []int{2, 0}, Time: 1, Init: plan.SessionBound{Column: 4, Exclude: true}, End: plan.SessionBound{Column: 4}, Timeout: time.Minute}
			return &plan.ConditionSession{Op: "session-3", Sessions: by, Final: true, Out: concat(rows, bound, number)}
		}, one},
		{"matches", func() plan.Op {
			states := []plan.MatchState{{Variable: -1, Next: []int{1}}, {Variable: 0, Tests: []plan.MatchTest{{Variable: 0}}, Next: []int{1, 2, 3}},
				{Variable: -1, Tests: []plan.MatchTest{{Variable: 1, Not: true}}, Next: []int{plan.MatchElapsed}},
				{Variable: 1, Tests: []plan.MatchTest{{Variable: 1}}, Excluded: true, Next: []int{plan.MatchEnd}}}
			last := plan.MatchValue{Kind: plan.MatchLast, Of: []int{0}, Column: 0, Offset: 1, Back: 1, Final: true, Typ: intT}
			return &plan.MatchTable{Op: "match-1", Partition: []int{0}, Time: 1, States: states, Kept: 3,
				Variables: []plan.MatchVariable{{Name: "a", Own: 4}, {Name: "b", Own: -1, Cond: &plan.Call{Func: "is_null", Args: []plan.Expr{&plan.Column{Name: "k", Typ: intT}}, Typ: types.Of(types.Boolean)}}},
				Values:    []plan.MatchValue{last}, Measures: []plan.MatchValue{{Kind: plan.MatchNumber, Column: -1, Typ: bigT}, {Kind: plan.MatchAggregate, Agg: plan.Max, Column: 2, Typ: textT}}, Given: []int{0, 1},
				AllRows: true, OmitEmpty: true, Skip: plan.SkipToLast, SkipTo: []int{1}, Within: time.Minute, Before: 1, Earliest: true,
				Out: concat(rows[0:2], types.Schema{{Name: "r0", Type: bigT}, {Name: "r1", Type: textT}})}
		}, one},
		{"matches that wait for rows behind them", func() plan.Op {
			next := plan.MatchValue{Kind: plan.MatchCurrent, Column: 0, Back: -2, Typ: intT}
			return &plan.MatchTable{Op: "match-3", Partition: []int{2}, Time: 1, Kept: 3, Within: time.Minute,
				States:    []plan.MatchState{{Variable: -1, Next: []int{1}}, {Variable: 0, Tests: []plan.MatchTest{{Variable: 0}}, Next: []int{plan.MatchEnd}}},
				Variables: []plan.MatchVariable{{Name: "a", Own: -1, Cond: &plan.Call{Func: "is_null", Args: []plan.Expr{&plan.Column{Name: "k", Typ: intT}}, Typ: types.Of(types.Boolean)}}},
				Values:    []plan.MatchValue{next}, Measures: []plan.MatchValue{next}, Given: []int{2},
				Out: concat(rows[2:3], types.Schema{{Name: "r0", Type: intT}})}
		}, one},
		{"matches of rows of equal times, and rows without a match", func() plan.Op {
			sum := plan.MatchValue{Kind: plan.MatchAggregate, Agg: plan.Sum, Distinct: true, Column: 0, Typ: bigT}
			return &plan.MatchTable{Op: "match-2", Partition: []int{2}, Time: 1, Order: []plan.SortKey{{Column: 4, Desc: true}}, Kept: 3,
				States:    []plan.MatchState{{Variable: -1, Next: []int{1}}, {Variable: 0, Tests: []plan.MatchTest{{Variable: 0}}, Next: []int{plan.MatchEnd}}},
				Variables: []plan.MatchVariable{{Name: "a", Own: -1}}, Measures: []plan.MatchValue{{Kind: plan.MatchFound, Column: -1, Typ: types.Of(types.Boolean)}, sum},
				Given: []int{0, 1}, AllRows: true, Unmatched: true, Final: true,
				Out: concat(rows[0:2], types.Schema{{Name: "r0", Type: types.Of(types.Boolean)}, {Name: "r1", Type: bigT}})}
		}, one},
		{"session window over changes", func() plan.Op {
			w := plan.Window{Kind: plan.Session, Time: 1, Size: time.Minute, Slide: time.Minute}
			return &plan.SessionChanges{Op: "session-2", Keys: []int{2, 0}, Window: w, TTL: time.Hour, Updates: true, Out: concat(rows, bound)}
		}, one},
		{"window aggregate over partial results", func() plan.Op {
			merged := []plan.Agg{{Kind: plan.Max, Arg: 4, Filter: -1, Typ: exactT, Merge: true}}
			return &plan.WindowAggregate{Op: "window-2", Keys: []int{0, 1}, Window: sliced, Sliced: true, Weight: 3, Aggs: merged,
				Out: concat(partial[:2], bound, aggregated[1:])}
		}, []types.Schema{partial}},
		{"changelog by key", func() plan.Op {
			return &plan.ChangelogNormalize{Op: "newest-1", Name: "default.s", Keys: []int{2, 0}, EmitBefore: true, Out: rows}
		}, one},
		{"upsert changes", func() plan.Op { return &plan.UpsertChanges{Keys: []int{2}, Out: rows} }, one},
		{"interval join", func() plan.Op {
			on := &plan.Call{Func: "=", Args: []plan.Expr{column(4), &plan.Column{Index: 9, Name: "b", Typ: boolT}}, Typ: boolT}
			return &plan.IntervalJoin{Op: "join-1", Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true}, Right: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true},
				Lower: -10 * time.Second, Upper: 20 * time.Second, On: on, Width: len(rows), Out: concat(rows, rows)}
		}, two},
		{"window join", func() plan.Op {
			return &plan.IntervalJoin{Op: "join-2", Left: plan.TimedSide{Keys: []int{2}, Time: 1}, Right: plan.TimedSide{Keys: []int{2}, Time: 1, Keep: true}, Windows: true,
				Width: len(rows), Out: concat(rows, rows)}
		}, two},
		{"window join of rows that differ", func() plan.Op {
			side := plan.TimedSide{Keys: []int{2}, Time: 1, Distinct: true}
			return &plan.IntervalJoin{Op: "join-8", Left: side, Right: side, Windows: true, Width: len(rows), Out: concat(rows, rows)}
		}, two},
		{"temporal join", func() plan.Op {
			return &plan.TemporalJoin{Op: "join-3", Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true}, Right: plan.TimedSide{Keys: []int{0}, Time: 1},
				Width: len(rows), Out: concat(rows, rows)}
		}, two},
		{"temporal join of corrected rows", func() plan.Op {
			return &plan.TemporalJoin{Op: "join-9", Left: plan.TimedSide{Keys: []int{0}, Time: 1, Keep: true}, Right: plan.TimedSide{Keys: []int{0}, Time: 1},
				Width: len(rows), Out: concat(rows, rows), Corrected: true, TTL: time.Hour}
		}, two},
		{"temporal join in processing time", func() plan.Op {
			on := &plan.Call{Func: "=", Args: []plan.Expr{column(4), &plan.Column{Index: 9, Name: "b", Typ: boolT}}, Typ: boolT}
			return &plan.TemporalJoin{Op: "join-4", Left: plan.TimedSide{Keys: []int{2}, Keep: true}, Right: plan.TimedSide{Keys: []int{2}}, Newest: true, On: on,
				Width: len(rows), Out: concat(rows, rows)}
		}, two},
		{"broadcast join", func() plan.Op {
			on := &plan.Call{Func: "=", Args: []plan.Expr{column(4), &plan.Column{Index: 9, Name: "b", Typ: boolT}}, Typ: boolT}
			return &plan.BroadcastJoin{Op: "join-5", Table: 0, LeftKeys: []int{0}, RightKeys: []int{0}, Keep: true, On: on, Width: len(rows), Out: concat(rows, rows)}
		}, two},
		{"lookup join", func() plan.Op {
			t := plan.LookupTable{Name: "default.t", Connector: "jdbc", Declared: rows, Columns: []int{0, 2}, Keys: []int{0}, Out: concat(rows[0:1], rows[2:3])}
			return &plan.LookupJoin{Table: t, Keys: []int{0}, Keep: true, Limits: plan.LookupLimits{Requests: 10, CacheRows: 100, CacheTTL: time.Minute, Attempts: 3}, Out: concat(rows, t.Out)}
		}, one},
		{"final rows", func() plan.Op { return &plan.FinalRows{Op: "final-1", Out: rows} }, one},
		{"set operation", func() plan.Op {
			return &plan.SetOp{Op: "setop-1", Kind: plan.ExceptAll, Time: -1, TTL: time.Hour, Out: rows}
		}, []types.Schema{rows, rows}},
		{"set operation of windows", func() plan.Op {
			return &plan.SetOp{Op: "setop-2", Kind: plan.Intersect, Time: 1, Out: rows}
		}, []types.Schema{rows, rows}},
		{"sort", func() plan.Op {
			return &plan.Sort{Op: "sort-1", Keys: []plan.SortKey{{Column: 3, Desc: true}, {Column: 0, NullsFirst: true}}, Top: 10, Out: rows}
		}, one},
		{"semi join", func() plan.Op {
			return &plan.SemiJoin{Op: "semi-1", LeftKeys: []int{0}, RightKeys: []int{0}, Right: rows[:3], Out: rows, EmitBefore: true, TTL: time.Hour}
		}, []types.Schema{rows, rows[:3]}},
		{"mark join", func() plan.Op {
			later := &plan.Call{Func: "<", Args: []plan.Expr{column(0), &plan.Column{Index: 6, Name: "k", Typ: intT}}, Typ: boolT}
			return &plan.SemiJoin{Op: "semi-2", Kind: plan.Mark, On: later, Unknown: true, RightAppends: true, Right: concat(result("j", textT), rows[:2]),
				Out: concat(rows, result("found", boolT))}
		}, []types.Schema{rows, concat(result("j", textT), rows[:2])}},
		{"anti join", func() plan.Op {
			return &plan.SemiJoin{Op: "semi-3", Kind: plan.Anti, LeftKeys: []int{3}, RightKeys: []int{0}, Unknown: true, Final: true, Right: rows[3:4], Out: rows}
		}, []types.Schema{rows, rows[3:4]}},
		{"single join", func() plan.Op {
			return &plan.SingleJoin{Op: "single-1", LeftKeys: []int{0}, RightKeys: []int{0}, Width: 5, Out: concat(rows, rows[:3]), EmitBefore: true, TTL: time.Hour}
		}, []types.Schema{rows, rows[:3]}},
		{"single join of one row", func() plan.Op {
			return &plan.SingleJoin{Op: "single-2", Unique: true, RightAppends: true, Width: 5, Out: concat(rows, rows[:3])}
		}, []types.Schema{rows, rows[:3]}},
		{"rank", func() plan.Op {
			return &plan.Rank{Op: "rank-1", Order: plan.Order{Partition: []int{2}, Keys: []plan.SortKey{{Column: 1, Desc: true}}}, Offset: 1, Limit: 3, Number: true,
				InputUpdates: true, EmitBefore: true, End: -1, TTL: time.Hour, Out: concat(rows, result("n", bigT))}
		}, one},
		{"rank of a bounded input", func() plan.Op {
			return &plan.Rank{Op: "rank-2", Kind: plan.DenseRank, Order: plan.Order{Latest: true}, Limit: 1, When: plan.AtEnd, End: -1, Out: rows}
		}, one},
		{"over", func() plan.Op {
			sum := plan.OverCall{Agg: aggs()[0], Default: -1, Frame: plan.Frame{Unit: plan.FrameRange, Start: plan.Bound{Kind: plan.Preceding, By: 7}, End: plan.Bound{Kind: plan.CurrentRow}}}
			lag := plan.OverCall{Func: "lag", Agg: plan.Agg{Arg: 2, Filter: -1, Typ: textT}, N: 2, Default: 2}
			return &plan.Over{Op: "over-1", Order: plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 1}}}, Calls: []plan.OverCall{sum, lag}, End: -1,
				EmitBefore: true, Out: concat(rows, aggregated[:1], result("l", textT))}
		}, one},
		{"over by time", func() plan.Op {
			first := plan.OverCall{Func: "first", Agg: plan.Agg{Arg: 3, Filter: -1, Typ: exactT}, Default: -1}
			return &plan.Over{Op: "over-2", Order: plan.Order{Keys: []plan.SortKey{{Column: 1}}}, Calls: []plan.OverCall{first}, When: plan.AtTime, End: -1,
				Out: concat(rows, result("f", exactT))}
		}, one},
		{"over of chosen rows", func() plan.Op {
			months := plan.Frame{Unit: plan.FrameRange, Start: plan.Bound{Kind: plan.Preceding, By: 1, Months: true}, End: plan.Bound{Kind: plan.CurrentRow}, Exclude: plan.ExcludeTies}
			few := plan.OverCall{Agg: plan.Agg{Kind: plan.Count, Arg: 0, Typ: bigT, Distinct: true, Filter: 4}, Default: -1, Frame: months}
			next := plan.OverCall{Func: "lead", Agg: plan.Agg{Arg: 2, Filter: -1, Typ: textT}, N: 2, Default: -1, IgnoreNulls: true}
			return &plan.Over{Op: "over-3", Order: plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 1}}}, Calls: []plan.OverCall{few, next}, End: -1,
				EmitBefore: true, Out: concat(rows, result("n", bigT), result("l", textT))}
		}, one},
		{"over by time, late rows written elsewhere", func() plan.Op {
			first := plan.OverCall{Func: "first", Agg: plan.Agg{Arg: 3, Filter: -1, Typ: exactT}, Default: -1}
			return &plan.Over{Op: "over-4", Order: plan.Order{Keys: []plan.SortKey{{Column: 1}}}, Calls: []plan.OverCall{first}, When: plan.AtTime, End: -1,
				Out: concat(rows, result("f", exactT)), Late: []int{plan.LateReason, 5}}
		}, []types.Schema{wide}},
		{"rank of windows, late rows written elsewhere", func() plan.Op {
			return &plan.Rank{Op: "rank-3", Order: plan.Order{Partition: []int{1}, Keys: []plan.SortKey{{Column: 0}}}, Limit: 1, When: plan.AtWindowEnd, End: 1, Out: rows,
				Late: []int{5, plan.LateReason}}
		}, []types.Schema{wide}},
		{"interval join, late rows written elsewhere", func() plan.Op {
			return &plan.IntervalJoin{Op: "join-6", Left: plan.TimedSide{Keys: []int{0}, Time: 1, Late: []int{5, plan.LateReason}},
				Right: plan.TimedSide{Keys: []int{0}, Time: 1, Late: []int{2, plan.LateReason}}, Width: len(rows), Out: concat(rows, rows)}
		}, []types.Schema{wide, rows}},
		{"temporal join, late rows written elsewhere", func() plan.Op {
			return &plan.TemporalJoin{Op: "join-7", Left: plan.TimedSide{Keys: []int{0}, Time: 1, Late: []int{5, plan.LateReason}}, Right: plan.TimedSide{Keys: []int{0}, Time: 1},
				Width: len(rows), Out: concat(rows, rows)}
		}, []types.Schema{wide, rows}},
		{"set operation of windows, late rows written elsewhere", func() plan.Op {
			return &plan.SetOp{Op: "setop-3", Kind: plan.Intersect, Time: 1, Out: rows, LeftLate: []int{5, plan.LateReason}}
		}, []types.Schema{wide, rows}},
		{"limit", func() plan.Op { return &plan.Limit{Count: 5, Offset: 2, Out: rows} }, one},
		{"newest of the rows by key", func() plan.Op {
			return &plan.UpsertMaterialize{Op: "materialize-1", Keys: []int{2, 0}, Out: rows}
		}, one},
		{"join", func() plan.Op {
			return &plan.Join{Op: "join-1", Sides: []plan.JoinSide{{Keys: []int{2, 0}, TTL: time.Hour}, {Keys: []int{0, 1}}}, Left: len(rows), Out: concat(rows, named)}
		}, sides},
		{"outer join", func() plan.Op {
			less := &plan.Call{Func: ">", Args: []plan.Expr{column(1), &plan.Column{Index: 7, Name: "at", Typ: timeT}}, Typ: boolT}
			return &plan.Join{Op: "join-2", Kind: plan.FullJoin, Sides: []plan.JoinSide{{Keys: []int{0}, Updates: true}, {Keys: []int{1}}}, Left: len(rows),
				On: less, EmitBefore: true, Out: concat(rows, named)}
		}, sides},
		{"join of all rows", func() plan.Op {
			return &plan.Join{Op: "join-3", Kind: plan.LeftJoin, Sides: make([]plan.JoinSide, 2), Left: len(rows), Final: true, Out: concat(rows, named)}
		}, sides},
	}
}

// emptyModule is one in WebAssembly whose function f_accumulate makes states of no bytes.
const emptyModule = "H4sIAAAAAAAC/wTAXQqDMBAE4JlE+6cepwfwJHEJEQq7WGKk+LQ9uh9kNwLgFBY6fYnuTo8xgH0keH93Nyu21TNg2vXz/cmZRHXLwLgmyfmwQ6UV8LmmWlqV3MDXGHrM/8fQYcZwBQAA//+hvZ1HZgAAAA=="
