package op

import (
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
)

// windows is a plan.Window in microseconds.
type windows struct{ size, slide, slice, offset int64 }

func newWindows(w plan.Window) windows {
	return windows{micros(w.Size), micros(w.Slide), micros(w.Slice()), micros(w.Offset)}
}

func micros(d time.Duration) int64 { return int64(d / time.Microsecond) }

// sliceOf is the beginning of the slice that holds t.
func (w windows) sliceOf(t int64) int64 {
	return column.FloorDiv(t-w.offset, w.slice)*w.slice + w.offset
}

// lastStart is the beginning of the last window that holds t.
func (w windows) lastStart(t int64) int64 {
	return column.FloorDiv(t-w.offset, w.slide)*w.slide + w.offset
}

// lastEnd is when the last window that holds t ends: from that watermark on t is late.
func (w windows) lastEnd(t int64) int64 { return w.lastStart(t) + w.size }

// AssignWindow gives each row the bounds of its windows, once per window.
type AssignWindow struct {
	executor.Stateless
	w        windows
	time     int
	out      *column.Batch
	env      *executor.Env
	sel      []int32
	start    *column.Vector
	end      *column.Vector
	repeated int64 // windows a row may belong to
}

// NewAssignWindow makes the operator of a plan node.
func NewAssignWindow(p *plan.AssignWindow) *AssignWindow {
	n := len(p.Out)
	a := &AssignWindow{w: newWindows(p.Window), time: p.Window.Time, out: &column.Batch{Cols: make([]*column.Vector, n)},
		start: column.NewVector(p.Out[n-2].Type), end: column.NewVector(p.Out[n-1].Type)}
	a.repeated = (a.w.size + a.w.slide - 1) / a.w.slide
	return a
}

// Open implements executor.Operator.
func (a *AssignWindow) Open(env *executor.Env) error { a.env = env; return nil }

// Process emits the batch once per window that a row may belong to: first with the
// last window of each row, then with the one before.
func (a *AssignWindow) Process(_ int, b *column.Batch, out executor.Output) error {
	t := b.Cols[a.time]
	for back := range a.repeated {
		a.start.Reset()
		a.end.Reset()
		a.start.Grow(b.Rows)
		a.end.Grow(b.Rows)
		a.sel = a.sel[:0]
		b.Each(func(row int) {
			if t.Null(row) {
				if back == 0 {
					a.env.Counters.Failed.Add(1)
				}
				return
			}
			s := a.w.lastStart(t.Ints[row]) - back*a.w.slide
			if s+a.w.size <= t.Ints[row] {
				return
			}
			a.start.Ints[row], a.end.Ints[row] = s, s+a.w.size
			a.sel = append(a.sel, int32(row))
		})
		if len(a.sel) == 0 {
			continue
		}
		n := copy(a.out.Cols, b.Cols)
		a.out.Cols[n], a.out.Cols[n+1] = a.start, a.end
		a.out.Rows, a.out.Sel, a.out.Kinds, a.out.Split = b.Rows, a.sel, b.Kinds, b.Split
		if err := out.Emit(a.out); err != nil {
			return err
		}
	}
	return nil
}
