package analyzer

import (
	"fmt"
	"slices"

	"slipway/conf/near"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/parser"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

const (
	maxCallDepth = 32   // declared functions that call one another
	maxExprDepth = 4000 // operators and calls inside one another, once functions are inlined
)

// declared is a call of a declared function; known is false if there is none of the name, and what is built in counts.
func (a *analysis) declared(e *ast.FuncCall, s *scope) (x plan.Expr, known bool, err error) {
	if a.Snapshot == nil || len(a.Snapshot.Functions) == 0 {
		return nil, false, nil
	}
	f := a.Snapshot.Function(a.Database, e.Name, len(e.Args))
	if f == nil && function.KindOf(e.Name) != function.Unknown {
		return nil, false, nil
	}
	if f == nil {
		err := a.otherCounts(e)
		return nil, err != nil, err
	}
	if err := plainCall(e); err != nil {
		return nil, true, err
	}
	if e, err = inOrder(e, parametersOf(f)); err != nil {
		return nil, true, err
	}
	args := make([]plan.Expr, len(e.Args))
	for i, arg := range e.Args {
		if args[i], err = a.argument(f, i, arg, s); err != nil {
			return nil, true, err
		}
	}
	x, err = a.inlined(f, e, args)
	return x, true, err
}

// parametersOf are the names of a declared function's parameters.
func parametersOf(f *catalog.Function) (list []function.Parameter) {
	for _, p := range f.Parameters {
		list = append(list, function.Parameter{Name: p.Name})
	}
	return list
}

// otherCounts is the error of a call with a number of arguments that no function of the name takes; nil if there is
// no function of the name at all.
func (a *analysis) otherCounts(e *ast.FuncCall) error {
	list := a.Snapshot.FunctionsNamed(a.Database, e.Name)
	if len(list) == 0 {
		return nil
	}
	known := ""
	for i, f := range list {
		if i > 0 {
			known += " and "
		}
		known += f.Signature()
	}
	return sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "function %s with %s does not exist", e.Name, counted(len(e.Args), "argument")).
		WithHint("There is %s.", known)
}

// plainCall refuses what stands behind aggregates and window functions only.
func plainCall(e *ast.FuncCall) error {
	switch {
	case e.Over != nil:
		return sqlerr.At(e.Pos, sqlerr.WrongObjectType, "OVER stands behind aggregates and window functions, and %s is neither", e.Name)
	case e.Filter != nil:
		return sqlerr.At(e.FilterPos, sqlerr.WrongObjectType, "FILTER stands behind aggregates, and %s is none", e.Name)
	case e.Distinct || e.Star || len(e.OrderBy) > 0 || e.Separator != nil || e.Nulls != ast.NullsUnsaid:
		return sqlerr.At(e.Pos, sqlerr.WrongObjectType, "%s takes neither DISTINCT nor ORDER BY: it is no aggregate", e.Name)
	}
	return nil
}

// argument brings an argument to the type of its parameter, as INSERT brings a value to a column.
func (a *analysis) argument(f *catalog.Function, i int, e ast.Expr, s *scope) (plan.Expr, error) {
	x, err := a.expr(e, s)
	if err != nil {
		return nil, err
	}
	p, given := f.Parameters[i], x.Type()
	if x, err = a.assign(e, x, p.Type); x == nil && err == nil {
		err = sqlerr.At(e.Position(), sqlerr.UndefinedFunction, "parameter %q of %s is of type %s but the argument is of type %s", p.Name, f.FullName(), p.Type, given).
			WithHint("Use CAST.")
	}
	return x, err
}

// assign brings a value to a type that it may be assigned to; nil if it may not.
func (a *analysis) assign(e ast.Expr, x plan.Expr, t types.Type) (plan.Expr, error) {
	if c, ok := x.(*plan.Const); ok && !c.Null && c.Typ.IsText() && !t.IsText() {
		return castText(e.Position(), c, t, false)
	}
	if !function.Assignable(x.Type(), t) {
		return nil, nil
	}
	return a.to(e, x, t)
}

