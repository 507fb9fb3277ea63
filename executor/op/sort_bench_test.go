package op

import (
	"math/rand/v2"
	"testing"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// BenchmarkSort sorts 100 batches by a key of each of three representations.
func BenchmarkSort(b *testing.B) {
	for _, typ := range []types.Type{types.Of(types.BigInt), types.Of(types.Double), types.Of(types.String)} {
		b.Run(typ.String(), func(b *testing.B) {
			schema := types.Schema{{Name: "k", Type: typ}}
			r := rand.New(rand.NewPCG(1, 1))
			in := column.NewBatch(schema)
			v := in.Cols[0]
			for range column.BatchRows {
				switch typ.Kind {
				case types.BigInt:
					v.AppendInt(r.Int64())
				case types.Double:
					v.Floats = append(v.Floats, r.Float64())
				default:
					v.AppendBytes([]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))})
				}
			}
			in.Rows = column.BatchRows
			nothing := outputFunc(func(*column.Batch) error { return nil })
			for b.Loop() {
				s := NewSort(&plan.Sort{Keys: []plan.SortKey{{Column: 0}}, Out: schema})
				if err := s.Open(env(store())); err != nil {
					b.Fatal(err)
				}
				for range 20 {
					if err := s.Process(0, in, nothing); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.OnWatermark(executor.EndWatermark, nothing); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
