// Package op holds the operators, one idea a file. An operator sees batches and
// watermarks, never barriers: what must survive lies in Env.State.
package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
)

// Filter narrows the selection.
type Filter struct {
	executor.Stateless
	pred    *expr.Predicate
	changes bool
	rows    []int32
	kinds   []column.RowKind
	out     column.Batch
}

// NewFilter makes the operator of a plan node.
func NewFilter(p *plan.Filter, o expr.Options) (*Filter, error) {
	pred, err := expr.CompileFilter(p.Pred, o)
	return &Filter{pred: pred, changes: p.Changes}, err
}

// Process implements executor.Operator.
func (f *Filter) Process(_ int, b *column.Batch, out executor.Output) error {
	sel, err := f.pred.Select(b)
	if err != nil || len(sel) == 0 {
		return err
	}
	f.out = *b
	f.out.Sel = sel
	if f.changes && len(b.Kinds) > 0 {
		f.pair(b, sel)
		f.out.Kinds = f.kinds
	}
	return out.Emit(&f.out)
}

// pair gives the rows their kinds. Of the two versions of a row, which follow one another,
// both may pass; else the old one is deleted, or the new one inserted.
func (f *Filter) pair(b *column.Batch, sel []int32) {
	f.rows = liveRows(f.rows, b)
	f.kinds = append(f.kinds[:0], b.Kinds...)
	before := false // the row in front is an old version that does not pass
	for i, r := range f.rows {
		kind, passes := b.Kinds[r], len(sel) > 0 && sel[0] == r
		if passes {
			sel = sel[1:]
		}
		switch {
		case passes && kind == column.UpdateBefore:
			goesOn := i+1 < len(f.rows) && b.Kinds[f.rows[i+1]] == column.UpdateAfter && len(sel) > 0 && sel[0] == f.rows[i+1]
			if !goesOn {
				f.kinds[r] = column.Delete
			}
		case passes && kind == column.UpdateAfter && before:
			f.kinds[r] = column.Insert
		}
		before = kind == column.UpdateBefore && !passes
	}
}

// Project computes columns; a column that passes through is shared, not copied.
type Project struct {
	executor.Stateless
	exprs []expr.Evaluator
	out   column.Batch
}

// NewProject makes the operator of a plan node.
func NewProject(p *plan.Project, o expr.Options) (*Project, error) {
	k := &Project{exprs: make([]expr.Evaluator, len(p.Exprs)), out: column.Batch{Cols: make([]*column.Vector, len(p.Exprs))}}
	for i, e := range p.Exprs {
		var err error
		if k.exprs[i], err = expr.Compile(e, o); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Process implements executor.Operator.
func (p *Project) Process(_ int, b *column.Batch, out executor.Output) error {
	for i, e := range p.exprs {
		v, err := e.Eval(b, b.Sel)
		if err != nil {
			return err
		}
		p.out.Cols[i] = v
	}
	p.out.Rows, p.out.Sel, p.out.Kinds, p.out.Split = b.Rows, b.Sel, b.Kinds, b.Split
	return out.Emit(&p.out)
}

// Limit passes Count rows behind the first Offset, then ends the stream.
type Limit struct {
	executor.Stateless
	skip, left int64
	out        column.Batch
	sel        []int32
}

// NewLimit makes the operator of a plan node.
func NewLimit(p *plan.Limit) *Limit { return &Limit{skip: p.Offset, left: p.Count} }

// Process implements executor.Operator.
func (l *Limit) Process(_ int, b *column.Batch, out executor.Output) error {
	l.sel = l.sel[:0]
	b.Each(func(row int) {
		switch {
		case l.skip > 0:
			l.skip--
		case l.left > 0:
			l.left--
			l.sel = append(l.sel, int32(row))
		}
	})
	if len(l.sel) > 0 {
		l.out = *b
		l.out.Sel = l.sel
		if err := out.Emit(&l.out); err != nil {
			return err
		}
	}
	if l.left == 0 {
		return executor.ErrFinished
	}
	return nil
}
