package analyzer

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// A bounded query reads its streams to the end that is there when it begins. In it no
// relation corrects rows: they are final where they arise, so ORDER BY, MIN, UNION ALL and
// windows stand on final rows everywhere.

// order is ORDER BY over the columns of a relation, of which the last `hidden` are there
// for its sake.
type order struct {
	keys   []plan.SortKey
	hidden int
}

// withKeys puts the keys of ORDER BY that are no numbers behind the select list, which
// then computes them.
func (a *analysis) withKeys(q *ast.Select) (*ast.Select, int, error) {
	if len(q.OrderBy) == 0 {
		return q, 0, nil
	}
	for _, e := range q.GroupBy { // GROUP BY 3 must not mean a key
		if n, ok := ordinal(e); ok && n > len(q.Items) {
			return nil, 0, sqlerr.At(e.Position(), sqlerr.InvalidColumnRef, "GROUP BY position %d is not in the select list", n)
		}
	}
	out := *q
	out.Items = slices.Clone(q.Items)
	for _, o := range q.OrderBy {
		if _, ok := ordinal(o.X); ok {
			continue
		}
		x, err := sortExpr(q, o.X)
		if err != nil {
			return nil, 0, err
		}
		out.Items = append(out.Items, ast.SelectItem{X: x, AliasPos: ast.NoPos})
	}
	return &out, len(out.Items) - len(q.Items), nil
}

// sortExpr is what a key stands for: a name is the result's before it is the input's.
func sortExpr(q *ast.Select, e ast.Expr) (ast.Expr, error) {
	if l, ok := e.(*ast.Literal); ok && l.Kind != ast.NullLiteral {
		return nil, sqlerr.At(l.Pos, sqlerr.SyntaxError, "non-integer constant in ORDER BY")
	}
	ref, ok := e.(*ast.ColumnRef)
	if !ok || len(ref.Parts) > 1 {
		return e, nil
	}
	var found ast.Expr
	for n, item := range q.Items {
		if _, star := item.X.(*ast.Star); star || !strings.EqualFold(heading(item, n), ref.Column()) {
			continue
		}
		if found != nil && found.String() != item.X.String() {
			return nil, sqlerr.At(ref.Pos, sqlerr.AmbiguousColumn, "ORDER BY %q is ambiguous", ref.Column())
		}
		found = item.X
	}
	if found != nil {
		return found, nil
	}
	return e, nil
}

// ordinal reads the number of a column of the result.
func ordinal(e ast.Expr) (int, bool) {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral {
		return 0, false
	}
	n, err := strconv.Atoi(l.Text)
	if err != nil {
		n = math.MaxInt
	}
	return n, true
}

// selectOrder finds the columns of the keys behind a projection. One that is in the
// result anyway is taken from there.
func (a *analysis) selectOrder(r *relation, q *ast.Select, hidden int) (order, error) {
	o := order{hidden: hidden}
	visible := len(r.columns) - hidden
	exprs := r.node.(*logical.Project).Exprs
	next := visible
	for _, item := range q.OrderBy {
		at, ok, err := position(item, visible)
		if err != nil {
			return o, err
		}
		if !ok {
			key := exprs[next].String()
			at = slices.IndexFunc(exprs, func(x plan.Expr) bool { return x.String() == key })
			if at < next && len(logical.RandomsOf(exprs[next])) > 0 { // nobody reads it, and it is there once
				exprs[next] = &plan.Const{Typ: exprs[next].Type(), Null: true}
			}
			next++
		}
		if at >= visible && q.Distinct {
			return o, sqlerr.At(item.X.Position(), sqlerr.InvalidColumnRef, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
		o.add(r, item, at)
	}
	if !slices.ContainsFunc(o.keys, func(k plan.SortKey) bool { return k.Column >= visible }) {
		r.first(visible)
		o.hidden = 0
	}
	return o, nil
}

// position reads ORDER BY n over so many columns.
func position(item ast.OrderItem, columns int) (at int, ok bool, err error) {
	n, ok := ordinal(item.X)
	if ok && (n < 1 || n > columns) {
		return 0, true, sqlerr.At(item.X.Position(), sqlerr.InvalidColumnRef, "ORDER BY position %s is not in select list", item.X.String())
	}
	return n - 1, ok, nil
}

// add adds a key; NULL alone orders nothing.
func (o *order) add(r *relation, item ast.OrderItem, at int) {
	if r.columns[at].typ.Kind != types.Null {
		o.keys = append(o.keys, plan.SortKey{Column: at, Desc: item.Desc, NullsFirst: item.AreFirst()})
	}
}

// unionOrder is ORDER BY over a union, whose names are those of the result.
func (a *analysis) unionOrder(r *relation, items []ast.OrderItem) (order, error) {
	if len(items) == 0 {
		return order{}, nil
	}
	n := len(r.columns)
	exprs, out, o := r.all(), r.schema(), order{}
	at := make([]int, len(items))
	for i, item := range items {
		k, ok, err := position(item, n)
		if err != nil {
			return o, err
		}
		if !ok {
			x, err := a.expr(item.X, r.scope())
			if err != nil {
				return o, err
			}
			k = len(exprs)
			exprs, out = append(exprs, x), append(out, types.Column{Name: "key", Type: x.Type()})
		}
		at[i] = k
	}
	if o.hidden = len(exprs) - n; o.hidden > 0 {
		r.project(exprs, out)
	}
	for i, item := range items {
		o.add(r, item, at[i])
	}
	return o, nil
}
