package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/sql/types"
)

// SessionBound is what begins or ends a session: a row whose BOOLEAN column is true.
type SessionBound struct {
	Column int
	// Exclude: such a row does not belong to the session.
	Exclude bool
}

// Show writes a bound by the name of its column.
func (b SessionBound) Show(word, column string) string {
	if b.Exclude {
		column += " exclude"
	}
	return word + " [" + column + "]"
}

// Sessions are those that rows of a key begin and end, in the order of their times.
type Sessions struct {
	Keys      []int
	Time      int
	Init, End SessionBound
	// Timeout ends a session that has had no row for so long; 0: none does.
	Timeout time.Duration
}

// At are the sessions over columns that have moved.
func (s Sessions) At(places Places) Sessions {
	s.Keys, s.Time = places.All(s.Keys), places.Of(s.Time)
	s.Init.Column, s.End.Column = places.Of(s.Init.Column), places.Of(s.End.Column)
	return s
}

// Columns are those that are read.
func (s Sessions) Columns() []int {
	return append(slices.Clone(s.Keys), s.Time, s.Init.Column, s.End.Column)
}

// Show writes the sessions over columns that name gives the names of.
func (s Sessions) Show(name func(column int) string) string {
	text := fmt.Sprintf("of %s, %s, %s", name(s.Time), s.Init.Show("init", name(s.Init.Column)), s.End.Show("end", name(s.End.Column)))
	if s.Timeout > 0 {
		text += fmt.Sprintf(", timeout %s", s.Timeout)
	}
	if len(s.Keys) == 0 {
		return text
	}
	var keys []string
	for _, k := range s.Keys {
		keys = append(keys, name(k))
	}
	return text + ", by " + strings.Join(keys, ", ")
}

// ConditionSession gives rows the bounds of sessions that rows begin and end: those of a key are
// taken in the order of their times, each when the watermark has passed it, and given when their session
// has ended. Rows outside of all sessions go; one that comes when the watermark has passed it is
// dropped and counted. Output: the input, window_start, window_end, and a BIGINT that tells sessions of a key
// with equal bounds apart.
type ConditionSession struct {
	Op       OperatorID
	Sessions Sessions
	// Final: the input ends. A session that no row has ended by then is not given.
	Final bool
	Out   types.Schema
	// Late: see LateRows. The input may have columns for it behind those that are given.
	Late []int
}

var _ = tag[ConditionSession]("condition_session")

// sessionBounds are the columns that it adds, as Passes speaks of them.
var sessionBounds = []int{-1, -1, -1}

func (o *ConditionSession) Schema() types.Schema { return o.Out }

func (o *ConditionSession) ID() OperatorID { return o.Op }

// StateSchema lists the columns that are kept.
func (o *ConditionSession) StateSchema() string {
	var parts []string
	for _, c := range o.Out[:len(o.Out)-len(sessionBounds)] {
		parts = append(parts, c.Name+" "+c.Type.Stored())
	}
	return strings.Join(parts, ", ")
}

func (o *ConditionSession) Describe() string {
	return "assign sessions that rows begin and end; " + o.Sessions.Show(func(c int) string { return columnNames(o.Out, []int{c}) })
}

func (o *ConditionSession) Inputs() int { return 1 }

func (o *ConditionSession) Reads(_ int, wanted Columns) []int {
	given := wanted[:max(0, len(wanted)-len(sessionBounds))].List()
	return withLate(append(given, o.Sessions.Columns()...), o.Late)
}

func (o *ConditionSession) Passes(int) []int {
	return append(SamePlaces(len(o.Out)-len(sessionBounds)), sessionBounds...)
}

// Needs: the rows of each key are taken at times of their own.
func (o *ConditionSession) Needs() Needs { return Needs{Watermarks: true, Timers: true} }

// Keeps implements Keeper: without a timeout a session that no row ends is there for ever.
func (o *ConditionSession) Keeps() Kept {
	k := Kept{Each: "row", Bytes: bytesOf(o.Out) + 2*chainOf, Grows: true, Bounds: "TIMEOUT ends a session that no row ends"}
	if o.Sessions.Timeout > 0 {
		k.Until = "its session has ended"
	}
	k.Until = orEnd(o.Final, k.Until)
	return k
}

// LateColumns implements LateRows.
func (o *ConditionSession) LateColumns(int) []int { return o.Late }
