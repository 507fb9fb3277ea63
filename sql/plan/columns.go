package plan

import (
	"slices"

	"slipway/sql/types"
)

// Columns is a set of the columns of a schema: whether each is in it.
type Columns []bool

// AllColumns is the set of all of so many columns.
func AllColumns(width int) Columns { return slices.Repeat(Columns{true}, max(0, width)) }

// List gives the columns of the set, ascending.
func (s Columns) List() (list []int) {
	for i, in := range s {
		if in {
			list = append(list, i)
		}
	}
	return list
}

// Add puts columns into the set; a negative one stands for none.
func (s Columns) Add(list ...int) {
	for _, i := range list {
		if i >= 0 {
			s[i] = true
		}
	}
}

// AddExpr puts in what an expression reads.
func (s Columns) AddExpr(e Expr) { EachColumn(e, func(c *Column) { s[c.Index] = true }) }

// Places are where the columns of the set are when all others are gone.
func (s Columns) Places() Places {
	out, n := make(Places, len(s)), 0
	for i, in := range s {
		out[i] = -1
		if in {
			out[i] = n
			n++
		}
	}
	return out
}

// Places has for each column of a schema its place in a narrower one, -1 if it is not there.
type Places []int

// SamePlaces: nothing has moved.
func SamePlaces(width int) Places { return AllColumns(width).Places() }

// Of gives the place of a column; a negative one stands for none and stays.
func (p Places) Of(column int) int {
	if column < 0 {
		return column
	}
	return p[column]
}

// All gives the places of several columns.
func (p Places) All(columns []int) []int {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = p.Of(c)
	}
	return out
}

// Expr gives an expression that reads the columns at their places.
func (p Places) Expr(e Expr) Expr {
	return MapColumns(e, func(c *Column) Expr {
		moved := *c
		moved.Index = p[c.Index]
		return &moved
	})
}

// Schema is what is left of a schema.
func (p Places) Schema(s types.Schema) types.Schema { return Keep(s, p) }

// Keep gives the items of a list, one for each column, whose columns are left.
func Keep[T any](list []T, p Places) (out []T) {
	for i, x := range list {
		if p[i] >= 0 {
			out = append(out, x)
		}
	}
	return out
}

// computed is Passes of columns that no input has.
func computed(n int) []int { return slices.Repeat([]int{-1}, max(0, n)) }

// columnsOf lists what an expression reads.
func columnsOf(e Expr) (list []int) {
	EachColumn(e, func(c *Column) { list = append(list, c.Index) })
	return list
}
