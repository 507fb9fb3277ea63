package parser

// refusedTable holds forms of other systems that are refused by name where the TiDB grammar would call
// them a syntax error. Each says what to write instead.
var refusedTable = []clause{
	{"SYMMETRIC", behindWord("BETWEEN"), refuse("BETWEEN SYMMETRIC", "Write the lesser value first."), nothing},
	{"OVERLAPS (", behindOperand, refuse("OVERLAPS", "Compare the bounds: s1 < e2 AND s2 < e1."), nothing},
	{"TOP", topRows, refuse("SELECT TOP n", "Write LIMIT n at the end."), nothing},
	{"WINDOW TUMBLING|HOPPING|SESSION (", anywhere, refuse("a WINDOW of ksqlDB",
		"Write FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(at), INTERVAL '1' HOUR)) GROUP BY window_start, window_end; HOP and SESSION are its like."), nothing},
	{"TO YEAR|QUARTER|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND )", behindOperand, refuse("CEIL and FLOOR to a unit of time", "DATE_TRUNC('hour', t) gives the beginning of the hour."), nothing},
	{"RETURNING INT|INTEGER|BIGINT|DOUBLE|FLOAT|BOOLEAN|STRING|VARCHAR|DECIMAL", behindOperand, refuse("RETURNING", "Write CAST(… AS type) round the call."), nothing},
}

func behindWord(word string) func(*rewriter) bool {
	return func(r *rewriter) bool { return r.prev().is(word) }
}

func behindOperand(r *rewriter) bool { return endsOperand(r.prev()) }
func topRows(r *rewriter) bool {
	return r.prev().isAny("SELECT", "DISTINCT") && r.at(r.i+1).kind == numberToken
}
func behindStar(r *rewriter) bool {
	return r.prev().is("*") && !r.at(r.i+2).isAny("SELECT", "WITH", "VALUES", "(", "TABLE")
}
