package plan

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/types"
)

// Expand gives each row once for each grouping set. Output: the columns of the input, and the
// set's number, from 0. The versions of a row that changes stay side by side in each set.
type Expand struct {
	Sets []GroupingSet
	Out  types.Schema
}

// GroupingSet is a list of columns that are NULL in the rows of a set.
type GroupingSet struct{ Nulls []int }

var _ = tag[Expand]("expand")

func (o *Expand) Schema() types.Schema { return o.Out }

func (o *Expand) Describe() string {
	list := make([]string, len(o.Sets))
	for i, s := range o.Sets {
		list[i] = fmt.Sprint(s.Nulls)
	}
	return "expand to sets without " + strings.Join(list, ", ")
}

func (o *Expand) Inputs() int { return 1 }

func (o *Expand) Reads(_ int, wanted Columns) []int { return wanted[:max(0, len(wanted)-1)].List() }

// Passes: a column that is NULL in some sets is another one.
func (o *Expand) Passes(int) []int {
	out := append(SamePlaces(len(o.Out)-1), -1)
	for _, s := range o.Sets {
		for _, c := range s.Nulls {
			out[c] = -1
		}
	}
	return slices.Clip(out)
}

func (o *Expand) Needs() Needs { return Needs{} }
