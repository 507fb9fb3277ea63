package function

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/types"
)

// Kind tells what a function takes and gives.
type Kind uint8

const (
	// Unknown: there is no function of the name.
	Unknown Kind = iota
	// Scalar gives a value of the values of one row.
	Scalar
	// Aggregate gives a value of the rows of a group.
	Aggregate
	// Table gives rows of a relation: FROM TABLE(TUMBLE(…)).
	Table
	// Window gives a value of a row and of those around it: it wants OVER.
	Window
)

// Volatility tells when a function gives another value for the same arguments.
type Volatility uint8

const (
	// Immutable: never. Of constants it is computed once.
	Immutable Volatility = iota
	// Stable: one value for a batch of rows, another at another time.
	Stable
	// Volatile: another value for every row, and for a row that is computed again: logical.CheckRandom says where it may stand.
	Volatile
)

// Signature is a function for certain argument types.
type Signature struct {
	Name       string // canonical
	Kind       Kind
	Volatility Volatility
	// Args are the types to which the arguments must be brought.
	Args   []types.Type
	Result types.Type

	// Parts are what an aggregate accumulates; nil of other functions.
	Parts []Part
	// Finish is the scalar function that makes the result of the results of the parts, and of
	// Constants behind them; empty where the only part is the result.
	Finish    string
	Constants []int64
	// Turned: the accumulators take the arguments in the other order.
	Turned bool
	// Fraction: the last of Constants is the number from 0 to 1 that stands in the call, the bits of a DOUBLE.
	Fraction bool
	// Exact is what there is in place of an estimate where rows are taken back: COUNT(DISTINCT x).
	Exact string
	// Declared is the key of an aggregate that is declared: a function of its module makes the result of its state.
	Declared string
	// Retracts: a row can be taken back.
	Retracts bool
	// Merges: the results for some of the rows can be combined to that for all of them, so that
	// rows may be combined before they are exchanged and by slice of a window.
	Merges bool
	// Repeats: values that come again change nothing, so DISTINCT means nothing to it.
	Repeats bool
	// Once: equal arguments count once, also without DISTINCT.
	Once bool
	// Tuples: of the arguments only that they are there counts, and with DISTINCT which rows are
	// equal in them.
	Tuples bool
	// Order is what ORDER BY means to an aggregate.
	Order Ordering
}

// Ordering is what ORDER BY in an aggregate, or in WITHIN GROUP behind it, means.
type Ordering uint8

const (
	// NoOrder: nothing, the result is the same in any order.
	NoOrder Ordering = iota
	// OrderRefused: it would mean something, and is not there.
	OrderRefused
	// OrderOfList: the values come in it. The argument behind the first is a constant text.
	OrderOfList
	// OrderOfSet: its only key is the argument, and stands in WITHIN GROUP; what stands in the
	// brackets is a constant number.
	OrderOfSet
	// OrderOfMode: the same without the number.
	OrderOfMode
	// NumberBehind: the argument is in its own order, and a constant number may stand behind it.
	NumberBehind
	// NumberBesides: the argument and the constant number stand as in OrderOfSet or as in NumberBehind.
	NumberBesides
	// OrderOfArray: the elements come in it; those of DISTINCT in their own where nothing is said.
	OrderOfArray
)

// Part is one accumulator of an aggregate over the aggregate's argument.
type Part struct {
	// Func is the accumulator's name in the executor, in operator ids and in state schemas. It is
	// never changed.
	Func string
	// Changing is the accumulator over rows that may be taken back, if it is another; it is one
	// that keeps values beside the group.
	Changing string
	// Values: so does Func.
	Values bool
	// Empty: of no rows the result is an array without elements.
	Empty bool
	// Result is the type that it gives, and Finish takes it as As.
	Result, As types.Type
}

// definition is a line of the table of functions.
type definition struct {
	kind       Kind
	volatility Volatility
	resolve    resolver // nil if a call never gets as far
	hidden     bool     // stands for an operator or a clause: nobody writes its name
	// retracts, merges, repeats and once are of an aggregate, see Signature.
	retracts, merges, repeats, once bool
	order                           Ordering
}

// functions holds every function by canonical name.
var functions = map[string]*definition{}

// alias maps other spellings to canonical names.
var alias = map[string]string{
	"<>": "!=", "ceiling": "ceil", "pow": "power", "ucase": "upper", "lcase": "lower", "substr": "substring", "mid": "substring",
	"character_length": "char_length", "length": "char_length", "nvl": "coalesce", "ifnull": "coalesce", "mod": "%", "day": "dayofmonth",
	"now": "current_timestamp", "localtimestamp": "current_timestamp", "localtime": "current_timestamp", "curdate": "current_date", "rlike": "regexp", "sha": "sha1",
	"get_json_object": "json_value", "len": "char_length", "isnull": "is_null",
}

