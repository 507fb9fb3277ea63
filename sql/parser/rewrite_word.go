package parser

import (
	"slipway/sql/ast"
)

// aggregates and analytic functions have a grammar of their own (DISTINCT, OVER);
// every other function is written in backticks and read as a plain call.
var nativeFunctions = set(`COUNT SUM MIN MAX AVG BIT_AND BIT_OR BIT_XOR STD STDDEV STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP
	VARIANCE ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE LAG LEAD FIRST_VALUE LAST_VALUE NTH_VALUE`)

// reservedFunctions are reserved words that call a function when ( follows.
var reservedFunctions = set(`IF LEFT RIGHT MOD REPEAT REPLACE INSERT CHAR DATABASE SCHEMA CURRENT_TIMESTAMP CURRENT_DATE
	CURRENT_TIME CURRENT_USER LOCALTIME LOCALTIMESTAMP UTC_TIMESTAMP UTC_DATE UTC_TIME WINDOW RANGE GROUPS OPTION KEY INDEX
	LOCK TRUNCATE ARRAY READ LINEAR`)

// notFunctions are words of the grammar that are not reserved and may stand before a bracket.
var notFunctions = set(`USING OFFSET ANY SOME ESCAPE END FIRST NEXT UNKNOWN NO`)

// columnWords are reserved words that are quoted for the user where only a column
// can stand: they begin neither an expression nor a clause there.
var columnWords = set(`KEY KEYS PARTITION RANK ROW ROWS GROUPS INDEX RANGE OPTION READ WRITE LOCK LEAD LAG OF OVER
	MATCH USAGE TRIGGER DATABASE DATABASES COLUMN LINES LINEAR LOAD LONG MAXVALUE OPTIMIZE OUT OUTER PRECISION PROCEDURE
	REFERENCES RELEASE RENAME REQUIRE RESTRICT REVOKE SQL SSL STARTING STORED TERMINATED UNLOCK UNTIL USE VARYING VIRTUAL WHILE
	ZEROFILL CHANGE CHECK CONSTRAINT CONTINUE CURSOR DELAYED DESC DESCRIBE ASC ADD ALTER ANALYZE BLOB CALL CASCADE
	CHARACTER CREATE DROP ELSEIF ENCLOSED ESCAPED EXIT EXPLAIN FORCE FOREIGN FULLTEXT GENERATED GRANT IGNORE INFILE INOUT ITERATE
	KILL LEAVE OPTIONALLY OUTFILE PRIMARY SHOW SPATIAL TO UNIQUE UPDATE DELETE WINDOW NTILE CUME_DIST DENSE_RANK PERCENT_RANK
	ROW_NUMBER FIRST_VALUE LAST_VALUE NTH_VALUE ARRAY FETCH INDEX TABLESAMPLE USAGE REPEAT REPLACE INSERT LEFT RIGHT MOD IF`)

// frameWords may begin the frame of an OVER behind its bracket.
var frameWords = set(`ROWS RANGE GROUPS PARTITION`)

// clauseWords end a select list and a FROM clause.
var clauseWords = set(`WHERE GROUP HAVING ORDER LIMIT FETCH UNION EXCEPT INTERSECT WINDOW`)

// units that TIMESTAMPDIFF, TIMESTAMPADD and EXTRACT take as a bare word.
var bareUnits = set(`MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR EPOCH DOW DOY ISODOW CENTURY DECADE
	SECOND_MICROSECOND MINUTE_MICROSECOND MINUTE_SECOND HOUR_MICROSECOND HOUR_SECOND HOUR_MINUTE DAY_MICROSECOND DAY_SECOND
	DAY_MINUTE DAY_HOUR YEAR_MONTH`)

// word rewrites an unquoted word.
func (r *rewriter) word(t token) error {
	prev, next := r.prev(), r.next()
	as := prev.is("AS") && !r.at(r.i-2).is(".")
	switch {
	case r.inserts && t.is("DEFAULT") && r.isValue():
		r.hole(&ast.Literal{Pos: r.pos(r.i), Kind: ast.NullLiteral}, r.i+1, "()") // no column has another default
		return nil
	case prev.is("."), next.is("."):
		return r.bare(t)
	case as && t.is("OF") && next.is("TIMESTAMP"):
		return r.unsupported("AS OF TIMESTAMP")
	case as && !next.is("("), r.top().expectCTE && !t.is("RECURSIVE"):
		return r.quoted(t)
	case as && r.top().inFrom:
		return r.bare(t) // AS t(c1, c2)
	}
	if done, err := r.clause(t); done || err != nil {
		return err
	}
	if done, err := r.special(t); done || err != nil {
		return err
	}
	if err := r.refuse(t); err != nil {
		return err
	}
	if next.opens() {
		return r.maybeCall(t)
	}
	if !keywords[t.upper] || r.onlyColumn(t) {
		return r.bare(t)
	}
	return r.raw()
}

