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

// BenchmarkCodecs writes and reads a batch of two numbers, a text and a long decimal: as rows, as
// keys, as a frame.
func BenchmarkCodecs(b *testing.B) {
	wide := types.NewDecimal(30, 2)
	schema := types.Schema{{Name: "a", Type: bigint}, {Name: "b", Type: bigint}, {Name: "c", Type: text}, {Name: "d", Type: wide}}
	in, out := NewBatch(schema), NewBatch(schema)
	for i := range BatchRows {
		in.Cols[0].AppendInt(int64(i))
		in.Cols[1].AppendInt(1_700_000_000_000_000 + int64(i))
		in.Cols[2].AppendBytes(fmt.Appendf(nil, "text-%d", i))
		in.Cols[3].Wides = append(in.Cols[3].Wides, FromInt64(int64(i)*100))
		in.Rows++
	}
	rows, frames := NewRowCodec([]types.Type{bigint, bigint, text, wide}), NewFrameCodec(schema)
	var bytes []byte
	measure := func(name string, work func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				out.Reset()
				if err := work(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/BatchRows, "ns/row")
		})
	}
	measure("rows", func() (err error) {
		for i := 0; i < in.Rows && err == nil; i++ {
			bytes = rows.Append(bytes[:0], in.Cols, i)
			_, err = rows.Read(out.Cols, bytes)
		}
		return err
	})
	measure("keys", func() (err error) {
		for i := 0; i < in.Rows && err == nil; i++ {
			bytes = bytes[:0]
			for _, v := range in.Cols {
				bytes = AppendKey(bytes, v, i, KeyOrder{})
			}
			rest := bytes
			for c := 0; c < len(out.Cols) && err == nil; c++ {
				rest, err = ReadKey(out.Cols[c], rest, KeyOrder{})
			}
		}
		return err
	})
	measure("frames", func() error {
		bytes = frames.Append(bytes[:0], in)
		return frames.Read(out, bytes)
	})
}
