package state

import (
	"slipway/executor/column"
	"slipway/sql/types"
)

// Absent stands for no row, and for no key.
const Absent = int32(-1)

// RowLayout is the shape of the rows of a multimap or an ordered map.
type RowLayout struct {
	// Columns are all of a row, the key among them.
	Columns []types.Type
	// Key says which columns are the key. Its hash (column.HashColumns over these columns in
	// this order) gives the key group; a multimap without key columns is one key.
	Key []int
	// Init are the operator's own accumulator words of a new row, beside the row's count.
	Init []uint64
	// Refs lists those of the operator's words that hold references made by Put.
	Refs []int
	// Apart: rows are never taken back by Apply, and equal ones are rows of their own, each with a count
	// of 1, or that of a restored one. Nothing finds a row by what it holds, which saves half of entering.
	Apart bool
}

// Rows is what a multimap and an ordered map have in common: rows with counts under keys.
// Several rows that are equal in all columns are one row with a count; NULL equals NULL, and
// -0 is kept as 0. A row is named by its number, which stays until the row goes.
//
// Stored form: a Table whose keys are all columns of the row. Its hash has the key group of
// the key in its upper KeyGroupBits and the hash of the whole row below; its accumulators are
// the count, a serial number that rises with every row put in, and the operator's words.
// What leads from a key to its rows is derived: built when the operator opens, never written.
//
// A row that goes is not found any more at once, but its number and its words can be read
// until the next Apply or Prune. One goroutine uses it.
type Rows struct {
	table  *Table
	name   string
	layout RowLayout
	unique bool // a row put in twice is there once
	init   []uint64
	order  order
	mem    derived
	keys   keyIndex
	// keyOf has for each row number the number of its key + 1; 0: no such row; gone: the
	// row is in the list of that name.
	keyOf  []int32
	gone   []int32
	dead   int // rows that have gone and are not pruned
	serial uint64

	hashes     []uint64 // of whole rows
	keyHash    keyHasher
	keyCols    []int
	all        []int32 // a selection of all rows of a batch
	warmed     []uint32
	ids, fresh []int32
}

// order is how the rows of each key are linked to one another. The entry of a key names its
// first row when that is linked, and counts those that are linked with the one that is about
// to be, or was.
type order interface {
	// warm reads what link will read of the first rows of keys.
	warm(first []uint32)
	link(key, id int32) error
	unlink(key, id int32)
	// loaded is called once, when all rows of a restore are linked.
	loaded()
}

const (
	rowCount  = 0
	rowSerial = 1
	rowWords  = 2 // before the operator's own

	goneRow = int32(-1) // in keyOf
)

// Drop forgets the table and gives its memory back.
func (s *Rows) Drop() {
	s.mem.release()
	s.mem.store.Drop(s.name)
}

// Len is the number of rows, equal ones counted once; Keys is that of keys.
func (s *Rows) Len() int  { return s.table.Len() - s.dead }
func (s *Rows) Keys() int { return s.keys.len() }

// Each visits every row; it may remove the row that it is given.
func (s *Rows) Each(f func(id int32)) {
	s.table.EachRow(func(id int32) {
		if s.linked(id) {
			f(id)
		}
	})
}

// Count is how many equal rows a row stands for; 0 if it has gone.
func (s *Rows) Count(id int32) int64 { return int64(s.table.Acc(id)[rowCount]) }

// Acc gives the operator's words of a row for reading.
func (s *Rows) Acc(id int32) []uint64 { return s.table.Acc(id)[rowWords:] }

// Write gives the operator's words of a row for writing.
func (s *Rows) Write(id int32) []uint64 { return s.table.Write(id)[rowWords:] }

// OwnWords is where the operator's own words begin among those of a row of Table.
const OwnWords = rowWords

// Table gives the rows by number, for what reads and writes words of many: rows are neither put
// into it nor taken out of it.
func (s *Rows) Table() *Table { return s.table }

// Put keeps a string for a word that Refs lists, in place of the one that old names.
func (s *Rows) Put(old uint64, b []byte) (uint64, error) { return s.table.Put(old, b) }

// Bytes gives the string of a reference; valid until the next change.
func (s *Rows) Bytes(ref uint64) []byte { return s.table.Bytes(ref) }

