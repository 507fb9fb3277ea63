package state

import (
	"cmp"
	"slices"

	"slipway/executor/column"
)

// Matches walks pairs of a row of a batch and a row of a multimap with the same key, a batch
// of pairs at a time. It keeps its memory from one use to the next.
type Matches struct {
	// Probes are physical rows of the batch, ascending as its selection is; Rows are the rows
	// of the multimap, those of one probe in the order of their chain. Both are as long.
	Probes, Rows []int32
	// Unmatched are the physical rows whose key has no rows, of those walked in this step.
	Unmatched []int32

	firsts []int32
	sel    []int32
	at     int   // the selected row that is next
	row    int32 // and its next row; Absent: it has just begun
}

// Match begins a walk over the rows under the keys of the selected rows of b. The multimap
// and b must not change until it has ended.
func (m *Multimap) Match(w *Matches, b *column.Batch, keys []int, hashes []uint64, sel []int32) {
	w.firsts = m.Lookup(b, keys, hashes, sel, w.firsts)
	for i, key := range w.firsts { // a loop of its own: the misses of different keys overlap
		if key != Absent {
			w.firsts[i] = m.keys.list[key].row
		}
	}
	w.sel, w.at, w.row = sel, 0, Absent
}

// More gives the next pairs, at most column.BatchRows; false when there were no more.
func (m *Multimap) More(w *Matches) bool {
	w.Probes, w.Rows, w.Unmatched = w.Probes[:0], w.Rows[:0], w.Unmatched[:0]
	for w.at < len(w.firsts) && len(w.Rows) < column.BatchRows {
		probe, id := int32(w.at), w.firsts[w.at]
		if w.sel != nil {
			probe = w.sel[w.at]
		}
		if id == Absent {
			w.Unmatched = append(w.Unmatched, probe)
			w.at++
			continue
		}
		if w.row != Absent {
			id = w.row
		}
		for ; id != Absent && len(w.Rows) < column.BatchRows; id = m.next[id] {
			w.Probes, w.Rows = append(w.Probes, probe), append(w.Rows, id)
		}
		if w.row = id; id == Absent {
			w.at++
		}
	}
	return len(w.Rows) > 0 || len(w.Unmatched) > 0
}

// loaded brings the chains whose rows did not come in the order of their serials into it:
// numbers of rows that went are given to later ones.
func (m *Multimap) loaded() {
	slices.Sort(m.unsorted)
	for _, key := range slices.Compact(m.unsorted) {
		m.sortChain(key)
	}
	m.loading, m.unsorted = false, nil
}

func (m *Multimap) sortChain(key int32) {
	var ids []int32
	for id := m.First(key); id != Absent; id = m.next[id] {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Compare(m.table.Acc(a)[rowSerial], m.table.Acc(b)[rowSerial]) })
	last := ids[len(ids)-1]
	m.keys.list[key].row, m.next[last], m.prev[ids[0]] = ids[0], Absent, last
	for i, id := range ids[1:] {
		m.next[ids[i]], m.prev[id] = id, ids[i]
	}
}
