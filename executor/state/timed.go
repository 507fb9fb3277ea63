package state

import "slipway/executor/column"

// TimedMap is an ordered map by time for joins by key and time, in which rows may wait: they lie in panes
// of time, linked with nothing, and who looks for rows reads the panes through. Linking a row and removing
// it again costs as much as reading it past some hundred times, so that a pane is linked when it has been
// read through so often. From then on rows are linked as they come, until a whole span has passed in
// which hardly anybody looked: what is done never costs more than twice what is best.
//
//	m, err := env.State.TimedMap("right", layout, span)      // in Open
//	ids, err = m.Apply(b, cols, hashes, b.Sel, ids)          // rows that come
//	keys = m.Lookup(b, keyCols, hashes, b.Sel, keys)         // those that are linked, as of any ordered map
//	err = m.Look(&look, b, keyCols, hashes, b.Sel, Range…)   // and those that wait
//	ids, err = m.ExpireBelow(watermark, ids, n)
//
// Rows wait that come Apart and have no words of the operator's. All rows of a restore are linked.
// Memory of a row that waits: 16 to 24 bytes besides the row itself.
type TimedMap struct {
	*OrderedMap
	waits bool
	time  int // the column
	panes panes
	eager bool  // rows are linked as they come
	looks int   // batches that looked for rows since then, or since
	since int64 // this bound
	keys  *column.Batch
}

// worthLinking is how often a pane is read through before it is linked. Reading one row past takes 1 to 2 ns,
// linking and removing it 200 ns in the caches and 1 µs beyond them.
const worthLinking = 128

// TimedMap takes up the timed map of that name. Rows are of interest for span microseconds.
func (s *Store) TimedMap(name string, l OrderedLayout, span int64) (m *TimedMap, err error) {
	m = &TimedMap{waits: l.Apart && len(l.Init) == 0, time: l.Sort}
	if m.OrderedMap, err = s.OrderedMap(name, l); err != nil {
		return nil, err
	}
	m.panes = panes{mem: &m.mem, width: max(span/panesEach, leastPane)}
	m.keys = m.keyBatch()
	return m, nil
}

// Apply enters the selected rows of b, as that of an ordered map does.
func (m *TimedMap) Apply(b *column.Batch, cols []int, hashes []uint64, sel, ids []int32) (_ []int32, err error) {
	if !m.waits || m.eager || len(b.Kinds) > 0 {
		return m.OrderedMap.Apply(b, cols, hashes, sel, ids)
	}
	m.Prune()
	m.hashRows(b, cols, hashes)
	hashes = m.keyHash.spread(hashes, b, m.keyCols)
	if err := m.appendApart(b, cols, sel); err != nil {
		return ids[:0], err
	}
	times := b.Cols[cols[m.time]].Ints
	for i, id := range m.ids {
		r := rowOf(sel, i)
		waiting, err := m.panes.add(times[r], uint32(hashes[r]>>32), id)
		if err == nil && !waiting {
			err = m.Rows.link(b, m.keyCols, r, hashes[r], id)
		}
		if err != nil {
			return ids[:0], err
		}
	}
	return append(ids[:0], m.ids...), nil
}

// ExpireBelow removes the rows whose times are below the bound: of those that are linked as many as that of
// an ordered map does. Those that waited are not named.
func (m *TimedMap) ExpireBelow(bound int64, removed []int32, limit int) ([]int32, error) {
	m.panes.expire(bound, m.table)
	m.reconsider(bound)
	return m.OrderedMap.ExpireBelow(bound, removed, limit)
}

// reconsider lets rows wait again if few have looked for any during a span.
func (m *TimedMap) reconsider(bound int64) {
	if bound-m.since < m.panes.width*panesEach && bound >= m.since {
		return
	}
	m.eager = m.eager && m.looks >= worthLinking/2
	m.looks, m.since = 0, bound
}

// linkPanes links the rows of panes that have been read through often enough.
func (m *TimedMap) linkPanes() error {
	for i := 0; i < len(m.panes.list); i++ {
		p := m.panes.list[i]
		if p.reads < worthLinking {
			continue
		}
		m.eager, m.looks = true, worthLinking
		for rows := p.rows; len(rows) > 0; {
			n := min(len(rows), column.BatchRows)
			if err := m.loadRows(m.keys, rows[:n]); err != nil {
				return err
			}
			rows = rows[n:]
		}
		m.panes.remove(i)
		i--
	}
	return nil
}
