package parser

import (
	"slices"
	"strings"

	"slipway/sql/ast"
)

// clause is one form that the TiDB grammar lacks, or would read otherwise.
type clause struct {
	// begins is how it begins: its words and signs, A|B for one of several, [A] for what may be
	// missing, <text> for a string, <name> for a name.
	begins string
	// where it may stand: elsewhere its words are left alone.
	where func(*rewriter) bool
	// read reads it with a cursor that stands at its beginning, and leaves that behind it. It gives what the
	// converter makes the node of: an ast.Expr, a standIn, or nil where it has put what it
	// read in its place itself.
	read func(r *rewriter, c *cursor) (any, error)
	// stands is what the TiDB parser reads in its place, with the cut's name for %.
	stands string
}

// What may stand in place of a clause.
const (
	nothing  = ""
	aName    = "%"
	aValue   = "%()"
	opened   = "%(" // the arguments follow
	aKey     = ",%()"
	comma    = ","
	operator = "<=>"
	equals   = "<=> %()"
)

// clauses are those of clauseTable, by their first word.
var clauses map[string][]*compiled

func init() {
	clauses = index(slices.Concat(refusedTable, clauseTable))
	for word := range clauses {
		classes[word] |= beginsClause
	}
}

// clauseTable holds them all but for what is no word at all (postfix.go: x::t, x[i]) and what stands
// in place of a table (rewrite_table.go); of several that begin alike the first is taken.
var clauseTable = []clause{
	// Values.
	{"INTERVAL", anywhere, readInterval, aValue},
	{"DATE|TIMESTAMP|DATETIME|TIME <text>", anywhere, readTypedLiteral, aValue},
	{"TIMESTAMP|TIME WITHOUT TIME ZONE <text>", anywhere, readTypedLiteral, aValue},
	{"CAST|TRY_CAST (", notAlias, readCast, opened},
	{"ROW (", notRow, readRow, opened},
	{"ARRAY (", beforeQuery, readArrayQuery, aValue},
	{"OVERLAY (", hasPlacing, readOverlay, aValue},
	{"SUBSTRING (", hasSimilar, readSimilarSubstring, aValue},
	{"JSON_VALUE|JSON_QUERY|JSON_EXISTS (", hasJSONClauses, readJSONCall, aValue},
	{"ANY|SOME|ALL (", beforeArray, readElements, opened},
	{"FINAL|RUNNING FIRST|LAST|PREV|COUNT|SUM|AVG|MIN|MAX|CLASSIFIER (", startsValue, readMatchRows, opened},
	{"DEFAULT", rowValue, readDefault, aValue},

	// Behind a value.
	{"IS [NOT] DISTINCT FROM", anywhere, readDistinct, operator},
	{"SIMILAR TO", behindNotOr(behindOperand), readSimilar, "REGEXP"},
	{"ESCAPE", behindSimilar, readEscape, nothing},
	{"IS [NOT] UNKNOWN", anywhere, readUnknown, equals},
	{"IS [NOT] JSON", anywhere, readIsJSON, equals},
	{"NULLS FIRST|LAST", behindKey, readNulls, aKey},

	// In a call.
	{"DISTINCT", beginsCall, readCallDistinct, nothing},
	{"ORDER BY", inCall, readCallOrder, nothing},
	{"SEPARATOR <text>", inCall, readSeparator, nothing},
	{"KEY", beforeName, readInstead(nothing), nothing},
	{"VALUE", beforeMember, readInstead(comma), comma},
	{"NULL|ABSENT ON NULL", inJSONMaker, readJSONNulls, nothing},
	{"RETURNING JSON|JSONB", inJSONMaker, readJSONReturning, nothing},
	{"WITHOUT UNIQUE", beforeMember, readManyKeys, nothing},
	{"WITH UNIQUE", beforeMember, refuse("WITH UNIQUE KEYS", "Of members of one name the last one counts."), nothing},

	// Behind a call.
	{"WITHIN GROUP (", behindCall, readWithinGroup, nothing},
	{"FILTER ( WHERE", behindCall, readFilter, nothing},
	{"RESPECT NULLS", behindCall, readNullTreatment(ast.RespectNulls), nothing},
	{"IGNORE NULLS", behindCall, readNullTreatment(ast.IgnoreNulls), nothing},
	{"OVER", behindCall, readOver, nothing},
	{"AS ( <name>", behindRowCall, readCallColumns, nothing},

	// In FROM.
	{"FULL [OUTER] JOIN", inFrom, readJoin, "JOIN"},
	{"NATURAL [INNER] JOIN", inFrom, readJoin, "NATURAL JOIN"},
	{"NATURAL LEFT [OUTER] JOIN", inFrom, readJoin, "NATURAL LEFT JOIN"},
	{"NATURAL RIGHT [OUTER] JOIN", inFrom, readJoin, "NATURAL RIGHT JOIN"},
	{"NATURAL FULL [OUTER] JOIN", inFrom, readJoin, "NATURAL JOIN"},
	{"STREAMWINDOW", behindTable, readStreamWindow, nothing},
	{"SESSIONWINDOW (", behindTable, readSessionWindow, nothing},
	{"SESSIONWINDOW <name> [AS] (", behindTable, readSessionWindow, nothing},
	{"LATERAL VIEW [OUTER] <name> (", inFrom, readLateralView, ",%"},

	// Behind FROM.
	{"GROUPING SETS (", inKeys, readGrouping, aValue},
	{"ROLLUP|CUBE (", inKeys, readGrouping, aValue},
	{"WINDOW <name> AS (", behindSelect, readWindows, nothing},
	{"QUALIFY", behindSelect, readQualify, nothing},
	{"WITH TIES", behindRows, readTies, "ONLY"},
	{"WITH TIES", behindCount, readTies, nothing},

	// Refused by name.
	{"SEMI|ANTI|ASOF|GLOBAL JOIN|LEFT|INNER|SEMI|ANTI", anywhere, refuseJoin, nothing},
	{"FULL [OUTER] JOIN", anywhere, refuseWord, nothing},
	{"NATURAL", anywhere, refuse("NATURAL JOIN", ""), nothing},
	{"STRAIGHT_JOIN", anywhere, refuse("STRAIGHT_JOIN", ""), nothing},
	{"OUTER JOIN|APPLY", notOuter, refuseWord, nothing},
	{"CROSS APPLY", anywhere, refuse("CROSS APPLY", ""), nothing},
	{"LATERAL VIEW", anywhere, refuse("LATERAL VIEW here", "It stands in FROM, behind the tables."), nothing},
	{"LATERAL", anywhere, refuse("LATERAL", "It stands before a subquery or UNNEST, in FROM."), nothing},
	{"CONVERT (", anywhere, refuse("CONVERT", "Write CAST(x AS type)."), nothing},
	{"MATCH (", anywhere, refuse("MATCH … AGAINST", ""), nothing},
	{"BINARY", notType, refuse("the operator BINARY", "Write CAST(x AS BINARY)."), nothing},
	{"DEFAULT", anywhere, refuse("DEFAULT", ""), nothing},
	{"GROUPING SETS", anywhere, refuse("GROUPING SETS", ""), nothing},
	{"ROLLUP (", anywhere, refuse("ROLLUP", ""), nothing},
	{"CUBE (", anywhere, refuse("CUBE", ""), nothing},
	{"WINDOW <name> AS", anywhere, refuse("the WINDOW clause", ""), nothing},
	{"FILTER ( WHERE", anywhere, refuse("FILTER (WHERE …)", "Use COUNT(CASE WHEN … THEN 1 END)."), nothing},
	{"AT TIME ZONE", anywhere, refuse("AT TIME ZONE", ""), nothing},
	{"COLLATE", anywhere, refuse("COLLATE", ""), nothing},
	{"FOR SYSTEM_TIME", anywhere, refuse("FOR SYSTEM_TIME", ""), nothing},
	{"FOR UPDATE", anywhere, refuse("FOR UPDATE", ""), nothing},
	{"FOR SHARE", anywhere, refuse("FOR SHARE", ""), nothing},
	{"LOCK IN SHARE", anywhere, refuse("LOCK IN SHARE MODE", ""), nothing},
	{"EMIT CHANGES LIMIT|OFFSET|ORDER|HAVING|GROUP|WHERE", anywhere, refuseEarlyEmit, nothing},
	{"EMIT CHANGES", anywhere, refuse("EMIT CHANGES in a job, a view or a subquery",
		"It stands at the end of a SELECT that a client sends; what stands here follows its input without it."), nothing},
	{"INTO", anywhere, refuse("SELECT … INTO", ""), nothing},
	{"TABLESAMPLE", inFrom, refuse("TABLESAMPLE", ""), nothing},
	{"MATCH_RECOGNIZE (", inFrom, refuse("MATCH_RECOGNIZE", ""), nothing},
	{"PIVOT (", inFrom, refuse("PIVOT", ""), nothing},
	{"UNPIVOT (", inFrom, refuse("UNPIVOT", ""), nothing},
	{"TABLE", anywhere, refuse("TABLE as a query", "Write SELECT * FROM the table."), nothing},
}

