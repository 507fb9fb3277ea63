package op

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"slipway/executor"
	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// The operators over changing rows, held against a plain computation (executortest.Check).

var changing = types.Schema{{Name: "k", Type: types.Of(types.String)}, {Name: "v", Type: types.Of(types.BigInt)}, {Name: "j", Type: types.Of(types.BigInt)}}

func countAndSum(arg int) []plan.Agg {
	big := types.Of(types.BigInt)
	return []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: big}, {Kind: plan.Count, Arg: arg, Filter: -1, Typ: big}, {Kind: plan.Sum, Arg: arg, Filter: -1, Typ: big}}
}

// grouped computes countAndSum of column 1 by some columns.
func grouped(rows []executortest.Tuple, keys []int) (out []executortest.Tuple) {
	at := map[string]executortest.Tuple{}
	for _, row := range rows {
		var key executortest.Tuple
		for _, k := range keys {
			key = append(key, row[k])
		}
		g := at[key.String()]
		if g == nil {
			g = append(key, int64(0), int64(0), nil)
			at[key.String()] = g
			out = append(out, g)
		}
		n := len(keys)
		g[n] = g[n].(int64) + 1
		if v, ok := row[1].(int64); ok {
			sum, _ := g[n+2].(int64)
			g[n+1], g[n+2] = g[n+1].(int64)+1, sum+v
		}
	}
	return out
}

// TestChangingGroups: groups come, change and go with their rows.
func TestChangingGroups(t *testing.T) {
	for _, keys := range [][]int{{0}, {0, 2}} {
		for _, before := range []bool{true, false} {
			t.Run(fmt.Sprint(keys, before), func(t *testing.T) {
				var out types.Schema
				for _, k := range keys {
					out = append(out, changing[k])
				}
				for _, a := range countAndSum(1) {
					out = append(out, types.Column{Type: a.Typ})
				}
				p := &plan.GroupAggregate{Keys: keys, Aggs: countAndSum(1), InputUpdates: true, EmitBefore: before, Out: out}
				executortest.Check{
					Inputs: []executortest.Input{{Schema: changing, Hash: keys}},
					New:    func() (executor.Operator, error) { return NewGroupAggregate(p, changing) },
					Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return grouped(in[0], keys) },
					Before: before, Key: []int{0, len(keys) - 1},
				}.Run(t)
			})
		}
	}
}

// TestChangingTotal: the one group of an aggregate without GROUP BY stays when its rows go.
func TestChangingTotal(t *testing.T) {
	var out types.Schema
	for _, a := range countAndSum(1) {
		out = append(out, types.Column{Type: a.Typ})
	}
	p := &plan.GroupAggregate{Aggs: countAndSum(1), InputUpdates: true, EmitBefore: true, Out: out}
	executortest.Check{
		Inputs: []executortest.Input{{Schema: changing}},
		New:    func() (executor.Operator, error) { return NewGroupAggregate(p, changing) },
		Want: func(in [][]executortest.Tuple) []executortest.Tuple {
			if total := grouped(in[0], nil); total != nil {
				return total
			}
			return []executortest.Tuple{{int64(0), int64(0), nil}}
		},
		Before: true, Left: 1, Single: true,
	}.Run(t)
}

// TestChangingEmptySets: the groups of empty grouping sets are there before any row comes, each given by one
// task, and stay when all have gone.
func TestChangingEmptySets(t *testing.T) {
	out, keys := types.Schema{changing[0], changing[2]}, []int{0, 2}
	for _, a := range countAndSum(1) {
		out = append(out, types.Column{Type: a.Typ})
	}
	p := &plan.GroupAggregate{Keys: keys, Aggs: countAndSum(1), Empty: []int64{1, 3, 9}, InputUpdates: true, EmitBefore: true, Out: out, TTL: time.Hour}
	executortest.Check{
		Inputs: []executortest.Input{{Schema: changing, Hash: keys}},
		New:    func() (executor.Operator, error) { return NewGroupAggregate(p, changing) },
		Want: func(in [][]executortest.Tuple) []executortest.Tuple {
			groups := grouped(in[0], keys)
			for _, set := range p.Empty {
				if !slices.ContainsFunc(groups, func(g executortest.Tuple) bool { return g[0] == nil && g[1] == set }) {
					groups = append(groups, executortest.Tuple{nil, set, int64(0), int64(0), nil})
				}
			}
			return groups
		},
		Before: true, Left: len(p.Empty), Key: []int{0, 1},
	}.Run(t)
}

// TestTotalIsKept: what is there of no rows is not forgotten when it is idle.
func TestTotalIsKept(t *testing.T) {
	out := types.Schema{{Name: "n", Type: types.Of(types.BigInt)}, {Name: "m", Type: types.Of(types.BigInt)}, {Name: "s", Type: types.Of(types.BigInt)}}
	g, err := NewGroupAggregate(&plan.GroupAggregate{Aggs: countAndSum(0), EmitBefore: true, TTL: time.Minute, Out: out}, out)
	if err != nil {
		t.Fatal(err)
	}
	now, got := time.UnixMilli(0), &collector{}
	g.now = func() time.Time { return now }
	if err := g.Open(env(store())); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		now = now.Add(time.Hour)
		if err := g.Flush(got); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"[0 0 NULL]"}; !slices.Equal(got.rows, want) || g.table.Len() != 1 {
		t.Errorf("it gives %v, want %v; %d rows are kept", got.rows, want, g.table.Len())
	}
}

// TestChangingNewestRows: of rows that replace one another the newest of each key is there.
func TestChangingNewestRows(t *testing.T) {
	for _, before := range []bool{true, false} {
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			p := &plan.ChangelogNormalize{Keys: []int{2, 0}, EmitBefore: before, Out: changing}
			executortest.Check{
				Inputs: []executortest.Input{{Schema: changing, Hash: []int{2, 0}, Upsert: []int{2, 0}}},
				New:    func() (executor.Operator, error) { return NewChangelogNormalize(p), nil },
				Want:   func(in [][]executortest.Tuple) []executortest.Tuple { return in[0] },
				Before: before, Key: []int{2, 0},
			}.Run(t)
		})
	}
}

// TestChangingKeys: of rows written by key there is one of each key that has any, also where one goes
// and comes again within a batch.
func TestChangingKeys(t *testing.T) {
	for _, typ := range []types.Type{types.Of(types.BigInt), types.Of(types.String)} {
		schema := types.Schema{{Name: "k", Type: typ}}
		p := &plan.UpsertMaterialize{Keys: []int{0}, Out: schema}
		executortest.Check{
			Inputs: []executortest.Input{{Schema: schema, Hash: []int{0}}},
			New:    func() (executor.Operator, error) { return NewUpsertMaterialize(p), nil },
			Want: func(in [][]executortest.Tuple) (out []executortest.Tuple) {
				seen := map[string]bool{}
				for _, row := range in[0] {
					if !seen[row.String()] {
						out = append(out, row)
					}
					seen[row.String()] = true
				}
				return out
			},
			Key: []int{0}, Upsert: true, Most: 20, Rounds: 200,
		}.Run(t)
	}
}
