package plan

import (
	"slices"

	"slipway/sql/types"
)

// OpColumn says of each row of a result that changes what it does: +I -U +U -D.
const OpColumn = "op"

// Changes tells whether the client of a SELECT sees rows that take others back.
func (f *Dataflow) Changes() bool { return f.Updating && !f.Bounded }

// Result is the columns that the client of a SELECT sees.
func (f *Dataflow) Result() types.Schema {
	if !f.Changes() {
		return f.Output
	}
	return slices.Concat(types.Schema{{Name: OpColumn, Type: types.Of(types.String)}}, f.Output)
}

// First ends a SELECT behind so many rows; a Sort then need not keep more of them.
func (f *Dataflow) First(n int64) {
	last := &f.Stages[len(f.Stages)-1]
	last.Ops = slices.Clone(last.Ops)
	for i := len(last.Ops) - 1; i >= 0; i-- {
		if s, ok := last.Ops[i].(*Sort); ok && (s.Top == 0 || s.Top > n) {
			top := *s
			top.Top, last.Ops[i] = n, &top
		}
		if _, ok := last.Ops[i].(*Project); !ok {
			break
		}
	}
	last.Ops = append(last.Ops, &Limit{Count: n, Out: f.Output})
}

// None tells a SELECT that gives no rows by its own words, LIMIT 0.
func (f *Dataflow) None() bool {
	return slices.ContainsFunc(f.Stages[len(f.Stages)-1].Ops, func(o Op) bool {
		l, ok := o.(*Limit)
		return ok && l.Count == 0
	})
}
