package function

import (
	"slices"

	"slipway/sql/types"
)

// An aggregate is a line here and an accumulator in executor/op for each of its parts.

func init() {
	aggregate("count", definition{retracts: true, merges: true, resolve: count})
	aggregate("sum", definition{retracts: true, merges: true, resolve: single("SUM", sumType)})
	aggregate("min", definition{retracts: true, merges: true, repeats: true, resolve: plainly(changing(single("MIN", ordered), "MIN_OF_CHANGES"))})
	aggregate("max", definition{retracts: true, merges: true, repeats: true, resolve: plainly(changing(single("MAX", ordered), "MAX_OF_CHANGES"))})
	aggregate("first_value", definition{order: OrderRefused, retracts: true, merges: true, repeats: true, resolve: changing(single("FIRST_VALUE", kept), "FIRST_VALUE_OF_CHANGES")})
	aggregate("last_value", definition{order: OrderRefused, retracts: true, merges: true, repeats: true, resolve: changing(single("LAST_VALUE", kept), "LAST_VALUE_OF_CHANGES")})
	window("first_value", "first", ofRow(1))
	window("last_value", "last", ofRow(1))
	aggregate("any_value", definition{retracts: true, merges: true, repeats: true, resolve: changing(single("FIRST_VALUE", kept), "MIN_OF_CHANGES")})
	aggregate("bool_and", definition{retracts: true, merges: true, repeats: true, resolve: single("BOOL_AND", truth)})
	aggregate("bool_or", definition{retracts: true, merges: true, repeats: true, resolve: single("BOOL_OR", truth)})
	aggregate("bit_and", definition{retracts: true, merges: true, repeats: true, resolve: changing(single("BIT_AND", integer), "BIT_AND_OF_CHANGES")})
	aggregate("bit_or", definition{retracts: true, merges: true, repeats: true, resolve: changing(single("BIT_OR", integer), "BIT_OR_OF_CHANGES")})
	aggregate("bit_xor", definition{retracts: true, merges: true, resolve: single("BIT_XOR", integer)})
	aggregate("arg_min", definition{retracts: true, repeats: true, resolve: changing(bestRow("ARG_MIN"), "ARG_MIN_OF_CHANGES")})
	aggregate("arg_max", definition{retracts: true, repeats: true, resolve: changing(bestRow("ARG_MAX"), "ARG_MAX_OF_CHANGES")})
	also("bool_and", "every", "logical_and")
	also("bool_or", "logical_or")
	also("arg_min", "min_by")
	also("arg_max", "max_by")
	aggregate("avg", definition{retracts: true, merges: true, resolve: average})
}

func aggregate(name string, d definition) {
	d.kind = Aggregate
	define(name, d)
}

// also gives an aggregate other names.
func also(name string, others ...string) {
	for _, o := range others {
		alias[o] = name
	}
}

const noAggregate = "there is no such aggregate; use CAST"

// single is an aggregate of one part, whose type follows from that of its argument.
func single(part string, result func(types.Type) (types.Type, bool)) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != 1 {
			return Signature{}, takes(1, 1)
		}
		t, ok := result(args[0])
		if !ok {
			return Signature{}, noAggregate
		}
		return Signature{Args: args, Result: t, Parts: []Part{{Func: part, Result: t, As: t}}}, ""
	}
}

// changing gives the only part of an aggregate another accumulator over rows that may be taken back.
func changing(of resolver, part string) resolver {
	return func(args []types.Type) (Signature, string) {
		sig, problem := of(args)
		if problem == "" {
			sig.Parts[0].Changing = part
		}
		return sig, problem
	}
}

// plainly gives of equal intervals the plain one, whichever came first.
func plainly(of resolver) resolver {
	return func(args []types.Type) (Signature, string) {
		sig, problem := of(args)
		if sig.Result.Kind == types.Interval {
			sig.Finish = "plain_interval"
		}
		return sig, problem
	}
}

func count(args []types.Type) (Signature, string) {
	part := Part{Func: "COUNT", Result: bigT, As: bigT}
	if len(args) == 0 {
		part.Func = "COUNT(*)"
	}
	return Signature{Args: args, Result: bigT, Parts: []Part{part}, Tuples: len(args) > 1}, ""
}

func truth(t types.Type) (types.Type, bool)   { return t, t.Kind == types.Boolean }
func integer(t types.Type) (types.Type, bool) { return t, t.IsInteger() }

// bestRow gives the first argument of the row whose second comes first in an order.
func bestRow(part string) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != 2 {
			return Signature{}, takes(2, 2)
		}
		_, sorts := ordered(args[1])
		result, keeps := kept(args[0])
		if !sorts || !keeps {
			return Signature{}, noAggregate
		}
		return Signature{Args: args, Result: result, Parts: []Part{{Func: part, Result: result, As: result}}, Turned: true}, ""
	}
}

// ordered keeps a type whose values have an order: an ARRAY and a STRUCT have that of their parts.
func ordered(t types.Type) (types.Type, bool) {
	switch t.Kind {
	case types.Array, types.Struct:
		unordered := func(f types.Field) bool { _, ok := ordered(f.Type); return !ok }
		return t, t.IsNested() && !slices.ContainsFunc(t.Fields(), unordered)
	case types.JSON, types.Map, types.Duration:
		return t, false
	}
	return t, t.Physical() != types.PhysicalNone
}

// kept keeps a type of which values may be in state.
func kept(t types.Type) (types.Type, bool) {
	return t, t.Physical() != types.PhysicalNone && t.Kind != types.Duration && (t.Kind < types.Array || t.Kind > types.Struct || t.IsNested())
}

func sumType(t types.Type) (types.Type, bool) {
	switch {
	case t.Kind == types.BigInt:
		return types.NewDecimal(38, 0), true
	case t.IsInteger():
		return bigT, true
	case t.Kind == types.Decimal:
		return types.NewDecimal(38, t.Scale), true
	case isFloat(t):
		return doubleT, true
	case t.Kind == types.Interval:
		return t, true
	}
	return types.Type{}, false
}

// avgDigits is how many digits behind the point AVG adds (MySQL's div_precision_increment).
const avgDigits = 4

// average is SUM / COUNT; of no values it is NULL, because the sum is. An exact average is
// computed with the digits of the result: the type of / may have fewer.
func average(args []types.Type) (Signature, string) {
	if len(args) != 1 {
		return Signature{}, takes(1, 1)
	}
	sum, ok := sumType(args[0])
	if !ok {
		return Signature{}, noAggregate
	}
	sig := Signature{Args: args, Finish: "/", Result: doubleT, Parts: []Part{{Func: "SUM", Result: sum, As: doubleT}, {Func: "COUNT", Result: bigT, As: doubleT}}}
	if sum.Kind == types.Interval {
		sig.Finish, sig.Result, sig.Parts[0].As = "divide_interval", sum, sum
	}
	if d, exact := AsDecimal(args[0]); exact {
		sig.Result = decimal(d.Precision+avgDigits, d.Scale+avgDigits)
		for i := range sig.Parts {
			sig.Parts[i].As, _ = AsDecimal(sig.Parts[i].Result)
		}
	}
	return sig, ""
}
