package function

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/types"
)

// Signature is a function for certain argument types.
type Signature struct {
	Name string
	// Args are the types to which the arguments must be brought.
	Args   []types.Type
	Result types.Type
}

// resolver answers for one function; problem is a sentence for the user.
type resolver func(args []types.Type) (Signature, string)

// scalar is every scalar function by canonical name.
var scalar = map[string]resolver{}

// alias maps other spellings to canonical names.
var alias = map[string]string{
	"<>": "!=", "ceiling": "ceil", "pow": "power", "ucase": "upper", "lcase": "lower", "substr": "substring", "mid": "substring",
	"character_length": "char_length", "length": "char_length", "nvl": "coalesce", "ifnull": "coalesce", "mod": "%", "day": "dayofmonth",
	"now": "current_timestamp", "localtimestamp": "current_timestamp", "localtime": "current_timestamp", "curdate": "current_date", "rlike": "regexp", "sha": "sha1",
	"get_json_object": "json_value", "len": "char_length", "isnull": "is_null",
}

// Known tells whether a name is a scalar function.
func Known(name string) bool { _, ok := scalar[canonical(name)]; return ok }

func canonical(name string) string {
	name = strings.ToLower(name)
	if a, ok := alias[name]; ok {
		return a
	}
	return name
}

// Names lists all scalar functions, sorted.
func Names() []string { return slices.Sorted(maps.Keys(scalar)) }

// internal are functions that stand for an operator or a clause; nobody writes their names.
var internal = map[string]bool{"and": true, "or": true, "xor": true, "not": true, "div": true, "negate": true, "add_time": true, "add_months": true,
	"is_null": true, "is_true": true, "is_false": true, "like": true, "ilike": true, "regexp": true}

// Callable lists what can be called by name, sorted: functions, their other names, aggregates.
func Callable() []string {
	list := []string{"count", "sum", "min", "max", "avg"}
	for _, names := range [][]string{Names(), slices.Collect(maps.Keys(alias))} {
		for _, n := range names {
			if !internal[n] && n[0] >= 'a' && n[0] <= 'z' {
				list = append(list, n)
			}
		}
	}
	slices.Sort(list)
	return list
}

// between are the functions that are written as an operator, and how.
var between = map[string]string{"add_time": "+", "add_months": "+", "and": "AND", "or": "OR", "xor": "XOR", "div": "DIV",
	"like": "LIKE", "ilike": "ILIKE", "regexp": "REGEXP"}

// call shows a call for given types of arguments as it is written.
func call(name string, args []types.Type) string {
	operator, ok := between[name]
	if c := name[0]; !ok && (c < 'a' || c > 'z') && len(args) == 2 {
		operator = name
	}
	switch {
	case operator != "" && len(args) == 2:
		return args[0].String() + " " + operator + " " + args[1].String()
	case name == "negate" && len(args) == 1:
		return "-" + args[0].String()
	case name == "not" && len(args) == 1:
		return "NOT " + args[0].String()
	case strings.HasPrefix(name, "is_") && internal[name] && len(args) == 1:
		return args[0].String() + " " + strings.ToUpper(strings.ReplaceAll(name, "_", " "))
	}
	return name + "(" + list(args) + ")"
}

// takes says how many arguments there must be.
func takes(least, most int) string {
	words := [...]string{"no", "one", "two", "three", "four"}
	count := func(n int) string {
		if n < len(words) {
			return words[n]
		}
		return strconv.Itoa(n)
	}
	switch {
	case least != most:
		return fmt.Sprintf("it takes %s to %s arguments", count(least), count(most))
	case most == 1:
		return "it takes one argument"
	}
	return fmt.Sprintf("it takes %s arguments", count(most))
}

// Resolve finds the signature of a call. The error is a sentence without position;
// known is false if there is no function of the name.
func Resolve(name string, args []types.Type) (sig Signature, known bool, err error) {
	f, ok := scalar[canonical(name)]
	if !ok {
		return Signature{}, false, fmt.Errorf("function %s does not exist", name)
	}
	sig, problem := f(args)
	if problem != "" {
		return Signature{}, true, fmt.Errorf("%s: %s", call(name, args), problem)
	}
	sig.Name = canonical(name)
	if len(sig.Args) != len(args) {
		return Signature{}, true, fmt.Errorf("%s: %s", call(name, args), takes(len(sig.Args), len(sig.Args)))
	}
	return sig, true, nil
}

func list(args []types.Type) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.String()
	}
	return strings.Join(parts, ", ")
}

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
	case to.IsText() && from.Kind != types.Binary && from.Kind != types.Interval:
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
			return Signature{}, strings.Replace(takes(least, least), "takes", "takes at least", 1)
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
			return Signature{}, strings.Replace(takes(least, least), "takes", "takes at least", 1)
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
	if t.Kind != types.Timestamp {
		t = timeT
	}
	if problem := fits(args[0], t); problem != "" {
		return Signature{}, problem
	}
	return Signature{Args: []types.Type{t, ivlT}, Result: t}, ""
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

