package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// mostUnfolded is how many rows of VALUES are made of each row that is joined with them; more of
// them are joined as others are.
const mostUnfolded = 64

// lateral is a join with what is made of each row of the left side: a subquery or a function that
// sees its columns, or a few VALUES. Nil of every other join.
func (a *analysis) lateral(ref *ast.Join) (*relation, error) {
	switch right := ref.R.(type) {
	case *ast.Unnest:
		if ref.Kind == ast.LeftJoin && (right.Func == "unnest" || right.Func == "json_table" || a.givesTable(right)) && ref.On != nil && isTrueLiteral(ref.On) {
			outer := *right
			outer.Outer = true
			right, ref = &outer, &ast.Join{Kind: ast.CrossJoin, L: ref.L, R: &outer, NaturalPos: ast.NoPos}
		}
		if !isInner(ref) && !isPlainLeft(ref) && !readsColumns(right.Args...) {
			return nil, nil // its rows are a table of their own
		}
		return a.besideRows(ref, func(l *relation) (*relation, error) {
			return a.rowFunction(l, right)
		})
	case *ast.SubqueryRef:
		if v, ok := right.Query.(*ast.Values); ok && len(v.Rows) <= mostUnfolded && isBare(v.Tail) && unfolds(ref, right, v) {
			return a.besideRows(ref, func(l *relation) (*relation, error) { return l, a.unfoldValues(l, right, v) })
		}
		if right.Lateral {
			return a.lateralQuery(ref, right)
		}
	}
	return nil, nil
}

func isBare(t ast.Tail) bool { return t.Limit == nil && t.Offset == nil }

func isInner(ref *ast.Join) bool {
	return (ref.Kind == ast.InnerJoin || ref.Kind == ast.CrossJoin) && !ref.Natural && len(ref.Using) == 0
}

// isTrueLiteral tells ON TRUE, or no ON.
func isTrueLiteral(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	return e == nil || ok && l.Kind == ast.BoolLiteral && strings.EqualFold(l.Text, "true")
}

// besideRows joins each row of the left side with rows that are made of it.
func (a *analysis) besideRows(ref *ast.Join, rows func(l *relation) (*relation, error)) (*relation, error) {
	l, err := a.side(ref.L)
	if err != nil {
		return nil, err
	}
	if !isInner(ref) && !isPlainLeft(ref) {
		return nil, sqlerr.At(ref.R.Position(), sqlerr.FeatureNotSupported, "this join with a function of the rows before it is not supported").
			WithHint("CROSS JOIN, JOIN … ON and LEFT JOIN … ON are.")
	}
	width := len(l.columns)
	r, err := rows(l)
	if err != nil {
		return nil, err
	}
	if err := tellApart(&relation{columns: r.columns[:width]}, &relation{columns: r.columns[width:]}, ref.R); err != nil {
		return nil, err
	}
	switch {
	case isPlainLeft(ref):
		err = a.keepAll(r, ref, width)
	case ref.On != nil:
		err = a.filter(r, ref.On, r.scope())
	}
	return r, err
}

func isPlainLeft(ref *ast.Join) bool {
	return ref.Kind == ast.LeftJoin && !ref.Natural && len(ref.Using) == 0
}

// unfolds tells VALUES that are made beside each row: without a condition, or of its columns.
func unfolds(ref *ast.Join, q *ast.SubqueryRef, v *ast.Values) bool {
	return isInner(ref) && ref.On == nil || q.Lateral && (isInner(ref) || isPlainLeft(ref)) && readsColumns(slices.Concat(v.Rows...)...)
}

// readsColumns tells expressions of the columns of the tables before them.
func readsColumns(list ...ast.Expr) (found bool) {
	for _, e := range list {
		ast.Walk(e, func(n ast.Node) bool {
			_, column := n.(*ast.ColumnRef)
			found = found || column
			return !found
		})
	}
	return found
}

