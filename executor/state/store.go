package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/checkpoint"
	"slipway/sql/types"
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

	// Epochs number the stretches between two freezes.
	epoch      uint32
	confirmed  uint32 // up to it everything is in chain; 0: nothing is
	chain      []checkpoint.Section
	chainFrom  int       // number of the chain's first section
	stretches  []stretch // which sections hold the newest whole images
	valuesOnly bool      // the chain's last section has no row
	shape      int       // how often a table was made or dropped
	last       *Frozen   // of the last Freeze, until it is confirmed
	writing    *Frozen   // the same, until it is known that nobody reads pages for it
	behind     int64     // bytes that were given back while a snapshot may have held them
	dropped    []*Table  // meanwhile
	pool       pool

	confirmedValues map[string][]byte
	confirmedShape  int
}

// NewStore makes an empty store for some key groups.
func NewStore(groups Range, budget *Budget) *Store {
	return &Store{groups: groups, budget: budget, tables: map[string]*Table{}, values: map[string][]byte{}, former: map[string][][]byte{}, epoch: 1, pool: pool{}}
}

// Owns tells whether a key group is one of the store's.
func (s *Store) Owns(group int) bool { return s.groups.Contains(group) }

// Table gives the table of that name, made empty if it is not there. The layout of a
// name never changes.
func (s *Store) Table(name string, l Layout) *Table {
	t := s.tables[name]
	if t == nil {
		t = newTable(s, name, l)
		s.tables[name] = t
		s.shape++
	}
	t.holdKeys(l)
	return t
}

// Scratch gives a store on the same budget for what no checkpoint holds. Whoever asks for it
// closes it.
func (s *Store) Scratch() *Store { return NewStore(Range{0, KeyGroups}, s.budget) }

// Fits tells whether every restored table, but for those of timers, has the layout that its
// operator wants; else the error is a *LayoutError. An operator asks when it opens.
func (s *Store) Fits(l Layout) error {
	for _, name := range s.Tables() {
		if strings.HasPrefix(name, timerTables) {
			continue
		}
		if have := s.tables[name].layout; have.stored() != l.stored() {
			return &LayoutError{Have: have.stored(), Want: l.stored()}
		}
	}
	return nil
}

// stored says of a layout what a section holds of it.
func (l Layout) stored() string {
	keys := make([]string, len(l.Keys))
	for i, k := range l.Keys {
		keys[i] = storedKey(k)
	}
	return fmt.Sprintf("keys (%s), %d words %v", strings.Join(keys, ", "), l.Words, l.Refs)
}

// storedKey is the stored form of a key's type. Its length is of no meaning for what is kept.
func storedKey(k types.Type) string {
	k = k.Bare()
	return k.Stored()
}

// parseKey reads what storedKey gives: of a nested type that it is one.
func parseKey(text string) (types.Type, error) {
	for _, kind := range []types.Kind{types.Array, types.Map, types.Struct} {
		if t := (types.Type{Kind: kind}).Bare(); t.Stored() == text {
			return t, nil
		}
	}
	return types.ParseStored(text)
}

// Tables lists the names of the tables, sorted.
func (s *Store) Tables() []string { return slices.Sorted(maps.Keys(s.tables)) }

// Drop forgets a table.
func (s *Store) Drop(name string) {
	t := s.tables[name]
	if t == nil {
		return
	}
	delete(s.tables, name)
	s.shape++
	s.dropped = append(s.dropped, t)
	s.releaseBehind(t.size())
}

func (t *Table) size() int64 {
	n := int64(len(t.index))*8 + int64(len(t.pages))*t.pageBytes()
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
	err := s.budget.Reserve(n)
	if err != nil && s.pool.bytes > 0 {
		s.release(s.pool.empty())
		err = s.budget.Reserve(n)
	}
	if err == nil {
		s.held += n
	}
	return err
}

