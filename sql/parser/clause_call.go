package parser

import (
	"strings"

	"slipway/sql/ast"
)

// What stands behind a call is kept beside the text and given to the call's node: the
// grammar takes OVER behind its own functions only, and FILTER behind none.

// behind gives what is kept for the last call.
func (r *rewriter) behind() *ast.FuncCall { return r.keptOf(r.callName) }

// keptOf gives what is kept for the call whose name is a token.
func (r *rewriter) keptOf(name int) *ast.FuncCall {
	if r.calls == nil {
		r.calls = map[int]*ast.FuncCall{}
	}
	if r.calls[name] == nil {
		r.calls[name] = &ast.FuncCall{FilterPos: ast.NoPos}
	}
	return r.calls[name]
}

// readCallDistinct reads the word in front of the arguments.
func readCallDistinct(r *rewriter, c *cursor) (any, error) {
	r.keptOf(r.top().name).Distinct = true
	c.i++
	return nil, nil
}

// readCallOrder reads ORDER BY behind the arguments.
func readCallOrder(r *rewriter, c *cursor) (any, error) {
	name := r.top().name
	in := c.within(closing(r.toks, name+1, r.to))
	in.i = c.i + 2
	items, err := in.orderItems(func(i int) bool { return c.toks[i].is("SEPARATOR") || c.beginsJSONNulls(i) })
	if err != nil {
		return nil, err
	}
	r.keptOf(name).OrderBy = items
	c.i = in.i
	if t := c.peek(); !t.is(")") && !t.is("SEPARATOR") && !c.beginsJSONNulls(c.i) {
		return nil, c.unexpected()
	}
	return nil, nil
}

// readSeparator reads SEPARATOR 'text', the last of a call.
func readSeparator(r *rewriter, c *cursor) (any, error) {
	c.i++
	r.keptOf(r.top().name).Separator = &ast.Literal{Pos: c.pos(), Kind: ast.StringLiteral, Text: c.peek().value}
	c.i++
	if !c.peek().is(")") {
		return nil, c.unexpected()
	}
	return nil, nil
}

// readWithinGroup reads WITHIN GROUP (ORDER BY …).
func readWithinGroup(r *rewriter, c *cursor) (any, error) {
	f, end := r.behind(), c.closing(c.i+2)
	if f.Filter != nil || f.Over != nil || len(f.OrderBy) > 0 {
		return nil, c.unexpected()
	}
	c.i += 3
	if err := c.expect("ORDER", "BY"); err != nil {
		return nil, err
	}
	in := c.within(end)
	items, err := in.orderItems(func(int) bool { return false })
	if err != nil {
		return nil, err
	}
	f.OrderBy, f.WithinGroup = items, true
	c.i, r.callEnd = end+1, end
	return nil, in.end()
}

// wantsOver refuses what stands behind a call, at token i, if the function is called with OVER only.
func (r *rewriter) wantsOver(i int) error {
	t, next := r.at(i), r.at(i+1)
	known := t.is("OVER") || t.is("FILTER") && next.is("(") || t.isAny("IGNORE", "RESPECT") && next.is("NULLS")
	if known || classes[strings.ToUpper(r.toks[r.callName].value)]&windowCall == 0 {
		return nil
	}
	return r.explain(i)
}

// readFilter reads FILTER (WHERE condition).
func readFilter(r *rewriter, c *cursor) (any, error) {
	f, at := r.behind(), c.pos()
	if f.Filter != nil || f.Over != nil {
		return nil, c.unexpected()
	}
	end := c.closing(c.i + 1)
	c.i += 3
	x, err := c.expr(end)
	if err != nil {
		return nil, err
	}
	f.Filter, f.FilterPos = x, at
	c.i, r.callEnd = end+1, end
	return nil, r.wantsOver(c.i)
}