// isValue tells a word that is all of a value in a row of VALUES.
func (r *rewriter) isValue() bool {
	n := len(r.levels)
	return n > 1 && r.levels[n-2].values && r.prev().isAny("(", ",") && r.next().isAny(")", ",")
}

// bare writes a word as a name.
func (r *rewriter) bare(t token) error {
	if err := checkName(r.src, t); err != nil {
		return err
	}
	return r.put(backquote(t.value))
}

// onlyColumn tells whether a keyword stands where only a column's name can.
func (r *rewriter) onlyColumn(t token) bool {
	if !r.operandExpected() || t.is("END") || r.next().kind == stringToken {
		return false
	}
	if t.is("CURRENT") && r.next().is("ROW") || t.is("UNBOUNDED") && r.next().isAny("PRECEDING", "FOLLOWING") {
		return false
	}
	if frameWords[t.upper] && r.prev().is("(") && r.at(r.i-2).is("OVER") {
		return false
	}
	return !ast.Reserved(t.upper) || columnWords[t.upper] && !r.next().is("BY")
}

// operandExpected tells whether an expression begins at the current token.
func (r *rewriter) operandExpected() bool {
	p := r.prev()
	switch p.kind {
	case opToken:
		return !p.isAny(")", "]", ".") && !(p.is("*") && !endsOperand(r.at(r.i-2)))
	case wordToken:
		return operandWords[p.upper]
	}
	return false
}

var operandWords = set(`SELECT DISTINCT AND OR XOR NOT DIV MOD LIKE ILIKE RLIKE REGEXP BETWEEN WHERE ON HAVING BY WHEN THEN ELSE CASE`)

// clause follows the structure of the query.
func (r *rewriter) clause(t token) (bool, error) {
	top := r.top()
	switch t.upper {
	case "SELECT":
		return true, r.selectWord()
	case "WITH":
		return r.with()
	case "RECURSIVE":
		return top.expectCTE, r.rawIf(top.expectCTE)
	case "FROM":
		if !r.fromInside() {
			r.endItem()
			top.sel, top.inFrom, top.expectTable = -1, true, true
		}
		return true, r.raw()
	case "JOIN":
		top.expectTable = top.inFrom
		return true, r.raw()
	case "VALUES":
		return true, r.valuesWord()
	case "USING":
		if top.inFrom && r.next().is("(") {
			return true, r.using()
		}
	case "AS":
		if top.cast != nil {
			return true, r.castType(top.cast)
		}
		return true, r.raw()
	}
	if clauseWords[t.upper] && !r.onlyColumn(t) {
		r.endItem()
		top.sel, top.inFrom, top.values, top.lastTable = -1, false, false, nil
		top.by = t.isAny("ORDER", "GROUP") && r.next().is("BY")
	}
	return false, nil
}

func (r *rewriter) rawIf(on bool) error {
	if !on {
		return nil
	}
	return r.raw()
}

// fromInside tells the FROM of EXTRACT, TRIM and SUBSTRING.
func (r *rewriter) fromInside() bool { return r.top().fn != "" && r.top().sel < 0 }

func (r *rewriter) selectWord() error {
	top := r.top()
	r.endItem()
	*top = rlevel{fn: top.fn, sel: len(r.selects)}
	s := selectInfo{tok: r.i}
	if err := r.raw(); err != nil {
		return err
	}
	switch t := r.cur(); {
	case t.isAny("DISTINCT", "ALL"):
		if r.next().is("ON") && r.at(r.i+2).is("(") {
			return r.unsupported("SELECT DISTINCT ON")
		}
		_ = r.raw()
	case t.isAny("DISTINCTROW", "HIGH_PRIORITY", "SQL_BIG_RESULT", "SQL_SMALL_RESULT", "SQL_CALC_FOUND_ROWS"):
		return r.unsupported("SELECT " + t.upper)
	}
	s.items = []item{{from: r.i, to: -1}}
	r.selects = append(r.selects, s)
	return nil
}

