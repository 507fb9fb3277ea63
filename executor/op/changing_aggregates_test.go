package op

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Aggregates over changing rows, each held against a plain computation (executortest.Check).

// valued is the input: a key, two numbers, a text and a filter.
var valued = types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, {Name: "v", Type: types.Of(types.BigInt)}, {Name: "j", Type: types.Of(types.BigInt)},
	{Name: "s", Type: types.Of(types.String)}, {Name: "f", Type: types.Of(types.Boolean)}}

// aggregated is an aggregate over valued, and what it is of rows of a group that its filter passes.
type aggregated struct {
	plan.Agg
	of func(rows []executortest.Tuple) any
}

// answer computes the values of each group by the key of valued.
func answer(rows []executortest.Tuple, of func(rows []executortest.Tuple) []any) (out []executortest.Tuple) {
	groups, keys := map[string][]executortest.Tuple{}, []executortest.Tuple(nil)
	for _, r := range rows {
		key := r[:1].String()
		if groups[key] == nil {
			keys = append(keys, r[:1])
		}
		groups[key] = append(groups[key], r)
	}
	for _, key := range keys {
		out = append(out, append(executortest.Tuple{key[0]}, of(groups[key.String()])...))
	}
	return out
}

// counted are the rows that the aggregate takes: equal arguments once if it is DISTINCT.
func (a aggregated) counted(rows []executortest.Tuple) (out []executortest.Tuple) {
	seen := map[string]bool{}
	for _, r := range rows {
		if a.Filter >= 0 && r[a.Filter] != true {
			continue
		}
		args, null := executortest.Tuple{}, false
		for _, c := range a.Args() {
			args, null = append(args, r[c]), null || r[c] == nil
		}
		if null || a.Distinct && seen[args.String()] {
			continue
		}
		seen[args.String()] = true
		out = append(out, r)
	}
	return out
}

func count(rows []executortest.Tuple) any { return int64(len(rows)) }

func total(rows []executortest.Tuple) any {
	if len(rows) == 0 {
		return nil
	}
	sum := int64(0)
	for _, r := range rows {
		sum += r[1].(int64)
	}
	return sum
}

// checkAggregates tries aggregates over changing rows and over such as only come, as a job runs them.
func checkAggregates(t *testing.T, list []aggregated) {
	t.Helper()
	p := plan.GroupAggregate{Keys: []int{0}, Out: valued[:1:1]}
	for i, a := range list {
		p.Aggs = append(p.Aggs, a.Agg)
		p.Out = append(p.Out, types.Column{Name: fmt.Sprintf("r%d", i), Type: a.Typ})
	}
	checkGroups(t, p, func(rows []executortest.Tuple) (out []any) {
		for _, a := range list {
			out = append(out, a.of(a.counted(rows)))
		}
		return out
	})
}

// checkGroups tries a GROUP BY of valued, of which the rows of a group give some values.
func checkGroups(t *testing.T, p plan.GroupAggregate, of func(rows []executortest.Tuple) []any) {
	t.Helper()
	for appended, rounds := range map[bool]int{false: 60, true: 25} {
		for _, before := range []bool{false, true} {
			t.Run(fmt.Sprintf("append %v, former versions %v", appended, before), func(t *testing.T) {
				p := p
				p.InputUpdates, p.EmitBefore = !appended, before
				executortest.Check{
					Inputs: []executortest.Input{{Schema: valued, Hash: []int{0}, Append: appended}},
					New:    func() (executor.Operator, error) { return NewGroupAggregate(&p, valued) },
					Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return answer(in[0], of) },
					Before: before, Key: []int{0}, Rounds: rounds,
				}.Run(t)
			})
		}
	}
}

// extremeOf is the first value of a column in an order, or the last.
func extremeOf(c int, last bool) func([]executortest.Tuple) any {
	return func(rows []executortest.Tuple) (best any) {
		for _, r := range rows {
			if best == nil || (compare(r[c], best) < 0) != last && compare(r[c], best) != 0 {
				best = r[c]
			}
		}
		return best
	}
}

func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case string:
		return cmp.Compare(a, b.(string))
	case bool:
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	return cmp.Compare(a.(float64), b.(float64))
}

