package analyzer

import (
	"fmt"
	"math"
	"slices"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// tail adds ORDER BY, LIMIT and OFFSET. Where rows end they are sorted and counted. Else an order
// without a limit is one that rows come in, or are brought into, by event time; the rows that a
// limit leaves are those at the first places, which later rows may take. What follows a stream for
// a client ends with the last of so many rows, or changes.
func (a *analysis) tail(r *relation, t ast.Tail, o order) error {
	l, err := a.limit(t)
	switch {
	case err != nil:
		return err
	case t.Ties && len(o.keys) == 0:
		return sqlerr.At(t.Limit.Position(), sqlerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause")
	case l != nil && (t.Ties || a.job || !a.Bounded && (len(o.keys) > 0 || r.traits.Updating() && !a.isLast(t))):
		a.firstRows(r, l, o.keys, t.Ties)
		l = nil
	case !a.Bounded && len(o.keys) > 0:
		err = a.inTime(r, t, o.keys)
	}
	if err != nil {
		return err
	}
	if a.Bounded && len(o.keys) > 0 {
		r.put(&logical.Sort{Input: r.node, Keys: o.keys, Top: l.top()})
	}
	if l != nil {
		r.put(&logical.Limit{Input: r.node, Count: l.count, Offset: l.offset})
	}
	r.first(len(r.columns) - o.hidden)
	return nil
}

// isLast tells the LIMIT of the statement, with which what a client follows ends.
func (a *analysis) isLast(t ast.Tail) bool { return t.Limit != nil && t.Limit == a.last }

// inTime brings rows into the order of their event times.
func (a *analysis) inTime(r *relation, t ast.Tail, keys []plan.SortKey) error {
	over := &logical.Over{Input: r.node, Order: logical.Order{Keys: keys}}
	if over.When(r.traits) != plan.AtTime {
		return sqlerr.At(t.OrderBy[0].X.Position(), sqlerr.FeatureNotSupported, "ORDER BY over a stream is not supported: its rows never end").
			WithHint("Its event time, ascending, is an order that rows can be brought into, and LIMIT keeps the first rows by any order. " +
				"A SELECT on its own reads what is there now and can be ordered; views, jobs, COPY, cursors and EMIT CHANGES follow the stream.")
	}
	a.parts++
	r.put(over)
	return nil
}

// firstRows leaves the rows at some places of an order, without one those that came first.
func (a *analysis) firstRows(r *relation, l *rowRange, keys []plan.SortKey, ties bool) {
	limit := int64(math.MaxInt64)
	if l.count < limit-l.offset {
		limit = l.count + l.offset
	}
	a.parts++
	rank := &logical.Rank{Input: r.node, Order: logical.Order{Keys: keys}, Offset: l.offset, Limit: limit}
	if ties {
		rank.Kind = plan.RankWithGaps
	}
	switch when := rank.Order.When(r.traits, true); {
	case limit <= l.offset:
		r.put(&logical.Filter{Input: r.node, Pred: boolConst(false)})
	case when == plan.AtTime || when == plan.AsTheyCome || ties && l.offset > 0:
		a.countedRows(r, rank, ties)
	default:
		r.put(rank)
	}
}

// countedRows numbers the rows and leaves those with the numbers that are wanted.
func (a *analysis) countedRows(r *relation, rank *logical.Rank, ties bool) {
	big := types.Of(types.BigInt)
	over := &logical.Over{Input: r.node, Order: rank.Order, Calls: []logical.Call{{Func: "row_number", Agg: logical.Agg{Typ: big}}}}
	number := len(r.columns)
	last := number
	if ties {
		over.Calls = append(over.Calls, logical.Call{Func: "rank", Agg: logical.Agg{Typ: big}})
		last++
	}
	columns := r.schema()
	r.put(over)
	r.rename(r.node.Schema())
	compare := func(op string, column int, n int64) plan.Expr {
		return &plan.Call{Func: op, Args: []plan.Expr{r.at(column), bigConst(n)}, Typ: types.Of(types.Boolean)}
	}
	if rank.Offset > 0 {
		r.put(&logical.Filter{Input: r.node, Pred: compare(">", number, rank.Offset)})
	}
	if rank.Limit < math.MaxInt64 {
		r.put(&logical.Filter{Input: r.node, Pred: compare("<=", last, rank.Limit)})
	}
	r.project(r.all()[:number], columns)
}

// distinctOn makes SELECT DISTINCT ON a condition on the number of a row among those that are
// alike. Where rows never end the order says no more than which of them is the first.
func (a *analysis) distinctOn(q *ast.Select) (*ast.Select, error) {
	if len(q.DistinctOn) == 0 {
		return q, nil
	}
	if q.Qualify != nil {
		return nil, sqlerr.At(q.Qualify.Position(), sqlerr.FeatureNotSupported, "QUALIFY beside DISTINCT ON is not supported")
	}
	out := *q
	over := &ast.Over{Pos: q.Pos, Name: ast.Ident{Pos: ast.NoPos}}
	on := map[string]bool{}
	for _, e := range q.DistinctOn {
		x, err := selected(q, e, "SELECT DISTINCT ON")
		if err != nil {
			return nil, err
		}
		over.PartitionBy, on[x.String()] = append(over.PartitionBy, x), true
	}
	for i, item := range q.OrderBy {
		x, err := selected(q, item.X, "ORDER BY")
		if err != nil {
			return nil, err
		}
		if i < len(on) && !on[x.String()] {
			return nil, sqlerr.At(item.X.Position(), sqlerr.InvalidColumnRef, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
		}
		if !on[x.String()] {
			item.X = x
			over.OrderBy = append(over.OrderBy, item)
		}
	}
	number := &ast.FuncCall{Pos: q.Pos, Name: "row_number", FilterPos: ast.NoPos, Over: over}
	one := &ast.Literal{Pos: q.Pos, Kind: ast.IntLiteral, Text: "1"}
	out.DistinctOn, out.Qualify = nil, &ast.Binary{Pos: q.Pos, OpPos: q.Pos, Op: ast.Eq, L: number, R: one}
	if !a.Bounded && q.Limit == nil && q.Offset == nil {
		out.OrderBy = nil
	}
	return &out, nil
}

// selected is what an expression of ORDER BY or DISTINCT ON stands for: the number or the name of
// a column of the result is what is selected there.
func selected(q *ast.Select, e ast.Expr, clause string) (ast.Expr, error) {
	if n, ok := ordinal(e); ok {
		stars := slices.ContainsFunc(q.Items, func(i ast.SelectItem) bool { _, star := i.X.(*ast.Star); return star })
		if n < 1 || n > len(q.Items) || stars {
			return nil, sqlerr.At(e.Position(), sqlerr.InvalidColumnRef, "%s", fmt.Sprintf("%s position %d is not in select list", clause, n))
		}
		return q.Items[n-1].X, nil
	}
	return sortExpr(q, e)
}
