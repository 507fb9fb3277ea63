package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// heldDeletes are the last rows of keys that have none left. They wait to be sent until the operator
// is flushed: if the key comes again before, it was never gone.
type heldDeletes struct {
	keys   []int
	layout state.Layout
	table  *state.Table  // key -> number of its row
	rows   *column.Batch // as many as there are
	sel    []int32
	back   []bool // by row: its key has come again
	part   *column.Batch

	one        [1]int32
	ids, fresh []int32
}

// mostHeld is how many wait at most.
const mostHeld = 4 * column.BatchRows

func newHeldDeletes(keys []int, s types.Schema) heldDeletes {
	return heldDeletes{keys: keys, layout: state.Layout{Keys: keyTypes(s, keys), Words: 1}, rows: column.NewBatch(s), part: column.NewBatch(s)}
}

func (h *heldDeletes) open(s *state.Store) { h.table = s.Table("", h.layout) }

func (h *heldDeletes) full() bool { return h.rows.Rows >= mostHeld }

// add holds the deletion of row r of a batch.
func (h *heldDeletes) add(b *column.Batch, r int32, hashes []uint64) (err error) {
	h.one[0] = r
	if h.ids, h.fresh, err = h.table.Upsert(b, h.keys, hashes, h.one[:], noRows, h.ids, h.fresh[:0]); err != nil || len(h.fresh) == 0 {
		return err
	}
	h.table.Write(h.ids[0])[0] = uint64(h.rows.Rows)
	for i, v := range h.rows.Cols {
		v.AppendRows(b.Cols[i], h.one[:], b.Rows)
	}
	h.rows.Rows++
	h.back = append(h.back, false)
	return nil
}

// takeBack forgets the deletion of the key of row r of a batch, and tells whether there was one.
func (h *heldDeletes) takeBack(b *column.Batch, r int32, hashes []uint64) bool {
	if h.table.Len() == 0 {
		return false
	}
	id := h.table.Find(b, h.keys, int(r), hashes[r])
	if id == state.Absent {
		return false
	}
	h.back[h.table.Acc(id)[0]] = true
	h.table.Delete(id)
	return true
}

// send gives all that are held.
func (h *heldDeletes) send(out executor.Output) error {
	if h.rows.Rows == 0 {
		return nil
	}
	h.sel = h.sel[:0]
	for r, back := range h.back {
		if !back {
			h.sel = append(h.sel, int32(r))
		}
	}
	for part := range slices.Chunk(h.sel, column.BatchRows) {
		h.part.AppendBatch(h.rows, part)
		for range part {
			h.part.Kinds = append(h.part.Kinds, column.Delete)
		}
		err := out.Emit(h.part)
		h.part.Reset()
		if err != nil {
			return err
		}
	}
	h.rows.Reset()
	h.table.Clear()
	h.back = h.back[:0]
	return nil
}
