package op

import (
	"encoding/json"
	"slices"
	"testing"

	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestChangingArrays: arrays of values in an order, held against a plain computation; NULLs stay in
// those of PostgreSQL's aggregate.
func TestChangingArrays(t *testing.T) {
	array := types.NewArray(types.Of(types.BigInt))
	of := func(filtered, nulls, distinct bool, none any) func([]executortest.Tuple) any {
		return func(rows []executortest.Tuple) any {
			var list []any
			for _, r := range rows {
				if filtered && r[4] != true || !nulls && r[1] == nil || distinct && slices.Contains(list, r[1]) {
					continue
				}
				list = append(list, r[1])
			}
			if list == nil {
				return none
			}
			slices.SortFunc(list, func(a, b any) int {
				switch {
				case a == b:
					return 0
				case a == nil:
					return 1
				case b == nil:
					return -1
				}
				return compare(a, b)
			})
			text, _ := json.Marshal(list)
			return string(text)
		}
	}
	order := []plan.SortKey{{Column: 1}}
	list := []plan.Agg{
		{Kind: "ARRAY_AGG_OF_CHANGES", Arg: 1, Filter: -1, Typ: array, Order: order},
		{Kind: "ARRAY_AGG_OF_CHANGES", Arg: 1, Filter: 4, Typ: array, Order: order},
		{Kind: "ARRAY_AGG_OF_CHANGES", Arg: 1, Filter: -1, Typ: array, Order: order, Distinct: true},
		{Kind: "COLLECT_LIST_OF_CHANGES", Arg: 1, Filter: 4, Typ: array, Order: order},
		{Kind: "COLLECT_LIST_OF_CHANGES", Arg: 1, Filter: -1, Typ: array, Order: order, Distinct: true},
	}
	wants := []func([]executortest.Tuple) any{of(false, true, false, nil), of(true, true, false, nil), of(false, true, true, nil), of(true, false, false, "[]"), of(false, false, true, "[]")}
	p := plan.GroupAggregate{Keys: []int{0}, Out: valued[:1:1], Aggs: list}
	for range list {
		p.Out = append(p.Out, types.Column{Name: "r", Type: array})
	}
	checkGroups(t, p, func(rows []executortest.Tuple) (out []any) {
		for _, want := range wants {
			out = append(out, want(rows))
		}
		return out
	})
}
