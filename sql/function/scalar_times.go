package function

import "slipway/sql/types"

// Functions of dates, times and intervals beyond the first ones.

// clockPart is a part of a time of day: of a TIME too.
func clockPart(args []types.Type) (Signature, string) {
	if len(args) == 1 && args[0].Kind == types.Time {
		return Signature{Args: []types.Type{dayT}, Result: bigT}, ""
	}
	return fixed(bigT, 0, microT)(args)
}

// ofField is a function of a unit and of any time or interval.
func ofField(result func(t types.Type) types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if p := arity(args, 2); p != "" {
			return Signature{}, p
		}
		t := args[1]
		switch {
		case t.Kind == types.Interval, t.Kind == types.Time, t.Kind == types.TimestampTZ:
		case isTime(t) || t.Kind == types.Null || t.IsText():
			t = microT
		default:
			return Signature{}, "it takes a time or an interval"
		}
		if p := fits(args[0], textT); p != "" {
			return Signature{}, p
		}
		return Signature{Args: []types.Type{textT, t}, Result: result(t)}, ""
	}
}

// truncated is DATE_TRUNC: of a moment it is one.
func truncated(args []types.Type) (Signature, string) {
	if len(args) == 2 && args[1].Kind == types.TimestampTZ {
		return Signature{Args: []types.Type{textT, args[1]}, Result: args[1]}, ""
	}
	return fixed(timeT, 0, textT, timeT)(args)
}

// readTime is TO_TIMESTAMP: of a text, by a pattern, or of seconds since 1970.
func readTime(args []types.Type) (Signature, string) {
	if len(args) == 1 && args[0].IsNumeric() {
		return Signature{Args: []types.Type{doubleT}, Result: zonedT}, ""
	}
	if len(args) == 2 {
		return fixed(microT, 0, textT, textT)(args)
	}
	return fixed(timeT, 0, textT)(args)
}

// difference is of two times of one kind.
func difference(args []types.Type) (Signature, string) {
	if len(args) == 2 && args[0].Kind == types.Time && args[1].Kind == types.Time {
		return Signature{Args: []types.Type{dayT, dayT}, Result: ivlT}, ""
	}
	return fixed(ivlT, 0, microT, microT)(args)
}

// finite is ISFINITE: of a time or an interval.
func finite(args []types.Type) (Signature, string) {
	if p := arity(args, 1); p != "" {
		return Signature{}, p
	}
	if t := args[0]; !isTime(t) && t.Kind != types.Interval && t.Kind != types.Null {
		return Signature{}, "it takes a DATE, a TIMESTAMP or an INTERVAL"
	}
	return Signature{Args: args, Result: boolT}, ""
}

func init() {
	scalar("makedate", fixed(dateT, 0, bigT, bigT))
	scalar("period_add", fixed(bigT, 0, bigT, bigT))
	scalar("period_diff", fixed(bigT, 0, bigT, bigT))
	for _, other := range []string{"sysdate", "clock_timestamp", "statement_timestamp", "transaction_timestamp"} {
		alias[other] = "current_timestamp"
	}
	scalar("isfinite", finite)
	for _, f := range []string{"to_days", "to_seconds", "weekofyear"} {
		scalar(f, fixed(bigT, 0, microT))
	}
	for _, f := range []string{"hour", "minute", "second", "microsecond", "time_to_sec"} {
		scalar(f, clockPart)
	}
	scalar("week", fixed(bigT, 1, microT, bigT))
	scalar("yearweek", fixed(bigT, 1, microT, bigT))
	scalar("dayname", fixed(textT, 0, microT))
	scalar("monthname", fixed(textT, 0, microT))
	scalar("last_day", fixed(dateT, 0, dateT))
	scalar("from_days", fixed(dateT, 0, bigT))
	scalar("sec_to_time", fixed(types.NewTime(0), 0, bigT))
	scalar("timediff", difference)
	hidden("months_later", fixed(dateT, 0, dateT, bigT))
	scalar("months_between", fixed(doubleT, 0, microT, microT))
	scalar("next_day", fixed(dateT, 0, dateT, textT))
	hidden("trunc_date", fixed(dateT, 0, dateT, textT))
	scalar("convert_tz", fixed(microT, 0, microT, textT, textT))
	scalar("age", fixed(ivlT, 0, microT, microT))
	scalar("date_bin", fixed(microT, 0, ivlT, microT, microT))
	for _, f := range []string{"justify_days", "justify_hours", "justify_interval"} {
		scalar(f, fixed(ivlT, 0, ivlT))
	}
	scalar("make_date", fixed(dateT, 0, bigT, bigT, bigT))
	scalar("make_time", fixed(dayT, 0, bigT, bigT, doubleT))
	scalar("make_timestamp", fixed(microT, 0, bigT, bigT, bigT, bigT, bigT, doubleT))
	scalar("make_timestamptz", fixed(zonedT, 1, bigT, bigT, bigT, bigT, bigT, doubleT, textT))
	scalar("make_interval", fixed(ivlT, 7, bigT, bigT, bigT, bigT, bigT, bigT, doubleT))
	scalar("date_part", ofField(func(types.Type) types.Type { return doubleT }))
	hidden("extract_field", ofField(func(types.Type) types.Type { return bigT }))
	hidden("extract_fraction", ofField(func(types.Type) types.Type { return types.NewDecimal(20, 6) }))
	scalar("to_timestamp", readTime)
	scalar("to_char", fixed(textT, 0, microT, textT))
	scalar("str_to_date", fixed(microT, 0, textT, textT))
	hidden("str_to_time", fixed(dayT, 0, textT, textT))
	for name, t := range map[string]types.Type{"current_time": types.NewTime(3), "utc_timestamp": timeT, "utc_date": dateT, "utc_time": types.NewTime(3)} {
		define(name, definition{volatility: Stable, resolve: fixed(t, 0)})
	}
	alias["curtime"] = "current_time"
}
