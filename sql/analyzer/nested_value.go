package analyzer

import (
	"math"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// nestedValue is what makes a nested value, or takes a part of one.
func (a *analysis) nestedValue(e ast.Expr, s *scope) (plan.Expr, error) {
	switch e := e.(type) {
	case *ast.Array:
		return a.call(e.Pos, s, "array", e.Items...)
	case *ast.Map:
		return a.call(e.Pos, s, "map", e.Items...)
	case *ast.Row:
		return a.call(e.Pos, s, "row", e.Items...)
	case *ast.Subscript:
		return a.call(e.OpPos, s, "element", e.X, e.Index)
	case *ast.Slice:
		return a.slice(e, s)
	}
	f := e.(*ast.Field)
	x, err := a.expr(f.X, s)
	if err != nil {
		return nil, err
	}
	return fieldOf(x, f.Name.Name, f.OpPos)
}

// slice is x[low:high]; a bound that is not said is the first element, or the last.
func (a *analysis) slice(e *ast.Slice, s *scope) (plan.Expr, error) {
	places := []ast.Expr{e.X, e.Low, e.High}
	args := []plan.Expr{nil, bigConst(1), bigConst(math.MaxInt64)}
	for i, x := range places {
		if x == nil {
			places[i] = e
			continue
		}
		var err error
		if args[i], err = a.expr(x, s); err != nil {
			return nil, err
		}
	}
	return a.resolve(e.OpPos, "array_slice", args, places)
}

// fieldOf is a field of a value.
func fieldOf(x plan.Expr, name string, pos int) (plan.Expr, error) {
	t := x.Type()
	if t.Kind != types.Struct || !t.IsNested() {
		return nil, sqlerr.At(pos, sqlerr.WrongObjectType, "%s has no fields", t).WithHint("A field is of a STRUCT; of JSON text JSON_VALUE(x, '$.a.b') gives one.")
	}
	fields := t.Fields()
	i := types.FieldNamed(fields, name)
	if i < 0 {
		return nil, sqlerr.At(pos, sqlerr.UndefinedColumn, "%s has no field %q", t, name)
	}
	return &plan.Call{Func: "field", Args: []plan.Expr{x, bigConst(int64(i))}, Typ: fields[i].Type}, nil
}

// path is a.b.c where a column of that name is not there, but one, named by the first of the parts, that
// has fields; ok is false if there is none.
func (a *analysis) path(e *ast.ColumnRef, s *scope) (out plan.Expr, ok bool, err error) {
	for n := min(len(e.Parts)-1, 3); n > 0; n-- {
		of := &ast.ColumnRef{Pos: e.Pos, Parts: e.Parts[:n]}
		c, err := s.column(of)
		if err != nil || c.typ.Kind != types.Struct {
			continue
		}
		if out, err = a.expr(of, s); err != nil {
			return nil, false, err
		}
		for _, name := range e.Parts[n:] {
			if out, err = fieldOf(out, name, e.Pos); err != nil {
				return nil, false, err
			}
		}
		return out, true, nil
	}
	return nil, false, nil
}

// namedStruct is Hive's NAMED_STRUCT('a', x, 'b', y).
func (a *analysis) namedStruct(e *ast.FuncCall, s *scope) (plan.Expr, error) {
	if len(e.Args) == 0 || len(e.Args)%2 != 0 {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "NAMED_STRUCT takes names and values in turn")
	}
	var names []string
	var values []plan.Expr
	for i := 0; i < len(e.Args); i += 2 {
		l, ok := e.Args[i].(*ast.Literal)
		if !ok || l.Kind != ast.StringLiteral || l.Text == "" {
			return nil, sqlerr.At(e.Args[i].Position(), sqlerr.InvalidParameter, "the name of a field is a constant text")
		}
		for _, n := range names {
			if strings.EqualFold(n, l.Text) {
				return nil, sqlerr.At(l.Pos, sqlerr.DuplicateColumn, "field %q is there twice", l.Text)
			}
		}
		x, err := a.expr(e.Args[i+1], s)
		if err != nil {
			return nil, err
		}
		names, values = append(names, l.Text), append(values, typed(x))
	}
	sig, problem := function.StructOf(names, typesOf(values))
	if problem != "" {
		return nil, sqlerr.At(e.Pos, sqlerr.UndefinedFunction, "NAMED_STRUCT: %s", problem)
	}
	return &plan.Call{Func: sig.Name, Args: values, Typ: sig.Result}, nil
}

// ofElements is x op ANY (array) or ALL.
func (a *analysis) ofElements(e *ast.Binary, list *ast.Elements, s *scope) (plan.Expr, error) {
	name, ok := binaryNames[e.Op]
	if _, compares := negatedOps[e.Op]; !ok || !compares {
		return nil, sqlerr.At(e.OpPos, sqlerr.SyntaxError, "ANY and ALL of an array stand behind a comparison")
	}
	if name += " any"; list.All {
		name = binaryNames[e.Op] + " all"
	}
	x, err := a.expr(e.L, s)
	if err != nil {
		return nil, err
	}
	of, err := a.expr(list.X, s)
	if err != nil {
		return nil, err
	}
	if c, ok := of.(*plan.Const); ok && (c.Null || c.Typ.IsText()) && !x.Type().IsNested() {
		if of, err = a.to(list.X, c, types.NewArray(typed(x).Type())); err != nil {
			return nil, err
		}
	}
	return a.resolve(e.OpPos, name, []plan.Expr{x, of}, []ast.Expr{e.L, list.X})
}

// arrayConcat is what || means of its arguments.
func arrayConcat(args []plan.Expr) string {
	array := func(i int) bool { return args[i].Type().Kind == types.Array && args[i].Type().IsNested() }
	switch {
	case len(args) != 2 || !array(0) && !array(1):
		return "concat"
	case !array(1) && args[1].Type().Kind != types.Null:
		return "array_append"
	case !array(0) && args[0].Type().Kind != types.Null:
		return "array_prepend"
	case array(0) && array(1) && args[0].Type().Depth() != args[1].Type().Depth():
		if args[0].Type().Depth() > args[1].Type().Depth() {
			return "array_append"
		}
		return "array_prepend"
	}
	return "array_cat"
}
