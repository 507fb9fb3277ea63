// Package op holds the operators, one idea a file. An operator sees batches and
// watermarks, never barriers: what must survive lies in Env.State.
package op

import (
	"errors"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Filter narrows the selection.
type Filter struct {
	executor.Stateless
	failingRows
	pred    *expr.Predicate
	changes bool
	rows    []int32
	kinds   []column.RowKind
	out     column.Batch
}

// NewFilter makes the operator of a plan node.
func NewFilter(p *plan.Filter, o expr.Options) (*Filter, error) {
	pred, err := expr.CompileFilter(p.Pred, o)
	return &Filter{failingRows: failingRows{names: p.Out}, pred: pred, changes: p.Changes}, err
}

// Open implements executor.Operator.
func (f *Filter) Open(env *executor.Env) error { return f.failingRows.Open(env) }

// Process implements executor.Operator.
func (f *Filter) Process(_ int, b *column.Batch, out executor.Output) error {
	changes := f.changes
	sel, err := f.pred.Select(b, b.Sel)
	if err != nil {
		sel, err = f.rest(err, b, b.Sel, func(rows []int32) ([]int32, error) { return f.pred.Select(b, rows) })
		changes = true
	}
	if err != nil || len(sel) == 0 {
		return err
	}
	f.out = *b
	f.out.Sel = sel
	if changes && len(b.Kinds) > 0 {
		f.rows = liveRows(f.rows, b)
		f.kinds = pairKinds(f.kinds, f.rows, b, sel)
		f.out.Kinds = f.kinds
	}
	return out.Emit(&f.out)
}

// Project computes columns; a column that passes through is shared, not copied.
type Project struct {
	executor.Stateless
	failingRows
	exprs []expr.Evaluator
	most  int // rows whose constant texts may leave in one batch
	room  expr.Room
	rows  []int32
	kinds []column.RowKind
	out   column.Batch
}

// NewProject makes the operator of a plan node over an input schema.
func NewProject(p *plan.Project, in types.Schema, o expr.Options) (*Project, error) {
	k := &Project{failingRows: failingRows{names: in}, exprs: make([]expr.Evaluator, len(p.Exprs)), out: column.Batch{Cols: make([]*column.Vector, len(p.Exprs))}}
	o = o.WithRoom(&k.room)
	for i, e := range p.Exprs {
		var err error
		if k.exprs[i], err = expr.Compile(e, o); err != nil {
			return nil, err
		}
	}
	expr.ContinueSplits(k.exprs)
	k.most = expr.MostRows(k.exprs)
	return k, nil
}

// Open implements executor.Operator.
func (p *Project) Open(env *executor.Env) error { return p.failingRows.Open(env) }

// Process implements executor.Operator.
func (p *Project) Process(_ int, b *column.Batch, out executor.Output) error {
	err := p.compute(b, b.Sel)
	switch {
	case err == nil:
		return p.emit(b, b.Sel, b.Kinds, out)
	case errors.Is(err, expr.ErrTooMuch):
		return p.parts(b, b.Sel, b.Kinds, out)
	}
	sel, err := p.rest(err, b, b.Sel, func(rows []int32) ([]int32, error) { return rows, p.compute(b, rows) })
	if err != nil || len(sel) == 0 {
		return err
	}
	kinds := b.Kinds
	if len(kinds) > 0 {
		p.rows = liveRows(p.rows, b)
		p.kinds = pairKinds(p.kinds, p.rows, b, sel)
		kinds = p.kinds
	}
	return p.parts(b, sel, kinds, out)
}

// parts computes and emits rows, in as many batches as their texts need; never parted are
// the two versions of a row.
func (p *Project) parts(b *column.Batch, sel []int32, kinds []column.RowKind, out executor.Output) error {
	err := p.compute(b, sel)
	if err == nil {
		return p.emit(b, sel, kinds, out)
	}
	if sel == nil {
		p.all = liveRows(p.all, b)
		sel = p.all
	}
	half := len(sel) / 2
	if half > 0 && len(kinds) > 0 && kinds[sel[half-1]] == column.UpdateBefore {
		half++
	}
	if !errors.Is(err, expr.ErrTooMuch) {
		return p.Process(0, &column.Batch{Rows: b.Rows, Cols: b.Cols, Sel: sel, Kinds: kinds, Split: b.Split}, out)
	}
	if half == 0 || half == len(sel) {
		return expr.OfOneRow(err)
	}
	if err := p.parts(b, sel[:half], kinds, out); err != nil {
		return err
	}
	return p.parts(b, sel[half:], kinds, out)
}

func (p *Project) emit(b *column.Batch, sel []int32, kinds []column.RowKind, out executor.Output) error {
	p.out.Rows, p.out.Sel, p.out.Kinds, p.out.Split = b.Rows, sel, kinds, b.Split
	return out.Emit(&p.out)
}

func (p *Project) compute(b *column.Batch, sel []int32) error {
	if n := len(sel); n > p.most || sel == nil && b.Rows > p.most {
		return expr.ErrTooMuch
	}
	p.room.Begin()
	for i, e := range p.exprs {
		v, err := e.Eval(b, sel)
		if err != nil {
			return err
		}
		p.out.Cols[i] = v
	}
	return nil
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
