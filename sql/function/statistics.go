package function

import "slipway/sql/types"

// Aggregates of statistics are a number that a hidden function makes of power sums, which several of
// them share. Names are MySQL's and Hive's: VARIANCE and STDDEV are of all rows, not of a sample.

var binaryT = types.Of(types.Binary)

func init() {
	for name, finish := range map[string]string{"var_pop": "variance_of_all", "var_samp": "variance_of_sample", "stddev_pop": "deviation_of_all",
		"stddev_samp": "deviation_of_sample"} {
		aggregate(name, definition{retracts: true, merges: true, resolve: moments(finish)})
		hidden(finish, fixed(doubleT, 0, binaryT, bigT))
	}
	also("var_pop", "variance")
	also("stddev_pop", "stddev", "std")
	for name, finish := range map[string]string{"covar_pop": "covariance_of_all", "covar_samp": "covariance_of_sample", "corr": "correlation",
		"regr_slope": "regression_slope", "regr_intercept": "regression_intercept", "regr_r2": "regression_fit", "regr_avgx": "mean_of_second",
		"regr_avgy": "mean_of_first", "regr_sxx": "spread_of_second", "regr_syy": "spread_of_first", "regr_sxy": "spread_of_both"} {
		aggregate(name, definition{retracts: true, merges: true, resolve: comoments(finish, doubleT)})
		hidden(finish, fixed(doubleT, 0, binaryT, bigT, bigT))
	}
	aggregate("regr_count", definition{retracts: true, merges: true, resolve: comoments("number_of_pairs", bigT)})
	hidden("number_of_pairs", fixed(bigT, 0, binaryT, bigT, bigT))
}

// moments is of one number, of which the finishing function is told the digits behind the point.
func moments(finish string) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != 1 {
			return Signature{}, takes(1, 1)
		}
		if !args[0].IsNumeric() {
			return Signature{}, noAggregate
		}
		return Signature{Args: args, Result: doubleT, Finish: finish, Constants: []int64{int64(args[0].Scale)},
			Parts: []Part{{Func: "MOMENTS", Result: binaryT, As: binaryT}}}, ""
	}
}

func comoments(finish string, result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != 2 {
			return Signature{}, takes(2, 2)
		}
		if !args[0].IsNumeric() || !args[1].IsNumeric() {
			return Signature{}, noAggregate
		}
		return Signature{Args: args, Result: result, Finish: finish, Constants: []int64{int64(args[0].Scale), int64(args[1].Scale)},
			Parts: []Part{{Func: "COMOMENTS", Result: binaryT, As: binaryT}}}, ""
	}
}
