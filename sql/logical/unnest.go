package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Unnest gives a row for each element of an array (CROSS JOIN UNNEST), with the element's
// columns behind those of the row. No analyzer makes one yet.
type Unnest struct {
	Input Node
	Array plan.Expr
	// Columns are those of an element.
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

// Traits: a row is there several times, told apart by the place of its element alone. What
// became of an old version is known by the version.
func (u *Unnest) Traits(in []Traits) Traits {
	t := in[0]
	sets := t.Unique
	t.Unique = nil
	if u.Ordinality {
		for _, s := range sets {
			t.Unique = append(t.Unique, slices.Concat(s, []int{len(u.Schema()) - 1}))
		}
	}
	if t.Changelog == Upsert {
		t.Changelog, t.Upsert = Retract, nil
	}
	return t
}

func (u *Unnest) Lineage(in []Lineage) Lineage {
	of := in[0].Of(u.Array)
	l := Lineage{Rows: bounded(in[0].Rows + " unnest " + of), Columns: slices.Clone(in[0].Columns)}
	for _, c := range u.added() {
		l.Columns = append(l.Columns, bounded(c.Name+" of "+of))
	}
	return l
}

func (u *Unnest) Describe(in [][]string) (string, []string) {
	return "unnest " + Show(u.Array, in[0]), slices.Concat(in[0], ColumnNames(u.added()))
}
