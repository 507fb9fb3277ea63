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
	// Cumulate windows begin every Size and end every Slide after that, up to Size.
	Cumulate WindowKind = 2
	// Session windows are made by rows that come at most Size after one another. One begins with
	// its first row and ends Size behind its last, which still belongs to it.
	Session WindowKind = 3
)

// Window is a window assignment on a TIMESTAMP column. All windows begin at
// Offset + k*Slide since 1970-01-01, those of Cumulate at Offset + k*Size; for Tumble and
// Session Slide equals Size.
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

// AssignWindow appends window_start and window_end (TIMESTAMP(3)); with Hop and Cumulate a row
// goes out once per window it belongs to. Used when windowed rows are not
// aggregated.
type AssignWindow struct {
	Window Window
	Out    types.Schema
}

func (w Window) String() string {
	return w.Show(fmt.Sprintf("#%d", w.Time))
}

// Show writes the window on a column of that name, as a call in GROUP BY would.
func (w Window) Show(time string) string {
	text := [...]string{"tumble", "hop", "cumulate", "session"}[w.Kind] + "(" + time
	if w.Kind == Hop || w.Kind == Cumulate {
		text += fmt.Sprintf(", %s", w.Slide)
	}
	text += fmt.Sprintf(", %s", w.Size)
	if w.Offset != 0 {
		text += fmt.Sprintf(", offset %s", w.Offset)
	}
	return text + ")"
}

// Most is to how many windows one row may belong.
func (w Window) Most() int64 { return int64((w.Size + w.Slide - 1) / w.Slide) }

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
