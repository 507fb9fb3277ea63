package state

import "slipway/executor/column"

// Replace enters the selected rows of b, no two of them of one key, of a map whose rows come apart: each takes the
// place of the row of ids that stands beside it, which must be the only one of the same key, and its number;
// Absent: there is none of its key yet, and it gets a number in ids. The operator's words stay as they are.
func (o *OrderedMap) Replace(b *column.Batch, cols []int, hashes []uint64, sel, ids []int32) (_ []int32, err error) {
	o.Prune()
	o.hashRows(b, cols, hashes)
	hashes = o.keyHash.spread(hashes, b, o.keyCols)
	o.fresh, o.over.sel, o.over.ids = o.fresh[:0], o.over.sel[:0], o.over.ids[:0]
	for i, id := range ids {
		if id == Absent {
			o.fresh = append(o.fresh, sel[i])
		} else {
			o.over.sel, o.over.ids = append(o.over.sel, sel[i]), append(o.over.ids, id)
		}
	}
	if err := o.table.overwrite(b, cols, o.hashes, o.over.sel, o.over.ids); err != nil {
		return ids, err
	}
	for _, id := range o.over.ids {
		w := o.table.Acc(id)
		w[rowCount], w[rowSerial] = 1, o.serial
		o.serial++
		o.nodes[id+1].sort = o.prefix(id)
	}
	if len(o.fresh) == 0 {
		return ids, nil
	}
	if o.over.ids, err = o.addApart(b, cols, hashes, o.fresh, o.over.ids[:0]); err != nil {
		return ids, err
	}
	at := 0
	for i, id := range ids {
		if id == Absent {
			ids[i], at = o.over.ids[at], at+1
		}
	}
	return ids, nil
}

// overwrite writes the selected rows of b over others. Only for tables without an index.
func (t *Table) overwrite(b *column.Batch, keys []int, hashes []uint64, sel, ids []int32) error {
	for i, id := range ids {
		row := t.writable(id)
		for k, typ := range t.layout.Keys {
			if isRef(typ) && !t.keys[k].null(row) {
				t.slab.drop(row[t.keyAt[k]])
			}
		}
		row[0], row[1] = hashes[sel[i]], liveFlag
		clear(row[rowHeader:t.accAt])
	}
	for i, k := range keys {
		if err := t.fill(i, b.Cols[k], sel, ids); err != nil {
			return err
		}
	}
	return nil
}

// Compare compares the sort key of a row with a bound.
func (o *OrderedMap) Compare(id int32, b Bound) int { return o.against(id+1, &b, o.prefixOf(&b)) }
