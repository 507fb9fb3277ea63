package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// maxSiblings bounds how many stand side by side: each counts the values of those before it.
const maxSiblings = 32

// nested is the NESTED PATH that rest begins with, in a level. Those of one level are a union: each gives rows of its own,
// in which the columns of the others are NULL.
func (t *jsonLevels) nested(rest []ast.JSONColumn, level int) error {
	if at, known := t.siblings[len(rest)]; known {
		t.enter(level+1, at[0], at[1])
		return nil
	}
	group := siblingsOf(rest, level)
	if len(group) > maxSiblings {
		return sqlerr.At(rest[group[maxSiblings]].Name.Pos, sqlerr.TooComplex, "more than %d NESTED PATHs side by side", maxSiblings)
	}
	if len(group) > 1 {
		return t.unnestUnion(rest, group, level)
	}
	args, err := t.found(rest[0])
	if err == nil {
		t.unnest(args, "EMPTY", rest[1:], level+1, true)
	}
	return err
}

// siblingsOf are the places of the NESTED PATHs of a level in what is left of it.
func siblingsOf(rest []ast.JSONColumn, level int) (places []int) {
	for i, c := range rest {
		if c.Level < level {
			break
		}
		if c.Level == level && c.Func == "nested" {
			places = append(places, i)
		}
	}
	return places
}

// unnestUnion gives each row with what several paths lead to: arrays side by side, each of which begins with as many NULLs as
// there are values in those before it.
func (t *jsonLevels) unnestUnion(rest []ast.JSONColumn, group []int, level int) error {
	n := &logical.Unnest{Input: t.r.node, Outer: true}
	width := len(t.r.columns)
	var before plan.Expr
	for _, at := range group {
		args, err := t.found(rest[at])
		if err != nil {
			return err
		}
		list := &plan.Call{Func: "json_rows", Args: append(args, textConst("EMPTY ON ERROR")), Typ: types.NewArray(types.Of(types.JSON))}
		if before != nil {
			list.Args = append(list.Args, before)
		}
		before = list
		numbers := &plan.Call{Func: "json_row_numbers", Args: []plan.Expr{list}, Typ: types.NewArray(types.Of(types.BigInt))}
		t.siblings[len(rest)-at] = [2]int{width + len(n.Columns), width + len(n.Columns) + 1}
		n.Arrays = append(n.Arrays, list, numbers)
		n.Columns = append(n.Columns, types.Column{Name: "item", Type: types.Of(types.JSON)}, types.Column{Name: "number", Type: types.Of(types.BigInt)})
	}
	t.r.put(n)
	for i, c := range n.Schema()[width:] {
		t.r.columns = append(t.r.columns[:width+i:width+i], scopeColumn{name: c.Name, typ: c.Type, index: width + i})
	}
	return t.nested(rest, level)
}
