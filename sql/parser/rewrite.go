package parser

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// item is one entry of a select list: the tokens from … to-1.
type item struct{ from, to int }

// selectInfo is what the TiDB tree does not keep about one SELECT.
type selectInfo struct {
	tok        int // of SELECT itself
	items      []item
	window     *ast.WindowClause
	qualify    ast.Expr
	distinctOn []ast.Expr
	ties       bool // WITH TIES
}

// bracket is the state of one bracket of the query.
type bracket struct {
	fn          string // the function whose arguments these are, in capitals
	name        int    // the token of its name, or -1 if it is not written as a call
	cast        *castCut
	inFrom      bool // between FROM and the next clause
	expectTable bool // a table must stand here
	sel         int  // index in selects while in its select list, else -1
	query       int  // index in selects of the SELECT of this bracket, else -1
	values      bool // behind VALUES
	by          bool // behind ORDER BY or GROUP BY
	with        bool // between WITH and the query
	expectCTE   bool
	lastTable   *ast.TableName
	commas      int // so far, of a call's arguments
}

// identCut is an identifier whose node has no position in the TiDB tree.
type identCut struct{ ast.Ident }

// rewriter writes the tokens from … to-1 anew for the TiDB parser: a copy with
// placeholders for what is cut out.
type rewriter struct {
	src      *source
	toks     []token
	i        int
	from, to int
	dialect  dialect
	noParams bool
	inserts  bool
	// bareExpr: it is an expression, bareTables: the tables of a FROM clause, not a query.
	bareExpr, bareTables bool
	out                  strings.Builder
	pieces               []piece
	cuts                 []cut
	levels               []bracket
	tables               int // so far
	selects              []selectInfo
	params               map[int]int // offset of ? in the rewritten text: number of the parameter
	// calls holds what stood behind a call, FILTER and OVER, by the token of the call's name. callName and
	// callEnd are the tokens of the last call's name and end.
	calls             map[int]*ast.FuncCall
	callName, callEnd int
	joins             map[int]joinCut    // by the token of JOIN
	similar           map[int]*similarTo // by the first token of the pattern
	// lastEnd is the end of the last token written, to keep blanks where they were.
	lastEnd int
}

func newRewriter(c *cursor, to int) (*rewriter, error) {
	r := &rewriter{src: c.src, toks: c.toks, i: c.i, from: c.i, to: to, dialect: c.dialect, noParams: c.noParams, inserts: c.inserts,
		levels: []bracket{newBracket("", -1)}, callEnd: -1, lastEnd: -1}
	if c.prefixed || !hasPostfix(c.toks[c.i:to]) {
		return r, nil
	}
	var err error
	r.toks, err = prefixed(c, to)
	r.i, r.from, r.to = 0, 0, len(r.toks)-1
	return r, err
}

func newBracket(fn string, name int) bracket { return bracket{fn: fn, name: name, sel: -1, query: -1} }

func (r *rewriter) run() error {
	for r.i < r.to {
		if err := r.step(); err != nil {
			return err
		}
	}
	r.endItem()
	return nil
}

func (r *rewriter) top() *bracket { return &r.levels[len(r.levels)-1] }

// at gives token i, or nothing outside of the query.
func (r *rewriter) at(i int) token {
	if i < r.from || i >= r.to {
		return token{}
	}
	return r.toks[i]
}

func (r *rewriter) cur() token  { return r.at(r.i) }
func (r *rewriter) prev() token { return r.at(r.i - 1) }
func (r *rewriter) next() token { return r.at(r.i + 1) }

func (r *rewriter) pos(i int) int { return r.src.pos(r.toks[i].start) }

// emit writes text for token i.
func (r *rewriter) emit(i int, text string) {
	t := &r.toks[i]
	if r.out.Len() > 0 && (t.start != r.lastEnd || t.made || i > r.from && r.toks[i-1].made) {
		r.out.WriteByte(' ')
	}
	r.pieces = append(r.pieces, piece{at: r.out.Len(), tok: int32(i), cut: -1})
	r.out.WriteString(text)
	r.lastEnd = t.end
}

// raw writes the current token as it stands.
func (r *rewriter) raw() error {
	t := &r.toks[r.i]
	if t.made {
		return r.put(t.value)
	}
	return r.put(r.src.text[t.start:t.end])
}

// put writes text for the current token and goes on.
func (r *rewriter) put(text string) error {
	r.emit(r.i, text)
	r.i++
	return nil
}

func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (r *rewriter) fail() *sqlerr.Error { return syntaxError(r.src, r.toks, r.i, r.to) }

func (r *rewriter) unsupported(what string) *sqlerr.Error { return unsupported(r.pos(r.i), what) }

