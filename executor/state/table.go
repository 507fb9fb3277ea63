package state

import (
	"math/bits"
	"slices"

	"slipway/executor/column"
	"slipway/sql/types"
)

// Layout is the shape of a table's rows. A row is words of 64 bits: the key's hash,
// words of flags, the key, the accumulators. Bit 63 of the first word of flags says that
// the row is live, the others which key columns are NULL: 63 columns to a word.
type Layout struct {
	Keys []types.Type
	// Words is the number of accumulator words of a row.
	Words int
	// Refs lists the accumulator words that hold slab references, which must move with the row.
	Refs []int
}

const (
	liveFlag  = 1 << 63
	rowHeader = 2 // words before the key, up to nullsEach key columns
	nullsEach = 63
)

// Table is one hash table of a Store. Rows are found by key and named by their
// number, which stays until the row is deleted. One goroutine uses it.
type Table struct {
	store  *Store
	name   string
	layout Layout
	keys   []keyColumn
	header int   // words before the key
	keyAt  []int // first word of each key column
	accAt  int
	width  int
	shift  uint // log2 of the rows of a page
	rows   int  // ever used, dead ones included
	live   int
	free   []int32
	pages  [][]uint64
	marks  []*[marksEach]mark // one per page
	index  []uint64           // upper half of the hash | row + 1
	slab   slab
	apart  bool     // there is none
	warmed []uint32 // of the batch at hand: the rows that its hashes lead to
	heat   uint64   // keeps reads that have no other use

	touched   []rowBits    // rows written since the last freeze, by number
	untouched []rowBits    // none, for the time behind the next one
	changed   int          // how many were written since the last freeze
	before    int          // at most: rows written behind the confirmed checkpoint, before that freeze
	frozen    *frozenTable // of the snapshot that may still be being written; nil: none
	confirmed extent       // what the chain holds the beginning of
	inChain   bool         // the chain holds the table
}

func newTable(s *Store, name string, l Layout) *Table {
	t := &Table{store: s, name: name, layout: l.bare(), header: headerOf(len(l.Keys))}
	t.holdKeys(l)
	t.width = t.header
	for _, k := range l.Keys {
		t.keyAt = append(t.keyAt, t.width)
		t.width += keyWords(k)
	}
	t.accAt = t.width
	t.width += l.Words
	for t.shift < maxShift && t.width<<(t.shift+1) <= pageWords {
		t.shift++
	}
	t.slab.store = s
	return t
}

// headerOf is how many words a row with so many key columns has before the key.
func headerOf(keys int) int { return rowHeader + max(0, keys-1)/nullsEach }

// Len is the number of live rows.
func (t *Table) Len() int { return t.live }

// row gives the words of a row for reading.
func (t *Table) row(id int32) []uint64 {
	at := (int(id) & (1<<t.shift - 1)) * t.width
	return t.pages[id>>t.shift][at : at+t.width : at+t.width]
}

// Acc gives the accumulators of a row for reading.
func (t *Table) Acc(id int32) []uint64 { return t.row(id)[t.accAt:] }

// Write gives the accumulators of a row for writing.
func (t *Table) Write(id int32) []uint64 { return t.writable(id)[t.accAt:] }

// Upsert finds or makes the rows of the selected rows of b (sel nil: its first
// b.Rows) and writes their numbers into ids, one per selected row. hashes is
// column.HashColumns of the keys. New rows begin with init; their numbers are
// appended to fresh.
func (t *Table) Upsert(b *column.Batch, keys []int, hashes []uint64, sel []int32, init []uint64, ids, fresh []int32) ([]int32, []int32, error) {
	ids = ids[:0]
	n := b.Rows
	if sel != nil {
		n = len(sel)
	}
	if err := t.reserve(n); err != nil {
		return ids, fresh, err
	}
	nulls := nullBehind(b, keys)
	t.warm(hashes, sel, n)
	for i := range n {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		h := hashes[r]
		place := h
		if nulls {
			place = t.placeOf(b, keys, r, h)
		}
		slot := t.find(b, keys, r, h, place)
		if t.index[slot] == 0 {
			id, err := t.insert(b, keys, r, h, init)
			if err != nil {
				return ids, fresh, err
			}
			t.index[slot] = place>>32<<32 | uint64(id+1)
			fresh = append(fresh, id)
		}
		ids = append(ids, int32(uint32(t.index[slot])-1))
	}
	return ids, fresh, nil
}

