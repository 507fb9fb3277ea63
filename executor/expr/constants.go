package expr

import (
	"time"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Constants computes expressions without columns in a time zone: a batch of one row, in which
// a NULL without a type has that of the schema.
func Constants(exprs []plan.Expr, schema types.Schema, zone *time.Location) (*column.Batch, error) {
	b := &column.Batch{Rows: 1, Cols: make([]*column.Vector, len(exprs))}
	for i, e := range exprs {
		if e.Type().Kind == types.Null {
			e = &plan.Cast{Arg: e, Typ: schema[i].Type}
		}
		ev, err := Compile(e, Options{Location: zone})
		if err != nil {
			return nil, err
		}
		if b.Cols[i], err = ev.Eval(&column.Batch{Rows: 1}, nil); err != nil {
			return nil, err
		}
	}
	return b, nil
}
