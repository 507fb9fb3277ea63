// Package logical is a statement as a tree of relational nodes: names and types are
// resolved, and nothing says how it runs. There are no stages, exchanges, partial
// aggregates or state here; sql/physical chooses those.
//
// sql/analyzer makes the tree, Identify gives the nodes that keep something across a
// restart their identity, sql/optimizer rewrites the tree, sql/physical turns it into a
// plan.Dataflow. A node is never changed once it is in a tree: a rule makes a copy.
//
// What is known of the rows of a node is its Traits. Each kind of node derives its own
// from those of its inputs by a pure function, and nothing else computes them.
package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Node is one relation of a statement. Expressions (plan.Expr) read the columns of the
// node's input by number; those of a node with two inputs read the columns of the left
// input, then those of the right one.
type Node interface {
	// Schema is the columns of its rows.
	Schema() types.Schema
	// Inputs are the relations it reads, left to right; empty for a leaf.
	Inputs() []Node
	// WithInputs is a copy that reads these relations instead, of which there are as many
	// and with as many columns.
	WithInputs(in []Node) Node
	// Traits derives what is known of its rows from what is known of its inputs'.
	Traits(in []Traits) Traits
	// Lineage derives where its rows and columns come from.
	Lineage(in []Lineage) Lineage
	// Describe is its line in a printed tree, in the names that its inputs' columns are
	// called by, and how its own columns are called.
	Describe(in [][]string) (line string, columns []string)
}

// Stateful is a Node that keeps something across a restart.
type Stateful interface {
	Node
	// Meaning is what checkpoints know its state by: a kind, and a text in stored forms,
	// which nobody is shown and which the optimizer does not change.
	Meaning(in []Lineage) (kind, meaning string)
	// Identified is a copy with an identity.
	Identified(id Identity) Node
}

// Changelog is how the rows of a relation are corrected.
type Changelog uint8

const (
	// Append: a row is never taken back.
	Append Changelog = iota
	// Upsert: a row replaces the one with the same key before it, and a deletion may hold
	// the key alone. What a row was before is not known without keeping it.
	Upsert
	// Retract: a row that is taken back or replaced is given again, whole, where a reader
	// needs it.
	Retract
)

func (c Changelog) String() string { return [...]string{"append", "upsert", "retract"}[c] }

// Traits is what is known of the rows of a node.
type Traits struct {
	Changelog Changelog
	// Upsert are the columns by which a row replaces another one, for Changelog Upsert.
	Upsert []int
	// Unique are sets of columns: no two rows have equal values in all columns of a set.
	// An empty set: there is one row at most.
	Unique [][]int
	// Fixed are columns that have the same value in all versions of a row that is corrected.
	Fixed []int
	// Counted are columns that number rows of a partition, from 1.
	Counted []int
	// EventTimes are the columns that watermarks speak of: behind a watermark comes no row
	// with an earlier time in any of them, but for those that are late.
	EventTimes []int
	// RowTimes are event times of rows that are corrected: behind a watermark comes no row with an
	// earlier time in them but for those that are late, and for corrections.
	RowTimes []int
	// Window is the window that each row belongs to, nil if there is none.
	Window *Attached
	// Bounded: the rows end.
	Bounded bool
}

// One tells that there is one row at most.
func (t *Traits) One() bool {
	return slices.ContainsFunc(t.Unique, func(s []int) bool { return len(s) == 0 })
}

// Attached is a window that rows belong to.
type Attached struct {
	// Start and End are the columns with its bounds, -1 for one that is not there.
	Start, End int
	Kind       plan.WindowKind
	// Final: all rows of a window are there when the watermark passes its end, which is
	// an event time.
	Final bool
	// Assigned: the rows are still those that were put into windows; no aggregate has given
	// them. GROUP BY over them in another query is one of rows.
	Assigned bool
}

// Updating tells whether rows are corrected.
func (t *Traits) Updating() bool { return t.Changelog != Append }

// Lineage is where rows and columns come from, in terms of declared columns and in stored
// forms. Operator ids are hashed from it: the form of what can be written today never
// changes.
type Lineage struct {
	// Rows is where they come from and what was left out.
	Rows string
	// Columns has a text for each column.
	Columns []string
}

// Statement is a compiled statement.
type Statement struct {
	Root Node
	// Reads and Writes are the db.names of declared objects; of a view its own and what is behind it.
	Reads, Writes []string
	// Functions are the keys of the declared functions that are called, also by one another and in views.
	Functions []string
	// Diverted are the streams whose records that cannot be read are written elsewhere.
	Diverted []*Diverted
	// Late takes the rows that come when event time has passed them; nil: they are dropped. NoLate is the answer if
	// none of the operators then leaves such rows, nil if that is no fault.
	Late   *Write
	NoLate error
	// LatePos is where the statement is that Late belongs to.
	LatePos int
	// Output is the columns of a SELECT by the names that the client sees; nil for an INSERT.
	Output types.Schema
	// Limited: the statement says itself how many rows it gives at most.
	Limited bool
}

// TraitsOf derives the traits of a whole tree's root.
func TraitsOf(n Node) Traits {
	list := n.Inputs()
	in := make([]Traits, len(list))
	for i, x := range list {
		in[i] = TraitsOf(x)
	}
	return n.Traits(in)
}
