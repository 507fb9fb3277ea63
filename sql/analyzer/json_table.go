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
	t := jsonLevels{a: a, r: r, visible: visible, siblings: map[int][2]int{}}
	if t.vars, err = a.jsonVariables(f.JSON.Passing, r.scope()); err != nil {
		return err
	}
	args := call.(*plan.Call).Args
	t.unnest([]plan.Expr{args[0], bound(args[1], t.vars)}, jsonWord(f.JSON.OnError, "EMPTY"), f.JSON.Columns, 0, f.Outer)
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
	vars    []plan.Expr
	values  []int // the column of the value of each level
	numbers []int // the column of the number of the value
	// siblings are the columns of both of NESTED PATHs that stand side by side, by how many columns of the table there are
	// from there on.
	siblings map[int][2]int
	list     []plan.Expr
	as       []scopeColumn
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
	t.enter(level, width, width+1)
}

// enter goes to a level with the columns of its value and number.
func (t *jsonLevels) enter(level, item, number int) {
	t.values, t.numbers = append(t.values[:level], item), append(t.numbers[:level], number)
}

// column makes the first of rest, which is c.
func (t *jsonLevels) column(rest []ast.JSONColumn, c ast.JSONColumn) error {
	if c.Func == "ordinality" {
		t.add(c, t.r.at(t.numbers[c.Level]))
		return nil
	}
	if c.Func == "nested" {
		return t.nested(rest, c.Level)
	}
	args, err := t.found(c)
	if err != nil {
		return err
	}
	x, err := t.value(c, args)
	if err == nil {
		t.add(c, x)
	}
	return err
}

// found are the value of a column's level, and its path.
func (t *jsonLevels) found(c ast.JSONColumn) ([]plan.Expr, error) {
	path, at := "$."+string(value.AppendJSONString(nil, []byte(c.Name.Name))), c.Name.Pos
	if c.Path != nil {
		path, at = c.Path.Text, c.Path.Pos
	}
	if err := checkJSONPath(at, path, t.vars); err != nil {
		return nil, err
	}
	return []plan.Expr{t.r.at(t.values[c.Level]), bound(textConst(path), t.vars)}, nil
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