func canonical(name string) string {
	name = strings.ToLower(name)
	if a, ok := alias[name]; ok {
		return a
	}
	return name
}

// KindOf tells what a function is by its name.
func KindOf(name string) Kind {
	if f, ok := functions[canonical(name)]; ok {
		return f.kind
	}
	return Unknown
}

// VolatilityOf tells it of a function by its name; Immutable if there is none of the name.
func VolatilityOf(name string) Volatility {
	if f, ok := functions[canonical(name)]; ok {
		return f.volatility
	}
	return Immutable
}

// Names lists the functions of a kind that a query may use, sorted.
func Names(k Kind) []string {
	var list []string
	for _, n := range slices.Sorted(maps.Keys(functions)) {
		if f := functions[n]; f.kind == k && f.volatility != Volatile {
			list = append(list, n)
		}
	}
	return list
}

// Callable lists what can be called by name, sorted: functions, their other names, aggregates, window functions, and
// what the analyzer makes other expressions of, as it does of RAND(seed).
func Callable() []string {
	list := slices.Concat(Names(Aggregate), Names(Window))
	for name := range descriptions {
		if f := functions[name]; f == nil || f.volatility == Volatile {
			list = append(list, name)
		}
	}
	for _, names := range [][]string{Names(Scalar), slices.Collect(maps.Keys(alias))} {
		for _, n := range names {
			f, of := functions[n], functions[alias[n]]
			word := n[0] >= 'a' && n[0] <= 'z'
			if f != nil && f.hidden && descriptions[n] == nil || of != nil && of.hidden && descriptions[alias[n]] == nil {
				word = false // of an operator or a clause
			}
			if word {
				list = append(list, n)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Resolve finds the signature of a call of a scalar function. The error is a sentence without
// position; known is false if there is no function of the name.
func Resolve(name string, args []types.Type) (sig Signature, known bool, err error) {
	name, called := canonical(name), name
	if KindOf(name) != Scalar || functions[name].resolve == nil {
		return Signature{}, false, fmt.Errorf("function %s does not exist", called)
	}
	sig, problem := functions[name].signature(name, args)
	if problem == "" && len(sig.Args) != len(args) {
		problem = takes(len(sig.Args), len(sig.Args))
	}
	if problem != "" {
		return Signature{}, true, fmt.Errorf("%s: %s", call(called, args), problem)
	}
	return sig, true, nil
}

// OrderingOf tells what ORDER BY means to an aggregate.
func OrderingOf(name string) Ordering {
	if f, ok := functions[canonical(name)]; ok {
		return f.order
	}
	return NoOrder
}

// ResolveAggregate finds the signature of an aggregate over arguments; without any it is that
// of (*). The error is a sentence without position.
func ResolveAggregate(name string, args []types.Type) (Signature, error) {
	if KindOf(name) != Aggregate {
		return Signature{}, fmt.Errorf("aggregate %s does not exist", name)
	}
	called := name
	name = canonical(name)
	sig, problem := functions[name].signature(name, args)
	if problem != "" {
		return Signature{}, fmt.Errorf("%s(%s): %s", called, list(args), problem)
	}
	return sig, nil
}

func (f *definition) signature(name string, args []types.Type) (Signature, string) {
	sig, problem := f.resolve(args)
	sig.Name, sig.Kind, sig.Volatility, sig.Retracts, sig.Merges, sig.Repeats, sig.Once, sig.Order = name, f.kind, f.volatility, f.retracts, f.merges, f.repeats, f.once, f.order
	return sig, problem
}

// between are the functions that are written as an operator, and how.
var between = map[string]string{"add_time": "+", "add_months": "+", "add_interval": "+", "subtract_interval": "-", "subtract_times": "-", "subtract_dates": "-",
	"add_days": "+", "subtract_days": "-", "date_and_time": "+", "add_intervals": "+", "subtract_intervals": "-", "multiply_interval": "*", "divide_interval": "/",
	"at_time_zone": "AT TIME ZONE", "and": "AND", "or": "OR", "xor": "XOR", "div": "DIV",
	"jsonb_contains": "@>", "jsonb_contained": "<@", "jsonb_exists": "?", "jsonb_exists_any": "?|", "jsonb_exists_all": "?&", "jsonb_delete_path": "#-",
	"jsonb_concat": "||", "jsonb_delete": "-", "arraycontains": "@>", "arraycontained": "<@", "arrayoverlap": "&&",
	"similar_to": "SIMILAR TO", "like": "LIKE", "ilike": "ILIKE", "regexp": "REGEXP"}

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
	case strings.HasPrefix(name, "is_") && functions[name].hidden && len(args) == 1:
		return args[0].String() + " " + strings.ToUpper(strings.ReplaceAll(name, "_", " "))
	}
	return name + "(" + list(args) + ")"
}

func list(args []types.Type) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.String()
	}
	return strings.Join(parts, ", ")
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
