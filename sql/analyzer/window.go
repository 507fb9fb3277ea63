package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// A window is asked for in three ways, which all end in setWindow: behind a stream
// (STREAMWINDOW), as a table function in FROM, and as a function in GROUP BY.

// windowKinds are the windows that are called by name.
var windowKinds = map[string]plan.WindowKind{"tumble": plan.Tumble, "hop": plan.Hop, "cumulate": plan.Cumulate, "session": plan.Session}

// lengths are the intervals of a window: slide is HOP's slide or CUMULATE's step, nil for others.
type lengths struct{ slide, size, offset *ast.Literal }

func (a *analysis) streamWindow(r *relation, w *ast.StreamWindow) error {
	if r.traits.Updating() && !r.traits.Bounded {
		return r.insteadAppend(sqlerr.At(w.Pos, sqlerr.FeatureNotSupported, "STREAMWINDOW over a result that changes is not supported: it does not say by which time").
			WithHint("FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '10' SECOND)) names the column."))
	}
	at, err := r.streamTime(w.Pos)
	if err != nil {
		return err
	}
	kind := plan.Tumble
	if w.Slide != nil {
		kind = plan.Hop
	}
	return a.setWindow(r, w.Pos, kind, at, lengths{slide: w.Slide, size: w.Length})
}

// streamTime is the column that a clause behind a stream cuts or orders its rows by: the event time, or
// that of arrival.
func (r *relation) streamTime(pos int) (int, error) {
	if r.untimed != nil {
		return 0, r.untimed
	}
	if at := r.eventTime(); at >= 0 {
		return at, nil
	}
	if r.textTime != nil {
		return r.timedByText(pos)
	}
	return r.arrival(pos)
}

func (a *analysis) tableFunc(f *ast.TableFunc) (*relation, error) {
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
	kind := windowKinds[f.Func]
	if kind == plan.Session {
		a.sessionAt = f.Pos
		if r.partition, err = a.partition(r, f.PartitionBy); err != nil {
			return nil, err
		}
	}
	return r, a.setWindow(r, f.Pos, kind, at, lengths{f.Slide, f.Size, f.Offset})
}

// partition gives the keys by which sessions are made.
func (a *analysis) partition(r *relation, list []ast.Expr) ([]plan.Expr, error) {
	keys := make([]plan.Expr, len(list))
	for i, e := range list {
		var err error
		if keys[i], err = a.expr(e, r.scope()); err != nil {
			return nil, err
		}
	}
	return keys, nil
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
	if r.window != nil || r.byConditions {
		return nil, sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s over rows that have a window already: one of them is enough", strings.ToUpper(f.Name))
	}
	kind := windowKinds[f.Name]
	if kind == plan.Session {
		a.sessionAt = f.Pos
	}
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
	r.grouped = true
	return &out, a.setWindow(r, f.Pos, kind, at, l)
}

// groupLengths reads the intervals behind the time: slide or step, size, offset.
func groupLengths(f *ast.FuncCall, kind plan.WindowKind) (l lengths, err error) {
	want, most, offset := 1, 2, ", and perhaps an offset"
	switch kind {
	case plan.Hop, plan.Cumulate:
		want, most = 2, 3
	case plan.Session:
		most, offset = 1, ""
	}
	if n := len(f.Args) - 1; n < want || n > most {
		return l, sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s takes a time column and %s%s", strings.ToUpper(f.Name), plural(want, "interval"), offset)
	}
	list := make([]*ast.Literal, len(f.Args)-1)
	for i, x := range f.Args[1:] {
		literal, ok := fixedLiteral(x)
		if !ok {
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
	if w.Size == w.Slide && kind != plan.Session {
		w.Kind = plan.Tumble
	}
	return w, nil
}

// setWindow gives the relation a window that is not in the tree yet.
func (a *analysis) setWindow(r *relation, pos int, kind plan.WindowKind, column int, l lengths) error {
	w, err := l.window(kind, column)
	if err == nil {
		err = checkWindow(pos, &w)
	}
	if err == nil {
		err = a.lateWindow(r)
	}
	r.window, r.updates = &w, a.updates(&w)
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