func init() {
	scalar["+"] = arithmetic(addRule)
	scalar["-"] = arithmetic(addRule)
	scalar["*"] = arithmetic(mulRule)
	scalar["%"] = arithmetic(modRule)
	scalar["/"] = divide
	scalar["div"] = fixed(bigT, 0, bigT, bigT)
	scalar["negate"] = number(keep)
	for _, op := range []string{"=", "!=", "<", "<=", ">", ">=", "<=>"} {
		scalar[op] = compare
	}
	for _, op := range []string{"and", "or", "xor"} {
		scalar[op] = fixed(boolT, 0, boolT, boolT)
	}
	scalar["not"] = fixed(boolT, 0, boolT)
	scalar["is_null"] = anyOne(boolT)
	scalar["is_true"] = fixed(boolT, 0, boolT)
	scalar["is_false"] = fixed(boolT, 0, boolT)
	scalar["coalesce"] = same(1)
	scalar["greatest"] = same(2)
	scalar["least"] = same(2)

	scalar["abs"] = number(keep)
	scalar["ceil"] = number(whole)
	scalar["floor"] = number(whole)
	scalar["sign"] = number(func(types.Type) types.Type { return bigT })
	scalar["round"] = rounding
	scalar["truncate"] = rounding
	for _, f := range []string{"sqrt", "exp", "ln", "log10", "log2", "sin", "cos", "tan"} {
		scalar[f] = fixed(doubleT, 0, doubleT)
	}
	scalar["power"] = fixed(doubleT, 0, doubleT, doubleT)
	scalar["pi"] = fixed(doubleT, 0)

	for _, f := range []string{"upper", "lower", "trim", "ltrim", "rtrim", "reverse", "hex", "md5", "sha1"} {
		scalar[f] = fixed(textT, 0, textT)
	}
	for _, f := range []string{"char_length", "octet_length", "ascii"} {
		scalar[f] = fixed(bigT, 0, textT)
	}
	scalar["sha2"] = fixed(textT, 0, textT, bigT)
	scalar["concat"] = variadicText(1)
	scalar["concat_ws"] = variadicText(2)
	scalar["substring"] = fixed(textT, 1, textT, bigT, bigT)
	scalar["left"] = fixed(textT, 0, textT, bigT)
	scalar["right"] = fixed(textT, 0, textT, bigT)
	scalar["repeat"] = fixed(textT, 0, textT, bigT)
	scalar["lpad"] = fixed(textT, 0, textT, bigT, textT)
	scalar["rpad"] = fixed(textT, 0, textT, bigT, textT)
	scalar["replace"] = fixed(textT, 0, textT, textT, textT)
	scalar["instr"] = fixed(bigT, 0, textT, textT)
	scalar["locate"] = fixed(bigT, 1, textT, textT, bigT)
	scalar["split_index"] = fixed(textT, 0, textT, textT, bigT)
	scalar["like"] = fixed(boolT, 1, textT, textT, textT)
	scalar["ilike"] = fixed(boolT, 1, textT, textT, textT)
	scalar["regexp"] = fixed(boolT, 0, textT, textT)
	scalar["regexp_replace"] = fixed(textT, 0, textT, textT, textT)
	scalar["regexp_extract"] = fixed(textT, 1, textT, textT, bigT)
	scalar["json_value"] = fixed(textT, 0, textT, textT)

	for _, f := range []string{"year", "month", "dayofmonth", "hour", "minute", "second", "quarter", "dayofweek", "weekday", "dayofyear"} {
		scalar[f] = fixed(bigT, 0, microT)
	}
	scalar["add_time"] = addTime
	scalar["add_months"] = addMonths
	scalar["datediff"] = fixed(bigT, 0, dateT, dateT)
	scalar["timestampdiff"] = fixed(bigT, 0, textT, microT, microT)
	scalar["date_trunc"] = fixed(timeT, 0, textT, timeT)
	scalar["date_format"] = fixed(textT, 0, microT, textT)
	scalar["to_date"] = fixed(dateT, 0, textT)
	scalar["to_timestamp"] = fixed(timeT, 0, textT)
	scalar["unix_timestamp"] = fixed(bigT, 0, microT)
	scalar["from_unixtime"] = fixed(textT, 0, bigT)
	scalar["current_timestamp"] = fixed(timeT, 0)
	scalar["current_date"] = fixed(dateT, 0)
}

// avgDigits is how many digits behind the point AVG adds (MySQL's div_precision_increment).
const avgDigits = 4

// AggregateResult gives the type of an aggregate over an argument.
func AggregateResult(name string, arg types.Type) (types.Type, error) {
	switch name {
	case "count":
		return bigT, nil
	case "min", "max":
		if arg.Physical() != types.PhysicalNone && arg.Kind != types.Binary && arg.Kind < types.JSON && arg.Kind != types.Interval {
			return arg, nil
		}
	case "sum":
		switch {
		case arg.Kind == types.BigInt:
			return types.NewDecimal(38, 0), nil
		case arg.IsInteger():
			return bigT, nil
		case arg.Kind == types.Decimal:
			return types.NewDecimal(38, arg.Scale), nil
		case isFloat(arg):
			return doubleT, nil
		}
	case "avg":
		if d, ok := AsDecimal(arg); ok {
			return decimal(d.Precision+avgDigits, d.Scale+avgDigits), nil
		}
		if isFloat(arg) {
			return doubleT, nil
		}
	default:
		return types.Type{}, fmt.Errorf("aggregate %s does not exist", name)
	}
	return types.Type{}, fmt.Errorf("%s(%s): there is no such aggregate; use CAST", name, arg)
}

// IsAggregate tells the aggregates.
func IsAggregate(name string) bool {
	switch name {
	case "count", "sum", "min", "max", "avg":
		return true
	}
	return false
}
