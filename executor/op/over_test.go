package op

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// A plain computation of calls with OVER: for each row its frame is looked for among all rows.

// inFrame tells whether row j is in the frame of row i.
func inFrame(part []executortest.Tuple, keys []plan.SortKey, groups []int, f plan.Frame, i, j int) bool {
	switch same := groups[i] == groups[j]; {
	case f.Exclude == plan.ExcludeCurrentRow && i == j, f.Exclude == plan.ExcludeGroup && same, f.Exclude == plan.ExcludeTies && same && i != j:
		return false
	}
	return edgeOf(part, keys, groups, f.Unit, f.Start, i, j) >= 0 && edgeOf(part, keys, groups, f.Unit, f.End, i, j) <= 0
}

// edgeOf says where row j is to one end of the frame of row i: before it, at it, behind it.
func edgeOf(part []executortest.Tuple, keys []plan.SortKey, groups []int, unit plan.FrameUnit, b plan.Bound, i, j int) int {
	by := 0
	switch b.Kind {
	case plan.Preceding:
		by = -int(b.By)
	case plan.Following:
		by = int(b.By)
	}
	switch {
	case b.Kind == plan.UnboundedPreceding:
		return 1
	case b.Kind == plan.UnboundedFollowing:
		return -1
	case unit == plan.FrameRows:
		return j - (i + by)
	case unit == plan.FrameGroups:
		return groups[j] - (groups[i] + by)
	}
	x, ok := any(nil), false
	if len(keys) > 0 {
		x, ok = part[i][keys[0].Column], true
	}
	if b.Kind == plan.CurrentRow || !ok || x == nil {
		return groups[j] - groups[i]
	}
	k := keys[0]
	if k.Desc {
		by = -by
	}
	y := part[j][k.Column]
	if y == nil {
		return j - i // in no frame, on its own side
	}
	return compareCells(y, x.(int64)+int64(by), k)
}

// peerGroups numbers the rows that differ in the order, from 0.
func peerGroups(part []executortest.Tuple, keys []plan.SortKey) (groups []int) {
	n := 0
	for i := range part {
		if i > 0 && orderOf(keys)(part[i-1], part[i]) != 0 {
			n++
		}
		groups = append(groups, n)
	}
	return groups
}

// frameOf are the rows in the frame of row i.
func frameOf(part []executortest.Tuple, keys []plan.SortKey, groups []int, f plan.Frame, i int) (frame []executortest.Tuple) {
	for j, row := range part {
		if inFrame(part, keys, groups, f, i, j) {
			frame = append(frame, row)
		}
	}
	return frame
}

// callOf computes one call for row i, whose frame is given.
func callOf(part, frame []executortest.Tuple, groups []int, c plan.OverCall, i int) any {
	first, behind := 0, 0
	for j, g := range groups {
		if g < groups[i] {
			first++
		}
		if g <= groups[i] {
			behind = j + 1
		}
	}
	n := int64(len(part))
	at := func(rows []executortest.Tuple, j int) any {
		if j < 0 || j >= len(rows) {
			if c.Default >= 0 {
				return part[i][c.Default]
			}
			return nil
		}
		return rows[j][c.Agg.Arg]
	}
	switch c.Func {
	case "row_number":
		return int64(i) + 1
	case "rank":
		return int64(first) + 1
	case "dense_rank":
		return int64(groups[i]) + 1
	case "percent_rank":
		return float64(first) / max(1, float64(n-1))
	case "cume_dist":
		return float64(behind) / float64(n)
	case "ntile":
		bucket, left := int64(0), int64(0)
		for j := range i + 1 {
			if left == 0 {
				bucket++
				left = (n - int64(j)) / (c.N - bucket + 1)
				if (n-int64(j))%(c.N-bucket+1) > 0 {
					left++
				}
			}
			left--
		}
		return bucket
	case "lag":
		if c.N == 0 {
			return part[i][c.Agg.Arg]
		}
		before := present(part[:i], c)
		return at(before, len(before)-int(c.N))
	case "lead":
		return at(present(part[i+1:], c), int(c.N)-1)
	case "first":
		return at(present(frame, c), 0)
	case "last":
		frame = present(frame, c)
		return at(frame, len(frame)-1)
	case "nth":
		return at(present(frame, c), int(c.N)-1)
	}
	return aggregateOf(frame, c.Agg)
}

// present leaves out the rows that a call passes over.
func present(rows []executortest.Tuple, c plan.OverCall) (out []executortest.Tuple) {
	for _, row := range rows {
		if !c.IgnoreNulls || row[c.Agg.Arg] != nil {
			out = append(out, row)
		}
	}
	return out
}

