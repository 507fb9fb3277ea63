package expr

import (
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

// TestDateFormatRemembers: a text that is kept is the one that would be made.
func TestDateFormatRemembers(t *testing.T) {
	patterns := []string{"yyyy-MM-dd", "HH:mm", "yyyy-MM-dd HH:mm:ss.SSS", "a", "yyyy a", "d", "EEEE hh", "'15' yyyy", "ss", "SSSSSS", "yyyyMMddHHmmssSSS", "yyyy-MM-01", "XXX", "", "x", "%Y-%m-%d", "%H:%i", "%T", "%f", "%p %j", "%", "%r %W", "%e %Q"}
	times := column.NewVector(types.NewTimestamp(6))
	texts := column.NewVector(types.Of(types.String))
	for _, base := range []int64{0, -1, 1_767_225_600_000_000, -62_135_596_800_000_000 + column.Day} {
		for _, by := range []int64{0, 1, 999, 1000, column.Second, column.Minute, 59 * column.Minute, column.Day - 1, column.Day, -1, -column.Day, 12 * 60 * column.Minute} {
			times.AppendInt(base + by)
		}
	}
	for _, p := range patterns {
		d := new(dateFormat)
		texts.Reset()
		for range times.Ints {
			texts.AppendBytes([]byte(p))
		}
		for i, at := range times.Ints {
			got, _ := d.append(nil, []*column.Vector{times, texts}, i)
			want := ReadJavaPattern(p).Append(nil, value.ToTime(at))
			if strings.Contains(p, "%") {
				want = mysqlFormat(nil, value.ToTime(at), p)
			}
			if string(got) != string(want) {
				t.Errorf("%q of %v: %q, want %q", p, value.ToTime(at), got, want)
			}
		}
	}
}

// BenchmarkDateFormat formats a batch of times 10 µs apart.
func BenchmarkDateFormat(b *testing.B) {
	times, texts, out := column.NewVector(types.NewTimestamp(6)), column.NewVector(types.Of(types.String)), []byte(nil)
	for i := range int64(column.BatchRows) {
		times.AppendInt(1_767_225_600_000_000 + i*10)
		texts.AppendBytes([]byte("yyyy-MM-dd"))
	}
	d, vs := new(dateFormat), []*column.Vector{times, texts}
	b.ReportAllocs()
	for b.Loop() {
		out = out[:0]
		for i := range column.BatchRows {
			out, _ = d.append(out, vs, i)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}
