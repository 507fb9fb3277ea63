package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// setOpNames are the words of the set operations, for messages.
var setOpNames = map[ast.SetOpKind]string{ast.UnionAll: "UNION", ast.Union: "UNION", ast.ExceptAll: "EXCEPT", ast.Except: "EXCEPT",
	ast.IntersectAll: "INTERSECT", ast.Intersect: "INTERSECT"}

var countedKinds = map[ast.SetOpKind]plan.SetOpKind{ast.IntersectAll: plan.IntersectAll, ast.Intersect: plan.Intersect,
	ast.ExceptAll: plan.ExceptAll, ast.Except: plan.Except}

// setOp compiles UNION, INTERSECT and EXCEPT with what stands behind them.
func (a *analysis) setOp(q *ast.SetOp) (*relation, error) {
	out, err := a.combined(q)
	if err != nil {
		return nil, err
	}
	if q.Kind == ast.Union {
		a.distinctUnion(out)
	}
	o, err := a.unionOrder(out, q.OrderBy)
	if err != nil {
		return nil, err
	}
	return out, a.tail(out, q.Tail, o)
}

// combined compiles both operands and puts them together; of UNION equal rows are still there.
func (a *analysis) combined(q *ast.SetOp) (*relation, error) {
	l, err := a.operand(q.L, q.Kind)
	if err != nil {
		return nil, err
	}
	r, err := a.operand(q.R, q.Kind)
	if err != nil {
		return nil, err
	}
	want, err := commonColumns(q, l, r)
	if err != nil {
		return nil, err
	}
	l.cast(want)
	r.cast(want)
	kind, counted := countedKinds[q.Kind]
	out := &relation{columns: l.columns}
	if out.node = (&logical.SetOp{In: []logical.Node{l.node, r.node}, Out: want}); counted {
		out.node = &logical.CountedSetOp{Kind: kind, Left: l.node, Right: r.node, Out: want}
		a.parts++
	}
	out.traits = out.node.Traits([]logical.Traits{l.traits, r.traits})
	return out, nil
}

// operand compiles one side. Under a UNION equal rows of another UNION need not be found twice.
func (a *analysis) operand(q ast.Query, kind ast.SetOpKind) (*relation, error) {
	if s, ok := q.(*ast.SetOp); ok && kind == ast.Union && s.Kind == ast.Union && len(s.OrderBy) == 0 && s.Limit == nil && s.Offset == nil {
		return a.combined(s)
	}
	return a.query(q)
}

// commonColumns are the columns of a set operation, by the names of the left input.
func commonColumns(q *ast.SetOp, l, r *relation) (types.Schema, error) {
	name := setOpNames[q.Kind]
	if len(l.columns) != len(r.columns) {
		return nil, sqlerr.At(q.R.Position(), sqlerr.SyntaxError, "each %s query must have the same number of columns", name).
			WithDetail("The first has %d, the second %d.", len(l.columns), len(r.columns))
	}
	out := make(types.Schema, len(l.columns))
	for i, c := range l.columns {
		t, ok := function.Common(c.typ, r.columns[i].typ)
		if !ok {
			return nil, sqlerr.At(q.R.Position(), sqlerr.DatatypeMismatch, "%s types %s and %s cannot be matched", name, c.typ, r.columns[i].typ)
		}
		out[i] = types.Column{Name: c.name, Type: t}
	}
	if q.Kind != ast.UnionAll { // rows are kept, and a NULL of no type cannot be
		out = visible(out)
	}
	return out, nil
}

// distinctUnion leaves one of equal rows. Those that belong to a window are given when it has ended.
func (a *analysis) distinctUnion(r *relation) {
	names := r.schema()
	g := a.grouping(r)
	g.keys, g.aggs = r.all(), []logical.Agg{countStar}
	for _, c := range r.columns {
		g.names = append(g.names, c.name)
	}
	a.parts++
	r.put(&logical.Aggregate{Input: r.node, Keys: g.keys, Aggs: g.aggs, TimeKey: g.timeKey(r, false), Presence: true, Out: g.results(nil)})
	r.rename(r.node.Schema())
	r.project(r.all()[:len(names)], names)
}