// keepAll makes the join with the rows of a function, behind so many columns, one that keeps a row which meets
// none of them.
func (a *analysis) keepAll(r *relation, ref *ast.Join, width int) error {
	var on plan.Expr
	if !isTrueLiteral(ref.On) {
		var err error
		if on, err = a.condition(ref.On, r.scope()); err != nil {
			return err
		}
	}
	switch n := r.node.(type) {
	case *logical.Series:
		outer := *n
		outer.Outer, outer.On = true, on
		r.replace(&outer)
	case *logical.Values:
		r.replace(keepUnfolded(n, on, width))
	default:
		return sqlerr.At(ref.R.Position(), sqlerr.FeatureNotSupported, "an outer join with the rows of this function is not supported").
			WithHint("CROSS JOIN gives the rows that it has.")
	}
	return nil
}

// keepUnfolded tests the condition for all the rows that are made of one, and makes one of NULLs more for when it
// is true for none.
func keepUnfolded(n *logical.Values, on plan.Expr, width int) logical.Node {
	if on == nil && len(n.Rows) > 0 {
		return n
	}
	boolean := types.Of(types.Boolean)
	var others []plan.Expr
	out := &logical.Values{Input: n.Input, Out: append(slices.Clone(n.Out), types.Column{Name: "meets", Type: boolean})}
	for _, row := range n.Rows {
		meets := plan.MapColumns(on, func(c *plan.Column) plan.Expr {
			if c.Index < width {
				return c
			}
			return row[c.Index-width]
		})
		out.Rows = append(out.Rows, append(slices.Clone(row), meets))
		meets = &plan.Call{Func: "is_true", Args: []plan.Expr{meets}, Typ: boolean}
		others = append(others, &plan.Call{Func: "not", Args: []plan.Expr{meets}, Typ: boolean})
	}
	none := logical.Conjunction(others)
	if none == nil {
		none = &plan.Const{Typ: boolean, Bool: true}
	}
	out.Rows = append(out.Rows, append(nulls(n.Out), none))
	meets := &logical.Filter{Input: out, Pred: &plan.Column{Index: width + len(n.Out), Name: "meets", Typ: boolean}}
	p := &logical.Project{Input: meets, Out: n.Schema()}
	for i, c := range p.Out {
		p.Exprs = append(p.Exprs, &plan.Column{Index: i, Name: c.Name, Typ: c.Type})
	}
	return p
}

func (a *analysis) unfoldValues(l *relation, ref *ast.SubqueryRef, q *ast.Values) error {
	s := &scope{}
	if ref.Lateral {
		s = l.scope()
	}
	rows, out, err := a.valueRows(q, s)
	if err != nil {
		return err
	}
	width := len(l.columns)
	a.unfold(l, rows, out)
	r := &relation{columns: l.columns[width:]}
	if err := renameFirst(r, ref.Columns); err != nil {
		return err
	}
	qualify(r, ref.Alias)
	return nil
}

// lateralQuery joins each row with those of a subquery that sees its columns.
func (a *analysis) lateralQuery(ref *ast.Join, q *ast.SubqueryRef) (*relation, error) {
	l, err := a.side(ref.L)
	if err != nil {
		return nil, err
	}
	if kind := joinKinds[ref.Kind]; kind != logical.Inner && kind != logical.Left || ref.Natural || len(ref.Using) > 0 {
		return nil, sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "this join with LATERAL is not supported").
			WithHint("CROSS JOIN, JOIN … ON and LEFT JOIN … ON are.")
	}
	r, err := a.subquery(q.Query, l.scope())
	if err == nil {
		err = renameFirst(r, q.Columns)
	}
	if err != nil {
		return nil, err
	}
	qualify(r, q.Alias)
	if err := tellApart(l, r, q); err != nil {
		return nil, err
	}
	sub, err := decorrelation{q.Pos, l.node}.node(r.node)
	if err != nil {
		return nil, err
	}
	if sub.empty != nil {
		return a.lateralRow(ref, l, r, sub)
	}
	return a.lateralRows(ref, l, r, sub)
}

