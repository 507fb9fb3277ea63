package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// resolvedAggregate is a call of an aggregate: its signature, and the aggregate that each of its
// parts is but for kind and type.
type resolvedAggregate struct {
	sig function.Signature
	agg logical.Agg
}

// aggregateCall resolves a call of an aggregate over the rows of a scope.
func (a *analysis) aggregateCall(f *ast.FuncCall, s *scope) (out resolvedAggregate, err error) {
	if err := takesNulls(f); err != nil {
		return out, err
	}
	if out.agg.Filter, err = a.aggregateFilter(f, s); err != nil {
		return out, err
	}
	f, err = a.aggregateOrder(f, s, &out.agg)
	if err != nil {
		return out, err
	}
	args, err := a.aggregateArgs(f, s)
	if err != nil {
		return out, err
	}
	if f.Declared {
		err = a.declaredAggregate(f, args, &out)
		return out, err
	}
	if function.MakesObject(f.Name) {
		if args, err = a.jsonMember(f, args); err != nil {
			return out, err
		}
	}
	if out.sig, err = function.ResolveAggregate(f.Name, typesOf(args)); err != nil {
		return out, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%v", err)
	}
	if f.JSONNulls == ast.JSONAbsent {
		out.sig.Finish += "_of_present"
	}
	if out.sig.Tuples && !f.Distinct {
		return out, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes several arguments only with DISTINCT", f.Name)
	}
	if err := knownTypes(f, args); err != nil {
		return out, err
	}
	if out.sig.Fraction {
		out.sig.Constants[len(out.sig.Constants)-1], out.agg.Param = fractionBits(out.agg.Param), ""
	}
	if out.sig.Turned {
		args[0], args[1] = args[1], args[0]
	}
	if out.agg.Distinct = (f.Distinct || out.sig.Once) && !out.sig.Repeats; out.agg.Distinct {
		plainIntervals(args)
	}
	if len(args) > 0 {
		out.agg.Arg, out.agg.More = args[0], args[1:]
	}
	if out.sig.Order == function.OrderOfArray && out.agg.Distinct {
		return out, setOrder(f, &out.agg)
	}
	return out, nil
}

// aggregateArgs are the arguments; none of (*).
func (a *analysis) aggregateArgs(f *ast.FuncCall, s *scope) ([]plan.Expr, error) {
	if f.Star {
		return nil, nil
	}
	if len(f.Args) == 0 {
		return nil, sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes one argument", f.Name)
	}
	out := make([]plan.Expr, len(f.Args))
	for i, e := range f.Args {
		if err := notNested(e, s); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = a.expr(e, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// notNested refuses an aggregate in what an aggregate takes; one with OVER takes those of its groups.
func notNested(e ast.Expr, s *scope) error {
	if inner := findAggregate(e); inner != nil && s.groups == nil {
		return sqlerr.At(inner.Pos, sqlerr.GroupingError, "aggregate function calls cannot be nested")
	}
	return nil
}

// plainIntervals gives of equal intervals the plain one, so that it does not hang on which came first.
func plainIntervals(args []plan.Expr) {
	for i, x := range args {
		if x.Type().Kind == types.Interval {
			args[i] = &plan.Call{Func: "plain_interval", Args: []plan.Expr{x}, Typ: x.Type()}
		}
	}
}

// knownTypes refuses arguments that are NULL alone.
func knownTypes(f *ast.FuncCall, args []plan.Expr) error {
	for _, x := range args {
		if x.Type().Kind == types.Null {
			return sqlerr.At(f.Pos, sqlerr.IndeterminateType, "the type of the argument is not known").WithHint("Use CAST(NULL AS …).")
		}
	}
	return nil
}

// aggregateFilter is the condition of FILTER (WHERE …), nil if there is none.
func (a *analysis) aggregateFilter(f *ast.FuncCall, s *scope) (plan.Expr, error) {
	if f.Filter == nil {
		return nil, nil
	}
	if inner := findAggregate(f.Filter); inner != nil && s.groups == nil {
		return nil, sqlerr.At(inner.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in FILTER")
	}
	return a.condition(f.Filter, s)
}