// TestChangingExtremes: the next value takes the place of one that is taken back.
func TestChangingExtremes(t *testing.T) {
	text, big := types.Of(types.String), types.Of(types.BigInt)
	checkAggregates(t, []aggregated{
		{plan.Agg{Kind: "MIN_OF_CHANGES", Arg: 1, Filter: -1, Typ: big}, extremeOf(1, false)},
		{plan.Agg{Kind: "MAX_OF_CHANGES", Arg: 1, Filter: -1, Typ: big}, extremeOf(1, true)},
		{plan.Agg{Kind: "MAX_OF_CHANGES", Arg: 1, Filter: 4, Typ: big}, extremeOf(1, true)},
		{plan.Agg{Kind: "MIN_OF_CHANGES", Arg: 3, Filter: -1, Typ: text}, extremeOf(3, false)},
		{plan.Agg{Kind: "MAX_OF_CHANGES", Arg: 3, Filter: 4, Typ: text}, extremeOf(3, true)},
		{plan.Agg{Kind: "MAX_OF_CHANGES", Arg: 4, Filter: -1, Typ: valued[4].Type}, extremeOf(4, true)},
		{plan.Agg{Kind: plan.Count, Arg: 3, Filter: 4, Typ: big, Distinct: true}, count},
	})
}

// TestChangingBits: what was taken back has no bit in the result.
func TestChangingBits(t *testing.T) {
	big, truth := types.Of(types.BigInt), types.Of(types.Boolean)
	fold := func(f func(a, b int64) int64) func([]executortest.Tuple) any {
		return func(rows []executortest.Tuple) any {
			if len(rows) == 0 {
				return nil
			}
			x := rows[0][1].(int64)
			for _, r := range rows[1:] {
				x = f(x, r[1].(int64))
			}
			return x
		}
	}
	and, or := fold(func(a, b int64) int64 { return a & b }), fold(func(a, b int64) int64 { return a | b })
	checkAggregates(t, []aggregated{
		{plan.Agg{Kind: "BIT_AND_OF_CHANGES", Arg: 1, Filter: -1, Typ: big}, and},
		{plan.Agg{Kind: "BIT_OR_OF_CHANGES", Arg: 1, Filter: 4, Typ: big}, or},
		{plan.Agg{Kind: "BIT_XOR", Arg: 1, Filter: -1, Typ: big}, fold(func(a, b int64) int64 { return a ^ b })},
		{plan.Agg{Kind: "BOOL_AND", Arg: 4, Filter: -1, Typ: truth}, extremeOf(4, false)},
		{plan.Agg{Kind: "BOOL_OR", Arg: 4, Filter: -1, Typ: truth}, extremeOf(4, true)},
	})
}

// TestChangingMoments: of whole numbers power sums are exact, whatever came and went.
func TestChangingMoments(t *testing.T) {
	binary := types.Of(types.Binary)
	sums := func(columns ...int) func([]executortest.Tuple) any {
		return func(rows []executortest.Tuple) any {
			m := []float64{}
			for _, r := range rows {
				x, y := float64(r[columns[0]].(int64)), 0.0
				terms := []float64{x, x * x}
				if len(columns) == 2 {
					y = float64(r[columns[1]].(int64))
					terms = []float64{x, y, x * x, y * y, x * y}
				}
				m = append(m, make([]float64, len(terms)-len(m[:min(len(m), len(terms))]))...)
				for i, z := range terms {
					m[i] += z
				}
			}
			words := make([]uint64, value.MomentsWords(len(columns) == 2))
			words[0] = uint64(len(rows))
			for i, z := range m {
				words[2+2*i] = math.Float64bits(z)
			}
			return string(value.AppendMoments(nil, words))
		}
	}
	checkAggregates(t, []aggregated{
		{plan.Agg{Kind: "MOMENTS", Arg: 1, Filter: 4, Typ: binary}, sums(1)},
		{plan.Agg{Kind: "COMOMENTS", Arg: 1, More: []int{2}, Filter: -1, Typ: binary}, sums(1, 2)},
		{plan.Agg{Kind: "COMOMENTS", Arg: 1, More: []int{2}, Filter: -1, Typ: binary, Distinct: true}, sums(1, 2)},
	})
}

