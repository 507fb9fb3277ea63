package analyzer

import (
	"math"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

func (a *analysis) query(q ast.Query) (*relation, error) {
	switch q := q.(type) {
	case *ast.Select:
		return a.selectQuery(q)
	case *ast.With:
		return a.with(q)
	case *ast.SetOp:
		return a.setOp(q)
	case *ast.Values:
		return a.values(q)
	}
	return nil, sqlerr.At(q.Position(), sqlerr.FeatureNotSupported, "this query is not supported")
}

// rowRange is LIMIT and OFFSET; nil if there are none.
type rowRange struct{ count, offset int64 }

// top is how many rows of an order are needed; 0 for all.
func (l *rowRange) top() int64 {
	if l == nil || l.count >= math.MaxInt64-l.offset {
		return 0
	}
	return max(1, l.count+l.offset)
}

// limit reads LIMIT and OFFSET; nil if there are none.
func (a *analysis) limit(t ast.Tail) (*rowRange, error) {
	if t.Limit == nil && t.Offset == nil {
		return nil, nil
	}
	l := &rowRange{count: math.MaxInt64}
	for _, x := range []struct {
		e  ast.Expr
		to *int64
	}{{t.Limit, &l.count}, {t.Offset, &l.offset}} {
		if x.e == nil {
			continue
		}
		v, err := a.expr(x.e, &scope{})
		if err != nil {
			return nil, err
		}
		c, ok := v.(*plan.Const)
		if ok && c.Null {
			a.inferParam(c, types.Of(types.BigInt))
			continue
		}
		if !ok || !c.Typ.IsInteger() || c.Int < 0 {
			return nil, sqlerr.At(x.e.Position(), sqlerr.InvalidParameter, "LIMIT and OFFSET take whole numbers")
		}
		*x.to = c.Int
	}
	return l, nil
}

func (a *analysis) selectQuery(q *ast.Select) (*relation, error) {
	a.findDeclared(q)
	q, err := a.distinctOn(q)
	if err != nil {
		return nil, err
	}
	r, q, err := a.input(q)
	if err != nil {
		return nil, err
	}
	q, hidden, err := a.withKeys(q)
	if err != nil {
		return nil, err
	}
	grouped := r.grouped
	if r.grouped = false; grouped || len(q.GroupBy) > 0 || q.Having != nil || hasAggregate(q) {
		err = a.aggregate(r, q, hidden)
	} else {
		r.assignWindow()
		q = a.procTimes(r, q)
		err = a.results(r, q, r.scope(), hidden)
	}
	if err == nil {
		err = a.refuseUpdates(r)
	}
	if err != nil {
		return nil, err
	}
	o, err := a.selectOrder(r, q, hidden)
	if err != nil {
		return nil, err
	}
	if q.Distinct {
		if err := a.distinct(r, q.Pos); err != nil {
			return nil, err
		}
	}
	return r, a.tail(r, q.Tail, o)
}

// input is the rows that a SELECT is about: FROM and WHERE. The query comes back without
// what is said by the relation: a window in GROUP BY, DISTINCT over a window.
func (a *analysis) input(q *ast.Select) (*relation, *ast.Select, error) {
	r, err := a.fromOrOneRow(q)
	if err != nil {
		return nil, nil, err
	}
	if q, err = a.groupWindow(r, q); err != nil {
		return nil, nil, err
	}
	if q.Distinct && r.window != nil {
		q = distinctWindow(r, q)
	}
	if q.Where != nil {
		if usesTableFunc(q.From) && a.readsWindow(r, q.Where) {
			r.assignWindow()
		}
		err = a.where(r, q.Where)
	}
	return r, q, err
}

// results computes the calls with OVER and the select list.
func (a *analysis) results(r *relation, q *ast.Select, s *scope, hidden int) error {
	s, err := a.over(r, q, s)
	if err != nil {
		return err
	}
	if q.Qualify != nil {
		x, err := a.condition(q.Qualify, &scope{columns: s.columns, groups: s.groups, overs: s.overs, aliases: q.Items})
		if err != nil {
			return err
		}
		r.put(&logical.Filter{Input: r.node, Pred: x})
	}
	return a.projection(r, q, s, hidden)
}

func (a *analysis) where(r *relation, e ast.Expr) error {
	if err := noWindowCalls("WHERE", e); err != nil {
		return err
	}
	if f := findAggregate(e); f != nil {
		return sqlerr.At(f.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in WHERE")
	}
	return a.filter(r, e, r.scope())
}

// filter keeps the rows for which a condition is true. What it says of the sides of a join goes
// there: an equality in WHERE makes rows meet as one in ON does.
func (r *relation) filter(x plan.Expr) {
	if logical.AboveJoin(r.node) {
		r.replace(logical.Where(r.node, logical.Conjuncts(x)))
		return
	}
	r.put(&logical.Filter{Input: r.node, Pred: x})
}

// projection computes the select list, of which the last `hidden` are keys of ORDER BY:
// they may use the names of the others.
func (a *analysis) projection(r *relation, q *ast.Select, s *scope, hidden int) error {
	defer a.liftOver(r)()
	var exprs []plan.Expr
	var out types.Schema
	named := &scope{columns: s.columns, groups: s.groups, overs: s.overs, aliases: q.Items}
	for n, item := range q.Items {
		if n >= len(q.Items)-hidden {
			s = named
		}
		if star, ok := item.X.(*ast.Star); ok {
			if s.groups != nil {
				return sqlerr.At(star.Pos, sqlerr.GroupingError, "* is not allowed with GROUP BY")
			}
			n := len(exprs)
			for _, c := range s.columns {
				if c.starred(star) && len(exprs) <= maxColumns {
					exprs = append(exprs, &plan.Column{Index: c.index, Name: c.name, Typ: c.typ})
					out = append(out, types.Column{Name: c.name, Type: c.typ})
				}
			}
			a.widths[star] = len(exprs) - n
			if len(exprs) == n {
				return sqlerr.At(star.Pos, sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", strings.Join(star.Parts, "."))
			}
			continue
		}
		x, err := a.expr(item.X, s)
		if err != nil {
			return err
		}
		exprs = append(exprs, x)
		out = append(out, types.Column{Name: declaredName(item, x, heading(item, len(out))), Type: x.Type()})
	}
	if len(exprs)-hidden > maxColumns {
		return sqlerr.At(q.Items[0].X.Position(), sqlerr.TooManyColumns, "a query gives at most %d columns", maxColumns)
	}
	r.project(exprs, out)
	return nil
}

// starred tells that *, or that of one relation, has the column.
func (c *scopeColumn) starred(s *ast.Star) bool {
	if len(s.Parts) == 0 {
		return c.shown()
	}
	return !c.hidden && strings.EqualFold(s.Parts[len(s.Parts)-1], c.qualifier)
}

func (a *analysis) fromOrOneRow(q *ast.Select) (*relation, error) {
	if q.From != nil {
		return a.from(q.From)
	}
	for _, item := range q.Items {
		if star, ok := item.X.(*ast.Star); ok {
			return nil, sqlerr.At(star.Pos, sqlerr.SyntaxError, "SELECT * with no tables specified is not valid")
		}
	}
	return a.oneRow(q.String()), nil
}

func (a *analysis) from(ref ast.TableRef) (*relation, error) {
	switch ref := ref.(type) {
	case *ast.TableName:
		if ref.AsOf != nil {
			return nil, misplacedAsOf(ref.AsOf.Pos)
		}
		r, err := a.table(ref)
		if err == nil && ref.Window != nil {
			err = a.streamWindow(r, ref.Window)
		}
		if err == nil && ref.Sessions != nil {
			err = a.sessionWindow(r, ref.Sessions)
		}
		return r, err
	case *ast.SubqueryRef:
		if ref.AsOf != nil {
			return nil, misplacedAsOf(ref.AsOf.Pos)
		}
		r, err := a.query(ref.Query)
		if err == nil {
			err = renameFirst(r, ref.Columns)
		}
		return qualify(r, ref.Alias), err
	case *ast.TableFunc:
		return a.tableFunc(ref)
	case *ast.Unnest:
		return a.rowFunction(nil, ref)
	case *ast.Join:
		return a.join(ref)
	case *ast.EventPattern:
		return a.eventPattern(ref)
	case *ast.MatchRecognize:
		return a.matchRecognize(ref)
	}
	return nil, sqlerr.At(ref.Position(), sqlerr.FeatureNotSupported, "this is not supported in FROM")
}

// renameFirst gives the first columns that show other names.
func renameFirst(r *relation, names []ast.Ident) error {
	for i := range r.columns {
		if c := &r.columns[i]; !c.hidden && len(names) > 0 {
			c.name, names = names[0].Name, names[1:]
		}
	}
	if len(names) > 0 {
		return sqlerr.At(names[0].Pos, sqlerr.InvalidColumnRef, "there is no column to be called %q: the query has fewer", names[0].Name)
	}
	return nil
}

func qualify(r *relation, alias string) *relation {
	if r == nil {
		return nil
	}
	for i := range r.columns {
		r.columns[i].qualifier, r.columns[i].db = strings.ToLower(alias), ""
	}
	for i := range r.derived {
		r.derived[i].qualifier = strings.ToLower(alias)
	}
	return r
}
