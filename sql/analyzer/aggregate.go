package analyzer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// aggregates lists the aggregate calls of an expression, without those of queries in it and
// of OVER.
func aggregates(e ast.Expr) (out []*ast.FuncCall) {
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case ast.Query:
			return false
		case *ast.FuncCall:
			if n.Over != nil {
				for _, x := range slices.Concat(n.Args, definitionOf(n.Over), choiceOf(n)) {
					out = append(out, aggregates(x)...)
				}
				return false
			}
			if isAggregate(n) {
				out = append(out, n)
				return false
			}
		}
		return true
	})
	return out
}

func findAggregate(e ast.Expr) *ast.FuncCall {
	if list := aggregates(e); len(list) > 0 {
		return list[0]
	}
	return nil
}

func hasAggregate(q *ast.Select) bool {
	return slices.ContainsFunc(behindGroups(q), func(e ast.Expr) bool { return findAggregate(e) != nil })
}

// grouping collects what an aggregate computes.
type grouping struct {
	a      *analysis
	in     *scope
	keys   []plan.Expr
	names  []string // of the keys
	aggs   []logical.Agg
	stored []string // forms of these
	refs   map[string]aggregateCall
	calls  []*ast.FuncCall
	late   []plan.Expr   // see logical.Aggregate
	sets   *groupingSets // nil if there is one set
}

// aggregateCall is the signature of a call, and where its parts are in grouping.aggs.
type aggregateCall struct {
	sig   function.Signature
	parts []int
}

func (a *analysis) grouping(r *relation) *grouping {
	return &grouping{a: a, in: r.scope(), refs: map[string]aggregateCall{}}
}

var countStar = logical.Agg{Kind: plan.CountStar, Typ: types.Of(types.BigInt), Merges: true}

// aggregate compiles GROUP BY, HAVING and the select list over them.
func (a *analysis) aggregate(r *relation, q *ast.Select, hidden int) error {
	g := a.grouping(r)
	defer a.liftOver(r)()
	byWindow, err := g.groupKeys(r, q)
	if err != nil {
		return err
	}
	if (r.window != nil || r.assigned) && !byWindow && usesTableFunc(q.From) {
		return sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "an aggregate over windowed rows must group by window_start or window_end").
			WithHint("GROUP BY window_start, window_end, …")
	}
	timeKey, assigned := -1, g.assign(r, usesTableFunc(q.From))
	if r.window == nil {
		timeKey = g.timeKey(r, assigned)
	}
	if err := g.collectAll(q); err != nil {
		return err
	}
	if len(g.aggs) == 0 && r.window == nil {
		g.aggs = append(g.aggs, countStar) // how long a group is there
	}
	if err := g.refuseRetraction(r); err != nil {
		return err
	}
	if err := g.lateGroups(r, timeKey); err != nil {
		return err
	}
	out := g.build(r, timeKey, assigned)
	if q.Having != nil {
		if err := a.filter(r, q.Having, &scope{columns: out.columns, groups: out.groups, aliases: q.Items}); err != nil {
			return err
		}
	}
	return a.results(r, q, out, hidden)
}

// collectAll takes the aggregates of the select list and of HAVING.
func (g *grouping) collectAll(q *ast.Select) error {
	for _, e := range behindGroups(q) {
		if err := g.collect(e); err != nil {
			return err
		}
	}
	if q.Having == nil {
		return nil
	}
	return g.collect(q.Having)
}

// refuseRetraction: some aggregates cannot forget a value that is taken back.
func (g *grouping) refuseRetraction(r *relation) error {
	for _, f := range g.calls {
		if r.traits.Updating() && !g.refs[f.String()].sig.Retracts {
			e := sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s over a result that changes is not supported: rows are taken back from it", strings.ToUpper(f.Name)).
				WithHint("%s", insteadOf(f, g.refs[f.String()].sig.Exact))
			return r.insteadAppend(e)
		}
	}
	return nil
}

// insteadOf says what there is in place of an aggregate that cannot forget.
func insteadOf(f *ast.FuncCall, exact string) string {
	if f.Declared {
		return "Its module exports no function …_retract, which takes rows back. Over a window below rows are final."
	}
	if exact != "" {
		return exact + " is exact, and forgets what is taken back."
	}
	return "Aggregate over a window below: its rows are final."
}

func usesTableFunc(ref ast.TableRef) bool { _, ok := ref.(*ast.TableFunc); return ok }

