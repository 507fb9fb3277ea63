package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// BenchmarkUpsert finds and makes rows by keys of each representation, and reads the keys back.
func BenchmarkUpsert(b *testing.B) {
	for _, typ := range []types.Type{types.Of(types.BigInt), types.Of(types.String), types.Of(types.Double), types.Of(types.Boolean), types.NewDecimal(30, 2)} {
		for _, keys := range []int{1000, 1_000_000} {
			batches := keyBatches(typ, keys)
			s := NewStore(Range{0, KeyGroups}, &Budget{})
			t := s.Table("t", Layout{Keys: []types.Type{typ}, Words: 2})
			var hashes []uint64
			var ids, fresh []int32
			var err error
			b.Run(fmt.Sprintf("%s/%d", typ, keys), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					in := batches[i%len(batches)]
					hashes = column.HashColumns(hashes, in, []int{0})
					if ids, fresh, err = t.Upsert(in, []int{0}, hashes, nil, []uint64{0, 0}, ids, fresh[:0]); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
			})
			out := column.NewVector(typ)
			b.Run(fmt.Sprintf("%s/%d/read", typ, keys), func(b *testing.B) {
				for b.Loop() {
					out.Reset()
					for _, id := range ids {
						t.AppendKey(out, id, 0)
					}
				}
			})
		}
	}
}

func keyBatches(typ types.Type, keys int) []*column.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	batches := make([]*column.Batch, 64)
	for i := range batches {
		batches[i] = column.NewBatch(types.Schema{{Name: "k", Type: typ}})
		v := batches[i].Cols[0]
		for n := range column.BatchRows {
			k := r.IntN(keys)
			if v.Grow(n); typ.Physical() == types.PhysicalBytes {
				v.AppendBytes(fmt.Appendf(nil, "key-%d", k))
				continue
			}
			v.Grow(n + 1)
			switch typ.Kind {
			case types.Boolean:
				v.Bools[n] = k&1 == 0
			case types.Double:
				v.Floats[n] = float64(k)
			case types.Decimal:
				v.Wides[n] = column.FromInt64(int64(k))
			default:
				v.Ints[n] = int64(k)
			}
		}
		batches[i].Rows = column.BatchRows
	}
	return batches
}
