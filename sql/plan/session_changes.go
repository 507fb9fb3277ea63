package plan

import (
	"time"

	"slipway/sql/types"
)

// SessionChanges gives rows that may be taken back, or whose times no watermark follows, the
// bounds of their sessions. A row that comes or goes may make two sessions one, or one two: then
// the rows of these are taken back and given with other bounds, at once. Output: the input,
// window_start, window_end.
type SessionChanges struct {
	Op     OperatorID
	Keys   []int
	Window Window
	// TTL is the idle time after which the rows of a session are forgotten; 0 keeps them.
	TTL time.Duration
	// Updates: rows are taken back from the input.
	Updates bool
	Out     types.Schema
}

var _ = tag[SessionChanges]("session_changes")

func (o *SessionChanges) Schema() types.Schema { return o.Out }

func (o *SessionChanges) ID() OperatorID { return o.Op }

// StateSchema lists the columns that are kept.
func (o *SessionChanges) StateSchema() string {
	return "changes, " + (&SessionWindow{Out: o.Out}).StateSchema()
}

func (o *SessionChanges) Describe() string {
	text := "assign window (updating) " + o.Window.String()
	if len(o.Keys) > 0 {
		text += " by " + columnNames(o.Out, o.Keys)
	}
	return text
}

func (o *SessionChanges) Inputs() int { return 1 }

// Reads: a row is found by all of it when it is taken back.
func (o *SessionChanges) Reads(int, Columns) []int {
	return SamePlaces(len(o.Out) - len(windowBounds))
}

func (o *SessionChanges) Passes(int) []int {
	return append(SamePlaces(len(o.Out)-len(windowBounds)), windowBounds...)
}

func (o *SessionChanges) Needs() Needs { return Needs{} }

// Keeps implements Keeper: rows of an input that is corrected go when they are taken back.
func (o *SessionChanges) Keeps() Kept {
	return Kept{Each: "row", Bytes: bytesOf(o.Out) + 2*chainOf, Until: idle(o.TTL), Grows: !o.Updates}
}
