package format

import (
	"fmt"
	"strconv"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// TestNumbersOfRecords: a number is read, or refused, alike in the first record, in one like that before it, and where
// nobody needs it.
func TestNumbersOfRecords(t *testing.T) {
	schema := types.Schema{{Name: "n", Type: types.Of(types.BigInt)}, {Name: "m", Type: types.Of(types.BigInt)}}
	texts := []string{"", "-", "00", "01", "-01", "1.", "1x", "1 2", "0", "-0", "7", "-7", "12345678", "123456789", "-1234567890123456", "999999999999999999", "-999999999999999999",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551617", "100000000000000000001", "00000000000000000000001"}
	for _, text := range texts {
		want, err := strconv.ParseInt(text, 10, 64)
		isNumber := validNumber([]byte(text))
		for _, needed := range []bool{true, false} {
			for _, before := range []string{"", `{"n":1,"m":2}`, `{"n":12345678,"m":3}`} {
				columns := []int{0}
				if !needed {
					columns = []int{1}
				}
				d, e := decoderOf("json", Options{Declared: schema, Columns: columns})
				if e != nil {
					t.Fatal(e)
				}
				b := column.NewBatch(schema[:1])
				b.Cols[0].Grow(1)
				if before != "" && d.decode([]byte(before), b, 0) != nil {
					t.Fatal(before)
				}
				got := d.decode(fmt.Appendf(nil, `{"n":%s,"m":2}`, text), b, 0)
				if good := isNumber && (err == nil || !needed); good != (got == nil) {
					t.Fatalf("%q (needed %v, behind %q): %v", text, needed, before, got)
				}
				if got == nil && needed && b.Cols[0].Ints[0] != want {
					t.Fatalf("%q (behind %q) is read as %d", text, before, b.Cols[0].Ints[0])
				}
			}
		}
	}
}
