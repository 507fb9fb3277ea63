package analyzer

import (
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
	f, err := skippedNulls(f)
	if err != nil {
		return nil, function.Signature{}, err
	}
	window := function.IsWindow(f.Name) && !f.Star
	switch {
	case window && f.Nulls == ast.IgnoreNulls && isEnd(f.Name) && function.KindOf(f.Name) == function.Aggregate:
		return o.aggregate(f, frame) // which leaves NULLs out
	case window:
		c, sig, err := o.windowFunction(f, frame, byArrival)
		return []logical.Call{c}, sig, err
	case isAggregate(f):
		return o.aggregate(f, frame)
	}
	return nil, function.Signature{}, sqlerr.At(f.Pos, sqlerr.WrongObjectType, "%s is neither a window function nor an aggregate: it takes no OVER", f.Name)
}

// skippedNulls reads FIRST_VALUE(x, true), as Hive writes IGNORE NULLS, and refuses what stands behind a call
// that is no aggregate.
func skippedNulls(f *ast.FuncCall) (*ast.FuncCall, error) {
	if !function.IsWindow(f.Name) {
		return f, nil
	}
	name := strings.ToUpper(f.Name)
	switch {
	case f.Distinct:
		return nil, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "DISTINCT is not supported in %s", name).WithHint("It stands in aggregates: COUNT(DISTINCT x) OVER (…).")
	case f.Filter != nil:
		return nil, sqlerr.At(f.FilterPos, sqlerr.FeatureNotSupported, "FILTER is not supported behind %s, which is no aggregate", name).
			WithHint("Write CASE inside the call, and IGNORE NULLS behind it.")
	case f.Nulls != ast.NullsUnsaid && !passesOver(f.Name):
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes no %s", name, nullWords[f.Nulls])
	}
	if len(f.Args) != 2 || !isEnd(f.Name) {
		return f, nil
	}
	if l, ok := f.Args[1].(*ast.Literal); ok && l.Kind == ast.BoolLiteral {
		out := *f
		if out.Args = f.Args[:1]; strings.EqualFold(l.Text, "true") {
			out.Nulls = ast.IgnoreNulls
		}
		return &out, nil
	}
	return f, nil
}

// passesOver tells the functions that give the value of another row, which may be one that is not NULL.
func passesOver(name string) bool {
	switch function.WindowOf(name) {
	case "lag", "lead", "first", "last", "nth":
		return true
	}
	return false
}

// isEnd tells those of the first and of the last row of a frame.
func isEnd(name string) bool {
	does := function.WindowOf(name)
	return does == "first" || does == "last"
}

var nullWords = [...]string{"", "RESPECT NULLS", "IGNORE NULLS"}

// takesNulls refuses IGNORE NULLS and RESPECT NULLS where they say what is not so.
func takesNulls(f *ast.FuncCall) error {
	switch {
	case f.Nulls == ast.NullsUnsaid, f.Nulls == ast.IgnoreNulls && passesOver(f.Name):
		return nil
	case passesOver(f.Name):
		return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "%s without OVER leaves NULLs out", strings.ToUpper(f.Name))
	}
	return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes no %s", strings.ToUpper(f.Name), nullWords[f.Nulls])
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
	call, err := o.a.aggregateCall(f, o.in)
	if err != nil {
		return nil, call.sig, err
	}
	var out []logical.Call
	for _, p := range call.sig.Parts {
		x := call.agg
		x.Kind, x.Typ, x.Merges, x.Values = plan.AggKind(p.Func), p.Result, call.sig.Merges, p.Values
		c := logical.Call{Agg: x, Frame: frame}
		out = append(out, c.Map(func(x plan.Expr) plan.Expr { return o.place(x) }))
	}
	return out, call.sig, nil
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
	c = logical.Call{Func: sig.Parts[0].Func, Agg: logical.Agg{Typ: sig.Result}, N: 1, IgnoreNulls: f.Nulls == ast.IgnoreNulls}
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
	k, ok := constantOf(x)
	if !ok || k.Null || !k.Typ.IsInteger() {
		return 0, sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "the number of rows that %s takes must be a constant", strings.ToUpper(f.Name))
	}
	if k.Int < least || k.Int > maxDistance {
		return 0, sqlerr.At(f.Pos, sqlerr.InvalidParameter, "%s takes no %d", strings.ToUpper(f.Name), k.Int)
	}
	return k.Int, nil
}