// timeKey finds the key that is the end of the window that the rows belong to already:
// groups are then of one window each, and nothing is cut anew. Of rows that are grouped by
// the start of their window the end is a key too. -1 if there is no such window. Rows that
// were put into windows count only if this very query did so.
func (g *grouping) timeKey(r *relation, assigned bool) int {
	w := r.traits.Window
	if w == nil || !w.Final || w.Assigned && !assigned || r.traits.Updating() || !r.isTime(w.End) {
		return -1
	}
	if i := g.keyOf(w.End); i >= 0 {
		return i
	}
	if w.Start < 0 || g.keyOf(w.Start) < 0 {
		return -1
	}
	end := r.at(w.End)
	end.Name = "window_end"
	return g.key(end)
}

// keyOf is the key that is a column, -1 if none is.
func (g *grouping) keyOf(column int) int {
	return slices.IndexFunc(g.keys, func(k plan.Expr) bool {
		c, ok := k.(*plan.Column)
		return ok && c.Index == column
	})
}

// key adds a key and gives its number.
func (g *grouping) key(x plan.Expr) int {
	g.keys = append(g.keys, x)
	g.names = append(g.names, fmt.Sprintf("k%d", len(g.keys)))
	return len(g.keys) - 1
}

// groupKeys resolves GROUP BY; byWindow tells that it names the window's bounds.
func (g *grouping) groupKeys(r *relation, q *ast.Select) (byWindow bool, err error) {
	if hasGroupingSets(q) {
		return g.groupBySets(r, q)
	}
	for _, e := range q.GroupBy {
		x, bound, err := g.groupKey(q, e, r.window != nil || r.assigned)
		if err != nil {
			return false, err
		}
		if byWindow = byWindow || bound; !bound {
			g.key(x)
		}
	}
	return byWindow, nil
}

