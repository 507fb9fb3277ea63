package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// distinct lets of rows with equal arguments one through to the aggregates over DISTINCT
// arguments: the first that comes, and the last that is taken back. All aggregates of an operator
// over the same arguments share one; each of their filters is a slot of it.
//
// State is a table beside that of the groups: the keys of the group and the arguments are its key. Of a
// row it has a bit for each slot that a value has passed, or, where rows are taken back, a word that
// counts them.
type distinct struct {
	args   []int // columns of the batch
	nulls  bool  // NULL is one more value
	slots  []slot
	counts bool
	cols   []int // keys of the group, arguments
	layout state.Layout
	init   []uint64

	hashes     []uint64
	sel        []int32 // rows that a slot takes
	groups     []int32 // of each the row of the groups' table
	ids, fresh []int32
	gone       []int32 // rows of the table whose counts are all 0, perhaps
}

// slot has what passes for one filter, until the next batch.
type slot struct {
	filter int
	rows   rows
}

// slotOf gives the slot for an aggregate's filter.
func (d *distinct) slotOf(filter int) int {
	i := slices.IndexFunc(d.slots, func(s slot) bool { return s.filter == filter })
	if i < 0 {
		i = len(d.slots)
		d.slots = append(d.slots, slot{filter: filter})
	}
	return i
}

// lay fixes the layout, when all slots are known.
func (d *distinct) lay(keys []int, in types.Schema, counts bool) {
	d.counts, d.cols = counts, slices.Concat(keys, d.args)
	words := len(d.slots)
	if !counts {
		words = (words + 63) / 64
	}
	d.layout, d.init = state.Layout{Keys: keyTypes(in, d.cols), Words: words}, make([]uint64, words)
	d.sel = []int32{} // nil would be all rows
}

// take enters a batch whose rows' groups and key hashes are known.
func (d *distinct) take(t *state.Table, k *keyed, b *column.Batch, sel []int32) (err error) {
	for i := range d.slots {
		d.slots[i].rows.reset()
	}
	d.choose(k.ids, b, sel)
	d.hashes = column.HashColumns(d.hashes, b, d.cols)
	state.InGroups(d.hashes, k.hashes)
	d.ids, d.fresh, err = t.Upsert(b, d.cols, d.hashes, d.sel, d.init, d.ids, d.fresh[:0])
	if err != nil {
		return err
	}
	if !d.counts {
		d.mark(t, b)
		return nil
	}
	d.count(t, b)
	d.forget(t)
	return nil
}

// choose takes the rows that have all arguments and pass one filter at least.
func (d *distinct) choose(groups []int32, b *column.Batch, sel []int32) {
	d.sel, d.groups = d.sel[:0], d.groups[:0]
	for i, group := range groups {
		r := rowAt(sel, i)
		if d.present(b, r) && slices.ContainsFunc(d.slots, func(s slot) bool { return s.passes(b, r) }) {
			d.sel, d.groups = append(d.sel, int32(r)), append(d.groups, group)
		}
	}
}

func (d *distinct) present(b *column.Batch, r int) bool {
	if d.nulls {
		return true
	}
	for _, c := range d.args {
		if b.Cols[c].Null(r) {
			return false
		}
	}
	return true
}

func (s *slot) passes(b *column.Batch, r int) bool { return passes(b, s.filter, r) }

// passes tells that a row meets a filter; -1 is none.
func passes(b *column.Batch, filter, r int) bool {
	return filter < 0 || !b.Cols[filter].Null(r) && b.Cols[filter].Bools[r]
}

// mark lets values through that a slot has not seen.
func (d *distinct) mark(t *state.Table, b *column.Batch) {
	for n := range d.slots {
		s, word, bit := &d.slots[n], n/64, uint64(1)<<(n%64)
		for i, id := range d.ids {
			if t.Acc(id)[word]&bit != 0 || !s.passes(b, int(d.sel[i])) {
				continue
			}
			t.Write(id)[word] |= bit
			s.rows.ids, s.rows.sel = append(s.rows.ids, d.groups[i]), append(s.rows.sel, d.sel[i])
		}
	}
}

// count lets values through that come for the first time or go for the last.
func (d *distinct) count(t *state.Table, b *column.Batch) {
	d.gone = d.gone[:0]
	for n := range d.slots {
		s := &d.slots[n]
		for i, id := range d.ids {
			r := int(d.sel[i])
			if !s.passes(b, r) {
				continue
			}
			w, by := t.Write(id), sign(b, r)
			had := int64(w[n])
			w[n] = uint64(had + by)
			if (had > 0) == (had+by > 0) {
				continue
			}
			s.rows.ids, s.rows.sel, s.rows.signs = append(s.rows.ids, d.groups[i]), append(s.rows.sel, d.sel[i]), append(s.rows.signs, by)
		}
	}
	for _, id := range d.ids {
		if !slices.ContainsFunc(t.Acc(id), isNot0) {
			d.gone = append(d.gone, id)
		}
	}
}

func isNot0(w uint64) bool { return w != 0 }

// forget drops the rows that count nothing any more.
func (d *distinct) forget(t *state.Table) {
	slices.Sort(d.gone)
	for _, id := range slices.Compact(d.gone) {
		t.Delete(id)
	}
}

func (r *rows) reset() { r.ids, r.sel, r.signs, r.v = r.ids[:0], r.sel[:0], r.signs[:0], nil }

// distinctOf is what DISTINCT lets through to an aggregate; back tells that some are taken back.
func (a *accumulator) distinctOf(b *column.Batch) (r *rows, back bool) {
	r = &a.distinct.slots[a.slot].rows
	r.v, r.more = b.Cols[a.Arg], r.more[:0]
	for _, c := range a.More {
		r.more = append(r.more, b.Cols[c])
	}
	return r, len(r.signs) > 0
}
