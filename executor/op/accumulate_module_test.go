package op

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/wasm"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// exampleAggregate is an aggregate of docs/examples/wasm/rust over columns of argument.
func exampleAggregate(t testing.TB, export string, nulls bool, columns ...int) plan.Agg {
	t.Helper()
	code, err := os.ReadFile("../../docs/examples/wasm/rust/aggregates.wasm")
	if err != nil {
		t.Fatal(err)
	}
	packed, hash := wasm.Pack(code)
	return plan.Agg{Kind: plan.AggKind("d." + export), Arg: columns[0], More: columns[1:], Filter: 2, Typ: wasm.State, Nulls: nulls,
		Module: &plan.Module{Hash: hash, Code: packed, Export: export, Memory: 16 << 20, Time: time.Minute, Retracts: true}}
}

// TestModuleStatesAgree: a state is that of its rows, however these come: in batches, by others that are merged, with rows that are taken back.
func TestModuleStatesAgree(t *testing.T) {
	bigT := types.Of(types.BigInt)
	for seed := range uint64(20) {
		for _, c := range []struct {
			agg plan.Agg
			in  types.Type
		}{
			{exampleAggregate(t, "most_common", true, 1), types.Of(types.String)},
			{exampleAggregate(t, "most_common", false, 3), types.Of(types.String)},
			{exampleAggregate(t, "weighted_avg", false, 1, 3), bigT},
		} {
			r := rand.New(rand.NewPCG(seed, 1))
			b := argument(r, c.in, 200+r.IntN(3000))
			schema := types.Schema{{Name: "k", Type: types.Of(types.Int)}, {Name: "v", Type: c.in}, {Name: "f", Type: types.Of(types.Boolean)}, {Name: "w", Type: c.in}}
			whole, parts, merged := newGroupsOf(t, c.agg, schema), newGroupsOf(t, c.agg, schema), newGroupsOf(t, c.agg, schema)
			whole.take(b, nil)
			partial := c.agg
			partial.Merge, partial.Arg, partial.More, partial.Filter = true, 1, nil, -1
			again := newGroupsOf(t, partial, types.Schema{schema[0], {Name: "p", Type: wasm.State}})
			for from := 0; from < b.Rows; {
				to := min(b.Rows, from+1+r.IntN(500))
				var sel []int32
				for ; from < to; from++ {
					sel = append(sel, int32(from))
				}
				parts.take(b, sel)
				other := newGroupsOf(t, c.agg, schema)
				other.take(b, sel)
				merged.merge(other)
				again.take(other.results(c.agg), nil)
			}
			more := argument(r, c.in, 1+r.IntN(2000))
			parts.take(more, nil)
			more.Kinds = make([]column.RowKind, more.Rows)
			for i := range more.Kinds {
				more.Kinds[i] = column.Delete
			}
			parts.take(more, nil)
			want := whole.text(c.agg)
			for how, g := range map[string]*groupsOf{"in parts": parts, "merged": merged, "of partial results": again} {
				if got := g.text(c.agg); got != want {
					t.Fatalf("seed %d, %s %s: %q, want %q", seed, c.agg.Kind, how, got, want)
				}
			}
		}
	}
}
