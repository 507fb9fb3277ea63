package analyzer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// walk visits an expression and its parts; false stops the descent.
func walk(e ast.Expr, visit func(ast.Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	each := func(list ...ast.Expr) {
		for _, x := range list {
			if x != nil {
				walk(x, visit)
			}
		}
	}
	switch e := e.(type) {
	case *ast.Unary:
		each(e.X)
	case *ast.Binary:
		each(e.L, e.R)
	case *ast.Like:
		each(e.X, e.Pattern)
	case *ast.Regexp:
		each(e.X, e.Pattern)
	case *ast.Is:
		each(e.X)
	case *ast.Between:
		each(e.X, e.Low, e.High)
	case *ast.In:
		each(append([]ast.Expr{e.X}, e.List...)...)
	case *ast.Case:
		each(e.Operand)
		for _, w := range e.Whens {
			each(w.Cond, w.Then)
		}
		each(e.Else)
	case *ast.Cast:
		each(e.X)
	case *ast.FuncCall:
		each(e.Args...)
	}
}

// aggregates lists the aggregate calls of an expression.
func aggregates(e ast.Expr) (out []*ast.FuncCall) {
	walk(e, func(x ast.Expr) bool {
		f, ok := x.(*ast.FuncCall)
		if ok && function.KindOf(f.Name) == function.Aggregate && f.Over == nil {
			out = append(out, f)
			return false
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
	for _, item := range q.Items {
		if findAggregate(item.X) != nil {
			return true
		}
	}
	return false
}

// grouping collects what an aggregate computes: its input columns are the keys, then
// the time, then the arguments.
type grouping struct {
	a      *analysis
	in     *scope
	exprs  []plan.Expr // of the projection in front
	schema types.Schema
	keys   []plan.Expr
	aggs   []plan.Agg // over the projection
	refs   map[string]aggregateCall
	calls  []*ast.FuncCall
}

// aggregateCall is the signature of a call, and where its parts are in grouping.aggs.
type aggregateCall struct {
	sig   function.Signature
	parts []int
}

// aggregate compiles GROUP BY: projection, partial aggregate, exchange by key, final
// aggregate, then HAVING and the select list over its output.
func (a *analysis) aggregate(r *relation, q *ast.Select, hidden int) error {
	g := &grouping{a: a, in: r.scope(), refs: map[string]aggregateCall{}}
	window := r.window
	byWindow, err := g.groupKeys(q, window != nil)
	if err != nil {
		return err
	}
	if window != nil && !byWindow && usesTableFunc(q.From) {
		return sqlerr.At(q.Pos, sqlerr.FeatureNotSupported, "an aggregate over windowed rows must group by window_start or window_end").WithHint("GROUP BY window_start, window_end, …")
	}
	eventTime := a.timeKey(r, g, window)
	if eventTime < 0 && window == nil && a.groupsByStart(r, g) {
		eventTime = g.key(&plan.Column{Index: r.time, Name: "window_end", Typ: r.columns[columnAt(r, r.time)].typ})
	}
	for _, item := range q.Items {
		if err := g.collect(item.X); err != nil {
			return err
		}
	}
	if q.Having != nil {
		if err := g.collect(q.Having); err != nil {
			return err
		}
	}
	if len(g.aggs) == 0 && window == nil {
		g.aggs = append(g.aggs, plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}) // how long a group is there
	}
	if err := g.refuseRetraction(r); err != nil {
		return err
	}
	out := g.build(r, window, eventTime)
	if q.Having != nil {
		x, err := a.condition(q.Having, &scope{columns: out.columns, groups: out.groups, aliases: q.Items})
		if err != nil {
			return err
		}
		if r.updates {
			a.wantBefore(r)
		}
		a.add(r, &plan.Filter{Pred: x, Changes: r.updates, Out: r.schema()})
	}
	return a.projection(r, q, out, hidden)
}

// refuseRetraction: some aggregates cannot forget a value that is taken back.
func (g *grouping) refuseRetraction(r *relation) error {
	for _, f := range g.calls {
		if r.updates && !g.refs[f.String()].sig.Retracts {
			e := sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s over a result that changes is not supported: rows are taken back from it", strings.ToUpper(f.Name)).
				WithHint("Aggregate over a window below: its rows are final.")
			return r.insteadAppend(e)
		}
	}
	return nil
}

func usesTableFunc(ref ast.TableRef) bool { _, ok := ref.(*ast.TableFunc); return ok }

// timeKey finds the key that is the bound of a window below: then the aggregate over
// windowed results is itself windowed, by that window, without any new cutting.
func (a *analysis) timeKey(r *relation, g *grouping, window *plan.Window) int {
	if window != nil || r.time < 0 || r.updates || !r.windowed {
		return -1
	}
	for i, k := range g.keys {
		if c, ok := k.(*plan.Column); ok && c.Index == r.time {
			return i
		}
	}
	return -1
}

// groupsByStart tells that the keys name the other bound of the window below.
func (a *analysis) groupsByStart(r *relation, g *grouping) bool {
	return r.windowed && !r.updates && r.time >= 0 && r.start >= 0 && slices.ContainsFunc(g.keys, func(k plan.Expr) bool {
		c, ok := k.(*plan.Column)
		return ok && c.Index == r.start
	})
}

// key adds a key and gives its number.
func (g *grouping) key(x plan.Expr) int {
	g.keys = append(g.keys, x)
	g.column(x, fmt.Sprintf("k%d", len(g.keys)))
	return len(g.keys) - 1
}

// groupKeys resolves GROUP BY; byWindow tells that it names the window's bounds.
func (g *grouping) groupKeys(q *ast.Select, windowed bool) (byWindow bool, err error) {
	for _, e := range q.GroupBy {
		e, err := g.ordinal(q, e)
		if err != nil {
			return false, err
		}
		if ref, ok := e.(*ast.ColumnRef); ok && windowed {
			if n := strings.ToLower(ref.Column()); n == "window_start" || n == "window_end" {
				byWindow = true
				continue
			}
		}
		if f := findAggregate(e); f != nil {
			return false, sqlerr.At(f.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in GROUP BY")
		}
		x, err := g.a.expr(e, g.in)
		if err != nil {
			return false, err
		}
		if x.Type().Kind == types.Null {
			x = &plan.Cast{Arg: x, Typ: types.Of(types.String)}
		}
		g.key(x)
	}
	return byWindow, nil
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

// column adds a column to the projection in front, one for equal expressions.
func (g *grouping) column(x plan.Expr, name string) int {
	for i, have := range g.exprs {
		if plan.Stored(have) == plan.Stored(x) && i >= len(g.keys) {
			return i
		}
	}
	g.exprs = append(g.exprs, x)
	g.schema = append(g.schema, types.Column{Name: name, Type: x.Type()})
	return len(g.exprs) - 1
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
	if f.Distinct {
		return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s(DISTINCT …) is not supported yet", f.Name)
	}
	if f.Filter != nil {
		return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "FILTER is not supported").WithHint("Use CASE inside the aggregate.")
	}
	if f.Star {
		sig, err := function.ResolveAggregate(f.Name, nil)
		g.refs[f.String()] = g.parts(sig, -1)
		return err
	}
	if len(f.Args) != 1 {
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes one argument", f.Name)
	}
	if inner := findAggregate(f.Args[0]); inner != nil {
		return sqlerr.At(inner.Pos, sqlerr.GroupingError, "aggregate function calls cannot be nested")
	}
	x, err := g.a.expr(f.Args[0], g.in)
	if err != nil {
		return err
	}
	sig, err := function.ResolveAggregate(f.Name, []types.Type{x.Type()})
	if err != nil {
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%v", err)
	}
	if x.Type().Kind == types.Null {
		return sqlerr.At(f.Pos, sqlerr.IndeterminateType, "the type of the argument is not known").WithHint("Use CAST(NULL AS …).")
	}
	g.refs[f.String()] = g.parts(sig, g.column(x, fmt.Sprintf("a%d", len(g.exprs))))
	return nil
}

func (g *grouping) parts(sig function.Signature, arg int) aggregateCall {
	out := aggregateCall{sig: sig}
	for _, p := range sig.Parts {
		out.parts = append(out.parts, g.agg(plan.AggKind(p.Func), arg, p.Result))
	}
	return out
}

func (g *grouping) agg(kind plan.AggKind, arg int, typ types.Type) int {
	want := plan.Agg{Kind: kind, Arg: arg, Typ: typ, Filter: -1}
	if i := slices.Index(g.aggs, want); i >= 0 {
		return i
	}
	g.aggs = append(g.aggs, want)
	return len(g.aggs) - 1
}

// build adds the operators and gives the scope over their output.
func (g *grouping) build(r *relation, window *plan.Window, eventTime int) *scope {
	a := g.a
	keys := make([]int, len(g.keys))
	for i := range keys {
		keys[i] = i
	}
	w := window
	if window != nil {
		copied := *window
		copied.Time = g.column(&plan.Column{Index: window.Time, Name: "time", Typ: r.columns[columnAt(r, window.Time)].typ}, "time")
		w = &copied
	}
	meaning := g.meaning(r, window, eventTime)
	a.project(r, g.exprs, g.schema)
	if window != nil {
		g.windowAggregate(r, keys, w, meaning)
	} else if eventTime >= 0 {
		g.rewindow(r, keys, eventTime, meaning)
	} else {
		g.groupAggregate(r, keys, meaning)
	}
	return g.output(r, window != nil)
}

// meaning is what the aggregate computes, in terms of declared columns.
func (g *grouping) meaning(r *relation, w *plan.Window, eventTime int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s by %s", r.base, r.origins(g.keys))
	for _, x := range g.aggs {
		b.WriteString("; " + x.Stored())
		if x.Arg >= 0 {
			b.WriteString(" " + r.origin(g.exprs[x.Arg]))
		}
	}
	fmt.Fprintf(&b, "; %s %d", r.spell(w), eventTime)
	return b.String()
}

func columnAt(r *relation, index int) int {
	return slices.IndexFunc(r.columns, func(c scopeColumn) bool { return c.index == index })
}

// partial adds the aggregate in front of the exchange; the aggregates behind it then
// merge its columns.
func (g *grouping) partial(r *relation, keys []int, w *plan.Window, aggs []plan.Agg) []plan.Agg {
	out := types.Schema{}
	for _, k := range keys {
		out = append(out, g.schema[k])
	}
	if w != nil {
		out = append(out, types.Column{Name: "slice_start", Type: types.NewTimestamp(types.MaxTimestampPrecision)})
	}
	merged := make([]plan.Agg, len(aggs))
	for i, x := range aggs {
		merged[i] = plan.Agg{Kind: x.Kind, Arg: len(out), Typ: x.Typ, Merge: true, Filter: -1}
		out = append(out, types.Column{Name: fmt.Sprintf("p%d", i), Type: x.Typ})
	}
	g.a.add(r, &plan.PartialAggregate{Keys: keys, Window: w, Aggs: aggs, Out: out})
	return merged
}

// shuffle exchanges by key, or to one task if there is none.
func (g *grouping) shuffle(r *relation, keys []int) {
	if len(keys) == 0 {
		g.a.exchange(r, "aggregate", plan.Single, nil)
		return
	}
	g.a.exchange(r, "aggregate", plan.Hash, keys)
}

func (g *grouping) groupAggregate(r *relation, keys []int, meaning string) {
	aggs := g.aggs
	if r.updates {
		g.a.wantBefore(r)
	} else {
		aggs = g.partial(r, keys, nil, g.aggs)
	}
	g.shuffle(r, keys)
	op := &plan.GroupAggregate{Op: g.a.id("group", meaning), Keys: keys, Aggs: aggs, InputUpdates: r.updates, Final: g.a.Bounded, TTL: conf.StateTTL.Get(g.a.Settings), Out: g.results(keys, nil)}
	g.a.add(r, op)
	r.updates, r.updater, r.keyed, r.time = !op.Final, op, "", -1
	g.columns(r, op.Op, op.Out, keys)
}

func (g *grouping) windowAggregate(r *relation, keys []int, w *plan.Window, meaning string) {
	aggs := g.aggs
	weight := slices.IndexFunc(aggs, func(x plan.Agg) bool { return x.Kind == plan.CountStar })
	if weight < 0 {
		weight = len(aggs)
		aggs = append(slices.Clone(aggs), plan.Agg{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)})
	}
	merged := g.partial(r, keys, w, aggs)
	g.shuffle(r, keys)
	sliced := *w
	sliced.Time = len(keys)
	op := &plan.WindowAggregate{Op: g.a.id("window", meaning), Keys: keys, Window: sliced, Sliced: true, Weight: merged[weight].Arg, Aggs: merged[:len(g.aggs)], Out: g.results(keys, w)}
	g.a.add(r, op)
	r.window, r.updates, r.windowed = nil, false, true
	r.start, r.time = len(keys), len(keys)+1 // window_end is the event time of what follows
	g.columns(r, op.Op, op.Out, keys)
}

// rewindow groups windowed results by their window: tumbling windows of one
// microsecond around the bound, which the watermark closes.
func (g *grouping) rewindow(r *relation, keys []int, eventTime int, meaning string) {
	w := plan.Window{Kind: plan.Tumble, Time: eventTime, Size: 1000, Slide: 1000}
	aggs := g.aggs
	g.shuffle(r, keys)
	out := g.results(keys, &w)
	op := &plan.WindowAggregate{Op: g.a.id("window", meaning), Keys: keys, Window: w, Weight: -1, Aggs: aggs, Out: out}
	g.a.add(r, op)
	r.updates = false
	r.start = slices.IndexFunc(g.keys, func(k plan.Expr) bool { c, ok := k.(*plan.Column); return ok && c.Index == r.start })
	r.time = eventTime
	g.columns(r, op.Op, out, keys)
	// The bounds of the artificial window are nobody's.
	r.columns[len(keys)].hidden, r.columns[len(keys)+1].hidden = true, true
	r.columns[len(keys)].name, r.columns[len(keys)+1].name = "__start", "__end"
}

func (g *grouping) results(keys []int, w *plan.Window) types.Schema {
	out := types.Schema{}
	for _, k := range keys {
		out = append(out, g.schema[k])
	}
	if w != nil {
		typ := types.NewTimestamp(types.DefaultTimestamp)
		out = append(out, types.Column{Name: "window_start", Type: typ}, types.Column{Name: "window_end", Type: typ})
	}
	for i, x := range g.aggs {
		out = append(out, types.Column{Name: fmt.Sprintf("r%d", i), Type: x.Typ})
	}
	return out
}

func (g *grouping) columns(r *relation, op plan.OperatorID, out types.Schema, keys []int) {
	keyed := r.columns[:len(keys)] // those of the projection in front
	r.base = string(op)
	r.columns = nil
	for i, c := range out {
		origin := fmt.Sprintf("%s.%d", op, i-len(keys)) // results come in the order of the meaning
		if i < len(keys) {
			origin = fmt.Sprintf("%s by %s", op, keyed[i].origin)
		}
		r.columns = append(r.columns, scopeColumn{name: c.Name, typ: c.Type, index: i, origin: brief(origin)})
	}
	r.hashed, r.fixed = keys, keys
}

// output is what the select list sees: keys, aggregates, window bounds.
func (g *grouping) output(r *relation, windowed bool) *scope {
	gs := &groupScope{keys: map[string]plan.Expr{}, aggs: map[string]plan.Expr{}}
	column := func(i int) plan.Expr {
		c := r.columns[i]
		return &plan.Column{Index: i, Name: c.name, Typ: c.typ}
	}
	for i, k := range g.keys {
		gs.keys[plan.Stored(k)] = column(i)
		if _, plain := k.(*plan.Column); !plain {
			gs.computed = true
		}
	}
	first := len(g.keys)
	if len(r.columns) == len(g.keys)+2+len(g.aggs) {
		if windowed {
			gs.windowStart, gs.windowEnd = column(first), column(first+1)
		}
		first += 2
	}
	for _, f := range g.calls {
		call := g.refs[f.String()]
		parts := make([]plan.Expr, len(call.parts))
		for i, at := range call.parts {
			parts[i] = column(first + at)
		}
		gs.aggs[f.String()] = finish(call.sig, parts)
	}
	return &scope{columns: g.in.columns, groups: gs}
}

// finish makes the result of an aggregate of those of its parts.
func finish(sig function.Signature, parts []plan.Expr) plan.Expr {
	if sig.Finish == "" {
		return parts[0]
	}
	for i, p := range sig.Parts {
		if parts[i].Type() != p.As {
			parts[i] = &plan.Cast{Arg: parts[i], Typ: p.As}
		}
	}
	return &plan.Call{Func: sig.Finish, Args: parts, Typ: sig.Result}
}

// distinct is GROUP BY every column.
func (a *analysis) distinct(r *relation, pos int) error {
	if r.window != nil {
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "DISTINCT over windowed rows is not supported")
	}
	g := &grouping{a: a, in: r.scope(), refs: map[string]aggregateCall{}}
	names := make([]string, 0, len(r.columns))
	for _, c := range r.columns {
		g.keys = append(g.keys, &plan.Column{Index: c.index, Name: c.name, Typ: c.typ})
		g.exprs = append(g.exprs, g.keys[len(g.keys)-1])
		g.schema = append(g.schema, types.Column{Name: c.name, Type: c.typ})
		names = append(names, c.name)
	}
	g.aggs = []plan.Agg{{Kind: plan.CountStar, Arg: -1, Filter: -1, Typ: types.Of(types.BigInt)}}
	n := len(g.keys)
	g.build(r, nil, -1)
	r.updater.(*plan.GroupAggregate).Presence = true
	exprs, out := make([]plan.Expr, n), make(types.Schema, n)
	for i := range n {
		exprs[i] = &plan.Column{Index: i, Name: names[i], Typ: r.columns[i].typ}
		out[i] = types.Column{Name: names[i], Type: r.columns[i].typ}
	}
	a.project(r, exprs, out)
	return nil
}
