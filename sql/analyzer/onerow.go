package analyzer

import (
	"strconv"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Row is a SELECT without FROM: one row of constants, or none.
type Row struct {
	Exprs  []plan.Expr
	Schema types.Schema
	Where  plan.Expr // nil: it holds
	None   bool      // LIMIT or OFFSET leave nothing
}

// Constant tells a SELECT without FROM that reads nothing else either: it is one row, or none.
func Constant(q *ast.Select) bool {
	found := q.From != nil || len(q.GroupBy) > 0 || q.Having != nil
	ast.Walk(q, func(n ast.Node) bool {
		if inner, ok := n.(ast.Query); ok && inner != ast.Query(q) {
			found = true
		}
		return !found
	})
	return !found && !hasAggregate(q)
}

// OneRow compiles a SELECT without FROM.
func OneRow(in Input, q *ast.Select) (*Row, error) {
	a := newAnalysis(in)
	if len(q.GroupBy) > 0 || q.Having != nil {
		return nil, sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "GROUP BY and HAVING need a FROM")
	}
	if q.Qualify != nil {
		return nil, sqlerr.At(q.Qualify.Position(), sqlerr.FeatureNotSupported, "QUALIFY needs a FROM")
	}
	row := &Row{}
	for _, item := range q.Items {
		if err := a.rowItem(row, item); err != nil {
			return nil, err
		}
	}
	var err error
	if q.Where != nil {
		if row.Where, err = a.condition(q.Where, &scope{}); err != nil {
			return nil, err
		}
	}
	for _, o := range q.OrderBy {
		if err := a.rowOrder(q, o); err != nil {
			return nil, err
		}
	}
	if err := a.checkRandomRow(append(row.Exprs[:len(row.Exprs):len(row.Exprs)], row.Where)); err != nil {
		return nil, err
	}
	row.None, err = a.noRow(q.Tail)
	return row, err
}

func (a *analysis) rowItem(row *Row, item ast.SelectItem) error {
	x, err := a.expr(item.X, &scope{})
	if err != nil {
		return err
	}
	t := x.Type()
	if t.Kind == types.Null {
		t = types.Of(types.String)
	}
	row.Exprs, row.Schema = append(row.Exprs, x), append(row.Schema, types.Column{Name: shownName(item), Type: t})
	return nil
}

// rowOrder checks an ORDER BY: there is nothing to sort, but what it names must be there.
func (a *analysis) rowOrder(q *ast.Select, o ast.OrderItem) error {
	l, ok := o.X.(*ast.Literal)
	if !ok {
		_, err := a.expr(o.X, &scope{aliases: q.Items})
		return err
	}
	n, err := strconv.Atoi(l.Text)
	switch {
	case l.Kind != ast.IntLiteral || err != nil:
		return sqlerr.At(l.Pos, sqlerr.SyntaxError, "non-integer constant in ORDER BY")
	case n < 1 || n > len(q.Items):
		return sqlerr.At(l.Pos, sqlerr.InvalidColumnRef, "ORDER BY position %d is not in select list", n)
	}
	return nil
}

// noRow tells whether LIMIT or OFFSET leave nothing of one row.
func (a *analysis) noRow(t ast.Tail) (bool, error) {
	limit, err := a.rowCount(t.Limit, "LIMIT", "2201W", 1)
	if err != nil {
		return false, err
	}
	offset, err := a.rowCount(t.Offset, "OFFSET", "2201X", 0)
	return limit == 0 || offset > 0, err
}

// rowCount is the number behind LIMIT or OFFSET; absent or NULL it is otherwise.
func (a *analysis) rowCount(e ast.Expr, word string, negative sqlerr.Code, otherwise int64) (int64, error) {
	if e == nil {
		return otherwise, nil
	}
	x, err := a.expr(e, &scope{})
	if err != nil {
		return 0, err
	}
	c, ok := x.(*plan.Const)
	switch {
	case ok && c.Null:
		a.inferParam(c, types.Of(types.BigInt))
		return otherwise, nil
	case !ok || !c.Typ.IsInteger():
		return 0, sqlerr.At(e.Position(), sqlerr.InvalidParameter, "%s takes a whole number", word)
	case c.Int < 0:
		return 0, sqlerr.At(e.Position(), negative, "%s must not be negative", word)
	}
	return c.Int, nil
}