// groupKey resolves one key; bound tells that it is a bound of the window.
func (g *grouping) groupKey(q *ast.Select, e ast.Expr, windowed bool) (x plan.Expr, bound bool, err error) {
	if e, err = g.ordinal(q, e); err != nil {
		return nil, false, err
	}
	if ref, ok := e.(*ast.ColumnRef); ok && windowed && isBound(ref.Column()) {
		return nil, true, nil
	}
	if f := findAggregate(e); f != nil {
		return nil, false, sqlerr.At(f.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in GROUP BY")
	}
	if x, err = g.a.expr(e, g.in); err != nil {
		return nil, false, err
	}
	if x.Type().Kind == types.Null {
		x = &plan.Cast{Arg: x, Typ: types.Of(types.String)}
	}
	return x, false, nil
}

// ordinal replaces GROUP BY 1 and GROUP BY alias by the select list's expression.
func (g *grouping) ordinal(q *ast.Select, e ast.Expr) (ast.Expr, error) {
	switch e := e.(type) {
	case *ast.Literal:
		if e.Kind != ast.IntLiteral {
			return e, nil
		}
		n, err := strconv.Atoi(e.Text)
		if err != nil || n < 1 || n > len(q.Items) {
			return nil, sqlerr.At(e.Pos, sqlerr.InvalidColumnRef, "GROUP BY position %s is not in the select list", e.Text)
		}
		return q.Items[n-1].X, nil
	case *ast.ColumnRef:
		if _, err := g.in.column(e); err == nil {
			return e, nil
		}
		if x := (&scope{aliases: q.Items}).alias(e); x != nil {
			return x, nil
		}
	}
	return e, nil
}

// collect takes the aggregates of an expression of the select list or HAVING.
func (g *grouping) collect(e ast.Expr) error {
	for _, f := range aggregates(e) {
		if _, done := g.refs[f.String()]; done {
			continue
		}
		if err := g.call(f); err != nil {
			return err
		}
		g.calls = append(g.calls, f)
	}
	return nil
}

func (g *grouping) call(f *ast.FuncCall) error {
	call, err := g.a.aggregateCall(f, g.in)
	if err != nil {
		return err
	}
	g.refs[f.String()] = g.parts(call.sig, call.agg)
	return nil
}

// parts adds what a call accumulates.
func (g *grouping) parts(sig function.Signature, call logical.Agg) aggregateCall {
	out := aggregateCall{sig: sig}
	for _, p := range sig.Parts {
		x := call
		x.Values, x.Empty = p.Values, p.Empty
		x.Kind, x.Changing, x.Typ, x.Merges = plan.AggKind(p.Func), plan.AggKind(p.Changing), p.Result, sig.Merges && !call.Distinct
		out.parts = append(out.parts, g.agg(x))
	}
	return out
}

// agg gives the number of an aggregate, one for equal ones.
func (g *grouping) agg(want logical.Agg) int {
	stored := want.Stored()
	if i := slices.Index(g.stored, stored); i >= 0 {
		return i
	}
	g.aggs, g.stored = append(g.aggs, want), append(g.stored, stored)
	return len(g.aggs) - 1
}

// build puts the aggregate on the relation and gives the scope over its rows.
func (g *grouping) build(r *relation, timeKey int, assigned bool) *scope {
	g.a.parts++
	window, bounds := r.window, types.Schema(nil)
	if window != nil {
		bounds = logical.BoundsOf(window, r.node.Schema())
	}
	arrival, ended := window != nil && isArrival(r.node, window.Time), r.byConditions
	r.put(&logical.Aggregate{Input: r.node, Keys: g.keys, Aggs: g.aggs, Empty: g.sets.empty(window != nil || assigned), Window: window, Updates: g.a.updates(window),
		TimeKey: timeKey, Late: g.late, Out: g.results(bounds)})
	r.rename(r.node.Schema())
	r.window = nil
	out := g.output(r, len(bounds))
	switch n := len(g.keys); {
	case window != nil:
		out.groups.bounds(r.at(n), r.at(n+1), ended)
	case assigned:
		out.groups.bounds(r.at(n-2), r.at(n-1), ended)
	}
	out.groups.arrival = arrival
	return out
}

// bounds sets the columns of the window that each group belongs to; ended: a row may be at its end.
func (g *groupScope) bounds(start, end *plan.Column, ended bool) {
	g.windowStart, g.windowEnd, g.windowTime = start, end, logical.WindowTime(end)
	if ended {
		g.windowTime = end
	}
}

// results are the columns of the aggregate.
func (g *grouping) results(bounds types.Schema) (out types.Schema) {
	for i, k := range g.keys {
		out = append(out, types.Column{Name: g.names[i], Type: k.Type()})
	}
	out = append(out, bounds...)
	for i, x := range g.aggs {
		out = append(out, types.Column{Name: fmt.Sprintf("r%d", i), Type: x.Typ})
	}
	return out
}

// output is what the select list sees: keys, and aggregates behind so many bounds.
func (g *grouping) output(r *relation, bounds int) *scope {
	gs := &groupScope{keys: map[string]plan.Expr{}, aggs: map[string]plan.Expr{}}
	for i, k := range g.keys {
		gs.keys[plan.Stored(k)] = r.at(i)
		if _, plain := k.(*plan.Column); !plain {
			gs.computed = true
		}
	}
	if g.sets != nil {
		g.sets.output(gs, r)
	}
	first := len(g.keys) + bounds
	for _, f := range g.calls {
		call := g.refs[f.String()]
		parts := make([]plan.Expr, len(call.parts))
		for i, at := range call.parts {
			parts[i] = r.at(first + at)
		}
		gs.aggs[f.String()] = g.a.finish(call.sig, parts)
	}
	return &scope{columns: g.in.columns, groups: gs}
}

// finish makes the result of an aggregate of those of its parts.
func (a *analysis) finish(sig function.Signature, parts []plan.Expr) plan.Expr {
	if sig.Declared != "" {
		return finished(a.Snapshot.Functions[sig.Declared], parts[0])
	}
	if sig.Finish == "" {
		return parts[0]
	}
	for i, p := range sig.Parts {
		if parts[i].Type() != p.As {
			parts[i] = &plan.Cast{Arg: parts[i], Typ: p.As}
		}
	}
	for _, n := range sig.Constants {
		parts = append(parts, bigConst(n))
	}
	return &plan.Call{Func: sig.Finish, Args: parts, Typ: sig.Result}
}

// distinct is GROUP BY every column.
func (a *analysis) distinct(r *relation, pos int) error {
	if r.window != nil {
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "DISTINCT over windowed rows is not supported")
	}
	names := r.schema()
	g := a.grouping(r)
	g.keys, g.aggs = r.all(), []logical.Agg{countStar}
	for _, c := range r.columns {
		g.names = append(g.names, c.name)
	}
	a.parts++
	r.put(&logical.Aggregate{Input: r.node, Keys: g.keys, Aggs: g.aggs, TimeKey: -1, Presence: true, Out: g.results(nil)})
	r.rename(r.node.Schema())
	r.project(r.all()[:len(names)], names)
	return nil
}