// cursor looks at the same tokens from the current one on.
func (r *rewriter) cursor(to int) *cursor {
	return &cursor{src: r.src, toks: r.toks, i: r.i, to: to, dialect: r.dialect, noParams: r.noParams, prefixed: true}
}

// step rewrites the next token, or several.
func (r *rewriter) step() error {
	t := r.cur()
	if r.top().expectTable {
		return r.table()
	}
	switch t.kind {
	case wordToken:
		return r.word(t)
	case identToken:
		if t.isString() && r.dialect == quotedBody {
			return r.str(t)
		}
		return r.quoted(t)
	case stringToken:
		return r.str(t)
	case numberToken:
		if r.isPlace(t) {
			return r.constant(ast.IntLiteral, t.value)
		}
		return r.raw()
	case junkToken:
		return sqlerr.At(r.pos(r.i), sqlerr.SyntaxError, "trailing junk after numeric literal at or near \"%s\"", r.src.near(t))
	case hexToken:
		return r.constant(ast.HexLiteral, t.value)
	case paramToken:
		return r.param(t)
	}
	return r.sign(t)
}

// constant cuts out one token that is a literal.
func (r *rewriter) constant(kind ast.LiteralKind, text string) error {
	r.cutOut(&ast.Literal{Pos: r.pos(r.i), Kind: kind, Text: text}, r.i+1, aValue)
	return nil
}

// isPlace tells a number that stands for a column of the select list: ORDER BY 2. The TiDB
// tree has no position of it.
func (r *rewriter) isPlace(t token) bool {
	if !r.top().by {
		return false
	}
	next := r.next()
	ends := next.kind == endToken || next.isAny(",", ")", "ASC", "DESC", "NULLS", "OFFSET") || next.has(startsClause)
	return r.prev().isAny("BY", ",") && ends && !strings.ContainsAny(t.value, ".eE")
}

func (r *rewriter) param(t token) error {
	if r.noParams {
		return sqlerr.At(r.pos(r.i), sqlerr.UndefinedParameter, "there is no parameter $%s here", t.value)
	}
	n, _ := strconv.Atoi(t.value)
	r.emit(r.i, "?")
	if r.params == nil {
		r.params = map[int]int{}
	}
	r.params[r.out.Len()-1] = n
	r.i++
	return nil
}

// str writes a string literal; one that stands where only an alias could is refused.
func (r *rewriter) str(t token) error {
	p := r.prev()
	if p.kind == wordToken && strings.HasPrefix(p.value, "_") && p.end == t.start {
		r.i--
		return r.unsupported("a character set before a string")
	}
	if p.is("ESCAPE") && len(t.value) > 1 {
		return sqlerr.At(r.pos(r.i), "22019", "ESCAPE takes one ASCII character or none")
	}
	if endsOperand(p) && !r.behindString() && !p.is("END") && !r.stringBehind(p) && r.i > r.from && !r.beginsItem() {
		if r.dialect == direct {
			return r.fail().WithHint("If this is to be a name, it stands in double quotes: \"%s\"", strings.ReplaceAll(t.value, `"`, `""`))
		}
		return r.fail().WithHint("If this is to be a name, quote it with backticks: %s", backquote(t.value))
	}
	return r.put(ast.QuoteString(t.value))
}

// beginsItem tells the first token of an item of a select list.
func (r *rewriter) beginsItem() bool {
	sel := r.top().sel
	if sel < 0 {
		return false
	}
	items := r.selects[sel].items
	return len(items) > 0 && items[len(items)-1].from == r.i
}

// behindString tells a string that goes on with one before it: 'a' 'b'. That of DATE 'a' is none.
func (r *rewriter) behindString() bool {
	last := len(r.pieces) - 1
	return last >= 0 && r.prev().kind == stringToken && r.pieces[last].cut < 0
}

// stringBehind tells the words behind which a string may stand though they look like operands.
func (r *rewriter) stringBehind(p token) bool {
	return p.kind == wordToken && p.isAny("SEPARATOR", "ESCAPE", "LEADING", "TRAILING", "BOTH") ||
		p.is("*") && r.i-1 > r.from && endsOperand(r.at(r.i-2))
}

// quoted writes a quoted identifier.
func (r *rewriter) quoted(t token) error {
	if err := checkName(r.src, t); err != nil {
		return err
	}
	if t.value == "" {
		return sqlerr.At(r.pos(r.i), sqlerr.SyntaxError, "zero-length quoted identifier")
	}
	if r.top().expectCTE {
		r.top().expectCTE = false
		r.cutOut(identCut{ast.Ident{Pos: r.pos(r.i), Name: t.value}}, r.i+1, aName)
		return nil
	}
	if r.next().opens() && !r.prev().is(".") {
		return r.call(t, strings.ToUpper(t.value))
	}
	if r.next().isAny("=>", ":=") && namesArgument(r) {
		return r.argumentName(t)
	}
	return r.part(t)
}

