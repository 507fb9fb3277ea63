package function

import (
	"fmt"
	"slices"

	"slipway/sql/types"
)

// resolver answers for one function; problem is a sentence for the user.
type resolver func(args []types.Type) (sig Signature, problem string)

// fixed is a function of fixed types, with optional last arguments.
func fixed(result types.Type, optional int, want ...types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) > len(want) || len(args) < len(want)-optional {
			return Signature{}, takes(len(want)-optional, len(want))
		}
		for i, a := range args {
			if problem := fits(a, want[i]); problem != "" {
				return Signature{}, problem
			}
		}
		return Signature{Args: want[:len(args)], Result: result}, ""
	}
}

// fits tells whether an argument is brought to a type without a CAST.
func fits(from, to types.Type) string {
	switch {
	case from.Kind == types.Null, from == to, from.IsNumeric() && to.IsNumeric(), isTime(from) && isTime(to):
		return ""
	case to.IsText() && from.Kind != types.Binary && from.Kind != types.Duration:
		return ""
	case from.Kind == to.Kind:
		return ""
	}
	return fmt.Sprintf("an argument is %s where %s is needed; use CAST", from, to)
}

func arity(args []types.Type, n int) string {
	if len(args) != n {
		return takes(n, n)
	}
	return ""
}

// arithmetic resolves + - * with a rule for DECIMAL results.
func arithmetic(rule func(a, b types.Type) (args []types.Type, result types.Type)) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 2); p != "" {
			return Signature{}, p
		}
		a, b := orBig(args[0]), orBig(args[1])
		switch {
		case !a.IsNumeric() || !b.IsNumeric():
			return Signature{}, "both operands must be numbers; use CAST"
		case isFloat(a) || isFloat(b):
			return Signature{Args: []types.Type{doubleT, doubleT}, Result: doubleT}, ""
		case a.IsInteger() && b.IsInteger():
			return Signature{Args: []types.Type{bigT, bigT}, Result: bigT}, ""
		}
		x, _ := AsDecimal(a)
		y, _ := AsDecimal(b)
		want, result := rule(x, y)
		return Signature{Args: want, Result: result}, ""
	}
}

func orBig(t types.Type) types.Type {
	if t.Kind == types.Null {
		return bigT
	}
	return t
}

// The rules of DECIMAL results. Where the exact result needs more than 38 digits, digits
// behind the point give way, down to six (decimal); but a sum keeps the fraction of its
// operands as long as their own digits fit, and so does a product with a whole number:
// what does not fit then is out of range, not rounded.

func addRule(a, b types.Type) ([]types.Type, types.Type) {
	whole, scale := max(a.Precision-a.Scale, b.Precision-b.Scale), max(a.Scale, b.Scale)
	result := decimal(whole+scale+1, scale)
	if whole+scale <= types.MaxDecimalPrecision {
		result = types.NewDecimal(min(whole+scale+1, types.MaxDecimalPrecision), scale)
	}
	return []types.Type{result, result}, result
}

func mulRule(a, b types.Type) ([]types.Type, types.Type) {
	result := decimal(a.Precision+b.Precision, a.Scale+b.Scale)
	if a.Scale == 0 || b.Scale == 0 {
		result = types.NewDecimal(min(a.Precision+b.Precision, types.MaxDecimalPrecision), a.Scale+b.Scale)
	}
	return []types.Type{a, b}, result
}

// divRule is Hive's: at least six digits behind the point, and as many as the divisor may add.
func divRule(a, b types.Type) ([]types.Type, types.Type) {
	scale := max(6, a.Scale+b.Precision+1)
	return []types.Type{a, b}, decimal(a.Precision-a.Scale+b.Scale+scale, scale)
}

func modRule(a, b types.Type) ([]types.Type, types.Type) { return addRule(a, b) }

