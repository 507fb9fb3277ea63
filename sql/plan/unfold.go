package plan

import (
	"fmt"
	"slices"

	"slipway/sql/types"
)

// Unfold makes several rows of each: the first Keep columns, beside Width others in turn. The
// input has those of all Rows behind the columns that are kept.
type Unfold struct {
	Keep, Rows, Width int
	Out               types.Schema
}

// Series makes a row for each number, or time, of a series: the first Keep columns of the input,
// beside the number. The three columns behind those that are kept are From, To and Step; NULL in
// one of them makes none, a Step of 0 is an error, 22023.
type Series struct {
	Keep int
	// Open: To itself is not among them.
	Open bool
	// Outer: a row of which no number meets On is given with NULL in its place.
	Outer bool
	On    Expr `plan:"optional"` // over the columns of Out; nil: all do
	Out   types.Schema
}

var _ = tag[Unfold]("unfold")

func (o *Unfold) Schema() types.Schema { return o.Out }

func (o *Unfold) Describe() string { return fmt.Sprintf("%d rows of each", o.Rows) }

func (o *Unfold) Inputs() int { return 1 }

func (o *Unfold) Reads(_ int, wanted Columns) (list []int) {
	for _, c := range wanted.List() {
		if c < o.Keep {
			list = append(list, c)
			continue
		}
		for r := range o.Rows {
			list = append(list, c+r*o.Width)
		}
	}
	return list
}

func (o *Unfold) Passes(int) []int { return append(SamePlaces(o.Keep), computed(o.Width)...) }

func (o *Unfold) Needs() Needs { return Needs{} }

var _ = tag[Series]("series")

func (o *Series) Schema() types.Schema { return o.Out }

func (o *Series) Describe() string {
	text := "series"
	if o.On != nil {
		text += " where " + o.On.String()
	}
	if o.Outer {
		text += ", or NULL"
	}
	return text
}

func (o *Series) Inputs() int { return 1 }

func (o *Series) Reads(_ int, wanted Columns) []int {
	kept := slices.Clone(wanted[:o.Keep])
	EachColumn(o.On, func(c *Column) {
		if c.Index < o.Keep {
			kept[c.Index] = true
		}
	})
	return append(kept.List(), o.Keep, o.Keep+1, o.Keep+2)
}

func (o *Series) Passes(int) []int { return append(SamePlaces(o.Keep), -1) }

func (o *Series) Needs() Needs { return Needs{} }
