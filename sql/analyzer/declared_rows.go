package analyzer

import (
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// A function with RETURNS TABLE gives an array of rows, which UNNEST takes apart: all that holds for UNNEST holds for it.

// givesTable tells the name of a declared function that gives rows.
func (a *analysis) givesTable(f *ast.Unnest) bool {
	d := a.declaredFunction(f)
	return d != nil && d.Columns != nil
}

func (a *analysis) declaredFunction(f *ast.Unnest) *catalog.Function {
	if a.Snapshot == nil {
		return nil
	}
	return a.Snapshot.Function(a.Database, f.Func, len(f.Args))
}

// declaredRows gives the rows of a declared function.
func (a *analysis) declaredRows(r *relation, f *ast.Unnest) error {
	d := a.declaredFunction(f)
	if d == nil || d.Columns == nil {
		return a.noTable(f, d)
	}
	args := make([]plan.Expr, len(f.Args))
	for i, arg := range f.Args {
		var err error
		if args[i], err = a.argument(d, i, arg, r.scope()); err != nil {
			return err
		}
	}
	a.called(d)
	call := external(d, args)
	width, visible := len(r.columns), slices.Clone(r.columns)
	item := call.Type().Fields()[0].Type
	n := &logical.Unnest{Input: r.node, Arrays: []plan.Expr{call}, Columns: types.Schema{{Name: f.Func, Type: item}}, Ordinality: f.Ordinality, Outer: f.Outer}
	r.put(n)
	for i, c := range n.Schema()[width:] {
		r.columns = append(r.columns[:width+i:width+i], scopeColumn{name: c.Name, typ: c.Type, index: width + i})
	}
	list, as := fieldsOf(r, width)
	for i, c := range d.Columns {
		list[i] = cast(list[i], c.Type)
	}
	a.computed(r, visible, list, as)
	return nil
}

// called notes that a declared function is called.
func (a *analysis) called(f *catalog.Function) {
	if !slices.Contains(a.functions, f.Key()) {
		a.functions = append(a.functions, f.Key())
	}
}

// noTable says why a function cannot stand in FROM.
func (a *analysis) noTable(f *ast.Unnest, d *catalog.Function) error {
	name := strings.ToUpper(f.Func)
	if d != nil || function.KindOf(f.Func) == function.Scalar || function.KindOf(f.Func) == function.Aggregate {
		return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "the function %s in FROM is not supported", name).
			WithHint("It gives one value, not rows. UNNEST of an array gives rows, and so do declared functions with RETURNS TABLE.")
	}
	if a.Snapshot != nil {
		if err := a.otherCounts(&ast.FuncCall{Pos: f.Pos, Name: f.Func, Args: f.Args}); err != nil {
			return err
		}
	}
	if f.Below {
		return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "LATERAL VIEW of %s is not supported", name).
			WithHint("EXPLODE, POSEXPLODE, INLINE, JSON_TUPLE and declared functions with RETURNS TABLE are there.")
	}
	return sqlerr.At(f.Pos, sqlerr.FeatureNotSupported, "the table function %s is not supported", name).
		WithHint("Windows are TUMBLE, HOP, CUMULATE and SESSION; CREATE FUNCTION … RETURNS TABLE declares one.")
}
