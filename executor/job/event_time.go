package job

import (
	"errors"

	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// eventTimes computes the event times of a source's batches where they are no column of it; nil where they are.
func eventTimes(w *plan.WatermarkSpec, o expr.Options) (func(*column.Batch) (*column.Vector, error), error) {
	if w == nil || w.Computed == nil {
		return nil, nil
	}
	x, err := expr.Compile(w.Computed, o)
	if err != nil {
		return nil, err
	}
	single := column.NewVector(w.Computed.Type())
	return func(b *column.Batch) (*column.Vector, error) {
		out, err := x.Eval(b, b.Sel)
		if _, ofRow := errors.AsType[*sqlerr.Error](err); ofRow {
			return oneByOne(x, b, single)
		}
		return out, err
	}, nil
}

// oneByOne leaves out the rows whose time cannot be computed: the projection behind the source, which computes it too,
// says what becomes of them.
func oneByOne(x expr.Evaluator, b *column.Batch, out *column.Vector) (*column.Vector, error) {
	out.Reset()
	for i := range b.Rows {
		v, err := x.Eval(b, []int32{int32(i)})
		if err != nil || v.Null(i) {
			out.AppendNull()
			continue
		}
		out.AppendInt(v.Ints[i])
	}
	return out, nil
}
