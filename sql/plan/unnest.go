package plan

import (
	"slices"

	"slipway/sql/types"
)

// Unnest makes a row for each element of Arrays arrays or maps, which stand behind the first Keep columns of the
// input: these, beside the elements, of a map key and value. Where one ends before the others it is NULL.
type Unnest struct {
	Keep, Arrays int
	// Ordinality: the last column is the element's place, from 1.
	Ordinality bool
	// Outer: a row without elements goes on with NULL.
	Outer bool
	Out   types.Schema
}

var _ = tag[Unnest]("unnest")

func (o *Unnest) Schema() types.Schema { return o.Out }

func (o *Unnest) Describe() string {
	if o.Outer {
		return "unnest, or NULL where there is nothing"
	}
	return "unnest"
}

func (o *Unnest) Inputs() int { return 1 }

func (o *Unnest) Reads(_ int, wanted Columns) []int {
	list := slices.Clone(wanted[:o.Keep]).List()
	for i := range o.Arrays {
		list = append(list, o.Keep+i)
	}
	return list
}

func (o *Unnest) Passes(int) []int {
	return append(SamePlaces(o.Keep), computed(len(o.Out)-o.Keep)...)
}

func (o *Unnest) Needs() Needs { return Needs{} }
