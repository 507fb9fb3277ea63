package logical

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Unnest gives each row of the input with each of the elements of arrays, several of them side by side, or
// with each key and value of a map. Where one ends before the others it is NULL.
type Unnest struct {
	Input  Node
	Arrays []plan.Expr // over the input's columns; ARRAY or MAP
	// Columns are those of the elements, of a map two.
	Columns types.Schema
	// Ordinality adds a last column BIGINT with the element's place, from 1.
	Ordinality bool
	// Outer: a row without elements goes on with NULL.
	Outer bool
}

var ordinality = types.Column{Name: "ordinality", Type: types.Of(types.BigInt)}

func (u *Unnest) added() types.Schema {
	if u.Ordinality {
		return append(slices.Clone(u.Columns), ordinality)
	}
	return u.Columns
}

func (u *Unnest) Schema() types.Schema { return slices.Concat(u.Input.Schema(), u.added()) }
func (u *Unnest) Inputs() []Node       { return []Node{u.Input} }

func (u *Unnest) WithInputs(in []Node) Node {
	out := *u
	out.Input = in[0]
	return &out
}

// Traits: a row is there several times, told apart by the place of its element alone.
func (u *Unnest) Traits(in []Traits) Traits {
	t := unfolded(in[0], true)
	if u.Ordinality {
		for _, s := range in[0].Unique {
			t.Unique = append(t.Unique, slices.Concat(s, []int{len(u.Schema()) - 1}))
		}
	}
	return t
}

func (u *Unnest) Lineage(in []Lineage) Lineage {
	of := bounded(fmt.Sprintf("unnest %t %s", u.Outer, strings.Join(in[0].ofAll(u.Arrays), ", ")))
	l := Lineage{Rows: bounded(in[0].Rows + " " + of), Columns: slices.Clone(in[0].Columns)}
	for i := range u.added() {
		l.Columns = append(l.Columns, bounded(fmt.Sprintf("%d of %s", i, of)))
	}
	return l
}

func (u *Unnest) Describe(in [][]string) (string, []string) {
	text := "unnest(" + strings.Join(showAll(u.Arrays, in[0]), ", ") + ")"
	if u.Outer {
		text += ", or NULL where there is nothing"
	}
	return text, slices.Concat(in[0], ColumnNames(u.added()))
}
