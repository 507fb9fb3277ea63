package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// SessionWindow puts rows into sessions: it appends window_start and window_end, and gives a row
// when its session has ended, if it does.
type SessionWindow struct {
	Identity Identity
	Input    Node
	// Keys are the columns by which sessions are made.
	Keys   []int
	Window plan.Window // on a column of the input
	// Late and Updates are as those of an Aggregate.
	Late    []plan.Expr
	Updates *Updates
}

// BoundsOf are the columns that a window adds over an input. Those of a session are as exact as
// its rows.
func BoundsOf(w *plan.Window, in types.Schema) types.Schema {
	out := Bounds()
	if w.Kind != plan.Session {
		return out
	}
	for i := range out {
		out[i].Type = types.NewTimestamp(max(types.DefaultTimestamp, in[w.Time].Type.Precision))
	}
	return out
}

func (s *SessionWindow) bounds() types.Schema { return BoundsOf(&s.Window, s.Input.Schema()) }

func (s *SessionWindow) Schema() types.Schema { return slices.Concat(s.Input.Schema(), s.bounds()) }

func (s *SessionWindow) Inputs() []Node { return []Node{s.Input} }

func (s *SessionWindow) WithInputs(in []Node) Node {
	out := *s
	out.Input = in[0]
	return &out
}

// Changing tells that rows may come into a session, or leave it, for ever: they are corrected, or
// no watermark speaks of their times.
func (s *SessionWindow) Changing(in Traits) bool {
	return !in.Bounded && (in.Updating() || !slices.Contains(in.EventTimes, s.Window.Time))
}

// Traits: rows come when their session has ended, and late for their own times; or at once, and
// with each change of its bounds again, where it never ends; or early, and corrected.
func (s *SessionWindow) Traits(in []Traits) Traits {
	t, start := in[0], len(s.Input.Schema())
	if s.Changing(t) || s.Updates != nil && !t.Bounded {
		t.Changelog, t.Upsert, t.EventTimes, t.Fixed = Retract, nil, nil, nil
		t.Window = &Attached{Start: start, End: start + 1, Kind: plan.Session, Assigned: true}
		return t
	}
	t.EventTimes = []int{start + 1}
	t.Window = &Attached{Start: start, End: start + 1, Kind: plan.Session, Final: true, Assigned: true}
	return t
}

func (s *SessionWindow) Lineage(in []Lineage) Lineage {
	l, meaning := in[0], s.meaning(in)
	added := []string{bounded("window_start of " + meaning), bounded("window_end of " + meaning)}
	return Lineage{Rows: bounded(l.Rows + " assign " + meaning), Columns: slices.Concat(l.Columns, added)}
}

// Meaning is the rows, the keys and the window.
func (s *SessionWindow) Meaning(in []Lineage) (kind, meaning string) {
	return s.kind(), in[0].Rows + " assign " + s.meaning(in)
}

func (s *SessionWindow) kind() string {
	if s.Updates != nil {
		return "session_updates"
	}
	return "session"
}

// ID is what its state is known by.
func (s *SessionWindow) ID() plan.OperatorID { return s.Identity.ID(s.kind()) }

func (s *SessionWindow) meaning(in []Lineage) string {
	return s.Window.Stored(in[0].Columns[s.Window.Time]) + " of " + in[0].pick(s.Keys)
}

func (s *SessionWindow) Identified(id Identity) Node {
	out := *s
	out.Identity = id
	return &out
}

func (s *SessionWindow) Describe(in [][]string) (string, []string) {
	line := "window " + ShowWindow(s.Window, in[0]) + s.Updates.show()
	if len(s.Keys) > 0 {
		line += " by " + Pick(in[0], s.Keys)
	}
	return line, slices.Concat(in[0], ColumnNames(s.bounds()))
}
