package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// windowFunctions are the table functions of FROM, with the number of intervals
// each one needs.
var windowFunctions = map[string]int{"TUMBLE": 1, "HOP": 2, "CUMULATE": 2, "SESSION": 1}

// table rewrites what stands where FROM or JOIN wants a table.
func (r *rewriter) table() error {
	t, next := r.cur(), r.next()
	if r.tables++; r.tables > 2*maxJoins {
		return sqlerr.At(r.pos(r.i), sqlerr.TooComplex, "query reads more than %d tables", 2*maxJoins)
	}
	switch {
	case t.is("("):
		return r.openTable()
	case t.is("LATERAL"):
		return r.refuse(t)
	case t.is("TABLE") && next.is("("):
		return r.wrappedFunction()
	case t.is("PATTERN") && next.is("("):
		return r.unsupported("PATTERN")
	case isName(t) && next.is("("):
		return r.tableFunction(r.i, r.to)
	case t.kind == identToken && t.isString() && r.dialect == quotedBody:
		return r.fail().WithHint("Inside a quoted job body \"…\" is a string; quote a name with backticks: %s", backquote(t.value))
	case t.kind == identToken, t.kind == wordToken && (!ast.Reserved(t.upper) || next.is(".")):
		return r.tableName()
	}
	r.top().expectTable = false
	return r.fail()
}

// openTable writes the bracket of a derived table or of a join.
func (r *rewriter) openTable() error {
	r.top().expectTable = false
	if r.next().isAny("SELECT", "WITH", "VALUES") {
		if r.hasColumnList() {
			r.emit(r.i, "LATERAL ") // the grammar takes a list of columns with it only
			r.lastEnd = r.cur().start
		}
		r.top().lastTable = nil
		return r.open("")
	}
	r.emit(r.i, "(")
	r.i++
	r.levels = append(r.levels, rlevel{sel: -1, inFrom: true, expectTable: true})
	return nil
}

// hasColumnList tells (query) [AS] t (c, …).
func (r *rewriter) hasColumnList() bool {
	i := closing(r.toks, r.i, r.to) + 1
	if r.at(i).is("AS") {
		i++
	}
	return isName(r.at(i)) && r.at(i+1).is("(") && !r.at(i).isAny("USING", "ON", "STREAMWINDOW")
}

func (r *rewriter) tableName() error {
	c := r.cursor(r.to)
	name, err := c.name()
	if err != nil {
		return err
	}
	t := &ast.TableName{Name: name, AliasPos: r.aliasPos(c.i)}
	top := r.top()
	top.expectTable, top.lastTable = false, t
	r.hole(t, c.i, "")
	return nil
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
	c := &cursor{src: r.src, toks: r.toks, i: i + 2, to: end, dialect: r.dialect, noParams: r.noParams}
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
	f.AliasPos = r.aliasPos(end + 1)
	top := r.top()
	top.expectTable, top.lastTable = false, nil
	r.hole(f, end+1, "")
	return nil
}

// windowArguments reads TABLE s, DESCRIPTOR(ts), INTERVAL … up to the closing bracket.
func (c *cursor) windowArguments(f *ast.TableFunc, intervals int) error {
	var err error
	if f.Table, err = c.windowTable(); err != nil {
		return err
	}
	if c.acceptAll("PARTITION", "BY") {
		if f.PartitionBy, err = c.windowKeys(); err != nil {
			return err
		}
	}
	if err := c.expect(",", "DESCRIPTOR", "("); err != nil {
		return err
	}
	if f.Time, err = c.ident(); err != nil {
		return err
	}
	if err := c.expect(")"); err != nil {
		return err
	}
	return c.windowSizes(f, intervals)
}

// windowTable reads TABLE s, s or (query).
func (c *cursor) windowTable() (ast.TableRef, error) {
	bracket := c.peek().is("TABLE") && c.ahead(1).is("(")
	c.accept("TABLE")
	if !c.peek().is("(") {
		name, err := c.name()
		return &ast.TableName{Name: name, AliasPos: ast.NoPos}, err
	}
	if bracket && !c.ahead(1).isAny("SELECT", "WITH") {
		return nil, c.unsupported("a window over a window")
	}
	end := c.closing(c.i)
	at := c.pos()
	c.i++
	q, err := c.query(end)
	if err != nil {
		return nil, err
	}
	return &ast.SubqueryRef{Pos: at, Query: q, AliasPos: ast.NoPos}, c.expect(")")
}

