package analyzer

import (
	"slices"
	"strconv"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// arrayOfRows is ARRAY(query): what ARRAY_AGG of its rows gives, in the order that it says, and an empty array where
// there are none.
func (a *analysis) arrayOfRows(e *ast.Subquery, s *scope) ([]plan.Expr, error) {
	q, err := collected(e.Pos, e.Query)
	if err != nil {
		return nil, err
	}
	x, err := a.scalars(&ast.Subquery{Pos: e.Pos, Query: q}, 1, s)
	if err != nil {
		return nil, err
	}
	empty := &plan.Cast{Arg: &plan.Const{Typ: types.Of(types.String), Text: "[]"}, Typ: x[0].Type()}
	return []plan.Expr{&plan.Call{Func: "coalesce", Args: []plan.Expr{x[0], empty}, Typ: x[0].Type()}}, nil
}

// The names of a query whose rows are collected.
const collectedRows, collectedValue, collectedKey = "rows of the array", "its value", "its key "

// collected is the query that collects the rows of another one.
func collected(pos int, of ast.Query) (ast.Query, error) {
	keys := []ast.OrderItem(nil)
	switch q := of.(type) {
	case *ast.Select:
		if len(q.Items) != 1 {
			return nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery must return only one column")
		}
		if _, star := q.Items[0].X.(*ast.Star); !star {
			return collectedSelect(pos, q)
		}
	case *ast.With:
		body, err := collected(pos, q.Body)
		out := *q
		out.Body = body
		return &out, err
	case *ast.SetOp: // whose keys can only be its column
		keys = slices.Clone(q.OrderBy)
		for i := range keys {
			keys[i].X = column(pos, collectedValue)
		}
		if q.Limit == nil && q.Offset == nil {
			whole := *q
			whole.OrderBy, of = nil, &whole
		}
	}
	names := []ast.Ident{{Name: collectedValue, Pos: pos}}
	rows := &ast.SubqueryRef{Pos: pos, Query: of, Alias: collectedRows, AliasPos: ast.NoPos, Columns: names}
	return arraySelect(pos, rows, column(pos, collectedValue), keys), nil
}

// collectedSelect collects in place, if the query has rows of its tables and nothing more; else what it stands over is a
// table, with the keys of its order as further columns.
func collectedSelect(pos int, s *ast.Select) (*ast.Select, error) {
	value, order := s.Items[0].X, s.OrderBy
	keys := make([]ast.OrderItem, len(order))
	for i, o := range order {
		keys[i] = o
		if named(o.X, s.Items[0]) {
			keys[i].X = value
		}
	}
	if plainRows(s, keys) {
		out := *s
		out.Items, out.OrderBy = []ast.SelectItem{{X: arrayAgg(pos, value, keys), AliasPos: ast.NoPos}}, nil
		return &out, nil
	}
	inner := *s
	inner.Items = []ast.SelectItem{{X: value, Alias: collectedValue, AliasPos: pos}}
	for i, k := range keys {
		x := column(pos, collectedValue)
		if k.X != value && s.Distinct {
			return nil, sqlerr.At(k.X.Position(), sqlerr.InvalidColumnRef, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
		if k.X != value {
			x = column(pos, collectedKey+strconv.Itoa(i))
			inner.Items = append(inner.Items, ast.SelectItem{X: k.X, Alias: x.Column(), AliasPos: pos})
		}
		keys[i].X = x
	}
	if inner.OrderBy = slices.Clone(keys); inner.Limit == nil && inner.Offset == nil {
		inner.OrderBy = nil
	}
	return arraySelect(pos, &ast.SubqueryRef{Pos: pos, Query: &inner, Alias: collectedRows, AliasPos: ast.NoPos}, column(pos, collectedValue), keys), nil
}

// named tells that a key of ORDER BY is the only item, by its place or by its name.
func named(key ast.Expr, item ast.SelectItem) bool {
	switch k := key.(type) {
	case *ast.Literal:
		return k.Kind == ast.IntLiteral && k.Text == "1"
	case *ast.ColumnRef:
		return len(k.Parts) == 1 && k.Column() == item.Alias || k.String() == item.X.String()
	}
	return key.String() == item.X.String()
}

// plainRows tells a query whose rows are those of its tables.
func plainRows(s *ast.Select, keys []ast.OrderItem) bool {
	plain := s.From != nil && !s.Distinct && s.DistinctOn == nil && s.GroupBy == nil && s.Having == nil && s.Window == nil && s.Qualify == nil &&
		s.Limit == nil && s.Offset == nil
	return plain && !calculates(s.Items[0].X) && !slices.ContainsFunc(keys, func(k ast.OrderItem) bool { return calculates(k.X) })
}

// calculates tells an expression that is of several rows.
func calculates(e ast.Expr) bool {
	found := len(aggregates(e)) > 0
	ast.Walk(e, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncCall); ok && f.Over != nil {
			found = true
		}
		return !found
	})
	return found
}

func column(pos int, name string) *ast.ColumnRef {
	return &ast.ColumnRef{Pos: pos, Parts: []string{name}}
}

func arraySelect(pos int, from ast.TableRef, value ast.Expr, keys []ast.OrderItem) *ast.Select {
	return &ast.Select{Pos: pos, Items: []ast.SelectItem{{X: arrayAgg(pos, value, keys), AliasPos: ast.NoPos}}, From: from}
}

func arrayAgg(pos int, value ast.Expr, keys []ast.OrderItem) *ast.FuncCall {
	return &ast.FuncCall{Pos: pos, Name: function.CollectsRows, Args: []ast.Expr{value}, OrderBy: keys, FilterPos: ast.NoPos}
}
