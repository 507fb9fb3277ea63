package parser

// exceptForMinus gives MINUS, Oracle's and Hive's word for EXCEPT, the meaning of that where it
// stands between two queries. Elsewhere it is a name.
func exceptForMinus(toks []token) {
	for i := range toks {
		if i == 0 || !toks[i].is("MINUS") || !endsOperand(toks[i-1]) {
			continue
		}
		next := i + 1
		if toks[next].isAny("ALL", "DISTINCT") {
			next++
		}
		for toks[next].is("(") {
			next++
		}
		if toks[next].isAny("SELECT", "VALUES", "WITH") {
			toks[i].upper, toks[i].classes = "EXCEPT", classes["EXCEPT"]
		}
	}
}
