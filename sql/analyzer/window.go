package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// A window is asked for in three ways, which all end in setWindow: behind a stream
// (STREAMWINDOW), as a table function in FROM, and as a function in GROUP BY.

// windowKinds are the windows that are called by name.
var windowKinds = map[string]plan.WindowKind{"tumble": plan.Tumble, "hop": plan.Hop, "cumulate": plan.Cumulate}

// lengths are the intervals of a window: slide is HOP's slide or CUMULATE's step, nil for others.
type lengths struct{ slide, size, offset *ast.Literal }

func (a *analysis) streamWindow(r *relation, w *ast.StreamWindow) error {
	if err := r.refuseWindow(w.Pos); err != nil {
		return err
	}
	if r.untimed != nil {
		return r.untimed
	}
	at, err := r.eventTime(), error(nil)
	if at < 0 {
		if at, err = r.arrival(w.Pos); err != nil {
			return err
		}
	}
	kind := plan.Tumble
	if w.Slide != nil {
		kind = plan.Hop
	}
	return r.setWindow(w.Pos, kind, at, lengths{slide: w.Slide, size: w.Length})
}

func (a *analysis) tableFunc(f *ast.TableFunc) (*relation, error) {
	kind, ok := windowKinds[f.Func]
	if !ok {
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s windows are not supported yet", strings.ToUpper(f.Func)).WithHint("TUMBLE, HOP and CUMULATE are.")
	}
	r, err := a.from(f.Table)
	if err != nil {
		return nil, err
	}
	if f.Alias != "" {
		qualify(r, f.Alias)
		r.windowName = strings.ToLower(f.Alias)
	}
	at, err := a.timeOf(r, &ast.ColumnRef{Pos: f.Time.Pos, Parts: []string{f.Time.Name}})
	if err != nil {
		return nil, err
	}
	return r, r.setWindow(f.Pos, kind, at, lengths{f.Slide, f.Size, f.Offset})
}

// groupWindow recognises GROUP BY TUMBLE(ts, …) and its like, and gives the query without it.
func (a *analysis) groupWindow(r *relation, q *ast.Select) (*ast.Select, error) {
	i := slices.IndexFunc(q.GroupBy, func(e ast.Expr) bool {
		f, ok := e.(*ast.FuncCall)
		if !ok {
			return false
		}
		_, ok = windowKinds[f.Name]
		return ok
	})
	if i < 0 {
		return q, nil
	}
	f := q.GroupBy[i].(*ast.FuncCall)
	if r.window != nil {
		return nil, sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s over rows that have a window already: one of them is enough", strings.ToUpper(f.Name))
	}
	kind := windowKinds[f.Name]
	l, err := groupLengths(f, kind)
	if err != nil {
		return nil, err
	}
	at, err := a.timeOf(r, f.Args[0])
	if err != nil {
		return nil, err
	}
	out := *q
	out.GroupBy = slices.Delete(slices.Clone(q.GroupBy), i, i+1)
	return &out, r.setWindow(f.Pos, kind, at, l)
}

// groupLengths reads the intervals behind the time: slide or step, size, offset.
func groupLengths(f *ast.FuncCall, kind plan.WindowKind) (l lengths, err error) {
	want := 1
	if kind != plan.Tumble {
		want = 2
	}
	if n := len(f.Args) - 1; n != want && n != want+1 {
		return l, sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s takes a time column, %s, and perhaps an offset", strings.ToUpper(f.Name), plural(want, "interval"))
	}
	list := make([]*ast.Literal, len(f.Args)-1)
	for i, x := range f.Args[1:] {
		literal, ok := x.(*ast.Literal)
		if !ok || literal.Kind != ast.IntervalLiteral {
			return l, sqlerr.At(x.Position(), sqlerr.SyntaxError, "an INTERVAL is needed here")
		}
		list[i] = literal
	}
	if want == 2 {
		l.slide, list = list[0], list[1:]
	}
	l.size = list[0]
	if len(list) > 1 {
		l.offset = list[1]
	}
	return l, nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "an " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// window gives the window of some kind on a column.
func (l *lengths) window(kind plan.WindowKind, column int) (w plan.Window, err error) {
	w = plan.Window{Kind: kind, Time: column}
	for _, x := range []struct {
		of *ast.Literal
		to *time.Duration
	}{{l.size, &w.Size}, {l.slide, &w.Slide}, {l.offset, &w.Offset}} {
		if x.of == nil {
			continue
		}
		if *x.to, err = interval(x.of); err != nil {
			return w, err
		}
	}
	if l.slide == nil {
		w.Slide = w.Size
	}
	if w.Size == w.Slide {
		w.Kind = plan.Tumble
	}
	return w, nil
}

// setWindow gives the relation a window that is not in the tree yet.
func (r *relation) setWindow(pos int, kind plan.WindowKind, column int, l lengths) error {
	w, err := l.window(kind, column)
	if err == nil {
		err = checkWindow(pos, &w)
	}
	r.window = &w
	return err
}

func checkWindow(pos int, w *plan.Window) error {
	word := "sliding by"
	if w.Kind == plan.Cumulate {
		word = "in steps of"
	}
	if w.Size < time.Millisecond || w.Slide < time.Millisecond || w.Slide > w.Size {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s %s %s is not possible", w.Size, word, w.Slide).
			WithHint("Both must be at least a millisecond, and the slide no longer than the window.")
	}
	if w.Kind == plan.Cumulate && w.Size%w.Slide != 0 {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s in steps of %s is not possible", w.Size, w.Slide).
			WithHint("The step must divide the window: its last step is the whole of it.")
	}
	if n := int64(w.Size / w.Slice()); n > 10000 {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s %s %s would be cut into %d slices, 10000 are allowed", w.Size, word, w.Slide, n)
	}
	return nil
}

// assignWindow makes the bounds of a window that was asked for columns.
func (r *relation) assignWindow() {
	if r.window == nil {
		return
	}
	r.put(&logical.Window{Input: r.node, Window: *r.window})
	for _, c := range logical.Bounds() {
		r.columns = append(r.columns, scopeColumn{qualifier: r.windowName, name: c.Name, typ: c.Type, index: len(r.columns)})
	}
	last := windowTime(r.at(len(r.columns) - 1))
	last.qualifier = r.windowName
	r.derived = append(r.derived, last)
	r.window = nil
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
		return logical.WindowTime(g.windowEnd)
	case "proctime":
		if g.arrival {
			return logical.WindowTime(g.windowEnd)
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
		return logical.WindowTime(g.windowEnd)
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
	if len(q.GroupBy) > 0 || q.Having != nil || hasAggregate(q) {
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
