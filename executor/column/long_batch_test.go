package column

import (
	"testing"

	"slipway/sql/types"
	"slipway/sql/value"
)

// TestNullThenManyRows: a vector with a NULL says of every later row of a batch that it is
// present, however the row was appended.
func TestNullThenManyRows(t *testing.T) {
	for _, typ := range []types.Type{
		types.Of(types.Boolean), types.Of(types.BigInt), types.Of(types.Double), types.NewDecimal(30, 2), types.Of(types.String),
	} {
		for name, add := range map[string]func(v *Vector){
			"a value":        func(v *Vector) { v.AppendScalar(value.Scalar{Text: []byte("x")}) },
			"a row in place": func(v *Vector) { n := v.Len(); v.Grow(n + 1) },
		} {
			v := NewVector(typ)
			for round := range 2 { // also in memory that was used
				v.Reset()
				v.AppendNull()
				for range MaxBatchRows - 1 {
					add(v)
				}
				for i := range MaxBatchRows {
					if v.Null(i) != (i == 0) {
						t.Fatalf("%s, %s, round %d: NULL of row %d is %t", typ, name, round, i, v.Null(i))
					}
				}
			}
		}
	}
}
