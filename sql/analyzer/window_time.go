package analyzer

import (
	"cmp"
	"slices"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// timeOf finds the time column of a window. A TIMESTAMP of a stream that declares no
// event time is taken as one, in order.
func (a *analysis) timeOf(r *relation, e ast.Expr) (int, error) {
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
	if !c.typ.IsMoment() {
		return 0, sqlerr.At(ref.Pos, sqlerr.DatatypeMismatch, "a window's time must be a TIMESTAMP, %q is %s", ref.Column(), c.typ)
	}
	if c.computed != nil {
		return 0, sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "a window over %q of the same query is not supported", ref.Column()).
			WithHint("Select it in a query below: FROM (SELECT window_time, … FROM TABLE(…)).")
	}
	switch {
	case r.isTime(c.index) || r.byArrival(c.index):
		return c.index, nil
	case r.traits.Bounded: // all rows are there at the end
		return c.index, nil
	case r.traits.Updating():
		r.loose = true
		return c.index, nil
	case r.eventTime() < 0 && hadEventTime(r.node):
		r.loose = true
		return c.index, nil
	}
	return a.inOrder(r, c.index, ref)
}

// hadEventTime tells that a stream below declares an event time, which did not come so far: a
// join or an aggregate lies between.
func hadEventTime(n logical.Node) (had bool) {
	logical.Walk(n, func(n logical.Node) bool {
		s, ok := n.(*logical.Scan)
		had = had || ok && (s.Watermark != nil || s.Keys != nil || s.Changes)
		return !had
	})
	return had
}

// inOrder takes a column of a stream that declares no event time as one.
func (a *analysis) inOrder(r *relation, column int, ref *ast.ColumnRef) (int, error) {
	scan, ok := r.bareScan()
	if !ok || r.eventTime() >= 0 {
		return 0, sqlerr.At(ref.Pos, sqlerr.FeatureNotSupported, "column %q is not the event time of its stream", ref.Column()).
			WithHint("Declare WATERMARK FOR %s.", ref.Column())
	}
	scan.Watermark = &plan.WatermarkSpec{Column: column, Delay: max(0, conf.MaxLag.Get(a.Settings)), IdleAfter: idleAfter(scan.Properties)}
	r.node, r.traits = scan, scan.Traits(nil)
	return column, nil
}

// arrival makes the stream stamp the arrival time of each row, cuts by it, and gives its column.
func (r *relation) arrival(pos int) (int, error) {
	at, ok := r.stamp()
	if ok {
		ok = r.byArrival(at)
	}
	if !ok {
		return 0, sqlerr.At(pos, sqlerr.FeatureNotSupported, "a window over arrival time must stand directly on its stream").
			WithHint("Declare WATERMARK FOR a TIMESTAMP column to use event time.")
	}
	return at, nil
}

// stamp gives the column with the arrival time of each row, which the stream below adds; ok tells
// whether there is one stream, every record of which is a row.
func (r *relation) stamp() (at int, ok bool) {
	if i := slices.IndexFunc(r.columns, func(c scopeColumn) bool { return c.hidden && c.name == logical.ArrivalColumn }); i >= 0 {
		return i, true
	}
	n, ok := stamped(r.node)
	if !ok {
		return 0, false
	}
	r.node, r.traits = n, logical.TraitsOf(n)
	at = len(r.columns)
	r.columns = append(r.columns, scopeColumn{name: logical.ArrivalColumn, typ: types.NewTimestamp(types.DefaultTimestamp), index: at, hidden: true})
	return at, true
}

// stamped adds the arrival time as the last column.
func stamped(n logical.Node) (logical.Node, bool) {
	switch n := n.(type) {
	case *logical.Scan:
		out := *n
		out.Arrival = true
		return &out, n.Keys == nil && !n.Changes && !n.Arrival
	case *logical.Filter:
		in, ok := stamped(n.Input)
		return &logical.Filter{Input: in, Pred: n.Pred}, ok
	case *logical.Project:
		in, ok := stamped(n.Input)
		if !ok {
			return nil, false
		}
		from := in.Schema()
		last := len(from) - 1
		stamp := &plan.Column{Index: last, Name: from[last].Name, Typ: from[last].Type}
		return &logical.Project{Input: in, Exprs: append(slices.Clone(n.Exprs), stamp), Out: append(slices.Clone(n.Out), from[last])}, true
	}
	return nil, false
}

// byArrival makes a column that holds arrival times the one that watermarks speak of; it tells
// whether it is such a one.
func (r *relation) byArrival(column int) bool {
	n, ok := timedByArrival(r.node, column)
	if ok {
		r.node, r.traits = n, logical.TraitsOf(n)
	}
	return ok
}

func timedByArrival(n logical.Node, column int) (logical.Node, bool) {
	switch n := n.(type) {
	case *logical.Scan:
		out := *n
		out.Watermark = &plan.WatermarkSpec{Column: column, Arrival: true}
		return &out, n.Arrival && column == n.ArrivalAt()
	case *logical.Filter:
		in, ok := timedByArrival(n.Input, column)
		return &logical.Filter{Input: in, Pred: n.Pred}, ok
	case *logical.Project:
		x, ok := n.Exprs[column].(*plan.Column)
		if !ok {
			return nil, false
		}
		in, ok := timedByArrival(n.Input, x.Index)
		return &logical.Project{Input: in, Exprs: n.Exprs, Out: n.Out}, ok
	}
	return nil, false
}

// isArrival tells that a column holds arrival times.
func isArrival(n logical.Node, column int) bool {
	_, ok := timedByArrival(n, column)
	return ok
}

// procTimes makes PROCTIME() in a select list the arrival time of the rows.
func (a *analysis) procTimes(r *relation, q *ast.Select) *ast.Select {
	out := q
	for i, item := range q.Items {
		f, ok := item.X.(*ast.FuncCall)
		if !ok || f.Name != "proctime" || len(f.Args) > 0 {
			continue
		}
		if _, ok := r.stamp(); !ok {
			return q
		}
		if out == q {
			copied := *q
			out = &copied
			out.Items = slices.Clone(q.Items)
		}
		alias := cmp.Or(item.Alias, f.Name)
		out.Items[i] = ast.SelectItem{X: &ast.ColumnRef{Pos: f.Pos, Parts: []string{logical.ArrivalColumn}}, Alias: alias, AliasPos: item.AliasPos}
	}
	return out
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