// find gives the slot of the key, or the empty one where it belongs.
func (t *Table) find(b *column.Batch, keys []int, r int, h, place uint64) uint64 {
	mask := uint64(len(t.index) - 1)
	for slot := t.slot(place); ; slot = (slot + 1) & mask {
		e := t.index[slot]
		if e == 0 || e>>32 == place>>32 && t.equal(int32(uint32(e)-1), b, keys, r, h) {
			return slot
		}
	}
}

// slot is where a hash's probe begins. It uses the hash's upper half only, because
// that is all the index keeps for moving entries.
func (t *Table) slot(h uint64) uint64 {
	return (h >> 32) * 0x9E3779B97F4A7C15 >> (64 - uint(bits.TrailingZeros(uint(len(t.index)))))
}

// equal compares a stored key with that of a batch row.
func (t *Table) equal(id int32, b *column.Batch, keys []int, r int, h uint64) bool {
	row := t.row(id)
	if row[0] != h {
		return false
	}
	for i, k := range keys {
		v, own := b.Cols[k], &t.keys[i]
		null := v.Null(r)
		if null != own.null(row) {
			return false
		}
		if !null && !own.equal(t, row[t.keyAt[i]:], v, r) {
			return false
		}
	}
	return true
}

// insert makes a row; the index is the caller's to set.
func (t *Table) insert(b *column.Batch, keys []int, r int, h uint64, init []uint64) (int32, error) {
	id, err := t.newRow()
	if err != nil {
		return 0, err
	}
	row := t.writable(id)
	row[0], row[1] = h, liveFlag
	clear(row[rowHeader:t.header])
	for i, k := range keys {
		v, at := b.Cols[k], t.keyAt[i]
		if v.Null(r) {
			t.keys[i].setNull(row)
			row[at] = 0
			continue
		}
		if err := t.keys[i].put(t, row[at:], v, r); err != nil {
			return 0, err
		}
	}
	copy(row[t.accAt:], init)
	t.live++
	return id, nil
}

func (t *Table) newRow() (int32, error) {
	if n := len(t.free); n > 0 {
		id := t.free[n-1]
		t.free = t.free[:n-1]
		return id, nil
	}
	id := int32(t.rows)
	if t.rows>>t.shift == len(t.pages) {
		if err := t.addPages(); err != nil {
			return 0, err
		}
	}
	t.rows++
	t.changed += int(t.touched[id>>6] >> (id & 63) & 1) // else touch counts it
	return id, nil
}

// reserve makes room in the index for n more rows.
func (t *Table) reserve(n int) error {
	need := (t.live + n) * 2
	if need <= len(t.index) {
		return nil
	}
	return t.grow(t.live + n)
}

// Delete removes a row.
func (t *Table) Delete(id int32) {
	row := t.writable(id)
	if !t.apart {
		t.unlink(id, t.place(row))
	}
	t.garbage(row)
	row[1] = 0
	t.live--
	t.free = append(t.free, id)
}

// unlink takes a row out of the index and moves later entries of the probe back.
func (t *Table) unlink(id int32, h uint64) {
	mask := uint64(len(t.index) - 1)
	slot := t.slot(h)
	for uint32(t.index[slot]) != uint32(id+1) {
		slot = (slot + 1) & mask
	}
	for next := (slot + 1) & mask; t.index[next] != 0; next = (next + 1) & mask {
		home := t.slot(t.index[next])
		if (next-home)&mask >= (next-slot)&mask {
			t.index[slot] = t.index[next]
			slot = next
		}
	}
	t.index[slot] = 0
}

