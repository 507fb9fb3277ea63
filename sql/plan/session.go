package plan

import (
	"slices"
	"strings"

	"slipway/sql/types"
)

// SessionAggregate is GROUP BY over sessions of the keys: each is emitted once, when no row can
// come any more that belongs to it. A row that is late for all sessions is dropped and counted.
// Output: the keys, window_start, window_end, then one column per Agg.
type SessionAggregate struct {
	Op     OperatorID
	Keys   []int
	Window Window
	Aggs   []Agg
	Out    types.Schema
	// Late: see LateRows.
	Late []int
}

var _ = tag[SessionAggregate]("session_aggregate")

func (o *SessionAggregate) Schema() types.Schema { return o.Out }

func (o *SessionAggregate) ID() OperatorID { return o.Op }

// StateSchema lists the accumulators and their types; the key and window are part of the ID.
func (o *SessionAggregate) StateSchema() string { return stateSchema(o.Aggs) }

func (o *SessionAggregate) Describe() string {
	return describeAggregate("session aggregate (final)", o.Keys, &o.Window, o.Aggs)
}

func (o *SessionAggregate) Inputs() int { return 1 }

func (o *SessionAggregate) Reads(int, Columns) []int {
	return withLate(readsAggregate(o.Keys, o.Aggs, o.Window.Time), o.Late)
}

func (o *SessionAggregate) Passes(int) []int { return passesKeys(o.Keys, o.Out) }

// Needs: each session ends at a time of its own.
func (o *SessionAggregate) Needs() Needs { return Needs{Watermarks: true, Timers: true} }

// Keeps implements Keeper: the session, its places among those of the key, and the key's timer.
func (o *SessionAggregate) Keeps() Kept {
	return Kept{Each: "session", Bytes: bytesOf(o.Out) + 2*chainOf + rowBytes, Until: "it has ended"}
}

// SessionWindow gives rows the bounds of their sessions: it keeps them by key and time until no
// row can come any more that belongs to the session. A row that is late for all sessions is
// dropped and counted. Output: the input, window_start, window_end.
type SessionWindow struct {
	Op     OperatorID
	Keys   []int
	Window Window
	Out    types.Schema
	// Late: see LateRows. The input may have columns for it behind those that are given.
	Late []int
}

var _ = tag[SessionWindow]("session_window")

func (o *SessionWindow) Schema() types.Schema { return o.Out }

func (o *SessionWindow) ID() OperatorID { return o.Op }

// StateSchema lists the columns that are kept.
func (o *SessionWindow) StateSchema() string {
	var parts []string
	for _, c := range o.Out[:len(o.Out)-len(windowBounds)] {
		parts = append(parts, c.Name+" "+c.Type.Stored())
	}
	return strings.Join(parts, ", ")
}

func (o *SessionWindow) Describe() string {
	text := "assign window " + o.Window.String()
	if len(o.Keys) > 0 {
		text += " by " + columnNames(o.Out, o.Keys)
	}
	return text
}

func (o *SessionWindow) Inputs() int { return 1 }

func (o *SessionWindow) Reads(_ int, wanted Columns) []int {
	return withLate(slices.Concat(wanted[:max(0, len(wanted)-len(windowBounds))].List(), o.Keys, []int{o.Window.Time}), o.Late)
}

func (o *SessionWindow) Passes(int) []int {
	return append(SamePlaces(len(o.Out)-len(windowBounds)), windowBounds...)
}

// Needs: each session ends at a time of its own.
func (o *SessionWindow) Needs() Needs { return Needs{Watermarks: true, Timers: true} }

// Keeps implements Keeper.
func (o *SessionWindow) Keeps() Kept {
	return Kept{Each: "row", Bytes: bytesOf(o.Out) + 2*chainOf, Until: "its session has ended"}
}
