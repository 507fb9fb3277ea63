package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// table rewrites what stands where FROM or JOIN wants a table.
func (r *rewriter) table() error {
	t, next := r.cur(), r.next()
	if r.tables++; r.tables > 2*maxJoins {
		return sqlerr.At(r.pos(r.i), sqlerr.TooComplex, "query reads more than %d tables", 2*maxJoins)
	}
	switch {
	case t.opens():
		return r.openTable()
	case t.is("LATERAL") && next.opens() && r.beginsQuery(r.i+1):
		r.i++ // the converter looks at the token again
		return r.openTable()
	case t.is("LATERAL") && r.givesRows(r.i+1):
		r.i++ // such a function always sees the tables before it
		return r.rowFunction()
	case t.is("LATERAL") && next.is("TABLE") && r.at(r.i+2).is("(") && r.givesRows(r.i+3):
		r.i++
		return r.wrappedRowFunction()
	case t.is("LATERAL"):
		return r.cutClause(r.clauseAt(t))
	case t.is("TABLE") && next.is("("):
		return r.wrappedFunction()
	case t.is("PATTERN") && next.is("("):
		return r.eventPattern()
	case r.givesRows(r.i):
		return r.rowFunction()
	case isName(t) && next.is("("):
		return r.tableFunction(r.i, r.to)
	case t.kind == identToken && t.isString() && r.dialect == quotedBody:
		return r.fail().WithHint("%s", stringInBody(t.value))
	case t.kind == identToken, t.kind == wordToken && (!t.has(reserved) || next.is(".")):
		return r.tableName()
	}
	r.top().expectTable = false
	return r.fail()
}

// stringInBody is said where "…" of a quoted job body stands for a name.
func stringInBody(name string) string {
	return "Inside a quoted job body \"…\" is a string; quote a name with backticks: " + backquote(name)
}

// openTable writes the bracket of a derived table or of a join.
func (r *rewriter) openTable() error {
	r.top().expectTable = false
	if r.beginsQuery(r.i) {
		if end := closing(r.toks, r.i, r.to) + 1; r.matchBehind(end) >= 0 || r.versionsBehind(end) {
			return r.queryTable(end)
		}
		if r.hasColumnList() {
			r.emit(r.i, "LATERAL ") // the grammar takes a list of columns with it only
			r.lastEnd = r.cur().start
		}
		r.top().lastTable = nil
		return r.open("", -1)
	}
	return r.bracketedTables()
}

// bracketCut is (tables) in the place of a table. The TiDB parser moves tables out of such
// brackets, which is another join where they are joined by FULL, NATURAL or USING.
type bracketCut struct {
	tables   ast.TableRef
	aliasPos int
}

func (r *rewriter) bracketedTables() error {
	end := closing(r.toks, r.i, r.to)
	c := r.cursor(r.to)
	c.i++
	tables, err := c.tables(end)
	if err != nil {
		return err
	}
	r.top().lastTable = nil
	r.cutOut(bracketCut{tables, r.aliasPos(end + 1)}, end+1, aName)
	return nil
}

// beginsQuery tells the bracket at token i that holds a query, also one that begins with a bracket.
func (r *rewriter) beginsQuery(i int) bool {
	if r.at(i + 1).opens() {
		behind := r.at(closing(r.toks, i+1, r.to) + 1)
		return behind.isAny(")", "UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT") && r.beginsQuery(i+1)
	}
	return r.at(i+1).isAny("SELECT", "WITH", "VALUES")
}

// hasColumnList tells (query) [AS] t (c, …).
func (r *rewriter) hasColumnList() bool {
	i := closing(r.toks, r.i, r.to) + 1
	if r.at(i).is("AS") {
		i++
	}
	return isName(r.at(i)) && r.at(i+1).is("(") && !r.at(i).isAny("USING", "ON", "STREAMWINDOW", "SESSIONWINDOW")
}