// windowKeys reads the expressions of PARTITION BY up to , DESCRIPTOR.
func (c *cursor) windowKeys() ([]ast.Expr, error) {
	var list []ast.Expr
	for {
		end := c.i
		for depth := 0; end < c.to && (depth > 0 || !c.toks[end].is(",")); end++ {
			switch {
			case c.toks[end].is("("):
				depth++
			case c.toks[end].is(")"):
				depth--
			}
		}
		e, err := c.expr(end)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !c.peek().is(",") || c.ahead(1).is("DESCRIPTOR") {
			return list, nil
		}
		c.i++
	}
}

// windowSizes reads the intervals: slide and size for HOP, step and size for
// CUMULATE, size or gap for the others, then the offset.
func (c *cursor) windowSizes(f *ast.TableFunc, intervals int) error {
	var sizes []*ast.Literal
	for c.accept(",") {
		at := c.pos()
		if err := c.expect("INTERVAL"); err != nil {
			return err
		}
		lit, err := c.interval(at)
		if err != nil {
			return err
		}
		sizes = append(sizes, lit)
	}
	if err := c.end(); err != nil {
		return err
	}
	most := intervals + 1
	if f.Func == "session" {
		most = intervals
	}
	if len(sizes) < intervals || len(sizes) > most {
		return sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s takes %s", strings.ToUpper(f.Func), sizesText[f.Func])
	}
	if intervals == 2 {
		f.Slide, sizes = sizes[0], sizes[1:]
	}
	f.Size = sizes[0]
	if len(sizes) > 1 {
		f.Offset = sizes[1]
	}
	return nil
}

var sizesText = map[string]string{
	"tumble":   "TABLE s, DESCRIPTOR(ts), size [, offset]",
	"hop":      "TABLE s, DESCRIPTOR(ts), slide, size [, offset]",
	"cumulate": "TABLE s, DESCRIPTOR(ts), step, size [, offset]",
	"session":  "TABLE s, DESCRIPTOR(ts), gap",
}

// streamWindow cuts out STREAMWINDOW … and gives it to the stream before it.
func (r *rewriter) streamWindow() error {
	top := r.top()
	if top.lastTable == nil {
		return r.unsupported("STREAMWINDOW behind anything but the name of a stream").
			WithHint("Name the query first: CREATE STREAM s AS SELECT …, then FROM s STREAMWINDOW ….")
	}
	if top.lastTable.Window != nil {
		return r.fail()
	}
	c := r.cursor(r.to)
	w, err := c.streamWindow()
	if err != nil {
		return err
	}
	top.lastTable.Window = w
	r.i, r.lastEnd = c.i, -1
	return nil
}

// streamWindow reads STREAMWINDOW [name AS] ( LENGTH l SLIDE s | INTERVAL l ).
func (c *cursor) streamWindow() (*ast.StreamWindow, error) {
	w := &ast.StreamWindow{Pos: c.pos()}
	c.i++
	if !c.peek().is("(") {
		id, err := c.ident()
		if err != nil {
			return nil, err
		}
		w.Name = id.Name
		c.accept("AS")
	}
	if err := c.expect("("); err != nil {
		return nil, err
	}
	if err := c.windowLength(w); err != nil {
		return nil, err
	}
	at := c.pos()
	if c.accept("SLIDE") {
		lit, err := c.interval(at)
		if err != nil {
			return nil, err
		}
		w.Slide = lit
	}
	return w, c.expect(")")
}

func (c *cursor) windowLength(w *ast.StreamWindow) (err error) {
	at := c.pos()
	switch {
	case c.peek().isAny("SEPARATED", "INFINITE"):
		return c.unsupported("STREAMWINDOW with " + c.peek().upper)
	case c.accept("LENGTH"), c.accept("INTERVAL"):
		w.Length, err = c.interval(at)
		return err
	}
	return c.unexpected().WithHint("Expected LENGTH '10' SECOND SLIDE '2' SECOND, or INTERVAL '10' SECOND.")
}
