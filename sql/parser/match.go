package parser

import (
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
)

// matchBehind gives the index of the MATCH_RECOGNIZE that follows a table, or its alias,
// which ends before token i; -1 if none does.
func (r *rewriter) matchBehind(i int) int {
	is := func(i int) bool { return r.at(i).is("MATCH_RECOGNIZE") && r.at(i+1).opens() }
	if is(i) {
		return i
	}
	if r.at(i).is("AS") {
		i++
	}
	if isName(r.at(i)) && is(i+1) {
		return i + 1
	}
	return -1
}

// matchRecognize reads [[AS] alias] MATCH_RECOGNIZE (…) behind a table that ends before token i.
func (r *rewriter) matchRecognize(input ast.TableRef, i int) (*ast.MatchRecognize, int, error) {
	word := r.matchBehind(i)
	placeAlias(input, r.aliasPos(i))
	if word > i {
		setAlias(input, r.toks[word-1].value)
	}
	c := r.cursor(r.to)
	c.i = word
	m := &ast.MatchRecognize{Pos: input.Position(), MatchPos: c.pos(), Input: input, AliasPos: ast.NoPos}
	m.Skip.Variable.Pos = ast.NoPos
	end := c.closing(word + 1)
	in := c.within(end)
	in.i = word + 2
	if err := in.matchClauses(m); err != nil {
		return nil, 0, err
	}
	return m, end + 1, in.end()
}

// setAlias gives a table, which knows where its alias stands if it has one, the name; an empty
// one is none. UNNEST has read its own.
func setAlias(t ast.TableRef, alias string) {
	name, at := new(string), new(int)
	switch t := t.(type) {
	case *ast.TableName:
		name, at = &t.Alias, &t.AliasPos
	case *ast.SubqueryRef:
		name, at = &t.Alias, &t.AliasPos
	case *ast.TableFunc:
		name, at = &t.Alias, &t.AliasPos
	case *ast.MatchRecognize:
		name, at = &t.Alias, &t.AliasPos
	case *ast.EventPattern:
		name, at = &t.Alias, &t.AliasPos
	}
	*name = alias
	if alias == "" {
		*at = ast.NoPos
	}
}

// matchClauses reads what stands between the brackets.
func (c *cursor) matchClauses(m *ast.MatchRecognize) (err error) {
	if c.acceptAll("PARTITION", "BY") {
		if m.PartitionBy, err = c.exprList(c.beginsMatchClause); err != nil {
			return err
		}
	}
	if c.acceptAll("ORDER", "BY") {
		if m.OrderBy, err = c.orderItems(c.beginsMatchClause); err != nil {
			return err
		}
	}
	if c.accept("MEASURES") {
		if m.Measures, err = c.measures(); err != nil {
			return err
		}
	}
	if err := c.rowsPerMatch(m); err != nil {
		return err
	}
	if c.acceptAll("AFTER", "MATCH") {
		if m.Skip, err = c.skip(); err != nil {
			return err
		}
	}
	if err := c.matchPattern(m); err != nil {
		return err
	}
	if c.accept("DEFINE") {
		m.Define, err = c.definitions()
	}
	return err
}

// beginsMatchClause tells the word at index i that begins a clause of MATCH_RECOGNIZE.
func (c *cursor) beginsMatchClause(i int) bool {
	t, next := c.toks[i], c.toks[i+1]
	if c.toks[i-1].is(".") {
		return false
	}
	return t.is("ORDER") && next.is("BY") || t.is("MEASURES") || t.is("ONE") && next.is("ROW") || t.is("ALL") && next.is("ROWS") ||
		t.is("AFTER") && next.is("MATCH") || t.is("PATTERN") && next.is("(") || t.isAny("SUBSET", "DEFINE")
}

// measures reads expression AS name, ….
func (c *cursor) measures() ([]ast.SelectItem, error) {
	var list []ast.SelectItem
	for {
		from := c.i
		end := c.until(func(i int) bool { return c.isComma(i) || c.toks[i].is("AS") || c.beginsMatchClause(i) })
		x, err := c.expr(end)
		if err != nil {
			return nil, err
		}
		it := ast.SelectItem{X: x, Text: c.src.text[c.toks[from].start:c.toks[end-1].end]}
		if err := c.expect("AS"); err != nil {
			return nil, err
		}
		name, err := c.ident()
		if err != nil {
			return nil, err
		}
		it.Alias, it.AliasPos = name.Name, name.Pos
		list = append(list, it)
		if !c.accept(",") {
			return list, nil
		}
	}
}