// versionsBehind tells a derived table as of a time; end is the token behind its bracket.
func (r *rewriter) versionsBehind(end int) bool {
	return r.at(end).is("FOR") && r.at(end+1).is("SYSTEM_TIME") && !r.at(r.i-1).is("LATERAL")
}

// queryTable reads a derived table that MATCH_RECOGNIZE or AS OF follows; end is the token behind its bracket.
func (r *rewriter) queryTable(end int) error {
	c := r.cursor(end - 1)
	at := c.pos()
	c.i++
	q, err := c.query(end - 1)
	if err != nil {
		return err
	}
	t := &ast.SubqueryRef{Pos: at, Query: q, AliasPos: ast.NoPos}
	if r.versionsBehind(end) {
		c = r.cursor(r.to)
		c.i = end
		t.AsOf, err = c.asOf()
		end = c.i
	}
	if err != nil {
		return err
	}
	return r.placeTable(t, end)
}

func (r *rewriter) tableName() error {
	c := r.cursor(r.to)
	name, err := c.name()
	if err != nil {
		return err
	}
	t := &ast.TableName{Name: name, AliasPos: ast.NoPos}
	if t.AsOf, err = c.asOf(); err != nil {
		return err
	}
	return r.placeTable(t, c.i)
}

// asOf reads FOR SYSTEM_TIME AS OF x behind the name of a table, if it is next.
func (c *cursor) asOf() (*ast.AsOf, error) {
	at := c.pos()
	if !c.acceptAll("FOR", "SYSTEM_TIME", "AS", "OF") {
		return nil, nil
	}
	x, err := c.expr(c.until(c.endsMoment))
	return &ast.AsOf{Pos: at, X: x}, err
}

// endsMoment tells the alias or the clause behind the moment of AS OF.
func (c *cursor) endsMoment(i int) bool {
	t := c.toks[i]
	if t.isAny(",", "AS", "ON", "USING", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL") || t.has(startsClause) {
		return true
	}
	isUnit := i-2 >= c.i && c.toks[i-2].isAny("INTERVAL", "-") && intervalUnits[t.upper] != ""
	return i > c.i && endsOperand(c.toks[i-1]) && isName(t) && !isChainOperator(t) && !isUnit
}

// placeTable cuts out a table that ends before token end, with the MATCH_RECOGNIZE that may follow.
func (r *rewriter) placeTable(t ast.TableRef, end int) error {
	top := r.top()
	top.expectTable, top.lastTable = false, nil
	if r.matchBehind(end) >= 0 {
		m, behind, err := r.matchRecognize(t, end)
		if err != nil {
			return err
		}
		t, end = m, behind
	}
	placeAlias(t, r.aliasPos(end))
	top.lastTable, _ = t.(*ast.TableName)
	r.cutOut(t, end, aName)
	return nil
}

// placeAlias notes where the alias of a table stands.
func placeAlias(t ast.TableRef, at int) {
	switch t := t.(type) {
	case *ast.TableName:
		t.AliasPos = at
	case *ast.SubqueryRef:
		t.AliasPos = at
	case *ast.TableFunc:
		t.AliasPos = at
	case *ast.MatchRecognize:
		t.AliasPos = at
	case *ast.EventPattern:
		t.AliasPos = at
	}
}

// aliasPos is where the alias of the table before token i stands, if there is one.
func (r *rewriter) aliasPos(i int) int {
	if r.at(i).is("AS") {
		i++
	}
	if t := r.at(i); isName(t) {
		return r.src.pos(t.start)
	}
	return ast.NoPos
}

// rowFunctions are the functions that give rows for values.
var rowFunctions = map[string]bool{"UNNEST": true, "GENERATE_SERIES": true, "RANGE": true, "JSON_TUPLE": true, "JSON_TABLE": true,
	"JSON_ARRAY_ELEMENTS": true, "JSON_ARRAY_ELEMENTS_TEXT": true, "JSON_OBJECT_KEYS": true, "JSONB_ARRAY_ELEMENTS": true, "JSONB_ARRAY_ELEMENTS_TEXT": true, "JSONB_OBJECT_KEYS": true,
	"REGEXP_MATCHES": true, "REGEXP_SPLIT_TO_TABLE": true, "STRING_TO_TABLE": true}

