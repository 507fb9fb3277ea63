package function

import "slipway/sql/types"

// Aggregates that make an array of the values of a group, which are kept as those of a list are:
// PostgreSQL's with NULLs, Hive's without them.

func init() {
	aggregate(CollectsRows, definition{retracts: true, order: OrderOfArray, resolve: allInArray})
	aggregate("collect_list", definition{retracts: true, order: OrderOfArray, resolve: arrayOf("COLLECT_LIST", true)})
	aggregate("collect_set", definition{retracts: true, once: true, order: OrderOfArray, resolve: arrayOf("COLLECT_LIST", true)})
}

// CollectsRows is the aggregate that ARRAY(SELECT …) is.
const CollectsRows = "array_agg"

// allInArray keeps NULLs too.
var allInArray = arrayOf("ARRAY_AGG", false)

func arrayOf(part string, empty bool) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != 1 {
			return Signature{}, takes(1, 1)
		}
		if !keptInArray(args[0]) {
			return Signature{}, noAggregate
		}
		t := types.NewArray(args[0])
		return Signature{Args: args, Result: t, Parts: []Part{{Func: part, Changing: part + "_OF_CHANGES", Values: true, Empty: empty, Result: t, As: t}}}, ""
	}
}
