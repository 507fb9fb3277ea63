package op

import (
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// semiOutput gives the left rows of a semi join by their verdicts.
type semiOutput struct {
	kind      plan.SemiKind
	before    bool // old versions are wanted
	out       executor.Output
	err       error
	batch     *column.Batch // of kept rows
	width     int
	left      *state.Multimap
	forgotten []int32 // rows of the batch that are not given, ascending

	mark   *column.Vector // of a batch that passes
	rows   []int32
	sel    []int32
	kinds  []column.RowKind
	passes column.Batch

	ids   []int32 // kept rows that leave
	marks []verdict
}

// gives tells whether rows of a verdict are in the result.
func (o *semiOutput) gives(v verdict) bool {
	switch o.kind {
	case plan.Semi:
		return v == isTrue
	case plan.Anti:
		return v == isFalse
	}
	return true
}

// passed gives the rows of a batch as they are, by what was counted for them.
func (o *semiOutput) passed(b *column.Batch, counts [2][]int64, out executor.Output) error {
	o.rows = liveRows(o.rows, b)
	return o.pass(b, o.rows, counts, out)
}

// others gives the rows of a batch that are not in sel.
func (o *semiOutput) others(b *column.Batch, sel []int32, counts [2][]int64, out executor.Output) error {
	o.rows = liveRows(o.rows, b)
	n := 0
	for _, r := range o.rows {
		if len(sel) > 0 && sel[0] == r {
			sel = sel[1:]
			continue
		}
		o.rows[n] = r
		n++
	}
	return o.pass(b, o.rows[:n], counts, out)
}

func (o *semiOutput) pass(b *column.Batch, rows []int32, counts [2][]int64, out executor.Output) error {
	o.choose(rows, counts)
	if len(o.sel) == 0 {
		return nil
	}
	o.passes = column.Batch{Rows: b.Rows, Cols: append(o.passes.Cols[:0], b.Cols...), Sel: o.sel, Split: b.Split}
	if len(b.Kinds) > 0 {
		o.kinds = pairedKinds(o.kinds, rows, b, o.sel)
		o.passes.Kinds = o.kinds
		if !o.before {
			o.sel = withoutBefore(o.sel, o.kinds)
			o.passes.Sel = o.sel
		}
	}
	if o.mark != nil {
		o.fillMark(b.Rows, counts)
		o.passes.Cols = append(o.passes.Cols, o.mark)
	}
	return out.Emit(&o.passes)
}

// pairedKinds gives the rows of sel their kinds: the two versions of a row are that only where
// they follow one another and both go on.
func pairedKinds(dst []column.RowKind, live []int32, b *column.Batch, sel []int32) []column.RowKind {
	dst = append(dst[:0], b.Kinds...)
	last := -1 // the place of an old version that goes on
	for i, r := range live {
		if len(sel) == 0 || sel[0] != r {
			continue
		}
		sel = sel[1:]
		switch b.Kinds[r] {
		case column.UpdateBefore:
			goesOn := i+1 < len(live) && b.Kinds[live[i+1]] == column.UpdateAfter && len(sel) > 0 && sel[0] == live[i+1]
			if last = i; !goesOn {
				dst[r] = column.Delete
			}
		case column.UpdateAfter:
			if last < 0 || last != i-1 {
				dst[r] = column.Insert
			}
		}
	}
	return dst
}

// choose lists the rows that are given.
func (o *semiOutput) choose(rows []int32, counts [2][]int64) {
	o.sel = o.sel[:0]
	gone := o.forgotten
	for _, r := range rows {
		for len(gone) > 0 && gone[0] < r {
			gone = gone[1:]
		}
		if len(gone) > 0 && gone[0] == r {
			continue
		}
		if o.gives(verdictOf(counts[0][r], counts[1][r])) {
			o.sel = append(o.sel, r)
		}
	}
}

func (o *semiOutput) fillMark(rows int, counts [2][]int64) {
	o.mark.Reset()
	o.mark.Grow(rows)
	for _, r := range o.sel {
		v := verdictOf(counts[0][r], counts[1][r])
		o.mark.Bools[r] = v == isTrue
		if v == isUnknown {
			o.mark.SetNull(int(r))
		}
	}
	o.mark.Present()
}

// begin takes the output of a call of the operator.
func (o *semiOutput) begin(out executor.Output) { o.out, o.err = out, nil }

// changed gives a kept row, as often as it is there, whose verdict is another one now.
func (o *semiOutput) changed(id int32, before, now verdict) {
	for range o.left.Count(id) {
		switch {
		case o.kind == plan.Mark && o.before:
			o.row(id, before, column.UpdateBefore)
			o.row(id, now, column.UpdateAfter)
		case o.kind == plan.Mark:
			o.row(id, now, column.UpdateAfter)
		case o.gives(now):
			o.row(id, now, column.Insert)
		case o.gives(before):
			o.row(id, before, column.Delete)
		}
	}
}

func (o *semiOutput) row(id int32, v verdict, k column.RowKind) {
	o.ids, o.marks, o.batch.Kinds = append(o.ids, id), append(o.marks, v), append(o.batch.Kinds, k)
	if len(o.ids) >= column.BatchRows && k != column.UpdateBefore {
		o.send()
	}
}

// send emits the rows that were gathered, column by column.
func (o *semiOutput) send() {
	for i := range o.width {
		o.left.AppendColumn(o.batch.Cols[i], i, o.ids)
	}
	if o.mark != nil {
		appendVerdicts(o.batch.Cols[o.width], o.marks)
	}
	o.batch.Rows = len(o.ids)
	if o.err == nil {
		o.err = o.out.Emit(o.batch)
	}
	o.batch.Reset()
	o.ids, o.marks = o.ids[:0], o.marks[:0]
}

func appendVerdicts(v *column.Vector, list []verdict) {
	for i, x := range list {
		if v.Bools = append(v.Bools, x == isTrue); x == isUnknown {
			v.SetNull(i)
		}
	}
	v.Present()
}

// finish sends what is left.
func (o *semiOutput) finish() error {
	if len(o.ids) > 0 {
		o.send()
	}
	return o.err
}

// withoutBefore leaves old versions out, where nobody reads them.
func withoutBefore(sel []int32, kinds []column.RowKind) []int32 {
	n := 0
	for _, r := range sel {
		if sel[n] = r; kinds[r] != column.UpdateBefore {
			n++
		}
	}
	return sel[:n]
}