// givesRows tells a function in FROM that gives rows for values: one that is built in, or one that may be declared.
func (r *rewriter) givesRows(i int) bool {
	t, window := r.at(i), windowFunctions[strings.ToUpper(r.at(i).value)] > 0
	if !r.at(i + 1).is("(") {
		return false
	}
	if t.is("XMLTABLE") { // whose arguments are no values
		return false
	}
	return rowFunctions[strings.ToUpper(t.value)] || isName(t) && !t.is("TABLE") && !window && !r.at(i+2).is("TABLE") && !r.at(i+3).is("=>")
}

// jsonParts are the functions that give the parts of JSON as rows: what makes an array of them, and what their column is called.
var jsonParts = map[string][2]string{
	"array_elements": {"json_elements", "value"}, "array_elements_text": {"json_elements_text", "value"}, "object_keys": {"json_member_names", ""},
}

// arrayParts are the functions that give the elements of an array as rows, and those that give the array.
var arrayParts = map[string]string{"regexp_matches": "regexp_all_matches", "regexp_split_to_table": "regexp_split_to_array", "string_to_table": "string_to_array"}

// unnestParts makes UNNEST of a function that gives the parts of one value as rows.
func unnestParts(u *ast.Unnest) {
	if of := arrayParts[u.Func]; of != "" {
		if u.Alias == "" {
			u.Alias = u.Func
		}
		if len(u.Columns) == 0 {
			u.Columns = []ast.Ident{{Pos: u.Pos, Name: u.Alias}}
		}
		u.Func, u.Args = "unnest", []ast.Expr{&ast.FuncCall{Pos: u.Pos, Name: of, Args: u.Args, FilterPos: ast.NoPos}}
		return
	}
	unnestJSON(u)
}

// unnestJSON makes UNNEST of a function that gives the parts of JSON as rows.
func unnestJSON(u *ast.Unnest) {
	_, what, _ := strings.Cut(u.Func, "_")
	parts, ok := jsonParts[what]
	if !ok || len(u.Args) != 1 {
		return
	}
	if u.Alias == "" {
		u.Alias = u.Func
	}
	if len(u.Columns) == 0 && parts[1] != "" {
		u.Columns = []ast.Ident{{Pos: u.Pos, Name: parts[1]}}
	}
	u.Func, u.Args = "unnest", []ast.Expr{&ast.FuncCall{Pos: u.Pos, Name: parts[0], Args: u.Args, FilterPos: ast.NoPos}}
}

// readLateralView reads LATERAL VIEW [OUTER] f(x) [t] [AS column, …].
func readLateralView(r *rewriter, c *cursor) (any, error) {
	c.i += 2
	u := &ast.Unnest{Below: true, AliasPos: ast.NoPos}
	u.Outer = c.accept("OUTER")
	u.Pos, u.Func = c.pos(), strings.ToLower(c.peek().value)
	call, err := c.rowCall()
	if err != nil {
		return nil, err
	}
	u.Args = call.Args
	if t := c.peek(); t.kind == identToken || t.kind == wordToken && !t.has(reserved) {
		alias, err := c.ident()
		if err != nil {
			return nil, err
		}
		u.Alias, u.AliasPos = alias.Name, alias.Pos
	}
	for more := c.accept("AS"); more; more = c.accept(",") {
		name, err := c.ident()
		if err != nil {
			return nil, err
		}
		u.Columns = append(u.Columns, name)
	}
	r.top().expectTable, r.top().lastTable = false, nil
	return u, nil
}

// rowFunction reads UNNEST(x, …) [WITH ORDINALITY] [[AS] alias [(column, …)]], and others like it.
func (r *rewriter) rowFunction() error {
	c := r.cursor(r.to)
	u, err := c.rowCall()
	if err != nil {
		return err
	}
	return r.rowAlias(u, c)
}

