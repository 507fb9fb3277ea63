package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// joinTest asks of pairs whether a condition over the columns of both is true.
type joinTest struct {
	pred   *expr.Predicate
	reads  []int         // the columns of both that are read
	pairs  *column.Batch // has these alone
	passes []bool
}

// newJoinTest compiles a condition over the columns of both sides.
func newJoinTest(on plan.Expr, columns types.Schema, o expr.Options) (*joinTest, error) {
	pred, err := expr.CompileFilter(on, o)
	t := &joinTest{pred: pred, pairs: column.NewBatch(columns)}
	plan.EachColumn(on, func(c *plan.Column) { t.reads = append(t.reads, c.Index) })
	slices.Sort(t.reads)
	t.reads = slices.Compact(t.reads)
	return t, err
}

// test gives for each pair of a step whether it passes; valid until the next call.
func (t *joinTest) test(w *joinWalk) ([]bool, error) {
	t.gather(w)
	sel, err := t.pred.Select(t.pairs, nil)
	if err != nil {
		sel, err = w.join.rest(err, t.pairs, nil, func(rows []int32) ([]int32, error) { return t.pred.Select(t.pairs, rows) })
	}
	n := len(w.found.Rows)
	t.passes = slices.Grow(t.passes[:0], n)[:n]
	clear(t.passes)
	for _, i := range sel {
		t.passes[i] = true
	}
	return t.passes, err
}

// gather puts the columns that are read together.
func (t *joinTest) gather(w *joinWalk) {
	t.pairs.Reset()
	t.pairs.Rows = len(w.found.Rows)
	for _, c := range t.reads {
		v := t.pairs.Cols[c]
		if i := c - w.me.first; i >= 0 && i < len(w.me.cols) {
			v.AppendRows(w.b.Cols[i], w.found.Probes, w.b.Rows)
		} else {
			w.other.rows.AppendColumn(v, c-w.other.first, w.found.Rows)
		}
	}
}
