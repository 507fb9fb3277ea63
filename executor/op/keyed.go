package op

import (
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// keyed finds the rows of a table that the rows of a batch belong to by their key. Its slices
// are valid until the next batch.
type keyed struct {
	keys   []int    // columns of the batch
	init   []uint64 // accumulators of a new row
	hashes []uint64 // by row of the batch
	ids    []int32  // of the table, by selected row
	fresh  []int32  // those of ids that are new, in their order

	touched []uint32 // by row of the table: serial of the batch that it was met in last
	serial  uint32
}

// find makes the rows that are not there.
func (k *keyed) find(t *state.Table, b *column.Batch, sel []int32) error {
	k.hash(b)
	return k.enter(t, b, sel)
}

func (k *keyed) hash(b *column.Batch) { k.hashes = column.HashColumns(k.hashes, b, k.keys) }

// enter does it for some rows of the batch that was hashed last.
func (k *keyed) enter(t *state.Table, b *column.Batch, sel []int32) (err error) {
	k.ids, k.fresh, err = t.Upsert(b, k.keys, k.hashes, sel, k.init, k.ids, k.fresh[:0])
	return err
}

// begin forgets what was met.
func (k *keyed) begin() { k.serial++ }

// meet tells whether a row is met for the first time since begin.
func (k *keyed) meet(id int32) bool {
	for int(id) >= len(k.touched) {
		k.touched = append(k.touched, 0)
	}
	first := k.touched[id] != k.serial
	k.touched[id] = k.serial
	return first
}

func keyTypes(in types.Schema, keys []int) []types.Type {
	out := make([]types.Type, len(keys))
	for i, k := range keys {
		out[i] = in[k].Type
	}
	return out
}

// emptied is a table of which nothing is left. What it held stays for the snapshot that may still be
// written: a bounded input may end while others go on.
func emptied(s *state.Store, name string, l state.Layout) *state.Table {
	s.Drop(name)
	return s.Table(name, l)
}
