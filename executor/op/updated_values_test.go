package op

import (
	"fmt"
	"slices"
	"strings"

	"slipway/executor/executortest"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var (
	bigInt = types.Of(types.BigInt)
	// countSumMost and ofValues are aggregates of timedIn.
	countSumMost = []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: bigInt}, {Kind: plan.Sum, Arg: 2, Filter: -1, Typ: bigInt},
		{Kind: plan.Max, Arg: 0, Filter: -1, Typ: timedIn[0].Type}}
	ofValues = []plan.Agg{{Kind: plan.Count, Arg: 2, Filter: -1, Typ: bigInt, Distinct: true}, {Kind: plan.Max, Arg: 0, Filter: -1, Typ: timedIn[0].Type},
		{Kind: "COLLECT_LIST", Arg: 2, Filter: -1, Typ: types.NewArray(bigInt), Order: []plan.SortKey{{Column: 2}}},
		{Kind: "PERCENTILE_DISC", Arg: 2, Filter: -1, Typ: bigInt, Param: "0.5"},
		{Kind: "LISTAGG", Arg: 0, Filter: -1, Typ: timedIn[0].Type, Param: "-"}, {Kind: plan.Sum, Arg: 2, Filter: -1, Typ: bigInt}}
)

// resultsOf computes either list of aggregates of the rows of a group.
func resultsOf(rows []executortest.Tuple, aggs []plan.Agg) executortest.Tuple {
	sum, values, text, most := int64(0), []int64(nil), any(nil), any(nil)
	for _, row := range rows {
		sum += row[2].(int64)
		values = append(values, row[2].(int64))
		if k, ok := row[0].(string); ok {
			if most == nil || k > most.(string) {
				most = k
			}
			if text == nil {
				text = k
			} else {
				text = text.(string) + "-" + k
			}
		}
	}
	if len(aggs) == len(countSumMost) {
		return executortest.Tuple{int64(len(rows)), sum, most}
	}
	slices.Sort(values)
	different := len(slices.Compact(slices.Clone(values)))
	return executortest.Tuple{int64(different), most, strings.ReplaceAll(fmt.Sprint(values), " ", ","), values[(len(values)-1)/2], text, sum}
}
