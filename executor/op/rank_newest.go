package op

import (
	"slices"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// The one row of each partition that is in front, as ROW_NUMBER() = 1 and the newest row of a key ask for: where
// nobody reads old versions a row takes the place of the one that is kept, and what has changed is given from
// the batch in which it came.

// frontRow holds what that needs of a batch.
type frontRow struct {
	given column.Batch
	won   []bool // by row: it is the first of its partition
	rows  []int32
	ids   []int32 // what they replace
}

// oneInFront says that rows may take the place of others.
func (r *Rank) oneInFront() bool {
	return r.p.Kind == plan.RowNumber && r.p.Limit == 1 && r.p.Offset == 0 && !r.p.Number && !r.p.InputUpdates && !r.p.EmitBefore
}

// replaceFront enters the rows of a batch, all of which come before those that are kept, and gives the first of
// each partition.
func (r *Rank) replaceFront(sel []int32, out executor.Output) (err error) {
	f := &r.front
	f.rows = append(f.rows[:0], r.batch.first...)
	for i, group := range r.batch.ids {
		if row := sel[i]; r.rowBefore(row, f.rows[group]) {
			f.rows[group] = row
		}
	}
	f.ids = slices.Grow(f.ids[:0], len(f.rows))[:len(f.rows)]
	for i, key := range r.lookup(f.rows) {
		if f.ids[i] = state.Absent; key != state.Absent {
			f.ids[i] = r.rows.First(key)
		}
	}
	f.choose(sel, &r.in)
	if f.ids, err = r.rows.Replace(&r.in, r.cols, r.hashes, f.rows, f.ids); err != nil {
		return err
	}
	r.stampRows(f.ids)
	f.given.Cols = r.in.Cols[:len(r.schema)]
	return out.Emit(&f.given)
}

// rowBefore compares rows of the batch.
func (r *Rank) rowBefore(a, b int32) bool {
	return a != b && string(r.bytes.Bytes(int(a))) < string(r.bytes.Bytes(int(b)))
}

// choose puts the rows that are given into their order in the batch, with what they do.
func (f *frontRow) choose(sel []int32, b *column.Batch) {
	g := &f.given
	f.won = slices.Grow(f.won[:0], b.Rows)[:b.Rows]
	g.Kinds = slices.Grow(g.Kinds[:0], b.Rows)[:b.Rows]
	clear(f.won)
	clear(g.Kinds)
	for i, row := range f.rows {
		if f.won[row] = true; f.ids[i] != state.Absent {
			g.Kinds[row] = column.UpdateAfter
		}
	}
	g.Rows, g.Sel = b.Rows, g.Sel[:0]
	for _, row := range sel {
		if f.won[row] {
			g.Sel = append(g.Sel, row)
		}
	}
}
