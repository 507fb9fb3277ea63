package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// parts are what a call with OVER is computed of.
func (o *overs) parts(f *ast.FuncCall, frame plan.Frame, byArrival bool) ([]logical.Call, function.Signature, error) {
	switch {
	case f.Distinct:
		return nil, function.Signature{}, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "DISTINCT is not supported in calls with OVER")
	case f.Filter != nil:
		return nil, function.Signature{}, sqlerr.At(f.FilterPos, sqlerr.FeatureNotSupported, "FILTER is not supported in calls with OVER").
			WithHint("Use CASE inside the aggregate.")
	case function.IsWindow(f.Name) && !f.Star:
		c, sig, err := o.windowFunction(f, frame, byArrival)
		return []logical.Call{c}, sig, err
	case function.KindOf(f.Name) == function.Aggregate:
		return o.aggregate(f, frame)
	}
	return nil, function.Signature{}, sqlerr.At(f.Pos, sqlerr.WrongObjectType, "%s is neither a window function nor an aggregate: it takes no OVER", f.Name)
}

// args are the arguments, none of which is a bare NULL.
func (o *overs) args(f *ast.FuncCall) (args []plan.Expr, list []types.Type, err error) {
	for _, e := range f.Args {
		x, err := o.a.expr(e, o.in)
		if err != nil {
			return nil, nil, err
		}
		args, list = append(args, x), append(list, x.Type())
	}
	return args, list, nil
}

func (o *overs) aggregate(f *ast.FuncCall, frame plan.Frame) ([]logical.Call, function.Signature, error) {
	args, list, err := o.args(f)
	if err != nil {
		return nil, function.Signature{}, err
	}
	if f.Star {
		list = nil
	}
	sig, err := function.ResolveAggregate(f.Name, list)
	switch {
	case err != nil:
		return nil, sig, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%v", err)
	case len(args) > 1 || len(args) == 0 && !f.Star:
		return nil, sig, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s with OVER takes one argument", strings.ToUpper(f.Name))
	case len(f.OrderBy) > 0 || f.Separator != nil || slices.ContainsFunc(sig.Parts, func(p function.Part) bool { return p.Values }):
		return nil, sig, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s with OVER is not supported: it keeps all its values", strings.ToUpper(f.Name))
	case len(args) == 1 && list[0].Kind == types.Null:
		return nil, sig, sqlerr.At(f.Pos, sqlerr.IndeterminateType, "the type of the argument is not known").WithHint("Use CAST(NULL AS …).")
	}
	var out []logical.Call
	for _, p := range sig.Parts {
		c := logical.Call{Agg: logical.Agg{Kind: plan.AggKind(p.Func), Typ: p.Result, Merges: sig.Merges}, Frame: frame}
		if len(args) == 1 {
			c.Arg = o.place(args[0])
		}
		out = append(out, c)
	}
	return out, sig, nil
}

// windowFunction is a function that has a meaning with OVER alone.
func (o *overs) windowFunction(f *ast.FuncCall, frame plan.Frame, byArrival bool) (c logical.Call, sig function.Signature, err error) {
	args, list, err := o.args(f)
	if err != nil {
		return c, sig, err
	}
	if sig, err = function.ResolveWindow(f.Name, list); err != nil {
		return c, sig, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%v", err)
	}
	c = logical.Call{Func: sig.Parts[0].Func, Agg: logical.Agg{Typ: sig.Result}, N: 1}
	if byArrival && (c.Func == "rank" || c.Func == "dense_rank") {
		c.Func = "row_number" // no two rows come at once
	}
	for i := range args {
		if args[i], err = o.a.to(f.Args[i], args[i], sig.Args[i]); err != nil {
			return c, sig, err
		}
	}
	switch c.Func {
	case "ntile":
		c.N, err = o.count(f, args[0], 1)
	case "lag", "lead":
		err = o.shifted(&c, f, args)
	case "nth":
		c.N, err = o.count(f, args[1], 1)
		fallthrough
	case "first", "last":
		c.Arg, c.Frame = o.place(args[0]), frame
	}
	return c, sig, err
}

// shifted reads LAG and LEAD: a distance below 0 looks the other way.
func (o *overs) shifted(c *logical.Call, f *ast.FuncCall, args []plan.Expr) (err error) {
	c.Arg = o.place(args[0])
	if len(args) > 1 {
		if c.N, err = o.count(f, args[1], -maxDistance); err != nil {
			return err
		}
	}
	if c.N < 0 {
		c.N, c.Func = -c.N, map[string]string{"lag": "lead", "lead": "lag"}[c.Func]
	}
	if len(args) > 2 {
		c.Default = o.place(args[2])
	}
	return nil
}

// maxDistance bounds how many rows away a call may look.
const maxDistance = 1 << 30

// count is a constant number of rows.
func (o *overs) count(f *ast.FuncCall, x plan.Expr, least int64) (int64, error) {
	if k, ok := x.(*plan.Cast); ok {
		x = k.Arg
	}
	k, ok := x.(*plan.Const)
	if !ok || k.Null {
		return 0, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "the number of rows that %s takes must be a constant", strings.ToUpper(f.Name))
	}
	if k.Int < least || k.Int > maxDistance {
		return 0, sqlerr.At(f.Pos, sqlerr.InvalidParameter, "%s takes no %d", strings.ToUpper(f.Name), k.Int)
	}
	return k.Int, nil
}

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
	case !running && f.Unit != ast.Rows && f.Start.X == nil && f.End.X == nil && len(w.OrderBy) > 0:
		return logical.WholeFrame, nil
	}
	out := plan.Frame{Unit: plan.FrameUnit(f.Unit)}
	if arrival && out.Unit == plan.FrameRange && f.Start.X == nil && f.End.X == nil {
		out.Unit = plan.FrameRows // no two rows come at once
	}
	if f.Unit == ast.Groups && len(w.OrderBy) == 0 {
		return out, sqlerr.At(f.Pos, sqlerr.WindowingError, "GROUPS mode requires an ORDER BY clause")
	}
	var err error
	if out.Start, err = o.bound(f, f.Start, order); err != nil {
		return out, err
	}
	if out.End, err = o.bound(f, f.End, order); err != nil {
		return out, err
	}
	return out, checkFrame(f, out)
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

// bound resolves one end of a frame.
func (o *overs) bound(f *ast.Frame, b ast.Bound, order logical.Order) (plan.Bound, error) {
	out := plan.Bound{Kind: plan.BoundKind(b.Kind)}
	if b.X == nil {
		return out, nil
	}
	x, err := o.a.expr(b.X, &scope{})
	if err != nil {
		return out, err
	}
	c, ok := x.(*plan.Const)
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
	if len(order.Keys) != 1 {
		return sqlerr.At(e.Position(), sqlerr.WindowingError, "RANGE with a distance requires exactly one ORDER BY column").WithHint("Use ROWS.")
	}
	t := o.typeOf(order.Keys[0].Column)
	wrong := sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "RANGE over %s takes no distance of %s", t, c.Typ)
	if n, calendar, _ := months(e); calendar && n != 0 {
		return sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "RANGE with an interval of months is not supported: they are not all of one length")
	}
	interval := c.Typ.Kind == types.Interval
	switch {
	case t.Kind == types.Timestamp && interval:
		out.By = c.Int
	case t.Kind == types.Date && interval && c.Int%(24*3600*1e6) == 0:
		out.By = c.Int / (24 * 3600 * 1e6)
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
