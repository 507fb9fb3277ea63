package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// jsonTable is JSON_TABLE: a row for each value that its path leads to, an element of an array of JSON; a NESTED PATH
// does the same with each of these once more. The columns are computed of the value of their level.
func (a *analysis) jsonTable(r *relation, f *ast.Unnest) error {
	x, err := a.expr(f.Args[0], r.scope())
	if err != nil {
		return err
	}
	path, err := a.expr(f.Args[1], r.scope())
	if err != nil {
		return err
	}
	call, err := a.resolve(f.Pos, "json_exists", []plan.Expr{x, path}, f.Args) // which takes the same
	if err != nil {
		return err
	}
	visible := slices.Clone(r.columns)
	t := jsonLevels{a: a, r: r, visible: visible}
	t.unnest(call.(*plan.Call).Args, jsonWord(f.JSON.OnError, "EMPTY"), f.JSON.Columns, 0, f.Outer)
	for i, c := range f.JSON.Columns {
		if err := t.column(f.JSON.Columns[i:], c); err != nil {
			return err
		}
	}
	a.computed(r, visible, t.list, t.as)
	return nil
}

// jsonLevels makes the columns of JSON_TABLE.
type jsonLevels struct {
	a       *analysis
	r       *relation
	visible []scopeColumn
	values  []int // the column of the value of each level
	list    []plan.Expr
	as      []scopeColumn
}

// unnest gives each row with what a path leads to; rest begins with the first column of the level.
func (t *jsonLevels) unnest(args []plan.Expr, onError string, rest []ast.JSONColumn, level int, outer bool) {
	rows := types.NewArray(types.Of(types.JSON))
	list := &plan.Call{Func: "json_rows", Args: append(args[:2:2], textConst(onError+" ON ERROR")), Typ: rows}
	n := &logical.Unnest{Input: t.r.node, Arrays: []plan.Expr{list}, Columns: types.Schema{{Name: "item", Type: types.Of(types.JSON)}}, Outer: outer}
	for _, c := range rest {
		if c.Level < level {
			break
		}
		n.Ordinality = n.Ordinality || c.Level == level && c.Func == "ordinality"
	}
	width := len(t.r.columns)
	t.r.put(n)
	for i, c := range n.Schema()[width:] {
		t.r.columns = append(t.r.columns[:width+i:width+i], scopeColumn{name: c.Name, typ: c.Type, index: width + i})
	}
	t.values = append(t.values[:level], width)
}

// column makes the first of rest, which is c.
func (t *jsonLevels) column(rest []ast.JSONColumn, c ast.JSONColumn) error {
	path, at := "$."+string(value.AppendJSONString(nil, []byte(c.Name.Name))), c.Name.Pos
	if c.Path != nil {
		path, at = c.Path.Text, c.Path.Pos
	}
	if _, ok := value.ParseJSONPath(path); !ok {
		return sqlerr.At(at, sqlerr.InvalidParameter, "invalid JSON path %q", path).WithHint(`A path reads $.name."any name"[0][*].`)
	}
	item := t.values[c.Level]
	if c.Func == "ordinality" {
		t.add(c, t.r.at(item+1))
		return nil
	}
	args := []plan.Expr{t.r.at(item), textConst(path)}
	if c.Func == "nested" {
		if len(t.values) > c.Level+1 {
			return sqlerr.At(at, sqlerr.FeatureNotSupported, "NESTED PATH beside another one is not supported").WithHint("Write a JSON_TABLE of its own for each.")
		}
		t.unnest(args, "EMPTY", rest[1:], c.Level+1, true)
		return nil
	}
	x, err := t.value(c, args)
	if err == nil {
		t.add(c, x)
	}
	return err
}

// value is a column that is no number.
func (t *jsonLevels) value(c ast.JSONColumn, args []plan.Expr) (plan.Expr, error) {
	form := jsonForm(&c.JSONClauses)
	if c.Func == "json_query" && form == "" {
		form = "KEEP QUOTES " // a column of JSON takes scalars too
	}
	scope := &scope{columns: t.visible}
	x, err := t.a.jsonFound(c.Func, args, form, &c.JSONClauses, scope)
	if err != nil || c.Func != "json_exists" {
		return x, err
	}
	to := c.Returning.Type
	if !function.Castable(x.Type(), to) {
		return nil, sqlerr.At(c.Returning.Pos, sqlerr.CannotCoerce, "cannot cast type %s to %s", x.Type(), to)
	}
	if x.Type() == to {
		return x, nil
	}
	return &plan.Cast{Arg: x, Typ: to}, nil
}

func (t *jsonLevels) add(c ast.JSONColumn, x plan.Expr) {
	t.list, t.as = append(t.list, x), append(t.as, scopeColumn{name: c.Name.Name})
}
