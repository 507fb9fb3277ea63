package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// While a subquery is compiled, a column of a query around it is a plan.Column whose number is
// negative: it has how many queries further out, from 1, and there the number. None is left in a
// finished tree: decorrelate makes of them what rows must meet by.

const outerBits = 20

// outward is an expression of the query around as the subquery reads it.
func outward(e plan.Expr) plan.Expr {
	return plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		out := *c
		if c.Index < 0 {
			out.Index -= 1 << outerBits
		} else {
			out.Index = -(1 << outerBits) - c.Index
		}
		return &out
	})
}

// inward is an expression of a subquery as the query around reads it; its own columns get the
// numbers that own gives.
func inward(e plan.Expr, own func(int) int) plan.Expr {
	return plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		out := *c
		switch {
		case c.Index >= 0:
			out.Index = own(c.Index)
		case -c.Index>>outerBits == 1:
			out.Index = -c.Index & (1<<outerBits - 1)
		default:
			out.Index += 1 << outerBits
		}
		return &out
	})
}

// columnsOf tells whose columns an expression reads: its own query's, that of the query around,
// and others further out.
func columnsOf(e plan.Expr) (own, around, further bool) {
	plan.EachColumn(e, func(c *plan.Column) {
		switch {
		case c.Index >= 0:
			own = true
		case -c.Index>>outerBits == 1:
			around = true
		default:
			further = true
		}
	})
	return own, around, further
}

// isOuter tells that an expression reads columns of a query around.
func isOuter(e plan.Expr) bool {
	_, around, further := columnsOf(e)
	return around || further
}

// correlated tells that a tree reads columns of a query around it.
func correlated(n logical.Node) bool {
	found := false
	logical.Walk(n, func(n logical.Node) bool {
		found = found || slices.ContainsFunc(exprsOf(n), isOuter)
		return !found
	})
	return found
}

// exprsOf are the expressions of a node.
func exprsOf(n logical.Node) (list []plan.Expr) {
	switch n := n.(type) {
	case *logical.Filter:
		list = append(list, n.Pred)
	case *logical.Project:
		list = n.Exprs
	case *logical.Aggregate:
		list = slices.Clone(n.Keys)
		for _, a := range n.Aggs {
			a.Each(func(e plan.Expr) { list = append(list, e) })
		}
	case *logical.Join:
		list = append(list, n.On)
	case *logical.SemiJoin:
		list = append(list, n.On)
	case *logical.Values:
		list = slices.Concat(n.Rows...)
	case *logical.Series:
		list = append(list, n.From, n.To, n.Step, n.On)
	case *logical.Unnest:
		list = slices.Clone(n.Arrays)
	}
	return slices.DeleteFunc(list, func(e plan.Expr) bool { return e == nil })
}

// fromOuter resolves a name that the query itself does not know in the queries around it, the
// nearest first.
func (a *analysis) fromOuter(e *ast.ColumnRef, unknown error) (plan.Expr, error) {
	n := len(a.outer)
	if n == 0 {
		return nil, unknown
	}
	s := a.outer[n-1]
	a.outer = a.outer[:n-1]
	x, err := a.columnRef(e, s)
	if s.groups != nil && err != nil {
		if found, ok := a.grouped(e, s); ok {
			x, err = found, nil
		}
	}
	a.outer = append(a.outer, s)
	if err != nil {
		if e, ok := err.(*sqlerr.Error); ok && e.Code == sqlerr.UndefinedColumn || ok && e.Code == sqlerr.UndefinedTable {
			return nil, unknown
		}
		return nil, err
	}
	return outward(x), nil
}

// subquery compiles a query within an expression, whose names may be those of a scope around it.
func (a *analysis) subquery(q ast.Query, around *scope) (*relation, error) {
	lifting := a.lifting
	a.outer, a.lifting = append(a.outer, around), nil
	r, err := a.query(q)
	a.outer, a.lifting = a.outer[:len(a.outer)-1], lifting
	if err == nil {
		r.first(len(r.columns) - hiddenBehind(r))
	}
	return r, err
}

// hiddenBehind is how many columns at the end do not belong to the result.
func hiddenBehind(r *relation) (n int) {
	for n < len(r.columns) && r.columns[len(r.columns)-1-n].hidden {
		n++
	}
	return n
}
