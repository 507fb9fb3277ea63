package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Expand gives a batch once for each grouping set. Columns are lent on; those that a set leaves out
// are replaced.
type Expand struct {
	executor.Stateless
	sets   []plan.GroupingSet
	nulls  map[int]*column.Vector // of the columns that some set leaves out
	number *column.Vector
	out    column.Batch
}

// NewExpand makes the operator of a plan node.
func NewExpand(p *plan.Expand) *Expand {
	e := &Expand{sets: p.Sets, nulls: map[int]*column.Vector{}, number: column.NewVector(types.Of(types.BigInt))}
	for _, s := range p.Sets {
		for _, c := range s.Nulls {
			e.nulls[c] = column.NewVector(p.Out[c].Type)
		}
	}
	e.out.Cols = make([]*column.Vector, len(p.Out))
	return e
}

// Open implements executor.Operator.
func (e *Expand) Open(*executor.Env) error { return nil }

// Process implements executor.Operator.
func (e *Expand) Process(_ int, b *column.Batch, out executor.Output) error {
	for _, v := range e.nulls {
		if v.Len() == b.Rows {
			continue
		}
		v.Reset()
		for range b.Rows {
			v.AppendNull()
		}
	}
	e.out.Rows, e.out.Sel, e.out.Kinds, e.out.Split = b.Rows, b.Sel, b.Kinds, b.Split
	for n, set := range e.sets {
		at := copy(e.out.Cols, b.Cols)
		for _, c := range set.Nulls {
			e.out.Cols[c] = e.nulls[c]
		}
		e.number.Reset()
		e.number.Grow(b.Rows)
		for i := range e.number.Ints {
			e.number.Ints[i] = int64(n)
		}
		e.out.Cols[at] = e.number
		if err := out.Emit(&e.out); err != nil {
			return err
		}
	}
	return nil
}
