package function

import "slipway/sql/types"

// TimeOperator names the function that an operator between times, intervals and numbers stands for; swap: with its
// operands in the other order. It is empty where the operator is one of numbers.
func TimeOperator(operator string, x, y types.Type) (name string, swap bool) {
	name = timeOperator(operator, x, y)
	if name == "" && (operator == "+" || operator == "*") {
		return timeOperator(operator, y, x), true
	}
	return name, false
}

func timeOperator(operator string, x, y types.Type) string {
	interval := y.Kind == types.Interval
	switch {
	case x.Kind == types.Interval:
		return ofInterval(operator, y)
	case operator == "+" && interval && (isTime(x) || x.Kind == types.Time):
		return "add_interval"
	case operator == "+" && x.Kind == types.Date && y.Kind == types.Time:
		return "date_and_time"
	case operator == "+" && x.Kind == types.Date && y.IsInteger():
		return "add_days"
	case operator != "-":
		return ""
	case interval && (isTime(x) || x.Kind == types.Time):
		return "subtract_interval"
	case x.Kind == types.Date && y.Kind == types.Date:
		return "subtract_dates"
	case x.Kind == types.Date && y.IsInteger():
		return "subtract_days"
	case isTime(x) && isTime(y), x.Kind == types.Time && y.Kind == types.Time:
		return "subtract_times"
	}
	return ""
}

func ofInterval(operator string, y types.Type) string {
	switch interval := y.Kind == types.Interval; {
	case operator == "+" && interval:
		return "add_intervals"
	case operator == "-" && interval:
		return "subtract_intervals"
	case operator == "*" && y.IsNumeric():
		return "multiply_interval"
	case operator == "/" && y.IsNumeric():
		return "divide_interval"
	}
	return ""
}

// moved is what a time is after an interval was added: of a DATE a TIMESTAMP, and all digits.
func moved(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	t := microT
	switch args[0].Kind {
	case types.TimestampTZ:
		t = zonedT
	case types.Time:
		t = dayT
	}
	return Signature{Args: []types.Type{t, ivlT}, Result: t}, ""
}

// apart is an interval between two times.
func apart(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	t := microT
	switch {
	case args[0].Kind == types.Time:
		t = dayT
	case args[0].Kind == types.TimestampTZ || args[1].Kind == types.TimestampTZ:
		t = zonedT
	}
	return Signature{Args: []types.Type{t, t}, Result: ivlT}, ""
}

// negation is of numbers and intervals.
func negation(args []types.Type) (Signature, string) {
	if len(args) == 1 && args[0].Kind == types.Interval {
		return Signature{Args: args, Result: args[0]}, ""
	}
	return number(keep)(args)
}

// atTimeZone gives a moment for a time, and a time for a moment.
func atTimeZone(args []types.Type) (Signature, string) {
	if p := arity(args, 2); p != "" {
		return Signature{}, p
	}
	sig := Signature{Args: []types.Type{microT, textT}, Result: zonedT}
	switch {
	case args[0].Kind == types.TimestampTZ:
		sig.Args[0] = args[0]
		sig.Result = types.NewTimestamp(args[0].Precision)
	case args[0].Kind == types.Timestamp:
		sig.Args[0] = args[0]
		sig.Result = types.NewTimestampTZ(args[0].Precision)
	case args[0].Kind != types.Date && args[0].Kind != types.Null:
		return sig, "AT TIME ZONE takes a TIMESTAMP, with or without zone"
	}
	if args[1].Kind == types.Interval {
		sig.Args[1] = ivlT
	} else if !args[1].IsText() && args[1].Kind != types.Null {
		return sig, "the zone is a name, or an INTERVAL"
	}
	return sig, ""
}

// Operators of times and intervals.
func init() {
	hidden("add_interval", moved)
	hidden("subtract_interval", moved)
	hidden("subtract_times", apart)
	hidden("at_time_zone", atTimeZone)
	hidden("subtract_dates", fixed(bigT, 0, dateT, dateT))
	hidden("add_days", fixed(dateT, 0, dateT, bigT))
	hidden("subtract_days", fixed(dateT, 0, dateT, bigT))
	hidden("date_and_time", fixed(microT, 0, dateT, dayT))
	hidden("add_intervals", fixed(ivlT, 0, ivlT, ivlT))
	hidden("subtract_intervals", fixed(ivlT, 0, ivlT, ivlT))
	hidden("multiply_interval", fixed(ivlT, 0, ivlT, doubleT))
	hidden("divide_interval", fixed(ivlT, 0, ivlT, doubleT))
	hidden("plain_interval", fixed(ivlT, 0, ivlT))
}
