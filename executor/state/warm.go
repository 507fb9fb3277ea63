package state

// Rows of a batch are found one after another, and each step of it waits for memory: the slot of the
// index, the row it names, what the row is linked with. What is warmed has been read for the whole batch
// before, in loops so short that the processor waits for many of them at once. It changes nothing; of a
// table that lies in the caches it would be lost work.

// warmRows is from how many rows on a table is larger than the second-level cache.
const warmRows = 1 << 13

// warm reads the slots of hashes and the rows that they name.
func (t *Table) warm(hashes []uint64, sel []int32, n int) {
	if t.live < warmRows || n < 16 {
		return
	}
	t.warmed = t.warmed[:0]
	for i := range n {
		e := t.index[t.slot(hashes[rowOf(sel, i)])]
		t.warmed = append(t.warmed, uint32(e))
	}
	sum := uint64(0)
	for _, e := range t.warmed {
		if e != 0 {
			sum ^= t.pages[(e-1)>>t.shift][int(e-1)&(1<<t.shift-1)*t.width]
		}
	}
	t.heat = sum
}

func rowOf(sel []int32, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

// warmKeys reads what leads from the hashes of keys to their first rows, and these.
func (s *Rows) warmKeys(hashes []uint64, sel []int32, n int) {
	if s.keys.len() < warmRows || n < 16 {
		return
	}
	s.warmed = s.warmed[:0]
	for i := range n {
		s.warmed = append(s.warmed, uint32(s.keys.index[s.keys.slot(hashes[rowOf(sel, i)])]))
	}
	rows, t, sum := s.warmed[:0], s.table, uint64(0)
	for _, e := range s.warmed {
		if e != 0 {
			rows = append(rows, uint32(s.keys.list[e-1].row))
		}
	}
	for _, row := range rows {
		sum ^= t.pages[row>>t.shift][int(row)&(1<<t.shift-1)*t.width]
	}
	t.heat = sum
	s.order.warm(rows)
}

// warm reads the links of the first rows, and of those that they lead to.
func (m *Multimap) warm(first []uint32) {
	sum := int32(0)
	for _, row := range first {
		sum ^= m.prev[row]
	}
	for _, row := range first {
		sum ^= m.next[m.prev[row]]
	}
	m.table.heat = uint64(sum)
}

// warm reads the roots of trees, and the ends of their first branches.
func (o *OrderedMap) warm(roots []uint32) {
	sum := int32(0)
	for _, row := range roots {
		sum ^= o.nodes[row+1].right
	}
	for _, row := range roots {
		sum ^= o.nodes[o.nodes[row+1].right].size
	}
	o.table.heat = uint64(sum)
}
