package op

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestChangingBestRows: of the row that decides and goes the next one takes the place.
func TestChangingBestRows(t *testing.T) {
	text, big := types.Of(types.String), types.Of(types.BigInt)
	p := plan.GroupAggregate{Keys: []int{0}, InputUpdates: true, EmitBefore: true, Aggs: []plan.Agg{
		{Kind: "ARG_MIN_OF_CHANGES", Arg: 2, More: []int{3}, Filter: -1, Typ: text}, {Kind: "ARG_MAX_OF_CHANGES", Arg: 2, More: []int{1}, Filter: -1, Typ: big},
		{Kind: "ARG_MAX_OF_CHANGES", Arg: 2, More: []int{3}, Filter: 4, Typ: text}, {Kind: "ARG_MIN_OF_CHANGES", Arg: 3, More: []int{3}, Filter: 4, Typ: text},
	}, Out: types.Schema{valued[0], {Type: text}, {Type: big}, {Type: text}, {Type: text}}}
	best := func(by, result int, last, filtered bool) func([]executortest.Tuple) any {
		return func(rows []executortest.Tuple) any {
			rows = slices.DeleteFunc(slices.Clone(rows), func(r executortest.Tuple) bool { return r[by] == nil || filtered && r[4] != true })
			if len(rows) == 0 {
				return nil
			}
			slices.SortStableFunc(rows, func(a, b executortest.Tuple) int { return compare(a[by], b[by]) })
			if last {
				return rows[len(rows)-1][result]
			}
			return rows[0][result]
		}
	}
	wants := []func([]executortest.Tuple) any{best(2, 3, false, false), best(2, 1, true, false), best(2, 3, true, true), best(3, 3, false, true)}
	executortest.Check{
		Inputs: []executortest.Input{{Schema: valued, Hash: []int{0}, Value: func(r *rand.Rand, c int) any {
			if c == 2 && r.IntN(5) > 0 { // one row alone has it
				return r.Int64() >> 8
			}
			if c == 2 {
				return nil
			}
			return executortest.AnyValue(r, valued[c].Type)
		}}},
		New: func() (executor.Operator, error) { return NewGroupAggregate(&p, valued) },
		Want: func(in [][]executortest.Tuple) (out []executortest.Tuple) {
			groups := map[string][]executortest.Tuple{}
			for _, r := range in[0] {
				groups[r[:1].String()] = append(groups[r[:1].String()], r)
			}
			for _, rows := range groups {
				row := rows[0][:1:1]
				for _, want := range wants {
					row = append(row, want(rows))
				}
				out = append(out, row)
			}
			return out
		},
		Before: true, Key: []int{0},
	}.Run(t)
}

// TestChangingEnds: of the values that are there FIRST_VALUE is the one that came first and LAST_VALUE the one
// that came last; one that is taken back is the last of those that are equal to the former, the first to the
// latter. Of rows that tie ARG_MIN and ARG_MAX give the first.
func TestChangingEnds(t *testing.T) {
	in, big := types.Schema{{Name: "v", Type: types.Of(types.BigInt)}, {Name: "one", Type: types.Of(types.BigInt)}}, types.Of(types.BigInt)
	p := &plan.GroupAggregate{InputUpdates: true, Out: types.Schema{{Type: big}, {Type: big}, {Type: big}, {Type: big}}, Aggs: []plan.Agg{
		{Kind: "FIRST_VALUE_OF_CHANGES", Arg: 0, Filter: -1, Typ: big}, {Kind: "LAST_VALUE_OF_CHANGES", Arg: 0, Filter: -1, Typ: big},
		{Kind: "ARG_MIN_OF_CHANGES", Arg: 1, More: []int{0}, Filter: -1, Typ: big}, {Kind: "ARG_MAX_OF_CHANGES", Arg: 1, More: []int{0}, Filter: -1, Typ: big}}}
	g, err := NewGroupAggregate(p, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	r, got := rand.New(rand.NewPCG(3, 3)), &collector{}
	var first, last []int64 // what is there, as each of the two sees it
	for range 400 {
		b := column.NewBatch(in)
		for range 1 + r.IntN(6) {
			v, kind := r.Int64N(5), column.Insert
			if at := slices.Index(last, v); at >= 0 && r.IntN(2) == 0 {
				kind, last = column.Delete, slices.Delete(last, at, at+1)
				for at = len(first) - 1; first[at] != v; at-- {
				}
				first = slices.Delete(first, at, at+1)
			} else {
				first, last = append(first, v), append(last, v)
			}
			b.Cols[0].AppendInt(v)
			b.Cols[1].AppendInt(1)
			b.Kinds = append(b.Kinds, kind)
			b.Rows++
		}
		if err := errors.Join(g.Process(0, b, got), g.Flush(got)); err != nil {
			t.Fatal(err)
		}
		want := "[NULL NULL NULL NULL]"
		if len(first) > 0 {
			want = fmt.Sprint([]int64{first[0], last[len(last)-1], first[0], first[0]})
		}
		if row := got.rows[len(got.rows)-1]; row != want {
			t.Fatalf("of %v it gives %s, want %s", last, row, want)
		}
	}
}
