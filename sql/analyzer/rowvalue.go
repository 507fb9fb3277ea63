package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// rowValues are the values of a row, or of an expression, which is a row of one.
func rowValues(e ast.Expr) []ast.Expr {
	if r, ok := e.(*ast.Row); ok {
		return r.Items
	}
	return []ast.Expr{e}
}

// comparesRows tells a comparison of row values; that of a column is one of two nested values.
func comparesRows(e *ast.Binary) bool {
	_, compares := negatedOps[e.Op]
	return (compares || e.Op == ast.NullSafeEq) && (isRowOf(e.L) && isRowOf(e.R)) && !(isSubquery(e.L) && isSubquery(e.R))
}

func isRowOf(e ast.Expr) bool {
	_, ok := e.(*ast.Row)
	return ok || isSubquery(e)
}

func isSubquery(e ast.Expr) bool {
	q, ok := e.(*ast.Subquery)
	return ok && !q.Array
}

// rowComparison compares two rows.
func (a *analysis) rowComparison(e *ast.Binary, s *scope) (plan.Expr, error) {
	places := [2][]ast.Expr{rowValues(e.L), rowValues(e.R)}
	var values [2][]plan.Expr
	for side, list := range places {
		var err error
		if sub, ok := list[0].(*ast.Subquery); ok && !sub.Array && len(list) == 1 {
			if values[side], err = a.nestedRow(sub, len(places[1-side]), s); err != nil {
				return nil, err
			}
			places[side] = slices.Repeat(list, len(values[side]))
			continue
		}
		for _, item := range list {
			x, err := a.expr(item, s)
			if err != nil {
				return nil, err
			}
			values[side] = append(values[side], x)
		}
	}
	if len(values[0]) != len(values[1]) {
		return nil, sqlerr.At(e.OpPos, sqlerr.SyntaxError, "rows of %d and of %d values cannot be compared", len(values[0]), len(values[1]))
	}
	out, err := a.comparison(e.OpPos, e.Op, values[0], values[1], places[0], places[1])
	if _, ordered := strictOps[e.Op]; err != nil || !ordered {
		return out, err
	}
	size, _ := measure(out, maxNodes) // each value but the last ones stands in it twice
	if a.nodes += size; a.nodes > maxNodes {
		return nil, tooManyParts(e.OpPos)
	}
	return out, nil
}

// comparison compares two lists of values: for equality all of them, for order the first that
// differ, as SQL has it with NULLs.
func (a *analysis) comparison(pos int, op ast.BinaryOp, l, r []plan.Expr, lp, rp []ast.Expr) (plan.Expr, error) {
	at := func(op ast.BinaryOp, i int) (plan.Expr, error) {
		return a.resolve(pos, binaryNames[op], []plan.Expr{l[i], r[i]}, []ast.Expr{lp[i], rp[i]})
	}
	last := len(l) - 1
	out, err := at(op, last)
	if err != nil {
		return nil, err
	}
	for i := last - 1; i >= 0; i-- {
		var x plan.Expr
		switch op {
		case ast.Eq, ast.NullSafeEq, ast.Ne:
			x, err = at(op, i)
		default: // before it, or as it and the rest decides
			x, err = at(ast.Eq, i)
			out = both("and", x, out)
			if err == nil {
				x, err = at(strictOps[op], i)
			}
		}
		if err != nil {
			return nil, err
		}
		word := "or"
		if op == ast.Eq || op == ast.NullSafeEq {
			word = "and"
		}
		out = both(word, x, out)
	}
	return out, nil
}

var strictOps = map[ast.BinaryOp]ast.BinaryOp{ast.Lt: ast.Lt, ast.Le: ast.Lt, ast.Gt: ast.Gt, ast.Ge: ast.Gt}

func both(word string, x, y plan.Expr) plan.Expr {
	return &plan.Call{Func: word, Args: []plan.Expr{x, y}, Typ: types.Of(types.Boolean)}
}
