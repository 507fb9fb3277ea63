package state

import "slipway/executor/column"

// Find gives the number of the row with the key of row r of b, whose hash is h, or Absent.
func (t *Table) Find(b *column.Batch, keys []int, r int, h uint64) int32 {
	if len(t.index) == 0 {
		return Absent
	}
	place := h
	if nullBehind(b, keys) {
		place = t.placeOf(b, keys, r, h)
	}
	if e := t.index[t.find(b, keys, r, h, place)]; e != 0 {
		return int32(uint32(e) - 1)
	}
	return Absent
}

// keyEquals compares key column i of a row with row r of a vector; NULL equals NULL.
func (t *Table) keyEquals(id int32, i int, v *column.Vector, r int) bool {
	row := t.row(id)
	null := v.Null(r)
	own := &t.keys[i]
	if null || own.null(row) {
		return null == own.null(row)
	}
	return own.equal(t, row[t.keyAt[i]:], v, r)
}

// has tells whether the table, which a restore may have made, has the layout that is wanted;
// else the error is a *LayoutError.
func (t *Table) has(want Layout) error {
	if have := t.layout.stored(); have != want.stored() {
		return &LayoutError{Have: have, Want: want.stored()}
	}
	return nil
}