func (c *cursor) rowsPerMatch(m *ast.MatchRecognize) error {
	switch {
	case c.acceptAll("ONE", "ROW"):
	case c.acceptAll("ALL", "ROWS"):
		m.AllRows = true
	default:
		return nil
	}
	if err := c.expect("PER", "MATCH"); err != nil {
		return err
	}
	switch {
	case c.acceptAll("SHOW", "EMPTY", "MATCHES"):
	case c.acceptAll("OMIT", "EMPTY", "MATCHES"):
		m.OmitEmpty = true
	case m.AllRows && c.acceptAll("WITH", "UNMATCHED", "ROWS"):
		m.Unmatched = true
	}
	return nil
}

// skip reads AFTER MATCH SKIP … behind its first two words.
func (c *cursor) skip() (s ast.Skip, err error) {
	s.Variable.Pos = ast.NoPos
	if err := c.expect("SKIP"); err != nil {
		return s, err
	}
	if c.accept("PAST") {
		s.Kind = ast.SkipPastLast
		return s, c.expect("LAST", "ROW")
	}
	if err := c.expect("TO"); err != nil {
		return s, err
	}
	switch {
	case c.acceptAll("NEXT", "ROW"):
		s.Kind = ast.SkipToNext
		return s, nil
	case c.accept("FIRST"):
		s.Kind = ast.SkipToFirst
	default:
		c.accept("LAST") // SKIP TO v is SKIP TO LAST v
		s.Kind = ast.SkipToLast
	}
	s.Variable, err = c.ident()
	return s, err
}

// matchPattern reads PATTERN (…) [WITHIN INTERVAL …].
func (c *cursor) matchPattern(m *ast.MatchRecognize) (err error) {
	if !c.peek().is("PATTERN") || !c.ahead(1).opens() {
		return c.unexpected().WithHint("Expected PATTERN (…) here.")
	}
	c.i++
	in := c.within(c.closing(c.i))
	in.i = c.i + 1
	if m.Pattern, err = in.pattern(); err != nil {
		return err
	}
	if err := in.end(); err != nil {
		return err
	}
	c.i = in.to + 1
	if c.accept("WITHIN") {
		at := c.pos()
		if err := c.expect("INTERVAL"); err != nil {
			return err
		}
		if m.Within, err = c.interval(at); err != nil {
			return err
		}
	}
	if c.accept("SUBSET") {
		m.Subsets, err = c.subsets()
	}
	return err
}

// subsets reads name = (variable, …), ….
func (c *cursor) subsets() (list []ast.Subset, err error) {
	for {
		var s ast.Subset
		if s.Name, err = c.ident(); err != nil {
			return nil, err
		}
		if err := c.expect("=", "("); err != nil {
			return nil, err
		}
		for more := true; more; more = c.accept(",") {
			v, err := c.ident()
			if err != nil {
				return nil, err
			}
			s.Of = append(s.Of, v)
		}
		if err := c.expect(")"); err != nil {
			return nil, err
		}
		if list = append(list, s); !c.accept(",") {
			return list, nil
		}
	}
}

// matchRowsCut is FINAL or RUNNING in front of a call.
type matchRowsCut struct {
	pos  int
	name string
	rows ast.MatchRows
}

func readMatchRows(r *rewriter, c *cursor) (any, error) {
	name := r.next()
	cut := matchRowsCut{pos: r.src.pos(name.start), name: strings.ToLower(name.value), rows: ast.RunningRows}
	if r.cur().is("FINAL") {
		cut.rows = ast.AllMatched
	}
	c.i += 3
	r.levels = append(r.levels, newBracket(name.upper, -1))
	return cut, nil
}

// definitions reads variable AS condition, ….
func (c *cursor) definitions() ([]ast.Definition, error) {
	var list []ast.Definition
	for {
		var d ast.Definition
		var err error
		if d.Variable, err = c.ident(); err != nil {
			return nil, err
		}
		if err := c.expect("AS"); err != nil {
			return nil, err
		}
		if d.X, err = c.expr(c.until(c.isComma)); err != nil {
			return nil, err
		}
		for _, other := range list {
			if other.Variable.Name == d.Variable.Name {
				return nil, sqlerr.At(d.Variable.Pos, sqlerr.SyntaxError, "%q is defined twice", d.Variable.Name)
			}
		}
		list = append(list, d)
		if !c.accept(",") {
			return list, nil
		}
	}
}