// Places.
func anywhere(*rewriter) bool { return true }

// notAlias: not where only the alias of a table can stand.
func notAlias(r *rewriter) bool    { return !r.top().inFrom || !endsOperand(r.prev()) }
func notRow(r *rewriter) bool      { return !r.top().values && notAlias(r) }
func rowValue(r *rewriter) bool    { return r.inserts && r.isValue() }
func startsValue(r *rewriter) bool { return r.startsValue() }
func behindKey(r *rewriter) bool   { return r.top().sel < 0 && !r.startsValue() }
func inCall(r *rewriter) bool      { return r.top().name >= 0 && r.top().query < 0 }
func beginsCall(r *rewriter) bool {
	return inCall(r) && r.top().name == r.i-2 && classes[r.top().fn]&aggregateCall == 0
}
func behindCall(r *rewriter) bool   { return r.callEnd >= 0 && r.callEnd == r.i-1 }
func inFrom(r *rewriter) bool       { return r.top().inFrom }
func behindTable(r *rewriter) bool  { return r.top().inFrom && !r.startsValue() }
func inKeys(r *rewriter) bool       { return r.top().by && r.prev().isAny("BY", ",") }
func behindSelect(r *rewriter) bool { return r.top().query >= 0 && endsOperand(r.prev()) }
func notOuter(r *rewriter) bool     { return !r.prev().isAny("LEFT", "RIGHT") }
func notType(r *rewriter) bool      { return !r.prev().is("AS") }
func beforeQuery(r *rewriter) bool  { return r.beginsQuery(r.i + 1) }
func beforeArray(r *rewriter) bool  { return r.prev().kind == opToken && !r.beginsQuery(r.i+1) }

