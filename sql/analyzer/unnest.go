package analyzer

import (
	"slices"
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// allArrays tells values that are written ARRAY[…].
func allArrays(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool { _, ok := e.(*ast.Array); return !ok })
}

// unnestValues gives the elements of arrays, and the entries of maps, as rows; of rows among the elements their
// fields, if they are wanted.
func (a *analysis) unnestValues(r *relation, f *ast.Unnest, fields bool) error {
	n := &logical.Unnest{Input: r.node, Ordinality: f.Ordinality, Outer: f.Outer}
	for i, arg := range f.Args {
		x, err := a.expr(arg, r.scope())
		if err != nil {
			return err
		}
		if x.Type().Kind == types.JSON {
			x = &plan.Call{Func: "json_elements", Args: []plan.Expr{x}, Typ: types.NewArray(x.Type())}
		}
		columns, ok := elementColumns(x.Type(), i+1)
		if !ok {
			return sqlerr.At(arg.Position(), sqlerr.FeatureNotSupported, "%s of %s is not supported: it takes an array or a map", strings.ToUpper(f.Func), x.Type()).
				WithHint("A text that is JSON is one with CAST(x AS ARRAY<STRING>).")
		}
		n.Arrays, n.Columns = append(n.Arrays, x), append(n.Columns, columns...)
	}
	visible := slices.Clone(r.columns)
	width := len(visible)
	r.put(n)
	for i, c := range n.Schema()[width:] {
		r.columns = append(r.columns[:width+i:width+i], scopeColumn{name: c.Name, typ: c.Type, index: width + i})
	}
	if fields && slices.ContainsFunc(n.Columns, func(c types.Column) bool { return isRow(c.Type) }) {
		list, as := fieldsOf(r, width)
		a.computed(r, visible, list, as)
	}
	return nil
}

func isRow(t types.Type) bool { return t.IsNested() && t.Kind == types.Struct }

// elementColumns are the columns that an array or a map makes.
func elementColumns(t types.Type, number int) (types.Schema, bool) {
	if !t.IsNested() || t.Kind == types.Struct {
		return nil, false
	}
	parts := t.Fields()
	if t.Kind == types.Map {
		return types.Schema{{Name: "key", Type: parts[0].Type}, {Name: "value", Type: parts[1].Type}}, true
	}
	return types.Schema{{Name: "unnest" + strconv.Itoa(number), Type: parts[0].Type}}, true
}

// fieldsOf are the columns from one on, with fields in place of rows.
func fieldsOf(r *relation, from int) (list []plan.Expr, as []scopeColumn) {
	for i, c := range r.columns[from:] {
		x := r.at(from + i)
		if !isRow(c.typ) {
			list, as = append(list, x), append(as, c)
			continue
		}
		for k, f := range c.typ.Fields() {
			list = append(list, &plan.Call{Func: "field", Args: []plan.Expr{x, bigConst(int64(k))}, Typ: f.Type})
			as = append(as, scopeColumn{name: f.Name})
		}
	}
	return list, as
}

// explode is Hive's EXPLODE, POSEXPLODE, whose first column is the place from 0, and INLINE, which gives the fields of rows.
func (a *analysis) explode(r *relation, f *ast.Unnest) error {
	if len(f.Args) != 1 {
		return sqlerr.At(f.Pos, sqlerr.UndefinedFunction, "%s takes one argument", strings.ToUpper(f.Func))
	}
	width, of := len(r.columns), *f
	of.Ordinality = f.Func == "posexplode"
	if err := a.unnestValues(r, &of, f.Func == "inline"); err != nil {
		return err
	}
	if len(r.columns) == width+1 && f.Func == "explode" {
		r.columns[width].name = "col"
	}
	if !of.Ordinality {
		return nil
	}
	last := len(r.columns) - 1
	as := append([]scopeColumn{{name: "pos"}}, r.columns[width:last]...)
	if len(as) == 2 {
		as[1].name = "col"
	}
	list := []plan.Expr{&plan.Call{Func: "-", Args: []plan.Expr{r.at(last), bigConst(1)}, Typ: types.Of(types.BigInt)}}
	for i := width; i < last; i++ {
		list = append(list, r.at(i))
	}
	a.computed(r, slices.Clone(r.columns[:width]), list, as)
	return nil
}
