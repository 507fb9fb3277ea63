package format

import (
	"slipway/executor/column"
	"slipway/executor/expr"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// absent gives the values of the batch's columns where a record has none, each a vector of one row; nil where that is NULL.
// What cannot be computed was refused when the stream was declared.
func (o *Options) absent() []*column.Vector {
	if len(o.Defaults) == 0 {
		return nil
	}
	out := make([]*column.Vector, len(o.Columns))
	for i, c := range o.Columns {
		for _, d := range o.Defaults {
			if d.Column != c {
				continue
			}
			if b, err := expr.Constants([]plan.Expr{d.Value}, types.Schema{o.Declared[c]}, nil); err == nil {
				out[i] = b.Cols[0]
			}
		}
	}
	return out
}
