package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// assignWindow makes the bounds of a window that was asked for columns.
func (r *relation) assignWindow() {
	if r.window == nil {
		return
	}
	bounds := logical.BoundsOf(r.window, r.node.Schema())
	if r.window.Kind == plan.Session {
		s := &logical.SessionWindow{Keys: r.keyColumns(r.partition), Window: *r.window, Late: r.late}
		if s.Input = r.node; !s.Changing(r.traits) {
			s.Updates = r.updates
		}
		r.put(s)
	} else {
		r.put(&logical.Window{Input: r.node, Window: *r.window})
	}
	for _, c := range bounds {
		r.columns = append(r.columns, scopeColumn{qualifier: r.windowName, name: c.Name, typ: c.Type, index: len(r.columns)})
	}
	last := windowTime(r.at(len(r.columns) - 1))
	last.qualifier = r.windowName
	r.derived = append(r.derived, last)
	r.window, r.assigned, r.start = nil, true, len(r.columns)-len(bounds)
}

// readsWindow tells that a condition is about rows with their windows: it names a bound, or would
// leave rows out of sessions that they make.
func (a *analysis) readsWindow(r *relation, e ast.Expr) bool {
	if r.window == nil {
		return false
	}
	reads := false
	ast.Walk(e, func(n ast.Node) bool {
		ref, ok := n.(*ast.ColumnRef)
		reads = reads || ok && isBound(ref.Column())
		return !reads
	})
	if reads || r.window.Kind != plan.Session {
		return reads
	}
	x, err := a.condition(e, r.scope())
	if err != nil {
		return false // it is said where rows are filtered
	}
	plan.EachColumn(x, func(c *plan.Column) {
		reads = reads || !slices.ContainsFunc(r.partition, func(k plan.Expr) bool {
			key, ok := k.(*plan.Column)
			return ok && key.Index == c.Index
		})
	})
	return reads
}

// keyColumns gives the columns that some keys are; one that is computed becomes a hidden column.
func (r *relation) keyColumns(keys []plan.Expr) (out []int) {
	exprs, schema := r.all(), r.schema()
	for _, k := range keys {
		if c, ok := k.(*plan.Column); ok {
			out = append(out, c.Index)
			continue
		}
		out = append(out, len(exprs))
		exprs = append(exprs, k)
		schema = append(schema, types.Column{Name: fmt.Sprintf("k%d", len(out)), Type: k.Type()})
	}
	if n := len(r.columns); len(exprs) > n {
		r.put(&logical.Project{Input: r.node, Exprs: exprs, Out: schema})
		for i, c := range schema[n:] {
			r.columns = append(r.columns, scopeColumn{typ: c.Type, index: n + i, hidden: true}) // nobody can name it
		}
	}
	return out
}

// assign puts rows into windows in front of an aggregate that cannot do it itself, and makes the
// bounds its last keys: where rows are taken back from windows, or never known to be all there,
// and where sessions are made by other keys than groups. It tells whether it did.
func (g *grouping) assign(r *relation, byFunction bool) bool {
	if r.assigned {
		g.boundKeys(r)
		return true
	}
	if r.window == nil || !r.loose && !(byFunction && r.window.Kind == plan.Session && !g.sameKeys(r.partition)) {
		return false
	}
	if !byFunction {
		r.partition = g.keys
	}
	r.assignWindow()
	g.boundKeys(r)
	return true
}

// boundKeys makes the bounds of rows that are assigned keys.
func (g *grouping) boundKeys(r *relation) {
	if r.byConditions {
		g.sessionKeys(r)
	}
	g.key(r.at(r.start))
	g.key(r.at(r.start + 1))
}

// sameKeys tells that groups are made by the same keys as sessions.
func (g *grouping) sameKeys(list []plan.Expr) bool {
	in := func(a, b []plan.Expr) bool {
		return !slices.ContainsFunc(a, func(x plan.Expr) bool {
			return !slices.ContainsFunc(b, func(y plan.Expr) bool { return plan.Stored(x) == plan.Stored(y) })
		})
	}
	return in(g.keys, list) && in(list, g.keys)
}

// windowTime is the last moment that belongs to a window, as a column that is computed where it
// is named.
func windowTime(end *plan.Column) scopeColumn {
	return scopeColumn{name: "window_time", typ: end.Typ, index: -1, hidden: true, computed: logical.WindowTime(end)}
}

