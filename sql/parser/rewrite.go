package parser

import (
	"sort"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// holeMark begins the identifiers that stand for what the TiDB grammar cannot
// read. No user can type it: control characters are refused in names.
const holeMark = "\x01"

// starHole is the argument of COUNT(*).
const starHole = holeMark + "*"

// concatHole is the function CONCAT: the grammar makes a || b a call of that name.
const concatHole = holeMark + "concat"

// piece is where a token went in the rewritten text.
type piece struct {
	at  int // offset in the rewritten text
	tok int // index of the token
}

// item is one entry of a select list: the tokens from … to-1.
type item struct{ from, to int }

// selectInfo is what the TiDB tree does not keep about one SELECT.
type selectInfo struct {
	tok   int // of SELECT itself
	items []item
}

// rlevel is the state of one bracket of the query.
type rlevel struct {
	fn          string // the function whose arguments these are, in capitals
	cast        *castHole
	inFrom      bool // between FROM and the next clause
	expectTable bool // a table must stand here
	sel         int  // index in selects while in its select list, else -1
	values      bool // behind VALUES
	by          bool // behind ORDER BY or GROUP BY
	with        bool // between WITH and the query
	expectCTE   bool
	lastTable   *ast.TableName
}

// castHole is the type of a CAST, known when its AS is reached.
type castHole struct {
	typ    ast.TypeName
	try    bool
	filled bool
	pos    int
	sign   int // where :: stands, else pos
	depth  int // of x::t::t
}

// nullsHole is NULLS FIRST or NULLS LAST.
type nullsHole struct {
	at    int
	where ast.Nulls
}

// identHole is an identifier whose node has no position in the TiDB tree.
type identHole struct{ ast.Ident }

// rewriter writes the tokens from … to-1 anew for the TiDB parser.
type rewriter struct {
	src      *source
	toks     []token
	i        int
	from, to int
	dialect  dialect
	noParams bool
	inserts  bool
	out      strings.Builder
	pieces   []piece
	holes    []any
	levels   []rlevel
	tables   int // so far
	selects  []selectInfo
	params   map[int]int // offset of ? in the rewritten text: number of the parameter
	// lastEnd is the end of the last token written, to keep blanks where they were.
	lastEnd int
}

func newRewriter(c *cursor, to int) (*rewriter, error) {
	r := &rewriter{src: c.src, toks: c.toks, i: c.i, from: c.i, to: to, dialect: c.dialect, noParams: c.noParams, inserts: c.inserts,
		levels: []rlevel{{sel: -1}}, params: map[int]int{}, lastEnd: -1}
	if !hasShortForms(c.toks[c.i:to]) {
		return r, nil
	}
	var err error
	r.toks, err = expandShortForms(c, to)
	r.i, r.from, r.to = 0, 0, len(r.toks)-1
	return r, err
}

func (r *rewriter) run() error {
	for r.i < r.to {
		if err := r.step(); err != nil {
			return err
		}
	}
	r.endItem()
	return nil
}

func (r *rewriter) top() *rlevel { return &r.levels[len(r.levels)-1] }

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
	t := r.toks[i]
	if r.out.Len() > 0 && (t.start != r.lastEnd || t.made != "" || r.at(i-1).made != "") {
		r.out.WriteByte(' ')
	}
	r.pieces = append(r.pieces, piece{at: r.out.Len(), tok: i})
	r.out.WriteString(text)
	r.lastEnd = t.end
}

// raw writes the current token as it stands.
func (r *rewriter) raw() error {
	t := r.cur()
	if t.made != "" {
		return r.put(t.made)
	}
	return r.put(r.src.text[t.start:t.end])
}

// put writes text for the current token and goes on.
func (r *rewriter) put(text string) error {
	r.emit(r.i, text)
	r.i++
	return nil
}

// hole writes a mark for the tokens up to end-1 and remembers what it stands for.
func (r *rewriter) hole(what any, end int, behind string) {
	r.emit(r.i, backquote(holeMark+strconv.Itoa(len(r.holes)))+behind)
	r.lastEnd = r.toks[end-1].end
	r.holes = append(r.holes, what)
	r.i = end
}

func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// isHole resolves a name that hole wrote.
func (r *rewriter) isHole(name string) (any, bool) {
	rest, ok := strings.CutPrefix(name, holeMark)
	if !ok {
		return nil, false
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n >= len(r.holes) {
		return nil, false
	}
	return r.holes[n], true
}

// token gives the index of the token that was written at or before offset at.
func (r *rewriter) token(at int) int {
	n := sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].at > at })
	if n == 0 {
		return r.from
	}
	return r.pieces[n-1].tok
}