func aggregateOf(rows []executortest.Tuple, a plan.Agg) any {
	count, sum, high, text := int64(0), int64(0), any(nil), any(nil)
	if a.Distinct {
		rows = slices.Clone(rows)
		slices.SortFunc(rows, func(x, y executortest.Tuple) int { return compareCells(x[a.Arg], y[a.Arg], plan.SortKey{}) })
		rows = slices.CompactFunc(rows, func(x, y executortest.Tuple) bool { return x[a.Arg] == y[a.Arg] })
	}
	var list []string
	for _, row := range rows {
		if a.Arg < 0 {
			count++
			continue
		}
		switch x := row[a.Arg].(type) {
		case int64:
			count, sum = count+1, sum+x
			if high == nil || x > high.(int64) {
				high = x
			}
		case string:
			list = append(list, x)
			if text == nil || x < text.(string) {
				text = x
			}
		}
	}
	switch a.Kind {
	case plan.Max:
		return high
	case plan.Min:
		return text
	case "LISTAGG":
		if list == nil {
			return nil
		}
		return strings.Join(list, a.Param)
	case plan.Sum:
		if count == 0 {
			return nil
		}
		return sum
	}
	return count
}

// overOf computes what an Over gives.
func overOf(rows []executortest.Tuple, p *plan.Over) (out []executortest.Tuple) {
	for _, part := range partitionsOf(rows, p.Order) {
		groups := peerGroups(part, p.Order.Keys)
		for i, row := range part {
			row = slices.Clone(row)
			frames := map[plan.Frame][]executortest.Tuple{}
			for _, c := range p.Calls {
				frame, there := frames[c.Frame]
				if !there {
					frame = frameOf(part, p.Order.Keys, groups, c.Frame, i)
					frames[c.Frame] = frame
				}
				row = append(row, callOf(part, frame, groups, c, i))
			}
			out = append(out, row)
		}
	}
	return out
}

var (
	bigType    = types.Of(types.BigInt)
	wholeFrame = plan.Frame{End: plan.Bound{Kind: plan.UnboundedFollowing}}
	upToNow    = plan.Frame{Unit: plan.FrameRange, End: plan.Bound{Kind: plan.CurrentRow}}
)

func between(unit plan.FrameUnit, start, end plan.Bound) plan.Frame {
	return plan.Frame{Unit: unit, Start: start, End: end}
}

func preceding(n int64) plan.Bound { return plan.Bound{Kind: plan.Preceding, By: n} }
func following(n int64) plan.Bound { return plan.Bound{Kind: plan.Following, By: n} }

// backFrames are frames that end at the current row or before it; allFrames look ahead too.
func backFrames() []plan.Frame {
	now := plan.Bound{Kind: plan.CurrentRow}
	return []plan.Frame{upToNow, between(plan.FrameRows, plan.Bound{}, now), between(plan.FrameRows, preceding(3), now), between(plan.FrameRows, preceding(4), preceding(2)),
		between(plan.FrameRange, preceding(2), now), between(plan.FrameRange, preceding(2), preceding(1)), between(plan.FrameRange, now, now)}
}

func allFrames() []plan.Frame {
	now, end := plan.Bound{Kind: plan.CurrentRow}, plan.Bound{Kind: plan.UnboundedFollowing}
	return append(backFrames(), wholeFrame, between(plan.FrameRows, preceding(1), following(2)), between(plan.FrameRows, following(1), following(3)),
		between(plan.FrameRange, preceding(1), following(2)), between(plan.FrameRange, following(1), end), between(plan.FrameGroups, preceding(1), following(1)),
		between(plan.FrameGroups, now, end), between(plan.FrameGroups, following(2), following(3)), between(plan.FrameRows, now, end),
		but(plan.ExcludeCurrentRow, wholeFrame), but(plan.ExcludeGroup, between(plan.FrameRange, preceding(2), following(1))),
		but(plan.ExcludeTies, between(plan.FrameGroups, preceding(1), now)), but(plan.ExcludeTies, between(plan.FrameRange, following(1), following(2))),
		but(plan.ExcludeCurrentRow, between(plan.FrameRows, preceding(2), now)), but(plan.ExcludeGroup, between(plan.FrameRows, preceding(3), end)))
}

func but(x plan.Exclusion, f plan.Frame) plan.Frame {
	f.Exclude = x
	return f
}

