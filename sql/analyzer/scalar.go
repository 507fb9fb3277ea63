package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// scalars is a subquery in the place of a value, or of a row of several: NULL where it has no row.
func (a *analysis) scalars(e *ast.Subquery, width int, s *scope) ([]plan.Expr, error) {
	r, err := a.subquery(e.Query, s)
	switch {
	case err != nil:
		return nil, err
	case len(r.columns) != width && width == 1:
		return nil, sqlerr.At(e.Pos, sqlerr.SyntaxError, "subquery must return only one column")
	case len(r.columns) != width:
		return nil, sqlerr.At(e.Pos, sqlerr.SyntaxError, "a row of %d values is compared with a subquery that gives %d", width, len(r.columns))
	}
	sub, err := decorrelation{e.Pos, a.lifting.rel.node}.node(r.node)
	if err != nil {
		return nil, err
	}
	values, otherwise := make([]plan.Expr, width), make([]plan.Expr, width)
	for i := range values {
		values[i], otherwise[i] = sub.value(i)
	}
	return a.singles(a.lifting.rel, e.Pos, sub, values, otherwise)
}

// value is a column of the one row of a subquery, and what it is where the subquery's node has no
// row; nil for NULL.
func (p *pulled) value(i int) (value, otherwise plan.Expr) {
	value = typed(p.cols[i])
	if c, ok := ofNone(p, i); ok && c.Null || p.empty == nil {
		return value, nil
	}
	null := &plan.Const{Typ: value.Type(), Null: true}
	return whereElse(p.where, value, null), whereElse(p.emptyWhere, typed(p.empty[i]), null)
}

// ofNone is the constant that a column of a subquery is where its node has no row.
func ofNone(p *pulled, i int) (*plan.Const, bool) {
	if p.empty == nil || p.where != nil {
		return nil, false
	}
	c, ok := p.empty[i].(*plan.Const)
	return c, ok
}

// typed gives NULL a type.
func typed(e plan.Expr) plan.Expr {
	if e.Type().Kind == types.Null {
		return &plan.Const{Typ: types.Of(types.String), Null: true}
	}
	return e
}

// whereElse is a value where a condition is true, else another one.
func whereElse(cond, then, otherwise plan.Expr) plan.Expr {
	if cond == nil {
		return then
	}
	return &plan.Case{Whens: []plan.When{{Cond: cond, Then: then}}, Else: otherwise, Typ: then.Type()}
}

// ofOneRow is a test of a subquery that has one row, or none by its HAVING.
func (a *analysis) ofOneRow(t *test) (plan.Expr, error) {
	boolean := types.Of(types.Boolean)
	yes, no := &plan.Const{Typ: boolean, Bool: true}, &plan.Const{Typ: boolean}
	cond, empty := t.cond, t.emptyCond
	if cond == nil {
		cond, empty = yes, yes
	}
	found, err := a.single(t.pos, t.sub, whereElse(t.sub.where, cond, no), whereElse(t.sub.emptyWhere, empty, no))
	if err != nil {
		return nil, err
	}
	return t.result(found), nil
}

// single joins the relation that expressions are lifted over with the one row of a subquery for
// each of its rows, and gives a value of that.
func (a *analysis) single(pos int, sub *pulled, value, otherwise plan.Expr) (plan.Expr, error) {
	list, err := a.singles(a.lifting.rel, pos, sub, []plan.Expr{value}, []plan.Expr{otherwise})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// singles gives several values of the one row of a subquery for each row of a relation. They are
// over columns of the subquery's node and of the query around; otherwise has what each is where
// there is no row, nil for NULL.
func (a *analysis) singles(r *relation, pos int, sub *pulled, values, otherwise []plan.Expr) ([]plan.Expr, error) {
	if err := a.refuseLate(r, pos); err != nil {
		return nil, err
	}
	if err := a.roomIn(r, pos); err != nil {
		return nil, err
	}
	m, j := meeting{left: r, sub: sub, key: map[string]int{}}, &logical.SingleJoin{}
	equal, rest := []plan.Expr(nil), plan.Expr(nil)
	for _, e := range sub.conds {
		if _, around, further := columnsOf(e); further && !around { // for the query around to pull out
			sub.node = &logical.Filter{Input: sub.node, Pred: inward(e, func(c int) int { return c })}
			continue
		}
		equal, rest = sorted(e, equal, rest)
	}
	if rest != nil {
		return nil, decorrelation{pos, r.node}.refuse("by more than equality, as a value,")
	}
	for _, e := range equal {
		inner, around, _ := equality(e)
		j.Equal = append(j.Equal, logical.Pair{Left: m.leftColumn(around), Right: m.rightColumn(inner)})
	}
	a.parts++
	out := make([]plan.Expr, len(values))
	for i, v := range values {
		out[i] = m.beside(v, otherwise[i])
	}
	m.join(j)
	return out, nil
}

// beside is a value as it is read behind the join: computed in the subquery's node, which gives
// NULL where there is no row, or where there is one.
func (m *meeting) beside(value, otherwise plan.Expr) plan.Expr {
	width, own := len(m.left.columns), identity(m.sub.node)
	if otherwise == nil && !isOuter(value) {
		return &plan.Column{Index: width + m.rightColumn(value), Name: "value", Typ: value.Type()}
	}
	there := &plan.Const{Typ: types.Of(types.Boolean), Bool: true}
	found := &plan.Column{Index: width + m.rightColumn(there), Name: "there", Typ: there.Typ}
	value = inward(value, func(c int) int { return width + m.rightColumn(own[c]) })
	out := &plan.Case{Whens: []plan.When{{Cond: found, Then: value}}, Typ: value.Type()}
	if otherwise != nil {
		out.Else = inward(otherwise, nil)
	}
	return out
}
