package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
)

// singleOutput writes left rows with their partners, or with NULL.
type singleOutput struct {
	out         executor.Output
	err         error
	batch       *column.Batch
	width       int // columns of the left side
	before      bool
	left, right *state.Multimap
	forgotten   []int32 // rows of the batch that are not given, ascending
	rows, sel   []int32
	kinds       []column.RowKind
	ids         []int32 // kept left rows that leave, and their partners
	partners    []int32
}

// newLeft makes columns for left rows.
func (o *singleOutput) newLeft() []*column.Vector {
	out := make([]*column.Vector, o.width)
	for i := range out {
		out[i] = column.NewVector(o.batch.Cols[i].Type)
	}
	return out
}

// pass gives the rows of a batch of the left side, with partners by row.
func (o *singleOutput) pass(b *column.Batch, partners []int32, out executor.Output) error {
	o.rows = liveRows(o.rows, b)
	o.sel = o.sel[:0]
	gone := o.forgotten
	for _, r := range o.rows {
		for len(gone) > 0 && gone[0] < r {
			gone = gone[1:]
		}
		if len(gone) == 0 || gone[0] != r {
			o.sel = append(o.sel, r)
		}
	}
	o.out, o.err = out, nil
	if len(b.Kinds) > 0 {
		o.kinds = pairedKinds(o.kinds, o.rows, b, o.sel)
		if !o.before {
			o.sel = withoutBefore(o.sel, o.kinds)
		}
	}
	o.partners = o.partners[:0]
	for _, r := range o.sel {
		o.partners = append(o.partners, partners[r])
		if len(b.Kinds) > 0 {
			o.batch.Kinds = append(o.batch.Kinds, o.kinds[r])
		}
	}
	if len(o.sel) == 0 {
		return nil
	}
	for i := range o.width {
		o.batch.Cols[i].AppendRows(b.Cols[i], o.sel, 0)
	}
	o.emit(len(o.sel))
	return o.err
}

// changed gives a kept left row, as often as it is there, with another partner.
func (o *singleOutput) changed(id, was, is int32) {
	for range o.left.Count(id) {
		if o.before {
			o.row(id, was, column.UpdateBefore)
		}
		o.row(id, is, column.UpdateAfter)
	}
}

func (o *singleOutput) row(id, partner int32, k column.RowKind) {
	o.ids, o.partners, o.batch.Kinds = append(o.ids, id), append(o.partners, partner), append(o.batch.Kinds, k)
	if len(o.ids) >= column.BatchRows && k != column.UpdateBefore {
		o.send()
	}
}

// send emits the kept rows that were gathered.
func (o *singleOutput) send() {
	for i := range o.width {
		o.left.AppendColumn(o.batch.Cols[i], i, o.ids)
	}
	o.emit(len(o.ids))
	o.ids = o.ids[:0]
}

// emit writes the partners beside the rows and sends the batch.
func (o *singleOutput) emit(rows int) {
	for i, v := range o.batch.Cols[o.width:] {
		for from := 0; from < rows; {
			to := from
			for to < rows && o.partners[to] != state.Absent {
				to++
			}
			o.right.AppendColumn(v, i, o.partners[from:to])
			if from = to; from < rows {
				v.AppendNull()
				from++
			}
		}
	}
	o.batch.Rows = rows
	if o.err == nil {
		o.err = o.out.Emit(o.batch)
	}
	o.batch.Reset()
	o.partners = o.partners[:0]
}

// finish sends what is left.
func (o *singleOutput) finish() error {
	if len(o.ids) > 0 {
		o.send()
	}
	return o.err
}
