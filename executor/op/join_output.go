package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// joinOutput collects the rows that a join gives, by the numbers of what they are made of, and writes
// them column by column when there is a batch of them.
type joinOutput struct {
	batch  *column.Batch
	kinds  bool // the rows' kinds matter
	before bool // somebody needs old versions
	out    executor.Output
	err    error

	b         *column.Batch // the batch at hand
	me, other *joinSide
	// Of each row: the row of b and that of the other side; Absent stands for NULLs.
	own, others []int32
	list        []column.RowKind
	present     []int32 // own, with some row in place of Absent
}

// begin takes a batch of one side; without one its columns are NULL.
func (o *joinOutput) begin(b *column.Batch, me, other *joinSide, out executor.Output) {
	o.b, o.me, o.other, o.out, o.err = b, me, other, out, nil
}

// row gives a row. An old version is followed by the new one.
func (o *joinOutput) row(own, other int32, k column.RowKind) {
	if k == column.UpdateBefore && !o.before {
		return
	}
	o.own, o.others, o.list = append(o.own, own), append(o.others, other), append(o.list, k)
	if len(o.own) >= column.BatchRows && k != column.UpdateBefore {
		o.write()
	}
}

func (o *joinOutput) write() {
	for i := range o.me.cols {
		o.ownColumn(o.batch.Cols[o.me.first+i], i)
	}
	for i := range o.other.cols {
		o.other.rows.AppendColumn(o.batch.Cols[o.other.first+i], i, o.others)
	}
	if o.kinds {
		o.batch.Kinds = append(o.batch.Kinds, o.list...)
	}
	o.batch.Rows = len(o.own)
	if o.err == nil {
		o.err = o.out.Emit(o.batch)
	}
	o.batch.Reset()
	o.own, o.others, o.list = o.own[:0], o.others[:0], o.list[:0]
}

// ownColumn appends a column of the batch at hand.
func (o *joinOutput) ownColumn(v *column.Vector, i int) {
	if o.b == nil {
		for range o.own {
			v.AppendNull()
		}
		return
	}
	o.present = o.present[:0]
	for _, r := range o.own {
		o.present = append(o.present, max(r, 0))
	}
	v.AppendRows(o.b.Cols[i], o.present, o.b.Rows)
	if !o.me.missing(o.other) {
		return
	}
	for n, r := range o.own {
		if r == state.Absent {
			v.SetNull(n)
		}
	}
}

// missing tells that rows of the other side may be given without one of this side.
func (s *joinSide) missing(other *joinSide) bool { return other.keeps }

func (o *joinOutput) finish() error {
	if len(o.own) > 0 {
		o.write()
	}
	return o.err
}
