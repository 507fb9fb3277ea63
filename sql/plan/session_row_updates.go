package plan

import (
	"slices"
	"time"

	"slipway/sql/types"
)

// SessionRowUpdates gives rows the bounds of their sessions, as SessionWindow does, but before these are final, or corrects them
// afterwards: rows of a session are given when the watermark passes its end and, with Every, so often before that if it has
// changed; and again at once when rows come behind the watermark by less than Lateness, by which ended sessions may become
// one. Rows that were given with other bounds are then taken back. Output: the input, window_start, window_end.
type SessionRowUpdates struct {
	Op     OperatorID
	Keys   []int
	Window Window
	// Lateness is how long behind its end a session is still corrected; 0: not at all.
	Lateness time.Duration
	// Every is the time of the clock after which sessions that have not ended are given; 0: never.
	Every time.Duration
	Out   types.Schema
	// Late: see LateRows. The input may have columns for it behind those that are given.
	Late []int
}

var _ = tag[SessionRowUpdates]("session_row_updates")

func (o *SessionRowUpdates) Schema() types.Schema { return o.Out }

func (o *SessionRowUpdates) ID() OperatorID { return o.Op }

// StateSchema lists the columns that are kept.
func (o *SessionRowUpdates) StateSchema() string {
	return "updates, " + (&SessionWindow{Out: o.Out}).StateSchema()
}

func (o *SessionRowUpdates) Describe() string {
	text := "assign window (updating" + o.When() + ") " + o.Window.String()
	if len(o.Keys) > 0 {
		text += " by " + columnNames(o.Out, o.Keys)
	}
	return text
}

// When says beside the end of a session when its rows are given.
func (o *SessionRowUpdates) When() string { return whenGiven(o.Every, o.Lateness) }

func (o *SessionRowUpdates) Inputs() int { return 1 }

// Reads: equal rows are one row that is there several times.
func (o *SessionRowUpdates) Reads(_ int, wanted Columns) []int {
	return withLate(slices.Concat(wanted[:max(0, len(wanted)-len(windowBounds))].List(), o.Keys, []int{o.Window.Time}), o.Late)
}

func (o *SessionRowUpdates) Passes(int) []int {
	return append(SamePlaces(len(o.Out)-len(windowBounds)), windowBounds...)
}

// Needs: each session ends at a time of its own.
func (o *SessionRowUpdates) Needs() Needs { return Needs{Watermarks: true, Timers: true} }

// Keeps implements Keeper.
func (o *SessionRowUpdates) Keeps() Kept {
	return Kept{Each: "row", Bytes: bytesOf(o.Out) + 2*chainOf, Until: untilCorrected("its session has ended", o.Lateness)}
}