// with begins a list of common table expressions; elsewhere WITH is left alone.
func (r *rewriter) with() (bool, error) {
	if p := r.prev(); r.i != r.from && !p.is("(") {
		return false, nil
	}
	r.top().with, r.top().expectCTE = true, true
	return true, r.raw()
}

// valuesWord begins rows: the grammar wants ROW before each of them.
func (r *rewriter) valuesWord() error {
	p := r.prev()
	begins := r.i == r.from || p.isAny("(", "UNION", "EXCEPT", "INTERSECT", "ALL", "DISTINCT") && r.top().fn == "" || p.is(")") && r.top().with
	if !begins {
		return r.unsupported("VALUES in an expression")
	}
	if !r.next().is("(") && !r.next().is("ROW") {
		r.i++
		return r.fail().WithHint("Expected ( and the values of a row here.")
	}
	*r.top() = rlevel{sel: -1, values: true}
	return r.raw()
}

// using writes USING (c, …) with the positions of the columns.
func (r *rewriter) using() error {
	_ = r.raw()
	if err := r.open(""); err != nil {
		return err
	}
	for r.i < r.to && !r.cur().is(")") {
		if t := r.cur(); isName(t) {
			if err := checkName(r.src, t); err != nil {
				return err
			}
			r.hole(identHole{ast.Ident{Pos: r.pos(r.i), Name: t.value}}, r.i+1, "")
			continue
		}
		_ = r.raw()
	}
	return nil
}

// castType reads the type of CAST(x AS type) up to the closing bracket.
func (r *rewriter) castType(hole *castHole) error {
	r.i++
	c := r.cursor(r.to)
	typ, err := c.typeName()
	if err != nil {
		return err
	}
	r.i = c.i
	hole.typ, hole.filled = typ, true
	if !r.cur().is(")") {
		return r.fail()
	}
	return nil
}

// maybeCall writes a word before a bracket: a call, or a word of the grammar.
func (r *rewriter) maybeCall(t token) error {
	switch {
	case t.is("MOD") && endsOperand(r.prev()), notFunctions[t.upper]:
		return r.raw()
	case t.isAny("RANGE", "GROUPS", "KEY", "INDEX", "LOCK", "WINDOW", "OPTION", "READ", "LINEAR", "ARRAY") && !r.operandExpected():
		return r.raw()
	case ast.Reserved(t.upper) && !reservedFunctions[t.upper] && !nativeFunctions[t.upper]:
		return r.raw()
	}
	return r.call(t, t.upper)
}

// call writes the name of a function and its bracket.
func (r *rewriter) call(t token, upper string) error {
	if err := checkName(r.src, t); err != nil {
		return err
	}
	text := backquote(t.value)
	if nativeFunctions[upper] || r.nativeGrammar(upper) {
		text = upper
	}
	if upper == "CONCAT" {
		text = backquote(concatHole)
	}
	_ = r.put(text)
	if err := r.open(upper); err != nil {
		return err
	}
	if upper == "EXTRACT" || upper == "TIMESTAMPDIFF" || upper == "TIMESTAMPADD" {
		return r.unitArgument()
	}
	return nil
}

// nativeGrammar tells TRIM(x FROM y) and its like, which are no plain calls.
func (r *rewriter) nativeGrammar(upper string) bool {
	word := ""
	switch upper {
	case "TRIM", "SUBSTRING", "SUBSTR", "MID":
		word = "FROM"
	case "POSITION":
		word = "IN"
	default:
		return false
	}
	end := closing(r.toks, r.i+1, r.to)
	depth := 0
	for i := r.i + 1; i < end; i++ {
		switch t := r.toks[i]; {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 1 && t.is(word):
			return true
		}
	}
	return false
}

// unitArgument writes the unit of EXTRACT(unit FROM x) and TIMESTAMPDIFF(unit, a, b) as a string.
func (r *rewriter) unitArgument() error {
	t := r.cur()
	if t.kind != wordToken || !bareUnits[t.upper] || !r.next().isAny("FROM", ",") {
		return nil
	}
	_ = r.put(ast.QuoteString(t.upper))
	return r.put(",")
}

