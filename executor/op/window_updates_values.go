package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
)

// giveResults is give where values are kept beside the groups. A group whose results are those that were given is not given again.
func (u *WindowUpdates) giveResults(end int64, table *state.Table, ids []int32) error {
	at, err := u.besides.at(u.env.State, end)
	if err != nil {
		return err
	}
	u.out.from, u.out.to = u.w.startOf(end), end
	for part := range slices.Chunk(ids, column.BatchRows) {
		u.results.read(table, at, part)
		for r, id := range part {
			if err := u.giveResult(table, id, r); err != nil {
				return err
			}
		}
	}
	return u.out.err
}

// giveResult gives a group with row r of the results, and notes these.
func (u *WindowUpdates) giveResult(table *state.Table, id int32, r int) (err error) {
	w, kind := table.Write(id), column.Insert
	given := &w[u.accs.words]
	if w[updateFlags]&wasGiven != 0 {
		kind = column.UpdateAfter
		if u.results.same(table.Bytes(*given), r) {
			w[updateFlags] = wasGiven
			return nil
		}
		if u.before {
			if err := u.results.appendGiven(u.boundsOf(table, id), table.Bytes(*given)); err != nil {
				return err
			}
			u.out.emitter.row(column.UpdateBefore)
		}
	}
	u.results.append(u.boundsOf(table, id), r)
	u.out.emitter.row(kind)
	w[updateFlags] = wasGiven
	*given, err = table.Put(*given, u.results.text(r))
	return err
}

// boundsOf appends the keys of a group and the bounds of its window, and gives the columns of its results.
func (u *WindowUpdates) boundsOf(table *state.Table, id int32) (results []*column.Vector) {
	cols, keys := u.out.batch.Cols, len(u.keys)
	for i := range keys {
		table.AppendKey(cols[i], id, i)
	}
	cols[keys].AppendInt(u.out.from)
	cols[keys+1].AppendInt(u.out.to)
	return cols[keys+windowBounds:]
}
