package parser

import "slipway/sql/ast"

// structure follows the structure of the query: it writes the words that give it, and keeps in the
// bracket at hand where in a SELECT the rewriter is.
func (r *rewriter) structure(t token) (bool, error) {
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
		if r.clauseAt(t) != nil {
			return false, nil
		}
		return true, r.raw()
	}
	if t.has(startsClause) && !r.onlyColumn(t) {
		if r.bareTables && len(r.levels) == 1 {
			return true, r.fail()
		}
		r.endItem()
		top.sel, top.inFrom, top.values, top.with, top.lastTable = -1, false, false, false, nil
		top.by = t.isAny("ORDER", "GROUP") && r.next().is("BY")
	}
	if t.is("EXCEPT") && r.at(r.i+1).is("(") && behindStar(r) {
		return false, r.unsupported("SELECT * EXCEPT").WithHint("Name the columns.")
	}
	if t.is("EXCEPT") { // which may be spelled MINUS
		return true, r.put("EXCEPT")
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
	*top = bracket{fn: top.fn, name: top.name, sel: len(r.selects), query: len(r.selects)}
	s := selectInfo{tok: r.i}
	if err := r.raw(); err != nil {
		return err
	}
	switch t := r.cur(); {
	case t.isAny("DISTINCT", "ALL"):
		if t.is("DISTINCT") && r.next().is("ON") && r.at(r.i+2).is("(") {
			if err := r.distinctOn(&s); err != nil {
				return err
			}
			break
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
	*r.top() = newBracket("", -1)
	r.top().values = true
	return r.raw()
}

// using writes USING (c, …) with the positions of the columns.
func (r *rewriter) using() error {
	_ = r.raw()
	if err := r.open("", -1); err != nil {
		return err
	}
	for r.i < r.to && !r.cur().is(")") {
		if t := r.cur(); isName(t) {
			if err := checkName(r.src, t); err != nil {
				return err
			}
			r.cutOut(identCut{ast.Ident{Pos: r.pos(r.i), Name: t.value}}, r.i+1, aName)
			continue
		}
		if !r.cur().is(",") {
			return r.fail() // a column of both sides has no table
		}
		_ = r.raw()
	}
	return nil
}

// castType reads the type of CAST(x AS type) up to the closing bracket.
func (r *rewriter) castType(cut *castCut) error {
	r.i++
	c := r.cursor(r.to)
	typ, err := c.typeName()
	if err != nil {
		return err
	}
	r.i = c.i
	cut.typ, cut.filled = typ, true
	if !r.cur().is(")") {
		return r.fail()
	}
	return nil
}