// divide is / : never an integer. Integers give DOUBLE (Hive).
func divide(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	a, b := orBig(args[0]), orBig(args[1])
	if !a.IsNumeric() || !b.IsNumeric() {
		return Signature{}, "both operands must be numbers; use CAST"
	}
	if isFloat(a) || isFloat(b) || a.IsInteger() && b.IsInteger() {
		return Signature{Args: []types.Type{doubleT, doubleT}, Result: doubleT}, ""
	}
	x, _ := AsDecimal(a)
	y, _ := AsDecimal(b)
	want, result := divRule(x, y)
	return Signature{Args: want, Result: result}, ""
}

func compare(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	t, ok := Common(args[0], args[1])
	if !ok {
		return Signature{}, fmt.Sprintf("%s and %s cannot be compared; use CAST", args[0], args[1])
	}
	if t.Kind == types.Null {
		t = textT
	}
	return Signature{Args: []types.Type{t, t}, Result: boolT}, ""
}

// same brings all arguments to one type, which is the result.
func same(least int) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) < least {
			return Signature{}, atLeast(least)
		}
		t, problem := CommonOf(args)
		if problem != "" {
			return Signature{}, problem
		}
		return Signature{Args: slices.Repeat([]types.Type{t}, len(args)), Result: t}, ""
	}
}

// CommonOf gives the common type of several, STRING if all are NULL.
func CommonOf(args []types.Type) (types.Type, string) {
	t := types.Type{}
	for _, a := range args {
		next, ok := Common(t, a)
		if !ok {
			return t, fmt.Sprintf("%s and %s have no common type; use CAST", t, a)
		}
		t = next
	}
	if t.Kind == types.Null {
		t = textT
	}
	return t, ""
}

// number keeps the argument's numeric type.
func number(result func(types.Type) types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 1); p != "" {
			return Signature{}, p
		}
		t := orBig(args[0])
		if !t.IsNumeric() {
			return Signature{}, "it takes a number; use CAST"
		}
		if t.IsInteger() {
			t = bigT
		} else if isFloat(t) {
			t = doubleT
		}
		return Signature{Args: []types.Type{t}, Result: result(t)}, ""
	}
}

func keep(t types.Type) types.Type { return t }

func whole(t types.Type) types.Type {
	if t.Kind == types.Decimal {
		return decimal(t.Precision-t.Scale+1, 0)
	}
	return t
}

// rounding is ROUND and TRUNCATE: the scale of a DECIMAL stays, because the number of
// digits may be a column.
func rounding(args []types.Type) (Signature, string) {
	if len(args) < 1 || len(args) > 2 {
		return Signature{}, "it takes one or two arguments"
	}
	sig, problem := number(keep)(args[:1])
	if problem == "" && len(args) == 2 {
		if args[1].Kind != types.Null && !args[1].IsInteger() {
			return sig, "the number of digits must be an integer"
		}
		sig.Args = append(sig.Args, bigT)
	}
	if sig.Result.Kind == types.Decimal {
		sig.Result = types.NewDecimal(min(sig.Result.Precision+1, types.MaxDecimalPrecision), sig.Result.Scale)
	}
	return sig, problem
}

// variadicText takes any number of texts.
func variadicText(least int) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) < least {
			return Signature{}, atLeast(least)
		}
		for _, a := range args {
			if p := fits(a, textT); p != "" {
				return Signature{}, p
			}
		}
		return Signature{Args: slices.Repeat([]types.Type{textT}, len(args)), Result: textT}, ""
	}
}

func anyOne(result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		return Signature{Args: args, Result: result}, arity(args, 1)
	}
}

// addTime is TIMESTAMP or DATE plus an INTERVAL of fixed length.
func addTime(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	t := args[0]
	if !t.IsMoment() {
		t = timeT
	}
	if problem := fits(args[0], t); problem != "" {
		return Signature{}, problem
	}
	return Signature{Args: []types.Type{t, fixedT}, Result: t}, ""
}

// addMonths keeps DATE and TIMESTAMP.
func addMonths(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	if !isTime(args[0]) {
		return Signature{}, "it takes a DATE or TIMESTAMP"
	}
	return Signature{Args: []types.Type{args[0], bigT}, Result: args[0]}, ""
}