// hold reserves what cannot be refused.
func (s *Store) hold(n int64) {
	s.budget.hold(n)
	s.held += n
}

func (s *Store) release(n int64) {
	s.held -= n
	s.budget.Reserve(-n)
}

// releaseBehind gives back what a snapshot may still be read from, when that has ended.
func (s *Store) releaseBehind(n int64) {
	s.behind += n
	s.reclaim()
}

// Close gives the memory back to the budget.
func (s *Store) Close() { s.release(s.held) }

// Freeze marks the state as it is now for the checkpoint and returns at once: pages are
// shared, and the loop keeps former versions of the rows that it changes until the snapshot
// has been written. A snapshot that has not been written by the next Freeze is abandoned.
func (s *Store) Freeze(id checkpoint.ID) (*Frozen, error) {
	s.abandon() // before texts are moved: nothing need be kept of what is given up
	for _, t := range s.tables {
		if err := t.Compact(); err != nil {
			return nil, err
		}
	}
	f := &Frozen{id: id, groups: s.groups, epoch: s.epoch, confirmed: s.confirmed, chainPlan: s.plan(), values: maps.Clone(s.values), shape: s.shape}
	for _, name := range s.Tables() {
		z := s.tables[name].freeze(f)
		f.tables = append(f.tables, z)
	}
	s.epoch++
	s.last, s.writing = f, f
	return f, nil
}

// Confirm tells that the checkpoint is completed: the next delta is relative to it. One that
// was not confirmed before the next Freeze rides with that.
func (s *Store) Confirm(id checkpoint.ID) {
	s.reclaim()
	f := s.last
	if f == nil || f.id != id || f.written == nil {
		return
	}
	s.last = nil
	s.confirmed, s.chain, s.chainFrom, s.stretches, s.valuesOnly = f.epoch, f.written, f.chainFrom, f.stretches, f.valuesOnly
	s.confirmedValues, s.confirmedShape = f.values, f.shape
	for _, z := range f.tables {
		z.table.confirmed, z.table.inChain, z.table.before = z.now, true, 0
	}
}

// abandon gives up the snapshot of the last Freeze, if it is not yet written.
func (s *Store) abandon() {
	if s.reclaim(); s.writing == nil {
		return
	}
	s.writing.abandon()
	if s.reclaim(); s.writing != nil { // its writer looks at one more page: what it may see is not used again
		s.thaw(false)
	}
}

// reclaim takes back what was kept for a snapshot, once nobody reads it any more.
func (s *Store) reclaim() {
	if s.writing == nil || s.writing.over() {
		s.thaw(true)
	}
}

func (s *Store) thaw(reuse bool) {
	if f := s.writing; f != nil {
		for _, z := range f.tables {
			z.table.frozen = nil
			if f.state.Load() == frozenWritten {
				z.table.untouched, z.bits = z.bits, nil
			}
			s.takeBack(z, reuse)
		}
		s.writing = nil
	}
	for _, t := range s.dropped {
		if reuse {
			s.hold(s.pool.put(t.pages))
		}
		t.pages, t.marks, t.index, t.slab.chunks = nil, nil, nil, nil
	}
	s.dropped = nil
	s.release(s.behind)
	s.behind = 0
	s.release(s.pool.trim((s.held - s.pool.bytes) / poolShare))
}

// takeBack ends the sharing of a table. What a writer may still look at is left to it.
func (s *Store) takeBack(z *frozenTable, reuse bool) {
	for _, c := range z.former.chunks {
		s.release(int64(len(c)) * 8)
	}
	if reuse {
		s.hold(s.pool.put(z.former.chunks))
		z.former.chunks, z.pages, z.marks, z.chunks = nil, nil, nil, nil
	}
}

// Rows is the number of live rows of all tables: 0 if nothing is remembered.
func (s *Store) Rows() (n int) {
	for _, t := range s.tables {
		n += t.Len()
	}
	return n
}
