package format

import (
	"fmt"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

func readerOfBids(t testing.TB, columns ...int) (Reader, *column.Batch) {
	t.Helper()
	r, err := JSON.Reader(Options{Declared: bidSchema, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	schema := types.Schema{}
	for _, c := range columns {
		schema = append(schema, bidSchema[c])
	}
	return r, column.NewBatch(schema)
}

// TestRecordsDoNotAllocate: neither do rows and records that carry nothing but values.
func TestRecordsDoNotAllocate(t *testing.T) {
	reader, b := readerOfBids(t, 0, 1, 2, 3, 4, 5, 6)
	record, rows := Record{Value: []byte(bid)}, Rows{}
	n := testing.AllocsPerRun(20, func() {
		rows.Begin(b, 1000)
		for range 1000 {
			if err := rows.Read(reader, &record); err != nil {
				t.Fatal(err)
			}
		}
		if rows.End().Rows != 1000 || len(b.Kinds) > 0 {
			t.Fatalf("%d rows, %d kinds", b.Rows, len(b.Kinds))
		}
	})
	if n > 5 { // slabs that grow once
		t.Fatalf("%v allocations for a thousand records", n)
	}
}

// TestKindsOfRows: rows before the first that is no insert are inserts, also those that a
// failed record left behind.
func TestKindsOfRows(t *testing.T) {
	r, err := JSON.Reader(Options{Declared: keyed[:3], Columns: []int{0, 1, 2}, Keys: []int{2}})
	if err != nil {
		t.Fatal(err)
	}
	b, rows := column.NewBatch(keyed[:3]), Rows{}
	rows.Begin(b, 1)
	for i, c := range []struct{ key, value string }{{"", `{"id":1,"v":1}`}, {"", `{"id":1,"v":"x"}`}, {`{"id":"x"}`, ""}, {`{"id":1}`, ""}, {"", `{"id":3,"v":3}`}, {`{"id":"y"}`, ""}} {
		record := Record{}
		if c.key != "" {
			record.Key = []byte(c.key)
		}
		if c.value != "" {
			record.Value = []byte(c.value)
		}
		if err := rows.Read(r, &record); (err != nil) != (i == 1 || i == 2 || i == 5) {
			t.Errorf("record %d: %v", i, err)
		}
	}
	got := ""
	rows.End()
	for i := range b.Rows {
		got += fmt.Sprintf("%s %s, ", b.Kind(i), text(b, i))
	}
	if got != "+I 1|NULL|1, -D NULL|NULL|1, +I 3|NULL|3, " || len(b.Kinds) != b.Rows {
		t.Errorf("%s %d kinds", got, len(b.Kinds))
	}
}

// BenchmarkRecords is BenchmarkJSONBid by way of records and rows.
func BenchmarkRecords(b *testing.B) {
	for _, columns := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {0, 1, 2, 5, 6}, {0, 2}} {
		b.Run(fmt.Sprintf("%d columns", len(columns)), func(b *testing.B) {
			reader, batch := readerOfBids(b, columns...)
			record, rows := Record{Value: []byte(bid)}, Rows{}
			for b.Loop() {
				rows.Begin(batch, 2000)
				for range 2000 {
					if err := rows.Read(reader, &record); err != nil {
						b.Fatal(err)
					}
				}
				rows.End()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/record")
		})
	}
}
