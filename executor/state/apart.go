package state

import "slipway/executor/column"

// Rows that are never taken back by what they hold need not be found by it. Of such a table there is no
// index, and rows go into it column by column: nothing is compared with anything.

// leaveIndex lets a table, which a restore may have filled, be without an index from now on.
func (t *Table) leaveIndex() {
	t.store.release(int64(len(t.index)) * 8)
	t.index, t.apart = nil, true
}

// Append makes a row of its own for each selected row of b, with accumulators that begin with init, and writes
// their numbers into ids. Only for tables without an index.
func (t *Table) Append(b *column.Batch, keys []int, hashes []uint64, sel []int32, init []uint64, ids []int32) ([]int32, error) {
	ids = ids[:0]
	n := b.Rows
	if sel != nil {
		n = len(sel)
	}
	for i := range n {
		id, err := t.newRow()
		if err != nil {
			return ids, err
		}
		row := t.writable(id)
		row[0], row[1] = hashes[rowOf(sel, i)], liveFlag
		clear(row[rowHeader:t.accAt])
		copy(row[t.accAt:], init)
		t.live++
		ids = append(ids, id)
	}
	for i, k := range keys {
		if err := t.fill(i, b.Cols[k], sel, ids); err != nil {
			return ids, err
		}
	}
	return ids, nil
}

// fill writes key column i of rows that are new.
func (t *Table) fill(i int, v *column.Vector, sel, ids []int32) (err error) {
	own, at := &t.keys[i], t.keyAt[i]
	if own.form == formLong && v.Valid == nil {
		for n, id := range ids {
			t.row(id)[at] = uint64(v.Ints[rowOf(sel, n)])
		}
		return nil
	}
	for n, id := range ids {
		r, row := rowOf(sel, n), t.row(id)
		if v.Null(r) {
			own.setNull(row)
		} else if err = own.put(t, row[at:], v, r); err != nil {
			return err
		}
	}
	return nil
}

// AppendColumn appends key column i of some rows to v; NULL for Absent.
func (t *Table) AppendColumn(v *column.Vector, i int, ids []int32) {
	own, at := &t.keys[i], t.keyAt[i]
	switch own.form {
	case formLong:
		for _, id := range ids {
			if id == Absent {
				v.AppendNull()
			} else if row := t.row(id); own.null(row) {
				v.AppendNull()
			} else {
				v.AppendInt(int64(row[at]))
			}
		}
	case formText:
		for _, id := range ids {
			if id == Absent {
				v.AppendNull()
			} else if row := t.row(id); own.null(row) {
				v.AppendNull()
			} else {
				v.AppendBytes(t.slab.get(row[at]))
			}
		}
	default:
		for _, id := range ids {
			if id == Absent {
				v.AppendNull()
			} else {
				t.AppendKey(v, id, i)
			}
		}
	}
}
