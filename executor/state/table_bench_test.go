package state

import (
	"math/rand/v2"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// benchRows enters n rows and gives batches of keys to update them by, all over the table.
func benchRows(b *testing.B, n int) (*Store, *Table, []*column.Batch, [][]uint64) {
	s := NewStore(Range{0, KeyGroups}, &Budget{})
	table := s.Table("t", Layout{Keys: []types.Type{types.Of(types.BigInt)}, Words: 4})
	schema := types.Schema{{Name: "a", Type: types.Of(types.BigInt)}}
	r := rand.New(rand.NewPCG(1, 2))
	batch := column.NewBatch(schema)
	var ids, fresh []int32
	for i := 0; i < n; i += 2048 {
		batch.Reset()
		for j := range 2048 {
			batch.Cols[0].AppendInt(int64(i + j))
		}
		batch.Rows = 2048
		var err error
		if ids, fresh, err = table.Upsert(batch, []int{0}, column.HashColumns(nil, batch, []int{0}), nil, []uint64{0, 0, 0, 0}, ids, fresh[:0]); err != nil {
			b.Fatal(err)
		}
	}
	var batches []*column.Batch
	var hashes [][]uint64
	for range 200 {
		batch := column.NewBatch(schema)
		for range 2048 {
			batch.Cols[0].AppendInt(r.Int64N(int64(n)))
		}
		batch.Rows = 2048
		batches = append(batches, batch)
		hashes = append(hashes, column.HashColumns(nil, batch, []int{0}))
	}
	return s, table, batches, hashes
}

// BenchmarkUpdate is batches of 2048 updates, of rows all over the table; behind a barrier the first
// writes to rows are noted.
func BenchmarkUpdate(b *testing.B) {
	for _, rows := range []struct {
		name string
		n    int
	}{{"1K", 1 << 10}, {"1M", 1 << 20}, {"8M", 1 << 23}} {
		for _, barrier := range []bool{false, true} {
			name := rows.name
			if barrier {
				name += "/barriers"
			}
			b.Run(name, func(b *testing.B) {
				s, table, batches, hashes := benchRows(b, rows.n)
				var ids, fresh []int32
				var err error
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if i++; barrier && i%200 == 0 {
						s.Freeze(1)
						s.Confirm(1)
					}
					at := i % len(batches)
					if ids, fresh, err = table.Upsert(batches[at], []int{0}, hashes[at], nil, []uint64{0, 0, 0, 0}, ids, fresh[:0]); err != nil {
						b.Fatal(err)
					}
					for _, id := range ids {
						w := table.Write(id)
						w[0]++
						w[1] += uint64(id)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2048, "ns/row")
			})
		}
	}
}