// windowBound gives the bound that a function stands for, as TUMBLE_START does.
func (g *groupScope) windowBound(f *ast.FuncCall) plan.Expr {
	kind, bound, _ := strings.Cut(f.Name, "_")
	if _, ok := windowKinds[kind]; !ok || g.windowStart == nil {
		return nil
	}
	switch bound {
	case "start":
		return g.windowStart
	case "end":
		return g.windowEnd
	case "rowtime":
		return g.windowTime
	case "proctime":
		if g.arrival {
			return g.windowTime
		}
	}
	return nil
}

// windowColumn gives the bound that a name stands for behind a windowed aggregate.
func (g *groupScope) windowColumn(name string) plan.Expr {
	if g.windowStart == nil {
		return nil
	}
	switch strings.ToLower(name) {
	case "window_start":
		return g.windowStart
	case "window_end":
		return g.windowEnd
	case "window_time":
		return g.windowTime
	}
	return nil
}

// isBound tells a name that a window gives.
func isBound(name string) bool {
	return slices.Contains([]string{"window_start", "window_end", "window_time"}, strings.ToLower(name))
}

// distinctWindow makes SELECT DISTINCT over a window a GROUP BY of all it selects: it is
// about the rows of one window.
func distinctWindow(r *relation, q *ast.Select) *ast.Select {
	if r.grouped || len(q.GroupBy) > 0 || q.Having != nil || hasAggregate(q) {
		return q
	}
	out := *q
	out.Items, out.GroupBy = nil, nil
	for _, item := range q.Items {
		if star, ok := item.X.(*ast.Star); ok {
			out.Items = append(out.Items, r.starItems(star)...)
		} else {
			out.Items = append(out.Items, item)
		}
	}
	byWindow := !usesTableFunc(q.From)
	for _, item := range out.Items {
		if _, constant := item.X.(*ast.Literal); !constant {
			out.GroupBy = append(out.GroupBy, item.X)
		}
		ref, ok := item.X.(*ast.ColumnRef)
		byWindow = byWindow || ok && isBound(ref.Column())
	}
	if !byWindow { // rows are told apart whatever their window
		r.assignWindow()
		return q
	}
	out.Distinct = false
	return &out
}

// starItems spells * out over rows that have a window which is not in the tree yet.
func (r *relation) starItems(star *ast.Star) (out []ast.SelectItem) {
	item := func(parts ...string) {
		out = append(out, ast.SelectItem{X: &ast.ColumnRef{Pos: star.Pos, Parts: parts}, AliasPos: ast.NoPos})
	}
	for _, c := range r.columns {
		switch {
		case c.hidden || len(star.Parts) > 0 && !strings.EqualFold(star.Parts[len(star.Parts)-1], c.qualifier):
		case c.qualifier == "":
			item(c.name)
		default:
			item(c.qualifier, c.name)
		}
	}
	for _, c := range logical.Bounds() {
		if len(star.Parts) == 0 || strings.EqualFold(star.Parts[len(star.Parts)-1], r.windowName) {
			item(c.Name)
		}
	}
	return out
}

// refuseUpdates: sessions that rows begin and end are given when they have ended, and not again.
func (a *analysis) refuseUpdates(r *relation) (err error) {
	early := conf.WindowEmit.Get(a.Settings) > 0
	if a.Bounded || !early && conf.WindowLateness.Get(a.Settings) == 0 {
		return nil
	}
	name := conf.WindowLateness.Name()
	if early {
		name = conf.WindowEmit.Name()
	}
	logical.Walk(r.node, func(n logical.Node) bool {
		if _, ok := n.(*logical.ConditionSession); ok {
			err = sqlerr.At(a.sessionAt, sqlerr.FeatureNotSupported, "SESSIONWINDOW with %q is not supported: sessions are given once, when they have ended", name).
				WithHint("Without %q and %q every window is given once.", conf.WindowLateness.Name(), conf.WindowEmit.Name())
		}
		return err == nil
	})
	return err
}

// updates is when the job wants the rows of a window beside its end; nil for not at all.
func (a *analysis) updates(w *plan.Window) *logical.Updates {
	u := logical.Updates{Every: conf.WindowEmit.Get(a.Settings), Lateness: conf.WindowLateness.Get(a.Settings)}
	if w == nil || a.Bounded || u.Every == 0 && u.Lateness == 0 {
		return nil
	}
	return &u
}
