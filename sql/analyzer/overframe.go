package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// frame resolves ROWS, RANGE and GROUPS, and what holds without them.
func (o *overs) frame(w *ast.Over, order logical.Order, running bool) (plan.Frame, error) {
	arrival := running && len(order.Keys) == 0
	f := w.Frame
	switch {
	case f == nil && !running:
		return logical.WholeFrame, nil
	case f == nil && arrival:
		return plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}, nil
	case f == nil:
		return logical.RunningFrame, nil
	}
	out := plan.Frame{Unit: plan.FrameUnit(f.Unit), Exclude: plan.Exclusion(f.Exclude)}
	if !running && f.Unit != ast.Rows && f.Start.X == nil && f.End.X == nil && len(w.OrderBy) > 0 {
		out.Unit, out.End = logical.WholeFrame.Unit, logical.WholeFrame.End
		return out, nil
	}
	if arrival && out.Unit == plan.FrameRange && f.Start.X == nil && f.End.X == nil {
		out.Unit = plan.FrameRows // no two rows come at once
	}
	if f.Unit == ast.Groups && len(w.OrderBy) == 0 {
		return out, sqlerr.At(f.Pos, sqlerr.WindowingError, "GROUPS mode requires an ORDER BY clause")
	}
	var err error
	if out.Start, err = o.bound(f, f.Start, false, order); err != nil {
		return out, err
	}
	if out.End, err = o.bound(f, f.End, true, order); err != nil {
		return out, err
	}
	return out, checkFrame(f, out)
}

// hasDistance tells a RANGE that is measured in units of its key.
func hasDistance(f *ast.Frame) bool {
	return f != nil && f.Unit == ast.Range && (f.Start.X != nil || f.End.X != nil)
}

func checkFrame(f *ast.Frame, out plan.Frame) error {
	switch s, e := out.Start.Kind, out.End.Kind; {
	case s == plan.UnboundedFollowing:
		return sqlerr.At(f.Pos, sqlerr.WindowingError, "frame start cannot be UNBOUNDED FOLLOWING")
	case e == plan.UnboundedPreceding:
		return sqlerr.At(f.Pos, sqlerr.WindowingError, "frame end cannot be UNBOUNDED PRECEDING")
	case s == plan.CurrentRow && e == plan.Preceding, s == plan.Following && e <= plan.CurrentRow:
		return sqlerr.At(f.Pos, sqlerr.WindowingError, "the frame ends before it begins")
	}
	return nil
}

// bound resolves one end of a frame, `end` the later one.
func (o *overs) bound(f *ast.Frame, b ast.Bound, end bool, order logical.Order) (plan.Bound, error) {
	out := plan.Bound{Kind: plan.BoundKind(b.Kind)}
	if b.X == nil {
		return out, nil
	}
	if n, months, ok := o.a.intervalOf(b.X); ok && f.Unit == ast.Range {
		out.By, out.Months = n, months
		return out, o.timeDistance(&out, b.X, end, order)
	}
	x, err := o.a.expr(b.X, &scope{})
	if err != nil {
		return out, err
	}
	c, ok := constantOf(x)
	if !ok || c.Null {
		return out, sqlerr.At(b.X.Position(), sqlerr.FeatureNotSupported, "the distance of a frame must be a constant")
	}
	if f.Unit == ast.Range {
		return out, o.distance(&out, b.X, c, order)
	}
	if !c.Typ.IsInteger() || c.Int < 0 || c.Int > maxDistance {
		return out, sqlerr.At(b.X.Position(), sqlerr.InvalidParameter, "a frame takes a whole number of rows from 0 on")
	}
	out.By = c.Int
	return out, nil
}

// distance brings the distance of RANGE to how the key of the order is held.
func (o *overs) distance(out *plan.Bound, e ast.Expr, c *plan.Const, order logical.Order) error {
	if err := oneKey(e, order); err != nil {
		return err
	}
	t := o.typeOf(order.Keys[0].Column)
	wrong := sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "RANGE over %s takes no distance of %s", t, c.Typ)
	switch {
	case t.IsNumeric() && c.Typ.IsNumeric() && t.Physical() == types.PhysicalFloat64:
		out.ByFloat = floatOf(c)
	case t.IsNumeric() && c.Typ.IsNumeric() && t.Physical() == types.PhysicalInt64:
		units, ok := unitsOf(c, t)
		if !ok {
			return wrong
		}
		out.By = units
	default:
		return wrong
	}
	if out.By < 0 || out.ByFloat < 0 {
		return sqlerr.At(e.Position(), sqlerr.InvalidFrame, "invalid preceding or following size in window function")
	}
	return nil
}

func oneKey(e ast.Expr, order logical.Order) error {
	if len(order.Keys) == 1 {
		return nil
	}
	return sqlerr.At(e.Position(), sqlerr.WindowingError, "RANGE with a distance requires exactly one ORDER BY column").WithHint("Use ROWS.")
}

const microsOfDay = 24 * 3600 * 1e6

// timeDistance brings an interval to how the key is held. Between days there is no time: an end that is to be
// within a part of a day is at the last whole one, and one that is to be so far away at the next.
func (o *overs) timeDistance(out *plan.Bound, e ast.Expr, end bool, order logical.Order) error {
	if err := oneKey(e, order); err != nil {
		return err
	}
	if out.By < 0 {
		return sqlerr.At(e.Position(), sqlerr.InvalidFrame, "invalid preceding or following size in window function")
	}
	switch t := o.typeOf(order.Keys[0].Column); {
	case t.Kind == types.Date && !out.Months:
		rest := out.By % microsOfDay
		if out.By /= microsOfDay; rest > 0 && end == (out.Kind == plan.Preceding) {
			out.By++
		}
	case t.Kind != types.Timestamp && t.Kind != types.Date:
		return sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "RANGE over %s takes no distance of %s", t, types.Of(types.Interval))
	}
	return nil
}

// unitsOf is a number in units of the last digit of a type that is held as int64.
func unitsOf(c *plan.Const, t types.Type) (int64, bool) {
	scale, digits := t.Scale, c.Typ.Scale
	if !c.Typ.IsInteger() && c.Typ.Kind != types.Decimal || c.Typ.Physical() != types.PhysicalInt64 {
		return 0, false
	}
	if c.Typ.IsInteger() {
		digits = 0
	}
	if t.IsInteger() {
		scale = 0
	}
	n := c.Int
	for ; digits < scale; digits++ {
		if n > 1<<58 || n < -1<<58 {
			return 0, false
		}
		n *= 10
	}
	for ; digits > scale; digits-- {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	return n, true
}

func floatOf(c *plan.Const) float64 {
	if c.Typ.Physical() == types.PhysicalFloat64 {
		return c.Float
	}
	f := float64(c.Int)
	for range c.Typ.Scale {
		f /= 10
	}
	return f
}