// framed are the calls over a frame.
func framed(f plan.Frame) []plan.OverCall {
	of := func(name string, arg int, n int64) plan.OverCall {
		return plan.OverCall{Func: name, Agg: plan.Agg{Arg: arg, Filter: -1, Typ: changing[arg].Type}, N: n, Default: -1, Frame: f}
	}
	agg := func(kind plan.AggKind, arg int, t types.Type) plan.OverCall {
		return plan.OverCall{Agg: plan.Agg{Kind: kind, Arg: arg, Filter: -1, Typ: t}, Default: -1, Frame: f}
	}
	return []plan.OverCall{agg(plan.CountStar, -1, bigType), agg(plan.Count, 1, bigType), agg(plan.Sum, 1, bigType), agg(plan.Max, 2, bigType), agg(plan.Min, 0, changing[0].Type),
		of("first", 1, 1), of("last", 0, 1), of("nth", 2, 2)}
}

// keeping are the aggregates for which values are kept beside the accumulators; of the last one it counts which
// of equal rows is the first.
func keeping(f plan.Frame) []plan.OverCall {
	agg := func(kind plan.AggKind, arg int, distinct bool, param string) plan.OverCall {
		t := bigType
		if kind == "LISTAGG" {
			t = changing[0].Type
		}
		return plan.OverCall{Agg: plan.Agg{Kind: kind, Arg: arg, Filter: -1, Typ: t, Distinct: distinct, Param: param}, Default: -1, Frame: f}
	}
	return []plan.OverCall{agg(plan.Count, 1, true, ""), agg(plan.Sum, 2, true, ""), agg("LISTAGG", 0, false, "+")}
}

// passing gives calls that pass NULLs over.
func passing(calls []plan.OverCall) (out []plan.OverCall) {
	for _, c := range calls {
		if c.Agg.Arg >= 0 && c.Func != "" && c.Func != "ntile" {
			c.IgnoreNulls = true
			out = append(out, c)
		}
	}
	return out
}

// shifting are the calls that have no frame; those before `ahead` look at no later row.
func shifting() (calls []plan.OverCall, ahead int) {
	number := func(name string, t types.Type, n int64) plan.OverCall {
		return plan.OverCall{Func: name, Agg: plan.Agg{Arg: -1, Filter: -1, Typ: t}, N: n, Default: -1}
	}
	double := types.Of(types.Double)
	shift := func(name string, n int64, otherwise int) plan.OverCall {
		return plan.OverCall{Func: name, Agg: plan.Agg{Arg: 1, Filter: -1, Typ: bigType}, N: n, Default: otherwise}
	}
	calls = []plan.OverCall{number("row_number", bigType, 0), number("rank", bigType, 0), number("dense_rank", bigType, 0), shift("lag", 1, -1), shift("lag", 3, 2), shift("lag", 0, -1)}
	return append(calls, number("percent_rank", double, 0), number("cume_dist", double, 0), number("ntile", types.Of(types.Int), 3), shift("lead", 2, 2), shift("lead", 1, -1)), len(calls)
}

func overPlan(p plan.Over) *plan.Over {
	p.End, p.Out = -1, slices.Clone(changing)
	for _, c := range p.Calls {
		p.Out = append(p.Out, types.Column{Name: "r", Type: c.Agg.Typ})
	}
	return &p
}

// overPlans have every call over every frame, by one key and by a total order.
func overPlans() (out []*plan.Over) {
	shifted, _ := shifting()
	total := []plan.SortKey{{Column: 2, NullsFirst: true}, {Column: 1, Desc: true}, {Column: 0}}
	out = append(out, overPlan(plan.Over{Order: plan.Order{Partition: []int{0}, Keys: total}, Calls: append(shifted, passing(shifted)...)}))
	for i, f := range allFrames() {
		keys := []plan.SortKey{{Column: 2, Desc: i%2 == 1, NullsFirst: i%3 == 1}}
		calls := append(keeping(f), framed(f)...)
		if f.Unit != plan.FrameRange && f.Unit != plan.FrameGroups {
			keys = append(keys, plan.SortKey{Column: 1}, plan.SortKey{Column: 0})
			calls = append(calls, passing(calls)...)
		} else { // which of equal rows is the first is not said
			calls = calls[:8]
		}
		out = append(out, overPlan(plan.Over{Order: plan.Order{Partition: []int{0}, Keys: keys}, Calls: calls}))
	}
	return out
}

// TestChangingOvers: after each batch every row has the results that the rows round it give.
func TestChangingOvers(t *testing.T) {
	for i, p := range overPlans() {
		p.InputUpdates, p.EmitBefore = i%3 > 0, true
		t.Run(fmt.Sprint(p.Describe(), p.Calls[0].Frame), func(t *testing.T) {
			executortest.Check{
				Inputs: []executortest.Input{{Schema: changing, Hash: []int{0}, Append: !p.InputUpdates}},
				New:    func() (executor.Operator, error) { return NewOver(p) },
				Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return overOf(in[0], p) },
				Before: true, Rounds: 8, Most: 40,
			}.Run(t)
		})
	}
}

