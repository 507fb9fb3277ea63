package function

import "slipway/sql/types"

// Aggregates that are read from all values of a group, which are kept in order.

func init() {
	aggregate("string_agg", definition{retracts: true, order: OrderOfList, resolve: listOf("LISTAGG")})
	also("string_agg", "listagg", "group_concat", "wm_concat")
	aggregate("percentile_cont", definition{retracts: true, order: OrderOfSet, resolve: ofValues("PERCENTILE_CONT", number64)})
	aggregate("percentile_disc", definition{retracts: true, order: OrderOfSet, resolve: ofValues("PERCENTILE_DISC", ordered)})
	aggregate("mode", definition{retracts: true, order: OrderOfMode, resolve: ofValues("MODE", ordered)})
	aggregate("median", definition{retracts: true, order: NumberBehind, resolve: ofValues("PERCENTILE_CONT", number64)})
	aggregate("percentile", definition{retracts: true, order: NumberBehind, resolve: ofValues("PERCENTILE_CONT", number64)})
}

// listOf is of one text.
func listOf(part string) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != 1 {
			return Signature{}, takes(1, 1)
		}
		if !args[0].IsText() {
			return Signature{}, noAggregate
		}
		return Signature{Args: args, Result: textT, Parts: []Part{{Func: part, Changing: part + "_OF_CHANGES", Values: true, Result: textT, As: textT}}}, ""
	}
}

func number64(t types.Type) (types.Type, bool) { return doubleT, t.IsNumeric() }

// ofValues is of values in their own order, which are kept in the same way where they are taken back.
func ofValues(part string, result func(types.Type) (types.Type, bool)) resolver {
	of := single(part, result)
	return func(args []types.Type) (Signature, string) {
		sig, problem := of(args)
		if problem == "" {
			sig.Parts[0].Values, sig.Parts[0].Changing = true, part
		}
		return sig, problem
	}
}