// TestChangingLists: values are read in their order, as often as each is there.
func TestChangingLists(t *testing.T) {
	big, text := types.Of(types.BigInt), types.Of(types.String)
	numbers := func(rows []executortest.Tuple) (out []int64) {
		for _, r := range rows {
			out = append(out, r[1].(int64))
		}
		slices.Sort(out)
		return out
	}
	disc := func(fraction float64) func([]executortest.Tuple) any {
		return func(rows []executortest.Tuple) any {
			list := numbers(rows)
			if len(list) == 0 {
				return nil
			}
			return list[max(0, int(math.Ceil(fraction*float64(len(list))))-1)]
		}
	}
	middle := func(rows []executortest.Tuple) any {
		list := numbers(rows)
		if len(list) == 0 {
			return nil
		}
		n := len(list) - 1
		return (float64(list[n/2]) + float64(list[n-n/2])) / 2
	}
	joined := func(rows []executortest.Tuple) any {
		var list []string
		for _, r := range rows {
			list = append(list, r[3].(string))
		}
		slices.Sort(list)
		if list == nil {
			return nil
		}
		return strings.Join(list, "-")
	}
	checkAggregates(t, []aggregated{
		{plan.Agg{Kind: "PERCENTILE_DISC", Arg: 1, Filter: -1, Typ: big, Param: "0.3"}, disc(0.3)},
		{plan.Agg{Kind: "PERCENTILE_DISC", Arg: 1, Filter: 4, Typ: big, Param: "0.9"}, disc(0.9)},
		{plan.Agg{Kind: "PERCENTILE_DISC", Arg: 1, Filter: 4, Typ: big, Param: "0.9", Distinct: true}, disc(0.9)},
		{plan.Agg{Kind: "PERCENTILE_CONT", Arg: 1, Filter: -1, Typ: types.Of(types.Double), Param: "0.5"}, middle},
		{plan.Agg{Kind: "LISTAGG_OF_CHANGES", Arg: 3, Filter: -1, Typ: text, Param: "-", Order: []plan.SortKey{{Column: 3}}}, joined},
		{plan.Agg{Kind: "LISTAGG_OF_CHANGES", Arg: 3, Filter: 4, Typ: text, Param: "-", Distinct: true, Order: []plan.SortKey{{Column: 3}}}, joined},
	})
}

// TestDistinctIsForgotten: with a group that was idle for too long its values go.
func TestDistinctIsForgotten(t *testing.T) {
	big := types.Of(types.BigInt)
	p := &plan.GroupAggregate{Keys: []int{0}, Aggs: []plan.Agg{{Kind: plan.Count, Arg: 1, Filter: -1, Typ: big, Distinct: true}}, TTL: time.Second,
		Out: types.Schema{valued[0], {Name: "n", Type: big}}}
	g, err := NewGroupAggregate(p, valued)
	if err != nil {
		t.Fatal(err)
	}
	s, out, now := store(), &collector{last: map[string]string{}, keys: 1}, time.UnixMilli(1_000_000)
	g.now = func() time.Time { return now }
	if err := g.Open(env(s)); err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(valued)
	for _, row := range [][2]int64{{1, 7}, {1, 8}, {2, 7}} {
		b.Cols[0].AppendInt(row[0])
		b.Cols[1].AppendInt(row[1])
		b.Rows++
	}
	process := func(sel []int32) {
		b.Sel = sel
		if err := g.Process(0, b, out); err != nil {
			t.Fatal(err)
		}
		if err := g.Flush(out); err != nil {
			t.Fatal(err)
		}
	}
	process([]int32{0, 1})
	now = now.Add(900 * time.Millisecond)
	process([]int32{2})
	now = now.Add(900 * time.Millisecond)
	process([]int32{2})
	if rows := s.Rows(); rows != 2 {
		t.Errorf("%d rows of state, want group 2 and its value", rows)
	}
	process([]int32{0, 0})
	if want := map[string]string{"[1]": "[1]", "[2]": "[1]"}; !maps.Equal(out.last, want) {
		t.Errorf("got %v, want %v", out.last, want)
	}
}

// TestDistinctAggregates: each value counts once while there is a row with it that the filter passes.
func TestDistinctAggregates(t *testing.T) {
	big := types.Of(types.BigInt)
	checkAggregates(t, []aggregated{
		{plan.Agg{Kind: plan.Count, Arg: 1, Filter: -1, Typ: big}, count},
		{plan.Agg{Kind: plan.Count, Arg: 1, Filter: -1, Typ: big, Distinct: true}, count},
		{plan.Agg{Kind: plan.Count, Arg: 1, Filter: 4, Typ: big, Distinct: true}, count},
		{plan.Agg{Kind: plan.Sum, Arg: 1, Filter: 4, Typ: big, Distinct: true}, total},
		{plan.Agg{Kind: plan.Count, Arg: 1, More: []int{3}, Filter: -1, Typ: big, Distinct: true}, count},
		{plan.Agg{Kind: plan.Count, Arg: 3, Filter: 4, Typ: big, Distinct: true}, count},
		{plan.Agg{Kind: plan.Sum, Arg: 1, Filter: 4, Typ: big}, total},
	})
}