// TestFinalOvers: of an input that ends each row is given once, at the end.
func TestFinalOvers(t *testing.T) {
	for _, p := range overPlans() {
		p.When = plan.AtEnd
		o, err := NewOver(p)
		if err != nil {
			t.Fatal(err)
		}
		s := store()
		givesAll(t, o, s, p, [][]int64{nil, {executor.EndWatermark}})
		if n := s.Rows(); n > 0 {
			t.Errorf("%s: %d rows of state are left", p.Describe(), n)
		}
	}
}

// TestRunningOvers: rows that come in their order, or are brought into it by time, have the results
// of a plain computation over all of them, though only few are kept.
func TestRunningOvers(t *testing.T) {
	shifted, ahead := shifting()
	for i, f := range backFrames() {
		for _, when := range []plan.Emission{plan.AtTime, plan.AsTheyCome} {
			p := plan.Over{Order: plan.Order{Partition: []int{0}, Keys: []plan.SortKey{{Column: 2}, {Column: 1}}}, Calls: append(framed(f), shifted[:ahead]...), When: when}
			switch {
			case f.Unit != plan.FrameRange && when == plan.AsTheyCome:
				p.Order.Keys = nil
				p.Calls = append(framed(f), shifted[0], shifted[3], shifted[4])
			case when == plan.AsTheyCome:
				continue
			case f.Unit == plan.FrameRange: // which of equal rows is the first is not said
				p.Order.Keys = p.Order.Keys[:1]
				p.Calls = append(framed(f)[:5], shifted[1:3]...)
			}
			t.Run(fmt.Sprint(when, i), func(t *testing.T) { runs(t, overPlan(p)) })
			p.Calls = keeping(f)
			t.Run(fmt.Sprint(when, i, " with values"), func(t *testing.T) { runs(t, overPlan(p)) })
		}
	}
}

// runs gives rows whose times rise.
func runs(t *testing.T, p *plan.Over) {
	t.Helper()
	r := executortest.Random(t)
	o, err := NewOver(p)
	if err != nil {
		t.Fatal(err)
	}
	e := env(store())
	if err := o.Open(e); err != nil {
		t.Fatal(err)
	}
	got := executortest.Applied{Before: true}
	var all []executortest.Tuple
	at := int64(0)
	for range 30 {
		b := column.NewBatch(changing)
		for range r.IntN(40) {
			row := executortest.Tuple{fmt.Sprint(r.IntN(3)), executortest.AnyValue(r, bigType), at + r.Int64N(6)}
			all = append(all, row)
			executortest.AppendTuple(b, row)
		}
		if err := o.Process(0, b, &got); err != nil {
			t.Fatal(err)
		}
		if at += r.Int64N(3); p.When == plan.AtTime {
			if err := o.OnWatermark(at, &got); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := o.OnWatermark(executor.EndWatermark, &got); err != nil {
		t.Fatal(err)
	}
	if diff := got.Differs(overOf(all, p)); diff != "" {
		t.Error(diff)
	}
	most := 200 // of some six hundred
	if len(p.Calls) == len(keeping(upToNow)) && p.Calls[0].Frame.Start.Kind == plan.UnboundedPreceding {
		most += 2 * len(all) // each value once, and once for the list
	}
	if n := e.State.Rows(); n > most {
		t.Errorf("%d rows of state are left", n)
	}
}

// givesAll sends random rows and watermarks, and compares what is given with a plain computation.
func givesAll(t *testing.T, o executor.Operator, s *state.Store, p *plan.Over, watermarks [][]int64) {
	t.Helper()
	r := executortest.Random(t)
	if err := o.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	got := executortest.Applied{Before: true}
	var all []executortest.Tuple
	for _, marks := range watermarks {
		b := column.NewBatch(changing)
		for range 60 {
			row := make(executortest.Tuple, len(changing))
			for c, x := range changing {
				row[c] = executortest.AnyValue(r, x.Type)
			}
			all = append(all, row)
			executortest.AppendTuple(b, row)
		}
		if err := o.Process(0, b, &got); err != nil {
			t.Fatal(err)
		}
		for _, w := range marks {
			if err := o.OnWatermark(w, &got); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := got.Differs(overOf(all, p)); diff != "" {
		t.Errorf("%s: %s", p.Describe(), diff)
	}
}
