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

// A row with a long text may be given as often as it has partners: texts are counted between parts of
// a batch.
const (
	partRows = 256
	mostText = 8 << 20
)

// write sends what is collected, as one batch or, with long texts, as several.
func (o *joinOutput) write() {
	for from := 0; from < len(o.own); {
		to := min(from+partRows, len(o.own))
		if o.list[to-1] == column.UpdateBefore {
			to++
		}
		o.part(from, to)
		if from = to; from == len(o.own) || o.batch.TextBytes() >= mostText {
			o.send()
		}
	}
	o.own, o.others, o.list = o.own[:0], o.others[:0], o.list[:0]
}

func (o *joinOutput) send() {
	if o.err == nil {
		o.err = o.out.Emit(o.batch)
	}
	o.batch.Reset()
}

// part appends some of the rows to the batch.
func (o *joinOutput) part(from, to int) {
	for i := range o.me.cols {
		o.ownColumn(o.batch.Cols[o.me.first+i], i, o.own[from:to])
	}
	for i := range o.other.cols {
		o.other.rows.AppendColumn(o.batch.Cols[o.other.first+i], i, o.others[from:to])
	}
	if o.kinds {
		o.batch.Kinds = append(o.batch.Kinds, o.list[from:to]...)
	}
	o.batch.Rows += to - from
}

// ownColumn appends a column of the batch at hand.
func (o *joinOutput) ownColumn(v *column.Vector, i int, rows []int32) {
	if o.b == nil {
		for range rows {
			v.AppendNull()
		}
		return
	}
	o.present = o.present[:0]
	for _, r := range rows {
		o.present = append(o.present, max(r, 0))
	}
	v.AppendRows(o.b.Cols[i], o.present, o.b.Rows)
	if !o.me.missing(o.other) {
		return
	}
	for n, r := range rows {
		if r == state.Absent {
			v.SetNull(o.batch.Rows + n)
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
