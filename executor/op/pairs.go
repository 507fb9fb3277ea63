package op

import (
	"slices"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// pairTest looks at pairs of a row of a batch and a kept row of the other side with the same
// key: of which a condition is true, and of which it is NULL. It reads the columns of both sides
// that the condition names, a batch of pairs at a time.
type pairTest struct {
	failingRows
	tests []*expr.Predicate // that it is true; that it is NULL, if that is asked for
	width int               // columns of the left side
	reads []int             // columns of the pairs
	pairs *column.Batch
	match state.Matches
	rows  *state.Multimap
	batch *column.Batch
}

func (t *pairTest) init(on plan.Expr, unknown bool, in []types.Schema, o expr.Options) error {
	t.width, t.pairs = len(in[0]), column.NewBatch(slices.Concat(in[0], in[1]))
	reads := make(plan.Columns, len(t.pairs.Cols))
	reads.AddExpr(on)
	t.reads = reads.List()
	conditions := []plan.Expr{on}
	if unknown {
		conditions = append(conditions, &plan.Call{Func: "is_null", Args: conditions, Typ: types.Of(types.Boolean)})
	}
	for _, c := range conditions {
		p, err := expr.CompileFilter(c, o)
		if err != nil {
			return err
		}
		t.tests = append(t.tests, p)
	}
	return nil
}

// begin begins a walk over the pairs of the rows of a batch with those that are kept.
func (t *pairTest) begin(kept *state.Multimap, b *column.Batch, s *side) {
	t.rows, t.batch = kept, b
	kept.Match(&t.match, b, s.keys, s.hashes, s.sel)
}

// more goes to the next pairs, whose batch rows are those of a port; false when there are none.
func (t *pairTest) more(port int) bool {
	if !t.rows.More(&t.match) {
		return false
	}
	t.pairs.Reset()
	for _, c := range t.reads {
		v := t.pairs.Cols[c]
		at, side := c, 0
		if c >= t.width {
			at, side = c-t.width, 1
		}
		if side == port {
			v.AppendRows(t.batch.Cols[at], t.match.Probes, 0)
		} else {
			t.rows.AppendColumn(v, at, t.match.Rows)
		}
	}
	t.pairs.Rows = len(t.match.Rows)
	return true
}

// pass lists the pairs that pass a test, by their places in match; valid until the next call.
func (t *pairTest) pass(test int) ([]int32, error) {
	if t.pairs.Rows == 0 {
		return nil, nil
	}
	p := t.tests[test]
	sel, err := p.Select(t.pairs, nil)
	if err != nil {
		sel, err = t.rest(err, t.pairs, nil, func(rows []int32) ([]int32, error) { return p.Select(t.pairs, rows) })
	}
	return sel, err
}
