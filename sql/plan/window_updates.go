package plan

import (
	"fmt"
	"time"

	"slipway/sql/types"
)

// WindowUpdates is GROUP BY over windows whose results are given before they are final, or
// corrected afterwards: each group of a window is given when the watermark passes the window's
// end and, with Every, so often before that if it has changed; and again at once for rows that
// come behind the watermark by less than Lateness. Then the window is forgotten. A row all of
// whose windows are forgotten is late: dropped and counted. Output: the keys, window_start,
// window_end TIMESTAMP(3), then one column per Agg.
type WindowUpdates struct {
	Op     OperatorID
	Keys   []int
	Window Window
	// Lateness is how long behind its end a window is still corrected; 0: not at all.
	Lateness time.Duration
	// Every is the time of the clock after which windows that have not ended are given; 0: never.
	Every time.Duration
	// EmitBefore: somebody needs the old version of a row that changes.
	EmitBefore bool
	Aggs       []Agg
	Out        types.Schema
	// Late: see LateRows.
	Late []int
}

var _ = tag[WindowUpdates]("window_updates")

func (o *WindowUpdates) Schema() types.Schema { return o.Out }

func (o *WindowUpdates) ID() OperatorID { return o.Op }

// StateSchema lists the accumulators and their types; the key and window are part of the ID.
func (o *WindowUpdates) StateSchema() string { return stateSchema(o.Aggs) }

func (o *WindowUpdates) Describe() string {
	return describeAggregate("window aggregate (updating"+o.When()+")", o.Keys, &o.Window, o.Aggs)
}

// When says beside the end of a window when it is given.
func (o *WindowUpdates) When() string { return whenGiven(o.Every, o.Lateness) }

func whenGiven(every, lateness time.Duration) (text string) {
	if every > 0 {
		text += fmt.Sprintf(", every %s", every)
	}
	if lateness > 0 {
		text += fmt.Sprintf(", corrected for %s", lateness)
	}
	return text
}

// untilCorrected is when what is corrected for some time behind its end is forgotten.
func untilCorrected(ended string, lateness time.Duration) string {
	if lateness > 0 {
		return fmt.Sprintf("%s and %s have passed", ended, lateness)
	}
	return ended
}

func (o *WindowUpdates) Inputs() int { return 1 }

func (o *WindowUpdates) Reads(int, Columns) []int {
	return withLate(readsAggregate(o.Keys, o.Aggs, o.Window.Time), o.Late)
}

func (o *WindowUpdates) Passes(int) []int { return passesKeys(o.Keys, o.Out) }

// Needs: a watermark ends windows; the clock says when one that goes on is given.
func (o *WindowUpdates) Needs() Needs { return Needs{Watermarks: true, Timers: o.Every > 0} }

// Keeps implements Keeper: what a group is, and what was given of it.
func (o *WindowUpdates) Keeps() Kept {
	return Kept{Each: "group of a window", Bytes: 2*bytesOf(o.Out) - rowBytes, Until: untilCorrected("its window has ended", o.Lateness)}
}
