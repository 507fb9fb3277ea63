package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// windowFunctions are the table functions of FROM, with the number of intervals
// each one needs.
var windowFunctions = map[string]int{"TUMBLE": 1, "HOP": 2, "CUMULATE": 2, "SESSION": 1}

// windowArguments reads TABLE s, DESCRIPTOR(ts), INTERVAL … up to the closing bracket.
func (c *cursor) windowArguments(f *ast.TableFunc, intervals int) error {
	var err error
	if c.ahead(1).is("=>") {
		return c.unsupported("an argument by name")
	}
	if f.Table, err = c.windowTable(); err != nil {
		return err
	}
	if c.acceptAll("PARTITION", "BY") {
		if f.PartitionBy, err = c.exprList(c.beforeDescriptor); err != nil {
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

// beforeDescriptor tells the comma that ends the keys of PARTITION BY.
func (c *cursor) beforeDescriptor(i int) bool {
	return c.toks[i].is(",") && c.toks[i+1].is("DESCRIPTOR")
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

// readStreamWindow gives STREAMWINDOW … to the stream before it.
func readStreamWindow(r *rewriter, c *cursor) (any, error) {
	t, err := r.windowed("STREAMWINDOW", "STREAMWINDOW …")
	if err == nil {
		t.Window, err = c.streamWindow()
	}
	return nil, err
}

// windowed is the stream before a window, which has none yet.
func (r *rewriter) windowed(word, form string) (*ast.TableName, error) {
	t := r.top().lastTable
	switch {
	case t == nil:
		return nil, r.unsupported(word+" behind anything but the name of a stream").
			WithHint("Name the query first: CREATE STREAM s AS SELECT …, then FROM s %s.", form)
	case t.Window != nil || t.Sessions != nil:
		return nil, r.fail()
	}
	return t, nil
}

// windowName reads the name of a window, if it has one, and AS.
func (c *cursor) windowName() (string, error) {
	if c.peek().is("(") {
		return "", nil
	}
	id, err := c.ident()
	if err == nil {
		c.accept("AS")
	}
	return id.Name, err
}

// streamWindow reads STREAMWINDOW [name AS] ( LENGTH l SLIDE s | INTERVAL l ).
func (c *cursor) streamWindow() (*ast.StreamWindow, error) {
	w := &ast.StreamWindow{Pos: c.pos()}
	c.i++
	var err error
	if w.Name, err = c.windowName(); err != nil {
		return nil, err
	}
	if err := c.expect("("); err != nil {
		return nil, err
	}
	if err := c.windowLength(w); err != nil {
		return nil, err
	}
	at := c.pos()
	if c.accept("SLIDE") {
		lit, err := c.duration(at)
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
	case c.accept("LENGTH"), c.peek().is("INTERVAL"):
		w.Length, err = c.duration(at)
		return err
	}
	return c.unexpected().WithHint("Expected LENGTH '10' SECOND SLIDE '2' SECOND, or INTERVAL '10' SECOND.")
}
