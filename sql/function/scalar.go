package function

import "slipway/sql/types"

// A scalar function is a line here and a kernel in executor/expr.

func define(name string, d definition) {
	if d.kind == Unknown {
		d.kind = Scalar
	}
	functions[name] = &d
}

func scalar(name string, r resolver) { define(name, definition{resolve: r}) }

// hidden are functions that stand for an operator or a clause; nobody writes their names.
func hidden(name string, r resolver) { define(name, definition{resolve: r, hidden: true}) }

// Functions that are known and never called: what stands in FROM or GROUP BY alone, and what gives another value each time.
func init() {
	for _, f := range []string{"tumble", "hop", "cumulate", "session"} {
		define(f, definition{kind: Table})
	}
	for _, f := range []string{"rand", "uuid", "gen_random_uuid"} { // the analyzer makes one of these of them
		define(f, definition{volatility: Volatile})
	}
	define("random_number", definition{volatility: Volatile, hidden: true, resolve: fixed(doubleT, 0)})
	define("random_uuid", definition{volatility: Volatile, hidden: true, resolve: fixed(types.Of(types.UUID), 0)})
	define("random_uuid_text", definition{volatility: Volatile, hidden: true, resolve: fixed(textT, 0)})
}

// Operators.
func init() {
	scalar("+", arithmetic(addRule))
	scalar("-", arithmetic(addRule))
	scalar("*", arithmetic(mulRule))
	scalar("%", arithmetic(modRule))
	scalar("/", divide)
	hidden("div", fixed(bigT, 0, bigT, bigT))
	hidden("negate", negation)
	for _, op := range []string{"=", "!=", "<", "<=", ">", ">=", "<=>"} {
		scalar(op, compare)
	}
	for _, op := range []string{"and", "or", "xor"} {
		hidden(op, fixed(boolT, 0, boolT, boolT))
	}
	hidden("not", fixed(boolT, 0, boolT))
	hidden("is_null", anyOne(boolT))
	hidden("is_true", fixed(boolT, 0, boolT))
	hidden("is_false", fixed(boolT, 0, boolT))
}

// Conditional functions and those of numbers.
func init() {
	scalar("coalesce", same(1))
	scalar("greatest", same(2))
	scalar("least", same(2))

	scalar("abs", number(keep))
	scalar("ceil", number(whole))
	scalar("floor", number(whole))
	scalar("sign", number(func(types.Type) types.Type { return bigT }))
	scalar("round", rounding)
	scalar("truncate", rounding)
	for _, f := range []string{"sqrt", "exp", "ln", "log10", "log2", "sin", "cos", "tan"} {
		scalar(f, fixed(doubleT, 0, doubleT))
	}
	scalar("power", fixed(doubleT, 0, doubleT, doubleT))
	scalar("pi", fixed(doubleT, 0))
}

// Functions of texts.
func init() {
	for _, f := range []string{"upper", "lower", "trim", "reverse"} {
		scalar(f, fixed(textT, 0, textT))
	}
	for _, f := range []string{"char_length", "octet_length", "ascii"} {
		scalar(f, fixed(bigT, 0, textT))
	}
	scalar("concat", variadicText(1))
	scalar("concat_ws", variadicText(2))
	scalar("substring", fixed(textT, 1, textT, bigT, bigT))
	scalar("left", fixed(textT, 0, textT, bigT))
	scalar("right", fixed(textT, 0, textT, bigT))
	scalar("repeat", fixed(textT, 0, textT, bigT))
	scalar("lpad", fixed(textT, 1, textT, bigT, textT))
	scalar("rpad", fixed(textT, 1, textT, bigT, textT))
	scalar("replace", fixed(textT, 0, textT, textT, textT))
	scalar("instr", fixed(bigT, 0, textT, textT))
	scalar("locate", fixed(bigT, 1, textT, textT, bigT))
	also("instr", "strpos")
	also("locate", "position")
	scalar("split_index", fixed(textT, 0, textT, textT, bigT))
	hidden("like", fixed(boolT, 1, textT, textT, textT))
	hidden("ilike", fixed(boolT, 1, textT, textT, textT))
	hidden("regexp", fixed(boolT, 0, textT, textT))
	scalar("regexp_extract", fixed(textT, 1, textT, textT, bigT))
}

// Functions of times.
func init() {
	for _, f := range []string{"year", "month", "dayofmonth", "quarter", "dayofweek", "weekday", "dayofyear"} {
		scalar(f, fixed(bigT, 0, microT))
	}
	hidden("add_time", addTime)
	hidden("add_months", addMonths)
	scalar("datediff", fixed(bigT, 0, dateT, dateT))
	scalar("timestampdiff", fixed(bigT, 0, textT, microT, microT))
	scalar("date_trunc", truncated)
	scalar("to_date", fixed(dateT, 1, textT, textT))
	scalar("date_format", fixed(textT, 0, microT, textT))
	scalar("unix_timestamp", fixed(bigT, 0, microT))
	scalar("from_unixtime", fixed(textT, 0, bigT))
	define("current_timestamp", definition{volatility: Stable, resolve: fixed(timeT, 0)})
	define("current_date", definition{volatility: Stable, resolve: fixed(dateT, 0)})
}
