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
		{Kind: "LISTAGG", Arg: 0, Filter: -1, Typ: timedIn[0].Type, Param: "-", Order: []plan.SortKey{{Column: 0}}},
		{Kind: plan.Sum, Arg: 2, Filter: -1, Typ: bigInt}}
)

// ofDifferent has results that stay as they are when a value comes again.
var ofDifferent = slices.Clone(ofValues[:2])

// resultsOf computes any of these of the rows of a group.
func resultsOf(rows []executortest.Tuple, aggs []plan.Agg) (out executortest.Tuple) {
	sum, values, texts, most := int64(0), []int64(nil), []string(nil), any(nil)
	for _, row := range rows {
		sum += row[2].(int64)
		values = append(values, row[2].(int64))
		if k, ok := row[0].(string); ok {
			texts = append(texts, k)
		}
	}
	slices.Sort(texts)
	text := any(nil)
	if len(texts) > 0 {
		most, text = texts[len(texts)-1], strings.Join(texts, "-")
	}
	slices.Sort(values)
	for _, a := range aggs {
		different := int64(len(slices.Compact(slices.Clone(values))))
		out = append(out, map[plan.AggKind]any{plan.CountStar: int64(len(rows)), plan.Sum: sum, plan.Max: most, plan.Count: different,
			"COLLECT_LIST": strings.ReplaceAll(fmt.Sprint(values), " ", ","), "PERCENTILE_DISC": values[(len(values)-1)/2], "LISTAGG": text}[a.Kind])
	}
	return out
}