// clauseAt finds the clause that begins at the current token.
func (r *rewriter) clauseAt(t token) *compiled {
	if !t.has(beginsClause) {
		return nil
	}
	for _, cl := range clauses[t.upper] {
		if cl.matches(r) && cl.where(r) {
			return cl
		}
	}
	return nil
}

// cutClause reads a clause and writes what stands for it.
func (r *rewriter) cutClause(cl *compiled) error {
	c := r.cursor(r.to)
	what, err := cl.read(r, c)
	if err != nil {
		return err
	}
	r.cutOut(what, c.i, cl.stands)
	return nil
}

// compiled is a clause with the words that it begins with behind the first.
type compiled struct {
	clause
	behind []string
}

// matches tells whether the words behind the current one are those of the clause.
func (cl *compiled) matches(r *rewriter) bool {
	for n, want := range cl.behind {
		if !r.fits(r.at(r.i+1+n), want) {
			return false
		}
	}
	return true
}

func (r *rewriter) fits(t token, want string) bool {
	switch want {
	case "<text>":
		return t.kind == stringToken || t.isString() && r.dialect == quotedBody
	case "<name>":
		return t.kind == identToken && !(t.isString() && r.dialect == quotedBody) || t.kind == wordToken && !t.has(reserved)
	case "(":
		return t.opens()
	}
	return t.is(want)
}

// index spells every clause out, by its first word.
func index(list []clause) map[string][]*compiled {
	m := map[string][]*compiled{}
	for _, cl := range append(typedTexts(), list...) {
		for _, words := range spellings(strings.Fields(cl.begins)) {
			m[words[0]] = append(m[words[0]], &compiled{clause: cl, behind: words[1:]})
		}
	}
	return m
}

// spellings gives every sequence of words that a beginning allows.
func spellings(parts []string) [][]string {
	if len(parts) == 0 {
		return [][]string{nil}
	}
	var list [][]string
	rest := spellings(parts[1:])
	word, optional := strings.CutPrefix(parts[0], "[")
	if optional {
		list = append(list, rest...)
		word = strings.TrimSuffix(word, "]")
	}
	for _, w := range strings.Split(word, "|") {
		for _, r := range rest {
			list = append(list, append([]string{w}, r...))
		}
	}
	return list
}

// refuse names a clause that is not there.
func refuse(what, hint string) func(*rewriter, *cursor) (any, error) {
	return func(r *rewriter, _ *cursor) (any, error) {
		e := r.unsupported(what)
		if hint != "" {
			e.Hint = hint
		}
		return nil, e
	}
}

// refuseWord calls it a syntax error.
func refuseWord(r *rewriter, _ *cursor) (any, error) { return nil, r.fail() }

func refuseJoin(r *rewriter, _ *cursor) (any, error) {
	return nil, r.unsupported(r.cur().upper + " JOIN")
}

func refuseEarlyEmit(r *rewriter, _ *cursor) (any, error) {
	behind := r.at(r.i + 2).upper
	return nil, r.unsupported("EMIT CHANGES before "+behind).WithHint("It is the last of a statement: … %s … EMIT CHANGES.", behind)
}