// inlined is what a function computes of arguments that have the types of its parameters. Faults in its body have no
// place in the user's text.
func (a *analysis) inlined(f *catalog.Function, e *ast.FuncCall, args []plan.Expr) (plan.Expr, error) {
	if slices.Contains(a.calls, f.Key()) {
		return nil, sqlerr.At(e.Pos, sqlerr.InvalidRecursion, "function %s calls itself", f.FullName()).WithHint("Functions are inlined, so there is no recursion.")
	}
	if len(a.calls) == maxCallDepth {
		return nil, sqlerr.At(e.Pos, sqlerr.TooComplex, "functions call one another deeper than %d", maxCallDepth)
	}
	a.called(f)
	if f.Aggregate != nil {
		return nil, sqlerr.At(e.Pos, sqlerr.GroupingError, "aggregate %s is not allowed here", e.Name)
	}
	if f.Columns != nil {
		return nil, sqlerr.At(e.Pos, sqlerr.FeatureNotSupported, "function %s gives rows, and stands in FROM", f.FullName()).
			WithHint("FROM t CROSS JOIN LATERAL %s(…), or LEFT JOIN LATERAL %s(…) ON TRUE.", f.Name, f.Name)
	}
	if f.Language == ast.LanguageWasm {
		return external(f, args), nil
	}
	body, err := parser.ParseExpr(f.Body, nil)
	if err != nil {
		return nil, err
	}
	x, err := a.body(f, body, args)
	if err != nil {
		placed := *sqlerr.From(err)
		placed.Message, placed.Position = fmt.Sprintf("in function %s: %s", f.FullName(), placed.Message), e.Pos+1
		return nil, &placed
	}
	size, depth := measure(x, maxNodes)
	if a.nodes += size; a.nodes > maxNodes || depth > maxExprDepth {
		return nil, sqlerr.At(e.Pos, sqlerr.TooComplex, "with its functions inlined the expression has more than %d parts or %d levels", maxNodes, maxExprDepth)
	}
	return x, nil
}

// body compiles the expression of a function, which sees nothing but its parameters.
func (a *analysis) body(f *catalog.Function, e ast.Expr, args []plan.Expr) (plan.Expr, error) {
	inner := *a
	inner.Database, inner.args, inner.ctes, inner.outer, inner.lifting, inner.calls = f.Path, nil, nil, nil, nil, append(slices.Clone(a.calls), f.Key())
	s := &scope{}
	for i, p := range f.Parameters {
		s.columns = append(s.columns, scopeColumn{qualifier: f.Name, name: p.Name, typ: p.Type, index: i, computed: args[i]})
	}
	x, err := inner.expr(e, s)
	a.nodes, a.functions = inner.nodes, inner.functions
	if err != nil {
		return nil, err
	}
	given := x.Type()
	if x, err = inner.assign(e, x, f.Result); x == nil && err == nil {
		return nil, sqlerr.At(e.Position(), sqlerr.InvalidFunction, "the function returns %s, but its body is of type %s", f.Result, given).WithHint("Use CAST.")
	}
	if err != nil || !f.Strict {
		return x, err
	}
	return unlessNull(args, x), nil
}

// unlessNull is a value where no argument is NULL, else NULL.
func unlessNull(args []plan.Expr, x plan.Expr) plan.Expr {
	boolean := types.Of(types.Boolean)
	var tests []plan.Expr
	for _, arg := range args {
		tests = append(tests, &plan.Call{Func: "is_null", Args: []plan.Expr{arg}, Typ: boolean})
	}
	if len(tests) == 0 {
		return x
	}
	return &plan.Case{Whens: []plan.When{{Cond: anyOf(tests), Then: &plan.Const{Typ: x.Type(), Null: true}}}, Else: x, Typ: x.Type()}
}

