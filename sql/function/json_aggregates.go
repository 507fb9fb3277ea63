package function

import "slipway/sql/types"

// Aggregates that make a JSON array: that of ARRAY_AGG as JSON.

func init() {
	aggregate("json_agg", definition{retracts: true, order: OrderOfArray, resolve: jsonList})
	also("json_agg", "json_arrayagg", "jsonb_agg")
}

func jsonList(args []types.Type) (Signature, string) {
	sig, problem := allInArray(args)
	if problem != "" {
		return sig, problem
	}
	sig.Result, sig.Finish = jsonT, "to_json"
	return sig, ""
}
