package analyzer

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// A bounded query reads its sources to the end that is there when it begins. In it no
// relation corrects rows: what would is settled where it arises, so ORDER BY, MIN, UNION
// ALL and windows stand on final rows everywhere.

// bound makes the sources end. Nothing is late then, and every window waits for the end:
// the answer does not hang on which partition was read first.
func (a *analysis) bound() {
	if !a.Bounded {
		return
	}
	a.flow.Bounded = true
	for i := range a.flow.Stages {
		if s := a.flow.Stages[i].Source; s != nil {
			s.Bounded, s.Wait, s.Watermark = true, a.Wait, nil
		}
	}
}

// timeColumn is the declared event time, -1 if there is none.
func timeColumn(rel *catalog.Relation) int {
	i := rel.Columns.Index(eventTime(rel, propertiesOf(rel)))
	if i >= 0 && rel.Columns[i].Type.Kind != types.Timestamp {
		return -1
	}
	return i
}

// settle gives what is left of a relation that corrects its rows, at the end.
func (a *analysis) settle(r *relation) {
	a.wantBefore(r)
	a.add(r, &plan.FinalRows{Op: a.id("final", r.base), Out: r.schema()})
	r.updates, r.updater, r.keyed = false, nil, ""
}

// order is ORDER BY over the columns of a relation, of which the last `hidden` are there
// for its sake.
type order struct {
	keys   []plan.SortKey
	hidden int
}

// sort orders the rows, all of them or as many as a limit lets through.
func (a *analysis) sort(r *relation, o order, l *plan.Limit) {
	if len(o.keys) == 0 {
		return
	}
	s := &plan.Sort{Op: a.id("sort", r.base), Keys: o.keys, Out: r.schema()}
	if l != nil && l.Count < math.MaxInt64-l.Offset {
		s.Top = max(1, l.Count+l.Offset)
	}
	a.single(r)
	a.add(r, s)
}

// narrow leaves the first n columns.
func (a *analysis) narrow(r *relation, n int) {
	if n == len(r.columns) {
		return
	}
	out := r.schema()[:n]
	exprs := make([]plan.Expr, n)
	for i, c := range out {
		exprs[i] = &plan.Column{Index: r.columns[i].index, Name: c.Name, Typ: c.Type}
	}
	a.project(r, exprs, out)
}

// ordered refuses ORDER BY where rows never end.
func (a *analysis) ordered(items []ast.OrderItem) error {
	if a.Bounded || len(items) == 0 {
		return nil
	}
	return sqlerr.At(items[0].X.Position(), sqlerr.FeatureNotSupported, "ORDER BY over a stream is not supported: its rows never end").
		WithHint("A SELECT on its own reads what is there now and can be ordered; views, jobs, COPY, cursors and EMIT CHANGES follow the stream.")
}

// withKeys puts the keys of ORDER BY that are no numbers behind the select list, which
// then computes them.
func (a *analysis) withKeys(q *ast.Select) (*ast.Select, int, error) {
	if err := a.ordered(q.OrderBy); err != nil || len(q.OrderBy) == 0 {
		return q, 0, err
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
	ops := a.flow.Stages[r.tails[0]].Ops
	exprs := ops[len(ops)-1].(*plan.Project).Exprs
	next := visible
	for _, item := range q.OrderBy {
		at, ok, err := position(item, visible)
		if err != nil {
			return o, err
		}
		if !ok {
			key := exprs[next].String()
			at = slices.IndexFunc(exprs, func(x plan.Expr) bool { return x.String() == key })
			next++
		}
		if at >= visible && q.Distinct {
			return o, sqlerr.At(item.X.Position(), sqlerr.InvalidColumnRef, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
		o.add(r, item, at)
	}
	if !slices.ContainsFunc(o.keys, func(k plan.SortKey) bool { return k.Column >= visible }) {
		a.narrow(r, visible)
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
	if err := a.ordered(items); err != nil || len(items) == 0 {
		return order{}, err
	}
	n := len(r.columns)
	var exprs []plan.Expr
	for _, c := range r.columns {
		exprs = append(exprs, &plan.Column{Index: c.index, Name: c.name, Typ: c.typ})
	}
	out, o := r.schema(), order{}
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
		a.project(r, exprs, out)
	}
	for i, item := range items {
		o.add(r, item, at[i])
	}
	return o, nil
}