// measure counts the parts of an expression and how deep they are, up to about a limit.
func measure(e plan.Expr, limit int) (size, depth int) {
	size = 1
	each := func(x plan.Expr) {
		if x == nil || size > limit {
			return
		}
		n, d := measure(x, limit-size)
		size, depth = size+n, max(depth, d)
	}
	switch e := e.(type) {
	case *plan.Call:
		for _, x := range e.Args {
			each(x)
		}
	case *plan.Cast:
		each(e.Arg)
	case *plan.Case:
		for _, w := range e.Whens {
			each(w.Cond)
			each(w.Then)
		}
		each(e.Else)
	}
	return size, depth + 1
}

// CheckFunction compiles the body of a function in SQL, as it stands in the user's text, and gives the keys of the functions that it calls.
func CheckFunction(in Input, f *catalog.Function, body ast.Expr) (uses []string, err error) {
	if at, ok := subqueryIn(body); ok {
		return nil, sqlerr.At(at, sqlerr.FeatureNotSupported, "a subquery in a function is not supported").
			WithHint("A view can be joined; what a query needs of it can be an argument.")
	}
	own, err := in.Snapshot.With(catalog.Change{PutFunction: f, ReplaceIfExisting: true}, nil)
	if err != nil {
		return nil, err
	}
	in.Snapshot = own // so that a function that calls itself is told
	a := newAnalysis(in)
	args := make([]plan.Expr, len(f.Parameters))
	for i, p := range f.Parameters {
		args[i] = &plan.Column{Index: i, Name: p.Name, Typ: p.Type}
	}
	_, err = a.body(f, body, args)
	return a.functions, err
}

func subqueryIn(e ast.Expr) (at int, found bool) {
	ast.Walk(e, func(n ast.Node) bool {
		if q, ok := n.(ast.Query); ok && !found {
			at, found = q.Position(), true
		}
		return !found
	})
	return at, found
}

// FindFunction looks a declared function up by the types of its arguments, nil where they were not said.
func FindFunction(s *catalog.Snapshot, database string, n ast.FunctionName) (*catalog.Function, error) {
	db := n.Name.DB
	if db == "" {
		db = database
	}
	list := s.FunctionsNamed(db, n.Name.Name)
	if n.Typed {
		list = slices.DeleteFunc(list, func(f *catalog.Function) bool { return !slices.EqualFunc(f.Parameters, n.Types, sameType) })
	}
	switch {
	case len(list) == 1:
		return list[0], nil
	case len(list) > 1:
		return nil, sqlerr.At(n.Name.Pos, sqlerr.AmbiguousFunction, "function name %q is not unique", db+"."+n.Name.Name).
			WithHint("Say which: %s.", list[0].Signature())
	case function.KindOf(n.Name.Name) != function.Unknown && n.Name.DB == "":
		return nil, sqlerr.At(n.Name.Pos, sqlerr.WrongObjectType, "function %s is built in", n.Name.Name)
	}
	name := ast.FunctionName{Name: ast.Name{Name: n.Name.Name}, Types: n.Types, Typed: n.Typed}
	e := sqlerr.At(n.Name.Pos, sqlerr.UndefinedFunction, "function %s.%s does not exist", db, name)
	var names []string
	for _, f := range s.Functions {
		if f.Database == db {
			names = append(names, f.Name)
		}
	}
	if known := near.Name(n.Name.Name, names); known != "" {
		e.WithHint("Perhaps you meant %q.", known)
	}
	return nil, e
}

func sameType(c types.Column, t ast.TypeName) bool { return c.Type == t.Type }

// special are the functions that are no line of the table of functions, since they are made of others.
var special = []string{"if", "nullif", "date_add", "date_sub", "adddate", "subdate", "extract", "named_struct", "version", "row", "array", "map", "struct"}

// BuiltIn tells a name that no function can be declared by.
func BuiltIn(name string) bool {
	_, described := function.Describe(name)
	return described || function.KindOf(name) != function.Unknown || slices.Contains(special, name) || sessionWords[name]
}
