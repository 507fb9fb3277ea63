package op

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestMergedWindowBudget: slices that are combined into a hopping window count to the budget,
// pass no limit, and are given back.
func TestMergedWindowBudget(t *testing.T) {
	bounds := types.NewTimestamp(6)
	in := types.Schema{{Name: "k", Type: types.Of(types.String)}, {Name: "t", Type: bounds}}
	w := plan.Window{Kind: plan.Hop, Time: 1, Size: 2 * time.Second, Slide: time.Second}
	out := types.Schema{in[0], {Name: "s", Type: bounds}, {Name: "e", Type: bounds}, {Name: "n", Type: types.Of(types.BigInt)}}
	count := []plan.Agg{{Kind: plan.CountStar, Arg: -1, Typ: types.Of(types.BigInt), Filter: -1}}
	const groups = 30_000
	run := func(limit int64) (rows int, slices, used int64, err error) {
		budget := &state.Budget{Limit: limit}
		store := state.NewStore(state.Range{To: state.KeyGroups}, budget)
		a, err := NewWindowAggregate(&plan.WindowAggregate{Keys: []int{0}, Window: w, Weight: -1, Aggs: count, Out: out}, in)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Open(env(store)); err != nil {
			t.Fatal(err)
		}
		for second := range int64(2) {
			b := column.NewBatch(in)
			for g := range groups / 2 {
				b.Cols[0].AppendBytes(fmt.Appendf(nil, "key %d of slice %d", g, second))
				b.Cols[1].AppendInt(second * 1_000_000)
				if b.Rows++; b.Rows == column.BatchRows || g == groups/2-1 {
					if err := a.Process(0, b, nil); err != nil {
						t.Fatal(err)
					}
					b = column.NewBatch(in)
				}
			}
		}
		slices = budget.Used()
		err = a.OnWatermark(2_000_000, outputFunc(func(b *column.Batch) error { rows += b.Live(); return nil }))
		used = budget.Used()
		a.Close()
		if store.Close(); budget.Used() != 0 {
			t.Errorf("%d bytes are still reserved", budget.Used())
		}
		return rows, slices, used, err
	}
	rows, slices, used, err := run(0)
	if err != nil || rows != groups+groups/2 || used < slices*3/2 {
		t.Fatalf("%d rows, %d bytes of slices, %d with the window that was combined, %v", rows, slices, used, err)
	}
	if _, _, _, err = run(slices + (used-slices)/2); err == nil {
		t.Error("the limit was passed")
	} else if _, ok := errors.AsType[*state.BudgetError](err); !ok {
		t.Error(err)
	}
}
