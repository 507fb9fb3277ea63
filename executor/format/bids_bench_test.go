package format

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// bids are records of which each has numbers and texts of other lengths, as in Nexmark: what the processor
// learns of one record does not help it with the next.
func bids(count int) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(least, most int) []byte {
		b := make([]byte, least+r.IntN(most-least))
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return b
	}
	out := make([][]byte, count)
	for i := range out {
		at := fmt.Sprintf("2026-01-01 00:%02d:%02d.%03d", i/6000%60, i/100%60, i%100*10)
		price := int64(math.Pow(10, r.Float64()*6) * 100)
		out[i] = fmt.Appendf(nil, `{"auction":%d,"bidder":%d,"price":%d,"channel":"channel-%d","url":"https://www.nexmark.com/%s/%s/%s/item.htm?query=1","dateTime":"%s","extra":"%s"}`,
			1000+r.IntN(100_000), 1000+r.IntN(30_000), price, r.IntN(10_000), word(3, 6), word(3, 6), word(3, 6), at, word(40, 100))
	}
	return out
}

func chosen(columns []int) types.Schema {
	schema := types.Schema{}
	for _, c := range columns {
		schema = append(schema, bidSchema[c])
	}
	return schema
}

// BenchmarkBids reads and writes batches of bids: the columns of q0, q5, and most of q22.
func BenchmarkBids(b *testing.B) {
	values := bids(20_000)
	const rows = 2000
	for _, columns := range [][]int{{0, 1, 2, 5, 6}, {0, 5}, {0, 1, 2, 3, 4}} {
		d, batch := bidReader(b, columns)
		at := 0
		read := func() {
			batch.Reset()
			for _, c := range batch.Cols {
				c.Grow(rows)
			}
			for i := range rows {
				if err := d.decode(values[at+i], batch, i); err != nil {
					b.Fatal(err)
				}
			}
			batch.Rows, at = rows, (at+rows)%len(values)
		}
		measure := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s columns %v", name, columns), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/record")
			})
		}
		measure("read", read)
		read()
		e, err := encoderOf("json", Options{Declared: chosen(columns)})
		if err != nil {
			b.Fatal(err)
		}
		var buffer []byte
		measure("write", func() {
			for i := range rows {
				buffer = e.appendValue(buffer[:0], batch, i)
			}
		})
	}
}

func bidReader(b *testing.B, columns []int) (decoder, *column.Batch) {
	d, err := decoderOf("json", Options{Declared: bidSchema, Columns: columns})
	if err != nil {
		b.Fatal(err)
	}
	return d, column.NewBatch(chosen(columns))
}
