package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/checkpoint"
)

// Store is the keyed state of one stateful operator in one task. One goroutine uses
// it; only Frozen.Write runs beside.
type Store struct {
	groups Range
	budget *Budget
	held   int64 // bytes reserved
	tables map[string]*Table
	values map[string][]byte
	former map[string][][]byte // values of all former subtasks, after a restore

	// Epochs number the stretches between two freezes. A page belongs to the epoch of
	// its last write.
	epoch       uint32
	frozenEpoch uint32 // pages up to it may be shared with a snapshot
	confirmed   uint32 // up to it everything is in chain; 0: nothing is
	chain       []checkpoint.Section
	pending     map[checkpoint.ID]*Frozen
}

// NewStore makes an empty store for some key groups.
func NewStore(groups Range, budget *Budget) *Store {
	return &Store{groups: groups, budget: budget, tables: map[string]*Table{}, values: map[string][]byte{}, former: map[string][][]byte{},
		epoch: 1, pending: map[checkpoint.ID]*Frozen{}}
}

// Table gives the table of that name, made empty if it is not there. The layout of a
// name never changes.
func (s *Store) Table(name string, l Layout) *Table {
	t := s.tables[name]
	if t == nil {
		t = newTable(s, l)
		s.tables[name] = t
	}
	t.holdKeys(l)
	return t
}

// Fits tells whether every restored table has the layout that its operator wants; else the
// error is a *LayoutError. An operator asks when it opens.
func (s *Store) Fits(l Layout) error {
	for _, name := range s.Tables() {
		if have := s.tables[name].layout; have.spell() != l.spell() {
			return &LayoutError{Have: have.spell(), Want: l.spell()}
		}
	}
	return nil
}

// spell says of a layout what a section holds of it.
func (l Layout) spell() string {
	keys := make([]string, len(l.Keys))
	for i, k := range l.Keys {
		k = k.Bare()
		k.Length = 0 // of no meaning for what is kept
		keys[i] = k.Stored()
	}
	return fmt.Sprintf("keys (%s), %d words %v", strings.Join(keys, ", "), l.Words, l.Refs)
}

// Tables lists the names of the tables, sorted.
func (s *Store) Tables() []string { return slices.Sorted(maps.Keys(s.tables)) }

// Drop forgets a table.
func (s *Store) Drop(name string) {
	t := s.tables[name]
	if t == nil {
		return
	}
	s.release(t.size())
	delete(s.tables, name)
}

func (t *Table) size() int64 {
	n := int64(len(t.index)+len(t.pages)*(t.width<<t.shift)) * 8
	for _, c := range t.slab.chunks {
		n += int64(cap(c))
	}
	return n
}

// SetValue keeps a small value of this subtask.
func (s *Store) SetValue(name string, value []byte) { s.values[name] = value }

// Value gives the value of this subtask, nil if it was not set since the start.
func (s *Store) Value(name string) []byte { return s.values[name] }

// Former gives the values that the subtasks before a restore had kept.
func (s *Store) Former(name string) [][]byte { return s.former[name] }

// Bytes is the memory held.
func (s *Store) Bytes() int64 { return s.held }

// Reserve counts memory of the operator's own, beside its tables; negative gives back.
func (s *Store) Reserve(n int64) error {
	if n < 0 {
		s.release(-n)
		return nil
	}
	return s.reserve(n)
}

func (s *Store) reserve(n int64) error {
	if err := s.budget.Reserve(n); err != nil {
		return err
	}
	s.held += n
	return nil
}

func (s *Store) release(n int64) {
	s.held -= n
	s.budget.Reserve(-n)
}

// Close gives the memory back to the budget.
func (s *Store) Close() { s.release(s.held) }

// Freeze marks the state as it is now for the checkpoint and returns at once: the
// page lists are copied, the pages shared until they are written to. The caller
// freezes again only when the former Frozen has been written or abandoned.
func (s *Store) Freeze(id checkpoint.ID) (*Frozen, error) {
	f := &Frozen{store: s, id: id, epoch: s.epoch, base: s.confirmed, chain: s.chain, values: maps.Clone(s.values)}
	if s.chainIsLong() {
		f.base, f.chain = 0, nil
	}
	for name, t := range s.tables {
		if err := t.Compact(); err != nil {
			return nil, err
		}
		f.tables = append(f.tables, t.freeze(name))
	}
	slices.SortFunc(f.tables, func(a, b frozenTable) int { return compareNames(a.name, b.name) })
	s.frozenEpoch = s.epoch
	s.epoch++
	clear(s.pending) // an older one that is not confirmed by now rides with this one
	s.pending[id] = f
	return f, nil
}

func compareNames(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// maxChain bounds the sections that a restore reads; a base costs one full write.
const maxChain = 8

func (s *Store) chainIsLong() bool {
	var bytes int64
	for _, c := range s.chain {
		bytes += c.Length
	}
	return len(s.chain) >= maxChain || bytes > 2*s.held+1<<16
}

// Confirm tells that the checkpoint is completed: the next delta is relative to it.
func (s *Store) Confirm(id checkpoint.ID) {
	f := s.pending[id]
	if f == nil || f.written == nil {
		return
	}
	s.confirmed, s.chain = f.epoch, f.written
	delete(s.pending, id)
}

func (t *Table) freeze(name string) frozenTable {
	return frozenTable{name: name, layout: t.layout, rows: t.rows, pages: slices.Clone(t.pages), epochs: slices.Clone(t.epochs),
		chunks: slices.Clone(t.slab.chunks), chunkEpochs: slices.Clone(t.slab.epochs)}
}