// wrappedRowFunction reads TABLE(f(x, …)), which stands behind LATERAL (Flink).
func (r *rewriter) wrappedRowFunction() error {
	c := r.cursor(r.to)
	c.i += 2
	u, err := c.rowCall()
	if err == nil {
		err = c.expect(")")
	}
	if err != nil {
		return err
	}
	return r.rowAlias(u, c)
}

// rowCall reads f(x, …).
func (c *cursor) rowCall() (*ast.Unnest, error) {
	u := &ast.Unnest{Pos: c.pos(), Func: strings.ToLower(c.peek().value), AliasPos: ast.NoPos}
	end := c.closing(c.i + 1)
	in := c.within(end)
	in.i += 2
	var err error
	if u.Func == "json_table" {
		err = in.jsonTable(u)
	} else if !in.done() || rowFunctions[strings.ToUpper(u.Func)] {
		u.Args, err = in.exprList(nil)
	}
	c.i = end + 1
	return u, err
}

// rowAlias reads what may stand behind the call.
func (r *rewriter) rowAlias(u *ast.Unnest, c *cursor) error {
	u.Ordinality = c.acceptAll("WITH", "ORDINALITY")
	as := c.accept("AS")
	if t := c.peek(); as || t.kind == identToken || t.kind == wordToken && !t.has(reserved) && !t.isAny("FULL", "STREAMWINDOW", "SESSIONWINDOW") {
		alias, err := c.ident()
		if err != nil {
			return err
		}
		u.Alias, u.AliasPos = alias.Name, alias.Pos
		if c.peek().is("(") {
			if u.Columns, err = c.names(); err != nil {
				return err
			}
		}
	}
	unnestParts(u)
	top := r.top()
	top.expectTable, top.lastTable = false, nil
	r.cutOut(u, c.i, aName)
	return nil
}

// joinCut is what the grammar does not keep of a join: FULL, and the token of NATURAL.
type joinCut struct {
	full    bool
	natural int // -1 without it
}

// readJoin reads the words of FULL JOIN or a NATURAL one.
func readJoin(r *rewriter, c *cursor) (any, error) {
	cut := joinCut{natural: -1}
	if c.accept("NATURAL") {
		cut.natural = r.i
	}
	for !c.accept("JOIN") {
		cut.full = cut.full || c.peek().is("FULL")
		c.i++
	}
	if r.joins == nil {
		r.joins = map[int]joinCut{}
	}
	r.joins[c.i-1] = cut
	r.top().expectTable = true
	return nil, nil
}

// wrappedFunction reads TABLE(TUMBLE(…)).
func (r *rewriter) wrappedFunction() error {
	end := closing(r.toks, r.i+1, r.to)
	if !isName(r.at(r.i+2)) || !r.at(r.i+3).is("(") {
		r.i += 2
		return r.fail().WithHint("Expected a window: TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '10' SECOND)).")
	}
	return r.tableFunction(r.i+2, end+1)
}

// tableFunction reads a function in the place of a table. Its name is token i; the
// function, or what wraps it, ends before token to if that is not the query's end.
func (r *rewriter) tableFunction(i, to int) error {
	fn := strings.ToUpper(r.toks[i].value)
	intervals, ok := windowFunctions[fn]
	if !ok {
		return unsupported(r.pos(i), "the table function "+fn).WithHint("Windows are TUMBLE, HOP, CUMULATE and SESSION.")
	}
	end := closing(r.toks, i+1, r.to)
	c := r.cursor(end)
	c.i = i + 2
	f := &ast.TableFunc{Pos: r.pos(i), Func: strings.ToLower(fn)}
	if err := c.windowArguments(f, intervals); err != nil {
		return err
	}
	if i != r.i {
		if end++; end+1 != to {
			r.i = end
			return r.fail()
		}
	}
	return r.placeTable(f, end+1)
}