// AppendColumn appends column i of some rows to v; NULL for Absent.
func (s *Rows) AppendColumn(v *column.Vector, i int, ids []int32) { s.table.AppendColumn(v, i, ids) }

// AppendCell appends column i of a row to v.
func (s *Rows) AppendCell(v *column.Vector, i int, id int32) { s.table.AppendKey(v, id, i) }

// EachRow calls f with every row, which f may remove.
func (s *Rows) EachRow(f func(id int32)) {
	s.table.EachRow(func(id int32) {
		if s.linked(id) {
			f(id)
		}
	})
}

// Apply enters the selected rows of b (sel nil: its first b.Rows) in their order: one that is
// given adds 1 to the count of its row, one that is taken back (-U, -D) takes 1 off. cols are
// the layout's columns in b, hashes those of the key by physical row. ids gets for each
// selected row the number of its row, or Absent for one taken back that is not there.
func (s *Rows) Apply(b *column.Batch, cols []int, hashes []uint64, sel, ids []int32) ([]int32, error) {
	s.Prune()
	s.hashRows(b, cols, hashes)
	hashes = s.keyHash.spread(hashes, b, s.keyCols)
	ids = ids[:0]
	if len(b.Kinds) == 0 {
		return s.add(b, cols, hashes, sel, ids)
	}
	if sel == nil {
		sel = s.allOf(b)
	}
	for len(sel) > 0 {
		n, err := sameKind(b, sel), error(nil)
		if b.Kinds[sel[0]].Retracts() {
			for _, r := range sel[:n] {
				ids = append(ids, s.takeBack(b, cols, int(r)))
			}
		} else if ids, err = s.add(b, cols, hashes, sel[:n], ids); err != nil {
			return ids, err
		}
		sel = sel[n:]
	}
	return ids, nil
}

// sameKind is how many rows at the beginning of a selection are all given or all taken back.
func sameKind(b *column.Batch, sel []int32) int {
	first := b.Kinds[sel[0]].Retracts()
	for i, r := range sel {
		if b.Kinds[r].Retracts() != first {
			return i
		}
	}
	return len(sel)
}

func (s *Rows) allOf(b *column.Batch) []int32 {
	for i := int32(len(s.all)); int(i) < b.Rows; i++ {
		s.all = append(s.all, i)
	}
	return s.all[:b.Rows]
}

// hashRows makes the hashes of whole rows, which keep the group of their key.
func (s *Rows) hashRows(b *column.Batch, cols []int, keys []uint64) {
	s.hashes = column.HashColumns(s.hashes, b, cols)
	inGroups(s.hashes, keys)
	s.keyCols = s.keyCols[:0]
	for _, k := range s.layout.Key {
		s.keyCols = append(s.keyCols, cols[k])
	}
}

func (s *Rows) add(b *column.Batch, cols []int, hashes []uint64, sel, ids []int32) (_ []int32, err error) {
	if s.layout.Apart {
		return s.addApart(b, cols, hashes, sel, ids)
	}
	s.ids, s.fresh, err = s.table.Upsert(b, cols, s.hashes, sel, s.init, s.ids, s.fresh[:0])
	if err != nil {
		return ids, err
	}
	s.warmKeys(hashes, sel, len(s.ids))
	for i, id := range s.ids {
		if s.linked(id) {
			if !s.unique {
				s.table.Write(id)[rowCount]++
			}
			continue
		}
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if err := s.begin(id); err != nil {
			return ids, err
		}
		if err := s.link(b, s.keyCols, r, hashes[r], id); err != nil {
			return ids, err
		}
	}
	return append(ids, s.ids...), nil
}

// addApart enters rows of which none is looked for.
func (s *Rows) addApart(b *column.Batch, cols []int, hashes []uint64, sel, ids []int32) (_ []int32, err error) {
	if err := s.appendApart(b, cols, sel); err != nil {
		return ids, err
	}
	s.warmKeys(hashes, sel, len(s.ids))
	for i, id := range s.ids {
		r := rowOf(sel, i)
		if err := s.link(b, s.keyCols, r, hashes[r], id); err != nil {
			return ids, err
		}
	}
	return append(ids, s.ids...), nil
}