// part writes one part of a name; a name of more parts than the grammar has is cut out whole.
func (r *rewriter) part(t token) error {
	if r.prev().is(".") || !r.next().is(".") || !r.at(r.i+3).is(".") || !r.at(r.i+5).is(".") {
		return r.put(backquote(t.value))
	}
	c := r.cursor(r.to)
	ref := &ast.ColumnRef{Pos: r.pos(r.i)}
	for isName(c.peek()) {
		ref.Parts = append(ref.Parts, c.peek().value)
		if c.i++; !c.peek().is(".") || !isName(c.ahead(1)) {
			break
		}
		c.i++
	}
	if len(ref.Parts) <= 3 || c.peek().isAny(".", "(") {
		return r.put(backquote(t.value))
	}
	for i := r.i; i < c.i; i += 2 {
		if err := checkName(r.src, r.toks[i]); err != nil {
			return err
		}
	}
	r.cutOut(ref, c.i, aValue)
	return nil
}

// sign writes an operator or a bracket.
func (r *rewriter) sign(t token) error {
	switch t.upper {
	case "(":
		if t.cut != nil {
			return r.openCut(t.cut, "CAST")
		}
		return r.open("", -1)
	case ")":
		return r.shut()
	case ",":
		r.comma()
	case "*":
		if r.top().fn != "" && r.prev().is("(") && r.next().is(")") {
			return r.put(backquote(starMark))
		}
	case "?", "?|", "?&":
		return r.hasName(t)
	case "@>", "<@", "#-", "@?":
		return r.infix()
	case "~", "~*", "!~", "!~*":
		return r.matching(t)
	case "[":
		return r.unsupported("access by [ ]")
	case ":":
		if beforeMember(r) {
			r.toks[r.i].value, r.toks[r.i].upper = comma, comma
			return r.put(comma)
		}
		return r.fail()
	case "{", "}", "]", ";":
		return r.fail()
	case "@", "@@", ":=":
		if t.is("@@") && endsOperand(r.prev()) {
			return r.infix()
		}
		return r.unsupported("a session variable in a query")
	case "=>":
		return r.unsupported("an argument by name")
	case "->", "->>", "#>", "#>>":
		return r.unsupported("the operator " + t.upper).WithHint("Use JSON_EXTRACT(json, path).")
	}
	return r.raw()
}

// matching writes PostgreSQL's operators of regular expressions; the converter looks at
// the token again for the case. A ~ without a left operand is the bits' complement.
func (r *rewriter) matching(t token) error {
	switch {
	case !endsOperand(r.prev()):
		return r.raw()
	case t.upper[0] == '!':
		return r.put(" NOT REGEXP ")
	}
	return r.put(" REGEXP ")
}

func (r *rewriter) comma() {
	top := r.top()
	top.commas++
	switch {
	case top.sel >= 0:
		r.endItem()
		s := &r.selects[top.sel]
		s.items = append(s.items, item{from: r.i + 1, to: -1})
	case top.inFrom:
		top.expectTable = true
	case top.with:
		top.expectCTE = true
	}
}

// endItem ends the entry of the select list that is being read.
func (r *rewriter) endItem() {
	top := r.top()
	if top.sel < 0 {
		return
	}
	items := r.selects[top.sel].items
	if n := len(items); n > 0 && items[n-1].to < 0 {
		items[n-1].to = r.i
	}
}

// open writes ( of the function fn whose name is token name, or of none.
func (r *rewriter) open(fn string, name int) error {
	if top := r.top(); top.values && fn == "" {
		r.out.WriteString(" ROW")
	}
	r.emit(r.i, "(")
	r.levels = append(r.levels, newBracket(fn, name))
	r.i++
	return nil
}

// openCut writes the bracket behind which the arguments of a cut stand.
func (r *rewriter) openCut(what standIn, fn string) error {
	r.cutOut(what, r.i+1, opened)
	r.levels = append(r.levels, newBracket(fn, -1))
	return nil
}

func (r *rewriter) shut() error {
	top := r.top()
	if top.cast != nil && !top.cast.filled {
		return r.fail().WithHint("Expected AS and a type: CAST(x AS type).")
	}
	if len(r.levels) == 1 {
		return r.fail()
	}
	r.endItem()
	name := top.name
	r.levels = r.levels[:len(r.levels)-1]
	if name >= 0 {
		r.callName, r.callEnd = name, r.i
		if err := r.wantsOver(r.i + 1); err != nil {
			return err
		}
	}
	return r.raw()
}
