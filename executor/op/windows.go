package op

import (
	"time"

	"slipway/executor/column"
	"slipway/sql/plan"
)

// windows is a plan.Window in microseconds. Windows are made of whole slices; a slice is known
// by its beginning.
type windows struct {
	size, slide, slice, offset int64
	cumulate                   bool
}

func newWindows(w plan.Window) windows {
	return windows{micros(w.Size), micros(w.Slide), micros(w.Slice()), micros(w.Offset), w.Kind == plan.Cumulate}
}

func micros(d time.Duration) int64 { return int64(d / time.Microsecond) }

// sliceOf is the beginning of the slice that holds t.
func (w *windows) sliceOf(t int64) int64 {
	return column.FloorDiv(t-w.offset, w.slice)*w.slice + w.offset
}

// lastStart is the beginning of the last window that holds t.
func (w *windows) lastStart(t int64) int64 {
	every := w.slide
	if w.cumulate {
		every = w.size
	}
	return column.FloorDiv(t-w.offset, every)*every + w.offset
}

// lastEnd is when the last window that holds t ends: from that watermark on t is late.
func (w *windows) lastEnd(t int64) int64 { return w.lastStart(t) + w.size }

// before gives the n-th window before the last one that holds t; ok tells whether it does.
func (w *windows) before(t, n int64) (start, end int64, ok bool) {
	start = w.lastStart(t)
	if w.cumulate {
		end = start + w.size - n*w.slide
		return start, end, end > t
	}
	start -= n * w.slide
	return start, start + w.size, start+w.size > t
}

// next gives the first window that holds a slice and ends behind the watermark; ok tells whether
// there is one.
func (w *windows) next(slice, watermark int64) (start, end int64, ok bool) {
	if w.cumulate {
		start = w.lastStart(slice)
		end = start + w.slide*column.FloorDiv(max(slice, watermark)-start+w.slide, w.slide)
		return start, end, end <= start+w.size
	}
	start = w.lastStart(slice + w.slice - w.size + w.slide - 1)
	if start+w.size <= watermark {
		start = w.lastStart(watermark-w.size) + w.slide
	}
	return start, start + w.size, start <= slice
}

// startOf is the beginning of the window that ends at a time.
func (w *windows) startOf(end int64) int64 {
	if w.cumulate {
		return w.lastStart(end - 1)
	}
	return end - w.size
}