// appendApart makes rows that are linked with nothing yet; ids are their numbers.
func (s *Rows) appendApart(b *column.Batch, cols []int, sel []int32) (err error) {
	if s.ids, err = s.table.Append(b, cols, s.hashes, sel, s.init, s.ids); err != nil {
		return err
	}
	for _, id := range s.ids {
		w := s.table.Acc(id)
		w[rowCount], w[rowSerial] = 1, s.serial
		s.serial++
	}
	return nil
}

func (s *Rows) linked(id int32) bool { return int(id) < len(s.keyOf) && s.keyOf[id] > 0 }

// begin sets the words of a row that is new, or had gone and comes again.
func (s *Rows) begin(id int32) (err error) {
	w := s.table.Write(id)
	for _, r := range s.layout.Refs {
		if w[rowWords+r], err = s.table.Put(w[rowWords+r], nil); err != nil {
			return err
		}
	}
	copy(w, s.init)
	w[rowCount], w[rowSerial] = 1, s.serial
	s.serial++
	return nil
}

// link puts a row under its key; r is a row of b with that key in the columns keys.
func (s *Rows) link(b *column.Batch, keys []int, r int, h uint64, id int32) (err error) {
	key := s.verify(s.keys.candidate(h), b, keys, r)
	if key == Absent {
		if key, err = s.keys.add(h, id); err != nil {
			return err
		}
	}
	if s.keyOf, err = grow(&s.mem, s.keyOf, int(id)+1); err != nil {
		return err
	}
	if s.keyOf[id] == goneRow {
		s.dead--
	}
	s.keyOf[id] = key + 1
	s.keys.list[key].rows++
	return s.order.link(key, id)
}

// takeBack takes 1 off the count of a row.
func (s *Rows) takeBack(b *column.Batch, cols []int, r int) int32 {
	id := s.table.Find(b, cols, r, s.hashes[r])
	if id == Absent || !s.linked(id) {
		return Absent
	}
	w := s.table.Write(id)
	if w[rowCount]--; w[rowCount] == 0 {
		s.leave(id)
	}
	return id
}

// Remove takes a row away, whatever its count.
func (s *Rows) Remove(id int32) {
	s.table.Write(id)[rowCount] = 0
	s.leave(id)
}

func (s *Rows) leave(id int32) {
	key := s.keyOf[id] - 1
	s.order.unlink(key, id)
	s.keyOf[id] = goneRow
	s.gone = append(s.gone, id)
	s.dead++
	if s.keys.list[key].rows--; s.keys.list[key].rows == 0 {
		s.keys.remove(key)
	}
}

// Prune gives the numbers and the memory of rows that have gone free for others.
func (s *Rows) Prune() {
	for _, id := range s.gone { // one that came again, and went again, is named twice
		if s.keyOf[id] == goneRow {
			s.keyOf[id] = 0
			s.table.Delete(id)
		}
	}
	s.gone, s.dead = s.gone[:0], 0
}

// Lookup gives the number of the key of each selected row of b, or Absent, into out. keys are
// the key's columns in b, hashes theirs by physical row. A number stays until the key's last
// row goes.
func (s *Rows) Lookup(b *column.Batch, keys []int, hashes []uint64, sel, out []int32) []int32 {
	out = out[:0]
	hashes = s.keyHash.spread(hashes, b, keys)
	// Two loops, so that the cache misses of different rows overlap.
	if sel == nil {
		for _, h := range hashes[:b.Rows] {
			out = append(out, s.keys.candidate(h))
		}
		for r, key := range out {
			out[r] = s.verify(key, b, keys, r)
		}
		return out
	}
	for _, r := range sel {
		out = append(out, s.keys.candidate(hashes[r]))
	}
	for i, r := range sel {
		out[i] = s.verify(out[i], b, keys, int(r))
	}
	return out
}

// verify goes from a candidate of the same hash to the key that a row of b has, or Absent.
func (s *Rows) verify(key int32, b *column.Batch, keys []int, r int) int32 {
	for key != Absent && !s.equalKey(s.keys.list[key].row, b, keys, r) {
		key = s.keys.after(key)
	}
	return key
}

func (s *Rows) equalKey(id int32, b *column.Batch, keys []int, r int) bool {
	for i, k := range keys {
		if !s.table.keyEquals(id, s.layout.Key[i], b.Cols[k], r) {
			return false
		}
	}
	return true
}
