package op

import (
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/wasm"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// failingBatch has rows of some groups; where fails is true the value is longer than a state may be. Want are the rows without these.
func failingBatch(r *rand.Rand, schema types.Schema, rows int) (b, want *column.Batch, failing int64) {
	b, want = column.NewBatch(schema), column.NewBatch(schema)
	long := []byte(strings.Repeat("x", wasm.MaxState+1))
	for range rows {
		value := []byte{byte('a' + r.IntN(4))}
		to := []*column.Batch{b, want}
		if r.IntN(6) == 0 {
			value, to, failing = long, to[:1], failing+1
		}
		group := int64(r.IntN(5))
		for _, b := range to {
			b.Cols[0].AppendInt(group)
			b.Cols[1].AppendBytes(value)
			b.Cols[2].AppendNull()
			b.Rows++
		}
	}
	return b, want, failing
}

// taken is how many rows the states of a table are of.
func taken(g *groupsOf) (n int64) {
	g.table.EachRow(func(id int32) { n += int64(g.table.Acc(id)[0]) })
	return n
}

// TestRowsAnAggregateFailsFor: with on.error=skip the states are those of the other rows, whatever rows of a call fail; without it,
// and over rows that are taken back, the first one is the job's error.
func TestRowsAnAggregateFailsFor(t *testing.T) {
	schema := types.Schema{{Name: "k", Type: types.Of(types.Int)}, {Name: "v", Type: types.Of(types.String)}, {Name: "f", Type: types.Of(types.Boolean)}}
	agg := exampleAggregate(t, "most_common", false, 1)
	agg.Filter = -1
	for seed := range uint64(10) {
		b, rest, failing := failingBatch(rand.New(rand.NewPCG(seed, 3)), schema, 1+int(seed)*5)
		env := &executor.Env{SkipRows: true, Counters: &executor.Counters{}}
		got, want := newGroupsOf(t, agg, schema), newGroupsOf(t, agg, schema)
		got.accs.faults.env = env
		got.take(b, nil)
		want.take(rest, nil)
		want.find(want.table, b, nil) // a group whose rows all failed is there too, without a value
		if g, w := got.text(agg), want.text(agg); g != w {
			t.Fatalf("seed %d: %.500s, want %.500s", seed, g, w)
		}
		if g, w := taken(got), taken(want); g != w || w != int64(rest.Rows) {
			t.Errorf("seed %d: %d rows are in the states, want %d", seed, g, w)
		}
		if n := env.Counters.Failed.Load(); n != failing {
			t.Errorf("seed %d: %d are counted, want %d", seed, n, failing)
		}
		if failing == 0 {
			continue
		}
		for name, faults := range map[string]aggregateFaults{"fails": {env: &executor.Env{}}, "changes": {env: env, changes: true}, "over": {}} {
			g := newGroupsOf(t, agg, schema)
			g.accs.faults = faults
			if err := g.find(g.table, b, nil); err != nil {
				t.Fatal(err)
			}
			e := sqlerr.From(g.accs.update(g.table, g.ids, b, nil))
			if e.Code != sqlerr.ProgramLimit || strings.Contains(e.Hint, "skip") != (name == "fails") {
				t.Errorf("%s: %s %v, hint %q", name, e.Code, e, e.Hint)
			}
		}
	}
}
