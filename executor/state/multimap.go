package state

// Multimap keeps rows with counts under keys: what a join keeps of each side.
//
//	m, err := env.State.Multimap("left", layout)          // in Open, after a restore with what it held
//	ids, err = m.Apply(b, cols, hashes, b.Sel, ids)       // enter a batch, +1 and -1
//	for m.Match(&found, b, keys, hashes, b.Sel); m.More(&found); {
//		... found.Probes[i] of b has the row found.Rows[i] of m under its key
//	}
//
// The rows of a key come in the order in which they were put in first; a row that had gone
// and comes again is the last. That order survives a restore.
//
// Cost: Apply and finding a key take constant time per row, walking to the next row too; none
// allocates per row. Memory per row: 16 bytes + 8 per column (16 for a wide DECIMAL, and the
// length of a text) + 16 for count and serial + 8 per word of the operator's, 16 to 32 of the
// table's index (none for rows apart), 12 to 18 of chains; per key 32 to 64.
type Multimap struct {
	Rows
	// Rows of one key are a chain. Of the first row, prev is the last one.
	next, prev []int32

	loading  bool
	unsorted []int32 // keys whose rows were not loaded in their order
}

// Multimap takes up the multimap of that name, made empty if it is not there; once, when the
// operator opens. A *LayoutError says that the restored one has other rows.
func (s *Store) Multimap(name string, l RowLayout) (*Multimap, error) {
	m := &Multimap{loading: true}
	if err := m.open(s, name, l, m); err != nil {
		return nil, err
	}
	return m, nil
}

// First gives the first row of a key.
func (m *Multimap) First(key int32) int32 { return m.keys.list[key].row }

// Next gives the row behind one of the same key, or Absent.
func (m *Multimap) Next(id int32) int32 { return m.next[id] }

// Last gives the last row of a key.
func (m *Multimap) Last(key int32) int32 { return m.prev[m.First(key)] }

// Before gives the row in front of one of the same key that is not the first.
func (m *Multimap) Before(id int32) int32 { return m.prev[id] }

// link appends a row to the chain of its key.
func (m *Multimap) link(key, id int32) (err error) {
	if m.next, err = grow(&m.mem, m.next, int(id)+1); err != nil {
		return err
	}
	if m.prev, err = grow(&m.mem, m.prev, int(id)+1); err != nil {
		return err
	}
	first := m.keys.list[key].row
	m.next[id] = Absent
	if first == id {
		m.prev[id] = id
		return nil
	}
	last := m.prev[first]
	m.next[last], m.prev[id], m.prev[first] = id, last, id
	if m.loading && m.table.Acc(last)[rowSerial] > m.table.Acc(id)[rowSerial] {
		m.unsorted = append(m.unsorted, key)
	}
	return nil
}

func (m *Multimap) unlink(key, id int32) {
	e := &m.keys.list[key]
	before, behind := m.prev[id], m.next[id]
	if id == e.row {
		if behind != Absent { // else it was the only one
			e.row, m.prev[behind] = behind, before
		}
		return
	}
	m.next[before] = behind
	if behind == Absent {
		m.prev[e.row] = before
	} else {
		m.prev[behind] = before
	}
}
