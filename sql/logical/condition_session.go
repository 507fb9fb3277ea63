package logical

import (
	"fmt"
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// ConditionSession puts rows into sessions that rows begin and end: it appends window_start,
// window_end and SessionNumber, and gives a row when its session has ended. Rows that belong to none go.
type ConditionSession struct {
	Identity Identity
	Input    Node
	Sessions plan.Sessions // over columns of the input
	// Late is as that of an Aggregate.
	Late []plan.Expr
}

// SessionNumber tells the sessions of a key with equal bounds apart.
var SessionNumber = types.Column{Name: "session_number", Type: types.Of(types.BigInt)}

// bounds are the columns that it adds: as exact as its rows.
func (s *ConditionSession) bounds() types.Schema {
	w := plan.Window{Kind: plan.Session, Time: s.Sessions.Time}
	return append(BoundsOf(&w, s.Input.Schema()), SessionNumber)
}

func (s *ConditionSession) Schema() types.Schema { return slices.Concat(s.Input.Schema(), s.bounds()) }

func (s *ConditionSession) Inputs() []Node { return []Node{s.Input} }

func (s *ConditionSession) WithInputs(in []Node) Node {
	out := *s
	out.Input = in[0]
	return &out
}

// Traits: rows come when their session has ended, and late for their own times.
func (s *ConditionSession) Traits(in []Traits) Traits {
	t, start := in[0], len(s.Input.Schema())
	t.EventTimes = []int{start + 1}
	t.Window = &Attached{Start: start, End: start + 1, Kind: plan.Session, Final: true, Assigned: true}
	return t
}

func (s *ConditionSession) Lineage(in []Lineage) Lineage {
	l, meaning := in[0], s.meaning(in)
	var added []string
	for _, c := range s.bounds() {
		added = append(added, bounded(c.Name+" of "+meaning))
	}
	return Lineage{Rows: bounded(l.Rows + " assign " + meaning), Columns: slices.Concat(l.Columns, added)}
}

// Meaning is the rows, the keys, and what begins and ends sessions.
func (s *ConditionSession) Meaning(in []Lineage) (kind, meaning string) {
	return "condition session", in[0].Rows + " assign " + s.meaning(in)
}

func (s *ConditionSession) meaning(in []Lineage) string {
	of, by := in[0].Columns, s.Sessions
	return fmt.Sprintf("sessions by %s from %s %t to %s %t timeout %d of %s", of[by.Time], of[by.Init.Column], by.Init.Exclude, of[by.End.Column], by.End.Exclude,
		by.Timeout.Microseconds(), in[0].pick(by.Keys))
}

func (s *ConditionSession) Identified(id Identity) Node {
	out := *s
	out.Identity = id
	return &out
}

func (s *ConditionSession) Describe(in [][]string) (string, []string) {
	line := "sessions " + s.Sessions.Show(func(c int) string { return NameOf(in[0], c) })
	return line, slices.Concat(in[0], ColumnNames(s.bounds()))
}
