package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// A declared aggregate is one part, whose state is bytes that its module made, and a function of the module that makes the
// result of these.

// Finishes stands behind the name of what an aggregate's module exports for that.
const Finishes = "_finish"

// isAggregate tells a call of an aggregate, built in or declared.
func isAggregate(f *ast.FuncCall) bool {
	return f.Declared || function.KindOf(f.Name) == function.Aggregate
}

// findDeclared marks the calls of declared aggregates in a query, but for the queries in it.
func (a *analysis) findDeclared(q *ast.Select) {
	if !a.declaresAggregates() {
		return
	}
	ast.Walk(q, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncCall); ok {
			d := a.Snapshot.Function(a.Database, f.Name, len(f.Args))
			f.Declared = d != nil && d.Aggregate != nil
		}
		inner, ok := n.(ast.Query)
		return !ok || inner == ast.Query(q)
	})
}

func (a *analysis) declaresAggregates() bool {
	if a.Snapshot == nil {
		return false
	}
	for _, f := range a.Snapshot.Functions {
		if f.Aggregate != nil {
			return true
		}
	}
	return false
}

// declaredAggregate resolves a call of a declared aggregate with its arguments.
func (a *analysis) declaredAggregate(f *ast.FuncCall, args []plan.Expr, out *resolvedAggregate) error {
	d := a.Snapshot.Function(a.Database, f.Name, len(args))
	switch {
	case d == nil || d.Aggregate == nil: // COUNT(*)'s star
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes arguments", f.Name)
	case f.Names != nil:
		return noNames(f)
	case len(f.OrderBy) > 0 || f.Separator != nil:
		return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "ORDER BY in %s is not supported", f.Name).WithHint("A declared aggregate sees its rows in the order in which they come.")
	}
	for i, x := range args {
		x, err := a.assign(f.Args[i], x, d.Parameters[i].Type)
		if err != nil {
			return err
		}
		if x == nil {
			p := d.Parameters[i]
			return sqlerr.At(f.Args[i].Position(), sqlerr.UndefinedFunction, "parameter %q of %s is of type %s but the argument is of type %s", p.Name, d.FullName(), p.Type, args[i].Type()).
				WithHint("Use CAST.")
		}
		args[i] = cast(x, Held(d.Parameters[i].Type))
	}
	a.called(d)
	module := ModuleOf(d)
	module.Retracts = d.Aggregate.Retracts
	state := types.Of(types.Binary)
	out.sig = function.Signature{Declared: d.Key(), Args: typesOf(args), Result: d.Result, Merges: d.Aggregate.Merges, Retracts: d.Aggregate.Retracts,
		Parts: []function.Part{{Func: d.FullName(), Result: state, As: state, Values: !d.Aggregate.Merges}}}
	out.agg.Module, out.agg.Nulls, out.agg.Distinct = module, !d.Strict, f.Distinct
	out.agg.Arg, out.agg.More = args[0], args[1:]
	return nil
}

// finished is the result of a state.
func finished(d *catalog.Function, state plan.Expr) plan.Expr {
	module := ModuleOf(d)
	module.Export += Finishes
	return cast(&plan.Call{Func: d.FullName() + Finishes, Args: []plan.Expr{state}, Typ: Held(d.Result), Module: module}, d.Result)
}