// special rewrites what the TiDB grammar lacks or reads otherwise.
func (r *rewriter) special(t token) (bool, error) {
	next := r.next()
	if typedText(t) && next.kind == stringToken && r.operandExpected() && !t.isAny("DATE", "TIMESTAMP", "DATETIME") {
		return true, r.textOfType(t)
	}
	switch t.upper {
	case "INTERVAL":
		return true, r.intervalHole()
	case "DATE", "TIMESTAMP", "DATETIME":
		if next.kind == stringToken || next.isString() && r.dialect == quotedBody {
			return true, r.typedLiteral(t)
		}
	case "CAST", "TRY_CAST":
		if next.opens() {
			return true, r.castHole(t.is("TRY_CAST"))
		}
	case "FULL":
		if next.is("JOIN") || next.is("OUTER") && r.at(r.i+2).is("JOIN") {
			return true, r.fullJoin(next)
		}
	case "IS":
		if r.unknownTest() {
			return true, nil
		}
		return r.distinctFrom()
	case "NULLS":
		if next.isAny("FIRST", "LAST") && r.top().sel < 0 && !r.operandExpected() {
			r.nullsItem(next)
			return true, nil
		}
	case "STREAMWINDOW":
		if r.top().inFrom && !r.operandExpected() {
			return true, r.streamWindow()
		}
	}
	return false, nil
}

// nullsItem writes NULLS FIRST or LAST as one more key, which belongs to the one before it.
func (r *rewriter) nullsItem(next token) {
	where := nullsHole{at: r.pos(r.i), where: ast.NullsFirst}
	if next.is("LAST") {
		where.where = ast.NullsLast
	}
	r.out.WriteByte(',')
	r.hole(where, r.i+2, "()")
}

func (r *rewriter) intervalHole() error {
	at := r.pos(r.i)
	c := r.cursor(r.to)
	c.i++
	lit, err := c.interval(at)
	if err != nil {
		return err
	}
	r.hole(lit, c.i, "()")
	return nil
}

func (r *rewriter) typedLiteral(t token) error {
	kind := ast.TimestampLiteral
	if t.is("DATE") {
		kind = ast.DateLiteral
	}
	r.hole(&ast.Literal{Pos: r.pos(r.i), Kind: kind, Text: r.next().value}, r.i+2, "()")
	return nil
}

// textOfType writes BOOLEAN 'true' and its like as a conversion.
func (r *rewriter) textOfType(t token) error {
	c := r.cursor(r.i + 1)
	typ, err := c.typeName()
	if err != nil {
		return err
	}
	at := r.pos(r.i)
	r.hole(&castHole{typ: typ, filled: true, pos: at, sign: at}, r.i+1, "(")
	err = r.put(ast.QuoteString(r.cur().value))
	r.out.WriteString(")")
	return err
}

func (r *rewriter) castHole(try bool) error {
	hole := &castHole{try: try, pos: r.pos(r.i), sign: r.pos(r.i)}
	r.hole(hole, r.i+1, "")
	err := r.open("CAST")
	r.top().cast = hole
	return err
}

// fullJoin borrows STRAIGHT_JOIN, which users may not write.
func (r *rewriter) fullJoin(next token) error {
	if !r.top().inFrom {
		return r.fail()
	}
	r.emit(r.i, "STRAIGHT_JOIN")
	r.i += 2
	if next.is("OUTER") {
		r.i++
	}
	r.lastEnd = -1
	r.top().expectTable = true
	return nil
}

// distinctFrom writes IS [NOT] DISTINCT FROM as <=>; BINARY before the right side,
// which users may not write, marks the negated one.
func (r *rewriter) distinctFrom() (bool, error) {
	n, text := r.i+1, "<=> BINARY"
	if r.at(n).is("NOT") {
		n, text = n+1, "<=>"
	}
	if !r.at(n).is("DISTINCT") || !r.at(n+1).is("FROM") {
		return false, nil
	}
	r.emit(r.i, text)
	r.i, r.lastEnd = n+2, -1
	return true, nil
}

// unknownTest writes IS [NOT] UNKNOWN, which the grammar takes for IS NULL, as IS [NOT]
// DISTINCT FROM is written, with a mark of its own on the right side.
func (r *rewriter) unknownTest() bool {
	n, text := r.i+1, "<=>"
	if r.at(n).is("NOT") {
		n, text = n+1, "<=> BINARY"
	}
	if !r.at(n).is("UNKNOWN") {
		return false
	}
	r.emit(r.i, text)
	r.i, r.lastEnd = n, -1
	r.hole(&ast.Literal{Pos: r.pos(n), Kind: ast.NullLiteral, Text: unknownMark}, n+1, "()")
	return true
}

// unknownMark is the text of the NULL that stands for UNKNOWN behind IS.
const unknownMark = "UNKNOWN"

