package analyzer

import (
	"slices"
	"strings"
	"time"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

func (a *analysis) streamWindow(r *relation, w *ast.StreamWindow) error {
	size, err := interval(w.Length)
	if err != nil {
		return err
	}
	slide := size
	if w.Slide != nil {
		if slide, err = interval(w.Slide); err != nil {
			return err
		}
	}
	if err := r.refuseWindow(w.Pos); err != nil {
		return err
	}
	if r.untimed != nil {
		return r.untimed
	}
	at := r.eventTime()
	if at < 0 {
		if at, err = r.arrival(w.Pos); err != nil {
			return err
		}
	}
	return r.setWindow(w.Pos, at, size, slide, 0)
}

func (a *analysis) tableFunc(f *ast.TableFunc) (*relation, error) {
	if f.Func != "tumble" && f.Func != "hop" {
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s windows are not supported yet", strings.ToUpper(f.Func)).WithHint("TUMBLE and HOP are.")
	}
	r, err := a.from(f.Table)
	if err != nil {
		return nil, err
	}
	if f.Alias != "" {
		qualify(r, f.Alias)
	}
	size, err := interval(f.Size)
	if err != nil {
		return nil, err
	}
	slide, offset := size, time.Duration(0)
	if f.Slide != nil {
		if slide, err = interval(f.Slide); err != nil {
			return nil, err
		}
	}
	if f.Offset != nil {
		if offset, err = interval(f.Offset); err != nil {
			return nil, err
		}
	}
	at, err := a.timeOf(r, &ast.ColumnRef{Pos: f.Time.Pos, Parts: []string{f.Time.Name}})
	if err != nil {
		return nil, err
	}
	return r, r.setWindow(f.Pos, at, size, slide, offset)
}

// timeOf finds the time column of a window. A TIMESTAMP of a stream that declares no
// event time is taken as one, in order.
func (a *analysis) timeOf(r *relation, e ast.Expr) (int, error) {
	if err := r.refuseWindow(e.Position()); err != nil {
		return 0, err
	}
	if f, ok := e.(*ast.FuncCall); ok && f.Name == "proctime" {
		return r.arrival(f.Pos)
	}
	ref, ok := e.(*ast.ColumnRef)
	if !ok {
		return 0, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "a window's time must be a column or PROCTIME()")
	}
	c, err := r.scope().column(ref)
	if err != nil {
		return 0, err
	}
	if c.typ.Kind != types.Timestamp {
		return 0, sqlerr.At(ref.Pos, sqlerr.DatatypeMismatch, "a window's time must be a TIMESTAMP, %q is %s", ref.Column(), c.typ)
	}
	if r.isTime(c.index) {
		return c.index, nil
	}
	scan, ok := r.bareScan()
	if !ok || r.eventTime() >= 0 {
		return 0, sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "column %q is not the event time of its stream", ref.Column()).
			WithHint("Declare WATERMARK FOR %s.", ref.Column())
	}
	scan.Watermark = &plan.WatermarkSpec{Column: c.index, Delay: max(0, conf.MaxLag.Get(a.Settings)), IdleAfter: idleAfter(scan.Properties)}
	r.node, r.traits = scan, scan.Traits(nil)
	return c.index, nil
}

// arrival makes the stream stamp the arrival time of each row, and gives its column.
func (r *relation) arrival(pos int) (int, error) {
	scan, ok := r.bareScan()
	if !ok {
		return 0, sqlerr.At(pos, sqlerr.FeatureNotSupported, "a window over arrival time must stand directly on its stream").
			WithHint("Declare WATERMARK FOR a TIMESTAMP column to use event time.")
	}
	index := len(r.columns)
	scan.Arrival, scan.Watermark = true, &plan.WatermarkSpec{Column: index, Arrival: true}
	r.node, r.traits = scan, scan.Traits(nil)
	r.columns = append(r.columns, scopeColumn{name: logical.ArrivalColumn, typ: types.NewTimestamp(types.DefaultTimestamp), index: index, hidden: true})
	return index, nil
}

// bareScan is a copy of the relation's scan, if it is nothing else, and every record a row.
func (r *relation) bareScan() (*logical.Scan, bool) {
	scan, ok := r.node.(*logical.Scan)
	if !ok || scan.Keys != nil || scan.Arrival {
		return nil, false
	}
	out := *scan
	return &out, true
}

// eventTime is the first column that watermarks speak of, -1 if there is none.
func (r *relation) eventTime() int {
	if len(r.traits.EventTimes) == 0 {
		return -1
	}
	return r.traits.EventTimes[0]
}

// groupWindow recognises GROUP BY TUMBLE(ts, …) and HOP(ts, slide, size), and gives the
// query without it.
func (a *analysis) groupWindow(r *relation, q *ast.Select) (*ast.Select, error) {
	i := slices.IndexFunc(q.GroupBy, func(e ast.Expr) bool {
		f, ok := e.(*ast.FuncCall)
		return ok && (f.Name == "tumble" || f.Name == "hop")
	})
	if i < 0 {
		return q, nil
	}
	f := q.GroupBy[i].(*ast.FuncCall)
	want := map[string]int{"tumble": 2, "hop": 3}[f.Name]
	if len(f.Args) != want || r.window != nil {
		return nil, sqlerr.At(f.Pos, sqlerr.SyntaxError, "%s takes a time column and %d intervals, once", strings.ToUpper(f.Name), want-1)
	}
	at, err := a.timeOf(r, f.Args[0])
	if err != nil {
		return nil, err
	}
	var lengths []time.Duration
	for _, x := range f.Args[1:] {
		l, ok := x.(*ast.Literal)
		if !ok || l.Kind != ast.IntervalLiteral {
			return nil, sqlerr.At(x.Position(), sqlerr.SyntaxError, "an INTERVAL is needed here")
		}
		d, err := interval(l)
		if err != nil {
			return nil, err
		}
		lengths = append(lengths, d)
	}
	out := *q
	out.GroupBy = slices.Delete(slices.Clone(q.GroupBy), i, i+1)
	return &out, r.setWindow(f.Pos, at, lengths[len(lengths)-1], lengths[0], 0)
}

// setWindow gives the relation a window that is not in the tree yet.
func (r *relation) setWindow(pos, timeColumn int, size, slide, offset time.Duration) error {
	if size < time.Millisecond || slide < time.Millisecond || slide > size {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s sliding by %s is not possible", size, slide).
			WithHint("Both must be at least a millisecond, and the slide no longer than the window.")
	}
	w := plan.Window{Kind: plan.Hop, Time: timeColumn, Size: size, Slide: slide, Offset: offset}
	if size == slide {
		w.Kind = plan.Tumble
	}
	if n := int64(size / w.Slice()); n > 10000 {
		return sqlerr.At(pos, sqlerr.InvalidParameter, "a window of %s sliding by %s would be cut into %d slices, 10000 are allowed", size, slide, n)
	}
	r.window = &w
	return nil
}

// assignWindow makes the bounds of a window that was asked for columns.
func (r *relation) assignWindow() {
	if r.window == nil {
		return
	}
	r.put(&logical.Window{Input: r.node, Window: *r.window})
	for _, c := range logical.Bounds() {
		r.columns = append(r.columns, scopeColumn{name: c.Name, typ: c.Type, index: len(r.columns)})
	}
	r.window = nil
}
