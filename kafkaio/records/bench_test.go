package records_test

import (
	"fmt"
	"testing"

	"slipway/kafkaio/records"
)

// BenchmarkNext walks a batch of records as those of Nexmark: values of some 250 bytes, no keys, no headers.
func BenchmarkNext(b *testing.B) {
	const count = 4000
	var builder records.Builder
	for i := range count {
		builder.Append(nil, fmt.Appendf(nil, "%0*d", 200+i*37%100, i), int64(1_700_000_000_000+i/10))
	}
	data := builder.Seal(records.Producer{}, 0, nil)
	for b.Loop() {
		r, record, n := records.NewReader(data, 0, nil, nil), records.Record{}, 0
		for more := true; more; n++ {
			var err error
			if more, err = r.Next(&record); err != nil {
				b.Fatal(err)
			}
		}
		if n != count+1 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/record")
}