// readNullTreatment reads IGNORE NULLS or RESPECT NULLS.
func readNullTreatment(n ast.NullTreatment) func(*rewriter, *cursor) (any, error) {
	return func(r *rewriter, c *cursor) (any, error) {
		f := r.behind()
		if f.Nulls != ast.NullsUnsaid || f.Over != nil {
			return nil, c.unexpected()
		}
		f.Nulls = n
		c.i += 2
		r.callEnd = c.i - 1
		return nil, r.wantsOver(c.i)
	}
}

// readOver reads OVER name or OVER (…).
func readOver(r *rewriter, c *cursor) (any, error) {
	f, at := r.behind(), c.pos()
	if f.Over != nil {
		return nil, c.unexpected()
	}
	c.i++
	if c.peek().has(reserved) {
		return nil, c.unexpected()
	}
	over := &ast.Over{Pos: at}
	var err error
	if c.accept("(") {
		over, err = c.window(at, c.closing(c.i-1))
	} else {
		over.Name, err = c.ident()
	}
	f.Over, r.callEnd = over, c.i-1
	return nil, err
}

// readWindows reads WINDOW name AS (…), … and gives it to the SELECT at hand.
func readWindows(r *rewriter, c *cursor) (any, error) {
	w := &ast.WindowClause{Pos: c.pos()}
	c.i++
	for {
		name, err := c.ident()
		if err != nil {
			return nil, err
		}
		at := c.pos()
		if err := c.expect("AS", "("); err != nil {
			return nil, err
		}
		over, err := c.window(at, c.closing(c.i-1))
		if err != nil {
			return nil, err
		}
		w.Windows = append(w.Windows, ast.NamedWindow{Name: name, Over: over})
		if !c.accept(",") {
			break
		}
	}
	r.selects[r.top().query].window = w
	return nil, nil
}

// window reads [name] [PARTITION BY …] [ORDER BY …] [frame] up to the bracket at index end,
// and passes it.
func (c *cursor) window(at, end int) (*ast.Over, error) {
	o := &ast.Over{Pos: at, Name: ast.Ident{Pos: ast.NoPos}}
	in := c.within(end)
	var err error
	if t := in.peek(); isName(t) && !t.isAny("PARTITION", "ORDER") && !in.beginsFrame(in.i) {
		if o.Name, err = in.ident(); err != nil {
			return nil, err
		}
	}
	if in.acceptAll("PARTITION", "BY") {
		if o.PartitionBy, err = in.exprList(in.orderOrFrame); err != nil {
			return nil, err
		}
	}
	if in.acceptAll("ORDER", "BY") {
		if o.OrderBy, err = in.orderItems(in.beginsFrame); err != nil {
			return nil, err
		}
	}
	if in.beginsFrame(in.i) {
		if o.Frame, err = in.frame(); err != nil {
			return nil, err
		}
	}
	c.i = end + 1
	return o, in.end()
}

// beginsFrame tells ROWS, RANGE or GROUPS at index i from a column of that name.
func (c *cursor) beginsFrame(i int) bool {
	t, before := c.toks[i], c.toks[max(i-1, 0)]
	return t.isAny("ROWS", "RANGE", "GROUPS") && (before.is("(") || endsOperand(before) || before.isAny("ASC", "DESC", "FIRST", "LAST"))
}

func (c *cursor) orderOrFrame(i int) bool {
	return c.toks[i].is("ORDER") && c.toks[i+1].is("BY") || c.beginsFrame(i)
}

var frameUnits = map[string]ast.FrameUnit{"ROWS": ast.Rows, "RANGE": ast.Range, "GROUPS": ast.Groups}

func (c *cursor) frame() (*ast.Frame, error) {
	f := &ast.Frame{Pos: c.pos(), Unit: frameUnits[c.peek().upper], End: ast.Bound{Kind: ast.CurrentRow}}
	c.i++
	between := c.accept("BETWEEN")
	var err error
	if f.Start, err = c.bound(); err != nil {
		return nil, err
	}
	if between {
		if err := c.expect("AND"); err != nil {
			return nil, err
		}
		f.End, err = c.bound()
	}
	if err == nil && c.accept("EXCLUDE") {
		f.Exclude, err = c.exclusion()
	}
	return f, err
}

