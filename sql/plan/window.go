package plan

import (
	"fmt"
	"time"

	"slipway/sql/types"
)

// WindowKind is how windows are cut. Its number stands in operator ids: it is never changed
// and never given to another kind.
type WindowKind uint8

const (
	// Tumble windows follow one another without gap or overlap.
	Tumble WindowKind = 0
	// Hop windows are Size long and begin every Slide.
	Hop WindowKind = 1
)

// Window is a window assignment on a TIMESTAMP column. All windows begin at
// Offset + k*Slide since 1970-01-01; for Tumble, Slide equals Size.
type Window struct {
	Kind   WindowKind
	Time   int // index of the TIMESTAMP column in the input
	Size   time.Duration
	Slide  time.Duration
	Offset time.Duration
}

// Slice is the greatest length of which Size and Slide are both multiples:
// windows are made of whole slices.
func (w Window) Slice() time.Duration {
	a, b := w.Size, w.Slide
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// AssignWindow appends window_start and window_end (TIMESTAMP(3)); with Hop a row
// goes out once per window it belongs to. Used when windowed rows are not
// aggregated.
type AssignWindow struct {
	Window Window
	Out    types.Schema
}

func (w Window) String() string {
	if w.Kind == Tumble {
		return fmt.Sprintf("tumble(#%d, %s)", w.Time, w.Size)
	}
	return fmt.Sprintf("hop(#%d, %s, %s)", w.Time, w.Slide, w.Size)
}

// windowBounds are the columns that are put behind those of the input, as Passes speaks of them.
var windowBounds = []int{-1, -1}

var _ = tag[AssignWindow]("assign_window")

func (o *AssignWindow) Schema() types.Schema { return o.Out }

func (o *AssignWindow) Describe() string { return "assign window " + o.Window.String() }

func (o *AssignWindow) Inputs() int { return 1 }

func (o *AssignWindow) Reads(_ int, wanted Columns) []int {
	return append(wanted[:max(0, len(wanted)-len(windowBounds))].List(), o.Window.Time)
}

func (o *AssignWindow) Passes(int) []int {
	return append(SamePlaces(len(o.Out)-len(windowBounds)), windowBounds...)
}

func (o *AssignWindow) Needs() Needs { return Needs{} }
