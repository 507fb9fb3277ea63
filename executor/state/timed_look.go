package state

import (
	"math/bits"

	"slipway/executor/column"
)

// Look walks pairs of a row of a batch and a row of a timed map that waits, with the same key and times near
// each other, about a batch of pairs at a time. It keeps its memory from one use to the next.
type Look struct {
	// Probes are places in the selection of the batch, Rows the numbers of rows of the map, each as many.
	Probes, Rows []int32

	batch  *column.Batch
	keys   []int
	sel    []int32
	times  []int64
	lower  int64
	upper  int64
	hashes []uint32 // of the selected rows
	heads  []int32  // by the lower bits of a hash: a selected row's place + 1
	next   []int32  // the next place + 1 of the same bits
	depth  []int32  // how many places are behind it, itself included
	pane   int      // that is read, and where
	at     int
}

// Near is what times a row of a batch looks for, from its own time on.
type Near struct {
	Times        []int64 // by physical row
	Lower, Upper int64   // both included
}

// Look begins a walk: each selected row of b looks for those of its key that are near. The map and b must not
// change until it has ended.
func (m *TimedMap) Look(w *Look, b *column.Batch, keys []int, hashes []uint64, sel []int32, near Near) error {
	w.batch, w.keys, w.sel, w.times, w.lower, w.upper = b, keys, sel, near.Times, near.Lower, near.Upper
	w.pane, w.at = 0, 0
	m.looks++
	if len(m.panes.list) == 0 {
		return nil
	}
	w.index(m.keyHash.spread(hashes, b, keys))
	w.count(m)
	return m.linkPanes()
}

// index sorts the selected rows by their hashes.
func (w *Look) index(hashes []uint64) {
	n := max(64, 1<<bits.Len(uint(2*len(w.sel))))
	if len(w.heads) < n {
		w.heads = make([]int32, n)
	}
	clear(w.heads)
	w.hashes, w.next, w.depth = w.hashes[:0], w.next[:0], w.depth[:0]
	mask := uint32(len(w.heads) - 1)
	for i, r := range w.sel {
		h := uint32(hashes[r] >> 32)
		first, depth := w.heads[h&mask], int32(1)
		if first != 0 {
			depth += w.depth[first-1]
		}
		w.hashes, w.next, w.depth = append(w.hashes, h), append(w.next, first), append(w.depth, depth)
		w.heads[h&mask] = int32(i + 1)
	}
}

// count counts how often panes will be read through: where several of the selected rows have one key, a row of
// a pane is held against each of them, if its keys are spread as theirs are.
func (w *Look) count(m *TimedMap) {
	from, to := w.span()
	sum := 0
	for _, d := range w.depth {
		sum += int(2*d - 1)
	}
	for _, p := range m.panes.list {
		if p.number >= floorDiv(from, m.panes.width) && p.number <= floorDiv(to, m.panes.width) {
			p.reads += sum / len(w.sel)
		}
	}
}

// span is the least and the greatest time that any row looks for.
func (w *Look) span() (from, to int64) {
	from, to = w.times[w.sel[0]], w.times[w.sel[0]]
	for _, r := range w.sel {
		from, to = min(from, w.times[r]), max(to, w.times[r])
	}
	return from + w.lower, to + w.upper
}

// More gives the next pairs; false when there are no more.
func (m *TimedMap) More(w *Look) bool {
	w.Probes, w.Rows = w.Probes[:0], w.Rows[:0]
	if w.pane >= len(m.panes.list) {
		return false
	}
	from, to := w.span()
	from, to = floorDiv(from, m.panes.width), floorDiv(to, m.panes.width)
	for ; w.pane < len(m.panes.list); w.pane, w.at = w.pane+1, 0 {
		if p := m.panes.list[w.pane]; p.number >= from && p.number <= to && m.read(w, p) {
			return true
		}
	}
	return len(w.Rows) > 0
}

// read reads a pane on; true if it has given a batch of pairs.
func (m *TimedMap) read(w *Look, p *pane) (full bool) {
	heads, mask := w.heads, uint32(len(w.heads)-1)
	for i, h := range p.hashes[w.at:] {
		first := heads[h&mask]
		if first == 0 {
			continue
		}
		at := w.at + i
		m.meet(w, first, h, p.times[at], p.rows[at])
		if len(w.Rows) >= column.BatchRows {
			w.at = at + 1
			return true
		}
	}
	return false
}

// meet pairs a row that waits with the selected rows of its key that look for its time.
func (m *TimedMap) meet(w *Look, first int32, hash uint32, time int64, id int32) {
	for i := first; i != 0; i = w.next[i-1] {
		if w.hashes[i-1] != hash {
			continue
		}
		r := int(w.sel[i-1])
		if at := w.times[r]; time < at+w.lower || time > at+w.upper || !m.equalKey(id, w.batch, w.keys, r) {
			continue
		}
		w.Probes, w.Rows = append(w.Probes, i-1), append(w.Rows, id)
	}
}