func (r *rewriter) fail() *sqlerr.Error { return syntaxError(r.src, r.toks, r.i, r.to) }

func (r *rewriter) unsupported(what string) *sqlerr.Error { return unsupported(r.pos(r.i), what) }

// cursor looks at the same tokens from the current one on.
func (r *rewriter) cursor(to int) *cursor {
	return &cursor{src: r.src, toks: r.toks, i: r.i, to: to, dialect: r.dialect, noParams: r.noParams}
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
			r.hole(&ast.Literal{Pos: r.pos(r.i), Kind: ast.IntLiteral, Text: t.value}, r.i+1, "()")
			return nil
		}
		return r.raw()
	case junkToken:
		return sqlerr.At(r.pos(r.i), sqlerr.SyntaxError, "trailing junk after numeric literal at or near \"%s\"", r.src.near(t))
	case hexToken:
		r.hole(&ast.Literal{Pos: r.pos(r.i), Kind: ast.HexLiteral, Text: t.value}, r.i+1, "()")
		return nil
	case paramToken:
		return r.param(t)
	}
	return r.sign(t)
}

// isPlace tells a number that stands for a column of the select list: ORDER BY 2. The TiDB
// tree has no position of it.
func (r *rewriter) isPlace(t token) bool {
	next := r.next()
	ends := next.kind == endToken || next.isAny(",", ")", "ASC", "DESC", "NULLS", "OFFSET") || next.kind == wordToken && clauseWords[next.upper]
	return r.top().by && r.prev().isAny("BY", ",") && ends && !strings.ContainsAny(t.value, ".eE")
}

func (r *rewriter) param(t token) error {
	if r.noParams {
		return sqlerr.At(r.pos(r.i), sqlerr.UndefinedParameter, "there is no parameter $%s here", t.value)
	}
	n, _ := strconv.Atoi(t.value)
	r.emit(r.i, "?")
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
	if endsOperand(p) && p.kind != stringToken && !p.is("END") && !r.stringBehind(p) && r.i > r.from {
		if r.dialect == direct {
			return r.fail().WithHint("If this is to be a name, it stands in double quotes: \"%s\"", strings.ReplaceAll(t.value, `"`, `""`))
		}
		return r.fail().WithHint("If this is to be a name, quote it with backticks: %s", backquote(t.value))
	}
	return r.put(ast.QuoteString(t.value))
}

// stringBehind tells the words behind which a string may stand though they look like operands.
func (r *rewriter) stringBehind(p token) bool {
	return p.kind == wordToken && (p.is("SEPARATOR") || p.is("ESCAPE") || p.is("LEADING") || p.is("TRAILING") || p.is("BOTH")) ||
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
		return r.cteName(t)
	}
	if r.next().opens() && !r.prev().is(".") {
		return r.call(t, strings.ToUpper(t.value))
	}
	return r.put(backquote(t.value))
}

// cteName writes the name that WITH defines.
func (r *rewriter) cteName(t token) error {
	r.top().expectCTE = false
	r.hole(identHole{ast.Ident{Pos: r.pos(r.i), Name: t.value}}, r.i+1, "")
	return nil
}

// sign writes an operator or a bracket.
func (r *rewriter) sign(t token) error {
	switch t.upper {
	case "(":
		if t.cast != nil {
			return r.openCast(t.cast)
		}
		return r.open("")
	case ")":
		return r.shut()
	case ",":
		r.comma()
	case "*":
		if r.top().fn != "" && r.prev().is("(") && r.next().is(")") {
			return r.put(backquote(starHole))
		}
	case "?":
		return r.fail().WithHint("Parameters are written $1, $2 …")
	case "~", "~*", "!~", "!~*":
		return r.matching(t)
	case "[":
		return r.unsupported("access by [ ]")
	case "{", "}", "]", ":", ";":
		return r.fail()
	case "@", "@@", ":=":
		return r.unsupported("a session variable in a query")
	case "=>":
		return r.unsupported("an argument by name")
	case "->", "->>":
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

// open writes ( of the function fn, or of none.
func (r *rewriter) open(fn string) error {
	if top := r.top(); top.values && fn == "" {
		r.out.WriteString(" ROW")
	}
	r.emit(r.i, "(")
	r.levels = append(r.levels, rlevel{fn: fn, sel: -1})
	r.i++
	return nil
}

// openCast writes the bracket of x::type.
func (r *rewriter) openCast(hole *castHole) error {
	r.hole(hole, r.i+1, "(")
	r.levels = append(r.levels, rlevel{fn: "CAST", sel: -1})
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
	r.levels = r.levels[:len(r.levels)-1]
	return r.raw()
}