// lateralRow is a subquery that has one row, or none by its HAVING.
func (a *analysis) lateralRow(ref *ast.Join, l, r *relation, sub *pulled) (*relation, error) {
	if ref.Kind == ast.LeftJoin && !isTrueLiteral(ref.On) {
		return nil, sqlerr.At(ref.On.Position(), sqlerr.FeatureNotSupported, "LEFT JOIN LATERAL of an aggregate is supported ON TRUE alone").
			WithHint("Write the condition in HAVING.")
	}
	yes := &plan.Const{Typ: types.Of(types.Boolean), Bool: true}
	values, otherwise := []plan.Expr{yes}, []plan.Expr{yes}
	if sub.where != nil {
		values[0], otherwise[0] = sub.where, sub.emptyWhere
	}
	for i := range sub.cols {
		null := &plan.Const{Typ: typed(sub.cols[i]).Type(), Null: true}
		values = append(values, whereElse(sub.where, typed(sub.cols[i]), null))
		otherwise = append(otherwise, whereElse(sub.emptyWhere, typed(sub.empty[i]), null))
	}
	visible := slices.Clone(l.columns)
	list, err := a.singles(l, ref.R.Position(), sub, values, otherwise)
	if err != nil {
		return nil, err
	}
	if sub.where != nil && ref.Kind != ast.LeftJoin {
		l.put(&logical.Filter{Input: l.node, Pred: list[0]})
	}
	a.computed(l, visible, list[1:], r.columns)
	if ref.On != nil && !isTrueLiteral(ref.On) {
		err = a.filter(l, ref.On, l.scope())
	}
	return l, err
}

// computed makes expressions columns of the relation, behind those that it had.
func (a *analysis) computed(l *relation, visible []scopeColumn, list []plan.Expr, as []scopeColumn) {
	exprs, out := l.all()[:len(visible)], l.schema()[:len(visible)]
	for i, e := range list {
		exprs, out = append(exprs, e), append(out, types.Column{Name: as[i].name, Type: e.Type()})
	}
	l.put(&logical.Project{Input: l.node, Exprs: exprs, Out: out})
	l.columns = visible
	for i, c := range as {
		c.index, c.typ = len(visible)+i, list[i].Type()
		l.columns = append(l.columns, c)
	}
}

// lateralRows joins with the rows that the subquery has for each.
func (a *analysis) lateralRows(ref *ast.Join, l, r *relation, sub *pulled) (*relation, error) {
	m := meeting{left: l, sub: sub, key: map[string]int{}}
	visible, width := slices.Clone(l.columns), len(l.columns)
	own := identity(sub.node)
	place := func(c int) int { return width + m.rightColumn(own[c]) }
	values := make([]plan.Expr, len(sub.cols))
	for i, c := range sub.cols {
		c = typed(c)
		if ref.Kind == ast.LeftJoin || !isOuter(c) {
			values[i] = m.beside(c, nil)
		} else {
			values[i] = inward(c, place)
		}
	}
	var conds []plan.Expr
	for _, c := range sub.conds {
		conds = append(conds, inward(c, place))
	}
	on := &scope{columns: slices.Clone(visible)}
	for i, c := range r.columns {
		if at, ok := values[i].(*plan.Column); ok {
			c.index, c.typ = at.Index, at.Typ
			on.columns = append(on.columns, c)
		}
	}
	if !isTrueLiteral(ref.On) {
		x, err := a.condition(ref.On, on)
		if err != nil {
			return nil, err
		}
		conds = append(conds, logical.Conjuncts(x)...)
	}
	if len(m.right) == 0 {
		m.rightColumn(&plan.Const{Typ: types.Of(types.Boolean), Bool: true})
	}
	right := &relation{node: projection(sub.node, m.right)}
	right.rename(right.node.Schema())
	out := a.pairs(ref, l, right)
	out.replace(out.node.(*logical.Join).Matching(conds))
	derived := out.derived
	a.computed(out, visible, values, r.columns)
	out.derived = derived
	return out, nil
}
