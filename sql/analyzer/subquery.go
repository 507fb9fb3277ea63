package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// lifting is where subqueries in expressions go: what they give becomes a column of the
// relation that the expression is computed over, behind those that are there.
type lifting struct {
	rel  *relation
	done map[ast.Expr][]plan.Expr // what was lifted: an expression may be compiled several times
	// filters are tests for which NULL is as good as FALSE: they stand in a condition, with
	// nothing round them but AND and OR.
	filters map[ast.Expr]bool
}

// liftOver lets expressions have subqueries until what it gives is called.
func (a *analysis) liftOver(r *relation) (end func()) {
	outer := a.lifting
	a.lifting = &lifting{rel: r, done: map[ast.Expr][]plan.Expr{}, filters: map[ast.Expr]bool{}}
	return func() { a.lifting = outer }
}

// hasSubquery tells that an expression has a query in it.
func hasSubquery(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(n ast.Node) bool {
		if _, ok := n.(ast.Query); ok {
			found = true
		}
		return !found
	})
	return found
}

// nested is a subquery in an expression.
func (a *analysis) nested(e ast.Expr, s *scope) (plan.Expr, error) {
	x, err := a.nestedRow(e, 1, s)
	if err != nil {
		return nil, err
	}
	return x[0], nil
}

// nestedRow is a subquery in an expression that has so many columns.
func (a *analysis) nestedRow(e ast.Expr, width int, s *scope) ([]plan.Expr, error) {
	l := a.lifting
	if l == nil {
		return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "a subquery is not supported in this place").
			WithHint("Subqueries stand in SELECT, WHERE, GROUP BY and HAVING, and in FROM.")
	}
	if x, ok := l.done[e]; ok {
		return x, nil
	}
	x, err := a.lifted(e, width, s)
	if err == nil {
		l.done[e] = x
	}
	return x, err
}

// roomIn tells that a query takes one more subquery.
func (a *analysis) roomIn(r *relation, pos int) error {
	if a.parts < maxParts && steps(r.node, maxTree) < maxTree {
		return nil
	}
	return sqlerr.At(pos, sqlerr.TooComplex, "the query has too many subqueries").
		WithHint("What a subquery reads of the query around it may be computed again for it. Join with the subquery's table, or write a part of the query into a stream of its own.")
}

// steps counts the nodes of a tree, up to about a limit.
func steps(n logical.Node, limit int) int {
	size := 1
	for _, in := range n.Inputs() {
		if size < limit {
			size += steps(in, limit-size)
		}
	}
	return size
}

func (a *analysis) lifted(e ast.Expr, width int, s *scope) ([]plan.Expr, error) {
	if v, ok := e.(*ast.Subquery); ok && v.Array {
		return a.arrayOfRows(v, s)
	} else if ok {
		return a.scalars(v, width, s)
	}
	x, err := a.liftedTest(e, s)
	return []plan.Expr{x}, err
}

func (a *analysis) liftedTest(e ast.Expr, s *scope) (plan.Expr, error) {
	t, err := a.test(e, s)
	if err != nil {
		return nil, err
	}
	if t.sub.empty != nil {
		return a.ofOneRow(t)
	}
	t.unknown = t.unknown && !a.lifting.filters[e]
	r := a.lifting.rel
	if err := a.semi(r, plan.Mark, t); err != nil {
		return nil, err
	}
	return t.result(r.at(len(r.columns) - 1)), nil
}

// result is the test's answer by what was found.
func (t *test) result(found plan.Expr) plan.Expr {
	if t.not {
		return &plan.Call{Func: "not", Args: []plan.Expr{found}, Typ: types.Of(types.Boolean)}
	}
	return found
}

// test is EXISTS, IN, ANY or ALL: whether there is a row of a subquery that something is true of.
type test struct {
	pos int
	sub *pulled
	// cond is what must be true of the row, over columns of the subquery's node and of the query
	// around; nil for nothing.
	cond plan.Expr
	// emptyCond is cond of the row that is there where the subquery's node has none.
	emptyCond plan.Expr
	// unknown: where cond is NULL for some row and true for none it is not known.
	unknown bool
	not     bool
}

// test compiles a test of a subquery.
func (a *analysis) test(e ast.Expr, s *scope) (*test, error) {
	switch e := e.(type) {
	case *ast.Exists:
		t, _, err := a.tested(e.Pos, unlimited(e.Query), s)
		if err == nil {
			t.not = e.Not
		}
		return t, err
	case *ast.In:
		t, err := a.compares(e.Pos, e.Pos, ast.Eq, e.X, e.Query, s)
		if err == nil {
			t.not = e.Not
		}
		return t, err
	case *ast.Quantified:
		op := e.Op
		if e.All {
			op = negatedOps[op]
		}
		t, err := a.compares(e.Pos, e.OpPos, op, e.X, e.Query, s)
		if err == nil {
			t.not = e.All
		}
		return t, err
	}
	return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "this subquery is not supported")
}

// negatedOps are the comparisons that are true where another one is false.
var negatedOps = map[ast.BinaryOp]ast.BinaryOp{ast.Eq: ast.Ne, ast.Ne: ast.Eq, ast.Lt: ast.Ge, ast.Ge: ast.Lt, ast.Gt: ast.Le, ast.Le: ast.Gt}

// unlimited is a query of which only counts whether there are rows.
func unlimited(q ast.Query) ast.Query {
	s, ok := q.(*ast.Select)
	if !ok || s.Offset != nil {
		return q
	}
	out := *s
	if l, ok := s.Limit.(*ast.Literal); ok && l.Kind == ast.IntLiteral && l.Text != "0" {
		out.Limit = nil
	}
	if out.Limit == nil {
		out.OrderBy = nil
	}
	return &out
}

func (a *analysis) tested(pos int, q ast.Query, s *scope) (*test, *relation, error) {
	r, err := a.subquery(q, s)
	if err != nil {
		return nil, nil, err
	}
	sub, err := decorrelation{pos, a.lifting.rel.node}.node(r.node)
	return &test{pos: pos, sub: sub}, r, err
}

// compares is a test that compares a value, or a row of them, with the subquery's.
func (a *analysis) compares(pos, opPos int, op ast.BinaryOp, x ast.Expr, q ast.Query, s *scope) (*test, error) {
	t, r, err := a.tested(pos, q, s)
	if err != nil {
		return nil, err
	}
	list := []ast.Expr{x}
	if row, ok := x.(*ast.Row); ok {
		list = row.Items
	}
	if len(list) != len(r.columns) {
		few := "few"
		if len(r.columns) > len(list) {
			few = "many"
		}
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery has too %s columns: %d are compared with %d", few, len(list), len(r.columns))
	}
	left, present := make([]plan.Expr, len(list)), noneNull(r)
	for i, e := range list {
		if left[i], err = a.expr(e, s); err != nil {
			return nil, err
		}
		present = present && presentExpr(a.lifting.rel.node, left[i])
		left[i] = outward(left[i])
	}
	if t.sub.empty != nil {
		if t.emptyCond, err = a.comparison(opPos, op, slices.Clone(left), t.sub.empty, list, list); err != nil {
			return nil, err
		}
	}
	t.cond, err = a.comparison(opPos, op, left, t.sub.cols, list, list)
	t.unknown = !present
	return t, err
}
