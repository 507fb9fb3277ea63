package column

import (
	"fmt"
	"testing"

	"slipway/sql/types"
)

// BenchmarkColumn is the work of an exchange on a batch: gather, hash, compare with the row before.
func BenchmarkColumn(b *testing.B) {
	for _, typ := range []types.Type{types.Of(types.BigInt), types.Of(types.String), types.Of(types.Double), types.Of(types.Boolean), types.NewDecimal(30, 2)} {
		schema := types.Schema{{Name: "a", Type: typ}}
		src, dst := NewBatch(schema), NewBatch(schema)
		v := src.Cols[0]
		for i := range BatchRows {
			if typ.Physical() == types.PhysicalBytes {
				v.AppendBytes(fmt.Appendf(nil, "text-%d", i))
			} else {
				v.Grow(i + 1)
			}
			if i%3 > 0 {
				src.Sel = append(src.Sel, int32(i))
			}
		}
		src.Rows = BatchRows
		var hashes []uint64
		b.Run("gather/"+typ.String(), func(b *testing.B) {
			for b.Loop() {
				dst.Reset()
				dst.AppendBatch(src, nil)
			}
		})
		b.Run("hash/"+typ.String(), func(b *testing.B) {
			for b.Loop() {
				hashes = HashColumns(hashes, src, []int{0})
			}
		})
		b.Run("equal/"+typ.String(), func(b *testing.B) {
			for b.Loop() {
				for i := 1; i < BatchRows; i++ {
					v.Equal(i, i-1)
				}
			}
		})
		b.Run("null/"+typ.String(), func(b *testing.B) {
			for b.Loop() {
				dst.Reset()
				for range BatchRows {
					dst.Cols[0].AppendNull()
				}
			}
		})
	}
}