// exclusion reads what stands behind EXCLUDE.
func (c *cursor) exclusion() (ast.Exclusion, error) {
	switch {
	case c.acceptAll("CURRENT", "ROW"):
		return ast.ExcludeCurrentRow, nil
	case c.accept("GROUP"):
		return ast.ExcludeGroup, nil
	case c.accept("TIES"):
		return ast.ExcludeTies, nil
	case c.acceptAll("NO", "OTHERS"):
		return ast.ExcludeNoOthers, nil
	}
	return 0, c.unexpected().WithHint("Expected CURRENT ROW, GROUP, TIES or NO OTHERS.")
}

// bound reads one end of a frame.
func (c *cursor) bound() (ast.Bound, error) {
	switch {
	case c.acceptAll("UNBOUNDED", "PRECEDING"):
		return ast.Bound{Kind: ast.UnboundedPreceding}, nil
	case c.acceptAll("UNBOUNDED", "FOLLOWING"):
		return ast.Bound{Kind: ast.UnboundedFollowing}, nil
	case c.acceptAll("CURRENT", "ROW"):
		return ast.Bound{Kind: ast.CurrentRow}, nil
	}
	end := c.until(func(i int) bool { return c.toks[i].isAny("PRECEDING", "FOLLOWING", "AND") })
	if !c.toks[end].isAny("PRECEDING", "FOLLOWING") {
		return ast.Bound{}, c.unexpected().WithHint("Expected UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW, n FOLLOWING or UNBOUNDED FOLLOWING.")
	}
	x, err := c.expr(end)
	if err != nil {
		return ast.Bound{}, err
	}
	b := ast.Bound{Kind: ast.Preceding, X: x}
	if c.peek().is("FOLLOWING") {
		b.Kind = ast.Following
	}
	c.i++
	return b, nil
}

var groupingKinds = map[string]ast.GroupingKind{"GROUPING": ast.GroupingSets, "ROLLUP": ast.Rollup, "CUBE": ast.Cube}

// readGrouping reads GROUPING SETS (…), ROLLUP (…) or CUBE (…).
func readGrouping(_ *rewriter, c *cursor) (any, error) {
	g, err := c.grouping()
	if err != nil {
		return nil, err
	}
	t := c.peek()
	if t.kind == opToken && !t.isAny(",", ")") || t.kind == wordToken && (isChainOperator(t) || t.is("NOT")) {
		return nil, c.unexpected() // it is no value
	}
	return g, nil
}

func (c *cursor) grouping() (*ast.Grouping, error) {
	g := &ast.Grouping{Pos: c.pos(), Kind: groupingKinds[c.peek().upper]}
	c.i++
	c.accept("SETS")
	in := c.within(c.closing(c.i))
	in.i = c.i + 1
	for {
		set, err := in.groupingSet(g.Kind)
		if err != nil {
			return nil, err
		}
		g.Sets = append(g.Sets, set)
		if !in.accept(",") {
			break
		}
	}
	c.i = in.to + 1
	return g, in.end()
}

// groupingSet reads one entry: (), (a, b), an expression, or inside GROUPING SETS another grouping.
func (c *cursor) groupingSet(kind ast.GroupingKind) (ast.Expr, error) {
	t := c.peek()
	nested := t.is("GROUPING") && c.ahead(1).is("SETS") || t.isAny("ROLLUP", "CUBE") && c.ahead(1).is("(")
	if nested && kind == ast.GroupingSets {
		return c.grouping()
	}
	end := c.until(c.isComma)
	if !t.opens() || c.closing(c.i) != end-1 || c.ahead(1).isAny("SELECT", "WITH", "VALUES") {
		return c.expr(end)
	}
	row := &ast.Row{Pos: c.pos()}
	in := c.within(end - 1)
	in.i = c.i + 1
	c.i = end
	if in.done() {
		return row, nil
	}
	var err error
	if row.Items, err = in.exprList(nil); err == nil && len(row.Items) == 1 {
		return row.Items[0], in.end()
	}
	return row, err
}
