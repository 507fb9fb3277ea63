package function

import "slipway/sql/types"

// Aggregates that are estimates: a hidden function makes the number of a sketch, which several of them share.

func init() {
	aggregate("approx_count_distinct", definition{merges: true, repeats: true, resolve: sketched("DISTINCT_SKETCH", ordered, countOfSketch)})
	also("approx_count_distinct", "approx_distinct", "ndv")
	hidden("count_of_sketch", fixed(bigT, 0, binaryT))
	aggregate("approx_percentile", definition{merges: true, order: NumberBesides, resolve: sketched("QUANTILE_SKETCH", number64, quantileOfSketch)})
	also("approx_percentile", "percentile_approx", "approx_quantile")
	hidden("quantile_of_sketch", fixed(doubleT, 0, binaryT, bigT))
}

func countOfSketch() Signature {
	return Signature{Finish: "count_of_sketch", Result: bigT, Exact: "COUNT(DISTINCT x)"}
}

func quantileOfSketch() Signature {
	return Signature{Finish: "quantile_of_sketch", Result: doubleT, Constants: []int64{0}, Fraction: true, Exact: "PERCENTILE(x, 0.9)"}
}

// sketched is an aggregate of one part, whose bytes make the result.
func sketched(part string, takes func(types.Type) (types.Type, bool), finish func() Signature) resolver {
	of := single(part, takes)
	return func(args []types.Type) (Signature, string) {
		if _, problem := of(args); problem != "" {
			return Signature{}, problem
		}
		sig := finish()
		sig.Args, sig.Parts = args, []Part{{Func: part, Result: binaryT, As: binaryT}}
		return sig, ""
	}
}
