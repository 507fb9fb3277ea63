// Package state holds the keyed state of one operator in one task: tables in
// pointer-free pages, partitioned by key group, frozen at a barrier in
// microseconds and written beside the loop, by row where few rows have changed.
//
// What the task does with a Store:
//
//	s := state.NewStore(groups, budget)
//	s.Load(read, chain)                // before Open; once per former subtask that overlaps
//	f := s.Freeze(id)                  // in the loop, at the barrier
//	sections, n, err := f.Write(w)     // beside the loop: the whole chain to restore from, and the new bytes
//	s.Confirm(id)                      // in the loop, when the checkpoint is completed
//
// What an operator keeps in it is a Table (key -> accumulators), a Multimap (key -> rows with
// counts), an OrderedMap (key, sort key -> row), or several of them by name, and Timers. All
// are rows of tables: paging, copy on write, deltas, budget, key groups and the stored form are
// the table's. What leads from a key to its rows beyond that is derived: built when the
// operator opens, charged to the budget, never written.
//
// A delta is relative to the last CONFIRMED checkpoint: a checkpoint that did not
// complete leaves no trace.
package state

import (
	"fmt"
	"io"

	"slipway/checkpoint"
)

// KeyGroups is the number of key groups, fixed for ever: the unit in which keyed
// state moves between tasks. A key's group is the top bits of its 64-bit hash.
const (
	KeyGroupBits = 7
	KeyGroups    = 1 << KeyGroupBits
)

// Group gives the key group of a hash.
func Group(hash uint64) int { return int(hash >> (64 - KeyGroupBits)) }

// Range is the key groups From <= g < To.
type Range struct{ From, To int }

// GroupsOf gives the range owned by one of n subtasks.
func GroupsOf(subtask, n int) Range {
	return Range{subtask * KeyGroups / n, (subtask + 1) * KeyGroups / n}
}

// Contains tells whether the range owns group g.
func (r Range) Contains(g int) bool { return r.From <= g && g < r.To }

// OwnerOf tells which of n subtasks owns group g: the inverse of GroupsOf.
func OwnerOf(g, n int) int { return ((g+1)*n - 1) / KeyGroups }

// SectionWriter puts bytes where they are durable; checkpoint.StateFile implements it.
// Calls may come from several tasks' writers at once.
type SectionWriter interface {
	Section(write func(w io.Writer) error) (checkpoint.Section, error)
}

// SectionReader opens a section and verifies its checksum while it is read.
type SectionReader func(s checkpoint.Section) (io.ReadCloser, error)

// LayoutError says that a checkpoint's rows are not laid out as the operator now needs them: a
// column that they are made of has another type.
type LayoutError struct{ Have, Want string }

func (e *LayoutError) Error() string {
	return fmt.Sprintf("the checkpoint holds rows of %s, the job now needs %s", e.Have, e.Want)
}

// BudgetError says that state would pass server.memory.limit, or what a query holds the limit of Setting; the job stops with 53200.
type BudgetError struct {
	Limit, Used, Wanted int64
	Setting             string // empty: server.memory.limit
}

func (e *BudgetError) Error() string {
	if e.Setting != "" {
		return fmt.Sprintf("the query would pass %s: %d bytes in use, %d more wanted, %d allowed", e.Setting, e.Used, e.Wanted, e.Limit)
	}
	return fmt.Sprintf("state would pass server.memory.limit: %d bytes in use, %d more wanted, %d allowed", e.Used, e.Wanted, e.Limit)
}
