package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// filter keeps the rows for which a condition is true. A test of a subquery among those that
// must all be true becomes a join that keeps rows; one elsewhere a column.
func (a *analysis) filter(r *relation, e ast.Expr, s *scope) error {
	if !hasSubquery(e) {
		return a.filterBy(r, e, s)
	}
	var tests []ast.Expr
	for _, x := range allOf(e, false) {
		if hasSubquery(x) {
			tests = append(tests, x)
		} else if err := a.filterBy(r, x, s); err != nil {
			return err
		}
	}
	for _, x := range tests {
		if err := a.filterTest(r, x, s); err != nil {
			return err
		}
	}
	return nil
}

func (a *analysis) filterBy(r *relation, e ast.Expr, s *scope) error {
	x, err := a.condition(e, s)
	if err == nil {
		r.filter(x)
	}
	return err
}

func (a *analysis) filterTest(r *relation, e ast.Expr, s *scope) error {
	defer a.liftOver(r)()
	x, not := e, false
	for {
		u, ok := x.(*ast.Unary)
		if !ok || u.Op != ast.Not {
			break
		}
		x, not = u.X, !not
	}
	if !isTest(x) {
		a.lifting.mark(e)
		return a.filterBy(r, e, s)
	}
	t, err := a.test(x, s)
	if err != nil {
		return err
	}
	if t.sub.empty != nil {
		found, err := a.ofOneRow(t)
		if err != nil {
			return err
		}
		if not {
			found = &plan.Call{Func: "not", Args: []plan.Expr{found}, Typ: types.Of(types.Boolean)}
		}
		r.put(&logical.Filter{Input: r.node, Pred: found})
		return nil
	}
	kind := plan.Semi
	if t.not != not {
		kind = plan.Anti
	} else {
		t.unknown = false // what is not known is not true
	}
	return a.semi(r, kind, t)
}

// isTest tells an expression that is true of rows with a partner.
func isTest(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Exists, *ast.Quantified:
		return true
	case *ast.In:
		return e.Query != nil
	}
	return false
}

// mark notes the tests of a condition for which NULL is as good as FALSE.
func (l *lifting) mark(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Binary:
		if e.Op == ast.And || e.Op == ast.Or {
			l.mark(e.L)
			l.mark(e.R)
		}
	case *ast.In:
		l.filters[e] = !e.Not
	case *ast.Quantified:
		l.filters[e] = !e.All
	}
}

// allOf are the parts of a condition that must all be true.
func allOf(e ast.Expr, not bool) []ast.Expr {
	switch x := e.(type) {
	case *ast.Unary:
		if x.Op == ast.Not {
			return allOf(x.X, !not)
		}
	case *ast.Binary:
		if x.Op == ast.And && !not || x.Op == ast.Or && not {
			return append(allOf(x.L, not), allOf(x.R, not)...)
		}
	}
	if not {
		e = &ast.Unary{Pos: e.Position(), Op: ast.Not, X: e}
	}
	return []ast.Expr{e}
}

// semi joins a relation with the rows of a test.
func (a *analysis) semi(r *relation, kind plan.SemiKind, t *test) error {
	if err := a.refuseLate(r, t.pos); err != nil {
		return err
	}
	if err := a.roomIn(r, t.pos); err != nil {
		return err
	}
	m := meeting{left: r, sub: t.sub, key: map[string]int{}}
	j := &logical.SemiJoin{Kind: kind, Unknown: t.unknown}
	var equal []plan.Expr
	var on plan.Expr
	for _, e := range t.sub.conds {
		equal, on = sorted(e, equal, on)
	}
	switch {
	case t.cond != nil && !t.unknown:
		for _, e := range logical.Conjuncts(t.cond) {
			equal, on = sorted(e, equal, on)
		}
	case t.cond != nil:
		if list, rest := sorted(t.cond, nil, nil); len(t.sub.conds) == 0 && rest == nil {
			equal = list
		} else {
			on = whereTrue(on, t.cond)
		}
	}
	a.parts++
	for _, e := range equal {
		inner, around, _ := equality(e)
		j.Equal = append(j.Equal, logical.Pair{Left: m.leftColumn(around), Right: m.rightColumn(inner)})
	}
	width := len(r.columns)
	if on != nil {
		j.On = inward(on, func(c int) int { return width + m.rightColumn(identity(t.sub.node)[c]) })
	}
	m.join(j)
	return nil
}

// refuseLate: a row that waits for its partner would come too late for its window.
func (a *analysis) refuseLate(r *relation, pos int) error {
	if r.window == nil || a.Bounded {
		return nil
	}
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "a window over rows that a subquery decides on is not supported: they may come late").
		WithHint("Aggregate over the window in a subquery in FROM, and use the test on its result.")
}

// sorted puts a condition among those that rows are found by, or to the rest.
func sorted(e plan.Expr, equal []plan.Expr, rest plan.Expr) ([]plan.Expr, plan.Expr) {
	_, _, ok := equality(e)
	if _, _, further := columnsOf(e); !ok || further || e.(*plan.Call).Func != "=" {
		return equal, conjunction(rest, e)
	}
	return append(equal, e), rest
}

// whereTrue is a condition where another one, which must be true, is; else FALSE.
func whereTrue(must, e plan.Expr) plan.Expr {
	if must == nil {
		return e
	}
	boolean := types.Of(types.Boolean)
	return &plan.Case{Whens: []plan.When{{Cond: must, Then: e}}, Else: &plan.Const{Typ: boolean}, Typ: boolean}
}

// meeting makes the inputs of a join of a relation with a subquery: what rows are found by are
// columns of them, and the subquery has no others than are read.
type meeting struct {
	left  *relation
	sub   *pulled
	right []plan.Expr
	key   map[string]int // in right, by text
}

// leftColumn is the column of the relation that an expression of the query around is.
func (m *meeting) leftColumn(e plan.Expr) int {
	e = inward(e, nil)
	if c, ok := e.(*plan.Column); ok {
		return c.Index
	}
	r := m.left
	columns := append(r.columns[:len(r.columns):len(r.columns)], scopeColumn{name: "", typ: e.Type(), index: len(r.columns), hidden: true})
	r.put(projection(r.node, append(r.all(), e)))
	r.columns = columns
	return len(columns) - 1
}

// rightColumn is the column of the subquery that an expression over its node is.
func (m *meeting) rightColumn(e plan.Expr) int {
	text := e.String()
	at, ok := m.key[text]
	if !ok {
		at = len(m.right)
		m.key[text], m.right = at, append(m.right, e)
	}
	return at
}

// join puts a join over both.
func (m *meeting) join(j logical.Node) {
	if len(m.right) == 0 { // rows need a column
		m.right = []plan.Expr{&plan.Const{Typ: types.Of(types.Boolean), Bool: true}}
	}
	r := m.left
	r.node = j.WithInputs([]logical.Node{r.node, projection(m.sub.node, m.right)})
	r.traits = logical.TraitsOf(r.node)
	schema := r.node.Schema()
	for i := len(r.columns); i < len(schema); i++ {
		r.columns = append(r.columns[:i:i], scopeColumn{typ: schema[i].Type, index: i, hidden: true})
	}
}
