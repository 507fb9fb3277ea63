package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
)

// AssignWindow gives each row the bounds of its windows, once per window.
type AssignWindow struct {
	executor.Stateless
	w     windows
	time  int
	most  int64 // windows a row may belong to
	out   *column.Batch
	env   *executor.Env
	sel   []int32
	rows  []int32
	kinds []column.RowKind
	start *column.Vector
	end   *column.Vector
}

// NewAssignWindow makes the operator of a plan node.
func NewAssignWindow(p *plan.AssignWindow) *AssignWindow {
	n := len(p.Out)
	return &AssignWindow{w: newWindows(p.Window), time: p.Window.Time, most: p.Window.Most(), out: &column.Batch{Cols: make([]*column.Vector, n)},
		start: column.NewVector(p.Out[n-2].Type), end: column.NewVector(p.Out[n-1].Type)}
}

// Open implements executor.Operator.
func (a *AssignWindow) Open(env *executor.Env) error { a.env = env; return nil }

// Process emits the batch once per window that a row may belong to: first with the
// last window of each row, then with the one before.
func (a *AssignWindow) Process(_ int, b *column.Batch, out executor.Output) error {
	a.tellTimeless(b)
	for n := range a.most {
		if a.assign(b, n); len(a.sel) == 0 {
			continue
		}
		at := copy(a.out.Cols, b.Cols)
		a.out.Cols[at], a.out.Cols[at+1] = a.start, a.end
		a.out.Rows, a.out.Sel, a.out.Kinds, a.out.Split = b.Rows, a.sel, b.Kinds, b.Split
		if len(b.Kinds) > 0 { // the other version of a row may not be in this window
			a.rows = liveRows(a.rows, b)
			a.kinds = pairKinds(a.kinds, a.rows, b, a.sel)
			a.out.Kinds = a.kinds
		}
		if err := out.Emit(a.out); err != nil {
			return err
		}
	}
	return nil
}

// assign selects the rows that have an n-th window before their last one.
func (a *AssignWindow) assign(b *column.Batch, n int64) {
	t := b.Cols[a.time]
	a.start.Reset()
	a.end.Reset()
	a.start.Grow(b.Rows)
	a.end.Grow(b.Rows)
	a.sel = a.sel[:0]
	b.Each(func(row int) {
		if t.Null(row) {
			return
		}
		start, end, ok := a.w.before(t.Ints[row], n)
		if ok {
			a.start.Ints[row], a.end.Ints[row] = start, end
			a.sel = append(a.sel, int32(row))
		}
	})
}

func (a *AssignWindow) tellTimeless(b *column.Batch) {
	t := b.Cols[a.time]
	if t.Valid == nil {
		return
	}
	var left leftOut
	b.Each(func(row int) {
		if t.Null(row) {
			left.timeless++
		}
	})
	left.tell(a.env, executor.NoWatermark)
}