func (t *Table) garbage(row []uint64) {
	for i, k := range t.layout.Keys {
		if isRef(k) && !t.keys[i].null(row) {
			t.slab.drop(row[t.keyAt[i]])
		}
	}
	for _, r := range t.layout.Refs {
		t.slab.drop(row[t.accAt+r])
	}
}

// EachRow calls f with every live row, in order of number.
func (t *Table) EachRow(f func(id int32)) {
	for id := range int32(t.rows) {
		if t.row(id)[1]&liveFlag != 0 {
			f(id)
		}
	}
}

// AppendKey appends key column i of a row to v.
func (t *Table) AppendKey(v *column.Vector, id int32, i int) {
	row := t.row(id)
	if t.keys[i].null(row) {
		v.AppendNull()
		return
	}
	t.keys[i].append(t, v, row[t.keyAt[i]:])
}

// Bytes gives the string that a slab reference names; valid until the table changes.
func (t *Table) Bytes(ref uint64) []byte { return t.slab.get(ref) }

// Put keeps a string in place of the one that old names (0 for none).
func (t *Table) Put(old uint64, b []byte) (uint64, error) {
	t.slab.drop(old)
	return t.slab.put(b)
}

// UpsertRow finds or makes the row with the key of a row of another table of the
// same key types. A new row begins with init.
func (t *Table) UpsertRow(from *Table, id int32, init []uint64) (to int32, fresh bool, err error) {
	if err := t.reserve(1); err != nil {
		return 0, false, err
	}
	row := from.row(id)
	h := from.place(row)
	mask := uint64(len(t.index) - 1)
	slot := t.slot(h)
	for ; t.index[slot] != 0; slot = (slot + 1) & mask {
		if e := t.index[slot]; e>>32 == h>>32 && t.equalRow(int32(uint32(e)-1), from, row) {
			return int32(uint32(e) - 1), false, nil
		}
	}
	if to, err = t.newRow(); err != nil {
		return 0, false, err
	}
	own := t.writable(to)
	copy(own[:t.accAt], row[:t.accAt])
	copy(own[t.accAt:], init)
	for i, k := range t.layout.Keys {
		if isRef(k) && !t.keys[i].null(row) {
			if own[t.keyAt[i]], err = t.slab.put(from.slab.get(row[t.keyAt[i]])); err != nil {
				return 0, false, err
			}
		}
	}
	t.live++
	t.index[slot] = h>>32<<32 | uint64(to+1)
	return to, true, nil
}

func (t *Table) equalRow(id int32, from *Table, other []uint64) bool {
	row := t.row(id)
	if !slices.Equal(row[:t.header], other[:t.header]) {
		return false
	}
	for i, k := range t.layout.Keys {
		if t.keys[i].null(row) {
			continue
		}
		a, b := row[t.keyAt[i]], other[t.keyAt[i]]
		switch {
		case isRef(k):
			if string(t.slab.get(a)) != string(from.slab.get(b)) {
				return false
			}
		case a != b || t.keys[i].held.N == 2 && row[t.keyAt[i]+1] != other[t.keyAt[i]+1]:
			return false
		}
	}
	return true
}

// TextBytes are those of the texts in the rows, and of such as were there before.
func (t *Table) TextBytes() int64 { return t.slab.total }

// Clear empties the table and keeps its memory. Only for tables of stores that are
// never frozen.
func (t *Table) Clear() {
	for i := range t.pages {
		if i<<t.shift < t.rows {
			clear(t.pages[i])
		}
	}
	clear(t.index)
	t.rows, t.live, t.free = 0, 0, t.free[:0]
	t.inChain = false // nothing of it is of use for what comes
	t.store.shape++
	if len(t.slab.chunks) > 0 {
		t.slab.chunks[0] = t.slab.chunks[0][:0]
		for _, c := range t.slab.chunks[1:] {
			t.store.release(int64(cap(c)))
		}
		t.slab.chunks = t.slab.chunks[:1]
	}
	t.slab.total, t.slab.dead = 0, 0
}
