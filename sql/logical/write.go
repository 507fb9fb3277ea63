package logical

import (
	"fmt"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Write gives rows to a declared stream or table, whose columns the input has, in order.
type Write struct {
	Identity Identity
	Input    Node
	// Name is db.name of the declaration, Relation its name alone.
	Name, Relation string
	Connector      string
	Properties     map[string]string
	Declared       types.Schema
	// Metadata are what the last columns of Declared say of the record beside its value.
	Metadata []string
	// Mode is the changelog that it takes: Append takes rows that are never corrected,
	// Upsert finds rows by Keys, AppendChanges takes new versions as rows.
	Mode plan.SinkMode
	// Keys are the columns of the primary key, for Upsert.
	Keys []int
	// Nth tells INSERTs of one job into the same relation apart: the second is 2, the first 0.
	Nth int
	// Delivery is "at_least_once" or "exactly_once".
	Delivery string
	// Late is the columns of the stream to which rows go that come late on their way, nil if there is none; no part of
	// its meaning.
	Late types.Schema
}

func (w *Write) Schema() types.Schema { return w.Declared }
func (w *Write) Inputs() []Node       { return []Node{w.Input} }

func (w *Write) WithInputs(in []Node) Node {
	out := *w
	out.Input = in[0]
	return &out
}

func (w *Write) Traits(in []Traits) Traits    { return in[0] }
func (w *Write) Lineage(in []Lineage) Lineage { return in[0] }

// Meaning: no sink's id is the beginning of another one's, since transactions are looked for by it.
func (w *Write) Meaning([]Lineage) (kind, meaning string) {
	if w.Nth > 0 {
		return "sink", fmt.Sprintf("%s, INSERT %d", w.Name, w.Nth)
	}
	return "sink", w.Name
}

func (w *Write) Identified(id Identity) Node {
	out := *w
	out.Identity = id
	return &out
}

func (w *Write) Describe(in [][]string) (string, []string) {
	names := ColumnNames(w.Declared)
	line := "write " + w.Name + ": " + w.Mode.String()
	if w.Mode == plan.Upsert {
		line += " by (" + Pick(names, w.Keys) + ")"
	}
	return line, names
}
