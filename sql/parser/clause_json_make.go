package parser

import "slipway/sql/ast"

// What stands inside of the calls that make JSON: KEY k VALUE v, k: v, NULL ON NULL.

// jsonMakers are these calls; those of true take names with their values.
var jsonMakers = map[string]bool{"JSON_OBJECT": true, "JSON_OBJECTAGG": true, "JSON_ARRAY": false, "JSON_ARRAYAGG": false}

func inJSONObject(r *rewriter) bool { return inCall(r) && jsonMakers[r.top().fn] }

func inJSONMaker(r *rewriter) bool {
	_, makes := jsonMakers[r.top().fn]
	return inCall(r) && makes && (endsOperand(r.prev()) || r.prev().isAny("ASC", "DESC", "FIRST", "LAST", "NULL"))
}

func (c *cursor) beginsJSONNulls(i int) bool {
	return c.toks[i].isAny("NULL", "ABSENT") && c.toks[i+1].is("ON") && i+2 < len(c.toks) && c.toks[i+2].is("NULL")
}

// beforeName tells KEY from a column of that name.
func beforeName(r *rewriter) bool {
	next := r.next()
	return inJSONObject(r) && r.prev().isAny("(", ",") && next.kind != opToken && !next.is("VALUE")
}

func beforeMember(r *rewriter) bool { return inJSONObject(r) && endsOperand(r.prev()) }

// readInstead passes over one word or sign, which is no operand to what stands behind it.
func readInstead(sign string) func(*rewriter, *cursor) (any, error) {
	return func(r *rewriter, c *cursor) (any, error) {
		t := &r.toks[r.i]
		*t = token{kind: opToken, made: true, start: t.start, end: t.end, value: sign, upper: sign}
		c.i++
		return nil, nil
	}
}

// readJSONNulls reads NULL ON NULL or ABSENT ON NULL, behind the values.
func readJSONNulls(r *rewriter, c *cursor) (any, error) {
	f := r.keptOf(r.top().name)
	if f.JSONNulls != ast.JSONNullsUnsaid {
		return nil, c.unexpected()
	}
	f.JSONNulls = ast.JSONNulls
	if c.peek().is("ABSENT") {
		f.JSONNulls = ast.JSONAbsent
	}
	c.i += 3
	if !c.peek().isAny(")", "RETURNING", "WITH", "WITHOUT") {
		return nil, c.unexpected()
	}
	return nil, nil
}

// readJSONReturning reads RETURNING JSON, which says what is anyway.
func readJSONReturning(_ *rewriter, c *cursor) (any, error) {
	if c.i += 2; !c.peek().is(")") {
		return nil, c.unexpected()
	}
	return nil, nil
}

// readManyKeys reads WITHOUT UNIQUE KEYS, which says what is anyway.
func readManyKeys(_ *rewriter, c *cursor) (any, error) {
	c.i += 2
	c.accept("KEYS")
	return nil, nil
}
