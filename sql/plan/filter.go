package plan

import "slipway/sql/types"

// Filter keeps the rows for which Pred is true.
type Filter struct {
	Pred Expr
	// Changes: the input corrects rows. An old version that passes becomes a Delete if
	// its new version does not.
	Changes bool
	Out     types.Schema
}

// Project computes Exprs.
type Project struct {
	Exprs []Expr
	Out   types.Schema
}

var _ = tag[Filter]("filter")

func (o *Filter) Schema() types.Schema { return o.Out }

func (o *Filter) Describe() string {
	if o.Changes {
		return "filter " + o.Pred.String() + ", a row that passes no longer is deleted"
	}
	return "filter " + o.Pred.String()
}

func (o *Filter) Inputs() int { return 1 }

func (o *Filter) Reads(_ int, wanted Columns) []int {
	return append(wanted.List(), columnsOf(o.Pred)...)
}

func (o *Filter) Passes(int) []int { return SamePlaces(len(o.Out)) }

func (o *Filter) Needs() Needs { return Needs{} }

var _ = tag[Project]("project")

func (o *Project) Schema() types.Schema { return o.Out }

func (o *Project) Describe() string { return "project " + joinExprs(o.Exprs) }

func (o *Project) Inputs() int { return 1 }

func (o *Project) Reads(_ int, wanted Columns) []int {
	var in []int
	for i, e := range o.Exprs {
		if i < len(wanted) && wanted[i] {
			in = append(in, columnsOf(e)...)
		}
	}
	return in
}

func (o *Project) Passes(int) []int {
	out := computed(len(o.Exprs))
	for i, e := range o.Exprs {
		if c, ok := e.(*Column); ok {
			out[i] = c.Index
		}
	}
	return out
}

func (o *Project) Needs() Needs { return Needs{} }
