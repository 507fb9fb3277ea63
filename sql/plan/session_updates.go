package plan

import (
	"time"

	"slipway/sql/types"
)

// SessionUpdates is GROUP BY over sessions of the keys whose results are given before they are
// final, or corrected afterwards: each is given when the watermark passes its end and, with Every,
// so often before that if it has changed; and again at once for rows that come behind the
// watermark by less than Lateness, by which ended sessions may become one. What was given of the
// rows of a session is taken back when the session is given. Output: as that of SessionAggregate.
type SessionUpdates struct {
	Op     OperatorID
	Keys   []int
	Window Window
	// Lateness is how long behind its end a session is still corrected; 0: not at all.
	Lateness time.Duration
	// Every is the time of the clock after which sessions that have not ended are given; 0: never.
	Every time.Duration
	// EmitBefore: somebody needs the old version of a row that changes.
	EmitBefore bool
	// Rows: values are kept for some of the aggregates, so the rows of a session are kept and it is computed from them.
	Rows bool
	Aggs []Agg
	Out  types.Schema
	// Late: see LateRows.
	Late []int
}

var _ = tag[SessionUpdates]("session_updates")

func (o *SessionUpdates) Schema() types.Schema { return o.Out }

func (o *SessionUpdates) ID() OperatorID { return o.Op }

// StateSchema lists the accumulators and their types; the key and window are part of the ID.
func (o *SessionUpdates) StateSchema() string { return stateSchema(o.Aggs) }

func (o *SessionUpdates) Describe() string {
	return describeAggregate("session aggregate (updating"+o.When()+")", o.Keys, &o.Window, o.Aggs)
}

// When says beside the end of a session when it is given.
func (o *SessionUpdates) When() string { return whenGiven(o.Every, o.Lateness) }

func (o *SessionUpdates) Inputs() int { return 1 }

func (o *SessionUpdates) Reads(int, Columns) []int {
	return withLate(readsAggregate(o.Keys, o.Aggs, o.Window.Time), o.Late)
}

func (o *SessionUpdates) Passes(int) []int { return passesKeys(o.Keys, o.Out) }

// Needs: each session ends at a time of its own.
func (o *SessionUpdates) Needs() Needs { return Needs{Watermarks: true, Timers: true} }

// Keeps implements Keeper: what a session is, and what was given of it, or its rows.
func (o *SessionUpdates) Keeps() Kept {
	if o.Rows {
		return Kept{Each: "row of a session", Bytes: bytesOf(o.Out) + 2*chainOf, Until: untilCorrected("it has ended", o.Lateness)}
	}
	return Kept{Each: "session", Bytes: 2*(bytesOf(o.Out)+2*chainOf) + rowBytes, Until: untilCorrected("it has ended", o.Lateness)}
}