// refuse names what would be misread or is not there.
func (r *rewriter) refuse(t token) error {
	next := r.next()
	what, hint := "", ""
	switch t.upper {
	case "SEMI", "ANTI", "ASOF", "GLOBAL":
		if next.isAny("JOIN", "LEFT", "INNER", "SEMI", "ANTI") {
			what = t.upper + " JOIN"
		}
	case "NATURAL":
		what = "NATURAL JOIN"
	case "STRAIGHT_JOIN":
		what = "STRAIGHT_JOIN"
	case "OUTER":
		if !r.prev().isAny("LEFT", "RIGHT") && next.isAny("JOIN", "APPLY") {
			return r.fail()
		}
	case "CROSS":
		if next.is("APPLY") {
			what = "CROSS APPLY"
		}
	case "LATERAL":
		what = "LATERAL"
		if next.is("VIEW") {
			what = "LATERAL VIEW"
		}
	case "ANY", "SOME", "ALL":
		if next.is("(") && r.prev().kind == opToken && !r.at(r.i+2).isAny("SELECT", "WITH", "(") {
			what, hint = "comparison with "+t.upper+" of an array", "Write IN (…) with its values."
		}
	case "BINARY", "MATCH", "DEFAULT", "ROW", "CONVERT":
		if !r.top().values || !t.is("ROW") {
			what, hint = r.refusedOperand(t)
		}
	default:
		what, hint = refusedPhrase(t, next, r.at(r.i+2), r.top().inFrom)
	}
	if what == "" {
		return nil
	}
	e := r.unsupported(what)
	e.Hint = hint
	return e
}

// refusedOperand names what reads as an expression elsewhere.
func (r *rewriter) refusedOperand(t token) (what, hint string) {
	next := r.next()
	switch {
	case t.is("CONVERT") && next.is("("):
		return "CONVERT", "Write CAST(x AS type)."
	case t.is("ROW") && next.is("("):
		return "a row value", ""
	case t.is("MATCH") && next.is("("):
		return "MATCH … AGAINST", ""
	case t.is("BINARY") && !r.prev().is("AS"):
		return "the operator BINARY", "Write CAST(x AS BINARY)."
	case t.is("DEFAULT"):
		return "DEFAULT", ""
	}
	return "", ""
}

// refusedPhrase names clauses by their first words.
func refusedPhrase(t, next, third token, inFrom bool) (what, hint string) {
	switch t.upper {
	case "QUALIFY":
		return "QUALIFY", ""
	case "FILTER":
		if next.is("(") && third.is("WHERE") {
			return "FILTER (WHERE …)", "Use COUNT(CASE WHEN … THEN 1 END)."
		}
	case "GROUPING":
		if next.is("SETS") {
			return "GROUPING SETS", ""
		}
	case "ROLLUP", "CUBE":
		if next.is("(") {
			return t.upper, ""
		}
	case "WITH":
		if next.is("ROLLUP") {
			return "WITH ROLLUP", ""
		}
	case "WINDOW":
		if third.is("AS") {
			return "the WINDOW clause", ""
		}
	case "SIMILAR":
		if next.is("TO") {
			return "SIMILAR TO", "Use REGEXP."
		}
	case "AT":
		if next.is("TIME") && third.is("ZONE") {
			return "AT TIME ZONE", ""
		}
	case "COLLATE":
		return "COLLATE", ""
	case "MINUS":
		if next.is("SELECT") {
			return "MINUS", "Use EXCEPT."
		}
	case "FOR":
		if next.isAny("SYSTEM_TIME", "UPDATE", "SHARE") {
			return "FOR " + next.upper, ""
		}
	case "LOCK":
		if next.is("IN") && third.is("SHARE") {
			return "LOCK IN SHARE MODE", ""
		}
	case "EMIT":
		if next.is("CHANGES") {
			if third.isAny("LIMIT", "OFFSET", "ORDER", "HAVING", "GROUP", "WHERE") {
				return "EMIT CHANGES before " + third.upper, "It is the last of a statement."
			}
			return "EMIT CHANGES in a job, a view or a subquery", "It stands at the end of a SELECT that a client sends; what stands here follows its input without it."
		}
	case "INTO":
		return "SELECT … INTO", ""
	case "TABLESAMPLE", "MATCH_RECOGNIZE", "SESSIONWINDOW", "PIVOT", "UNPIVOT":
		if inFrom && next.is("(") || t.is("TABLESAMPLE") && inFrom {
			return t.upper, ""
		}
	case "TABLE":
		return "TABLE as a query", "Write SELECT * FROM the table."
	case "TIME":
		if next.kind == stringToken {
			return "a TIME literal", ""
		}
	}
	return "", ""
}
