package functions

import (
	"slices"
	"testing"

	"slipway/sql/function"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// samples are values of each type of the page of conversions, as somebody writes them.
var samples = map[types.Kind]string{types.Boolean: "TRUE", types.Int: "CAST(1 AS INT)", types.BigInt: "CAST(1 AS BIGINT)", types.Decimal: "CAST(1.5 AS DECIMAL(10,2))",
	types.Float: "CAST(1 AS FLOAT)", types.Double: "CAST(1 AS DOUBLE)", types.String: "concat('1', '')", types.Binary: "CAST('1' AS BINARY)", types.Date: "DATE '2026-01-01'",
	types.Timestamp: "TIMESTAMP '2026-01-01 00:00:00'", types.TimestampTZ: "CAST(TIMESTAMP '2026-01-01 00:00:00' AS TIMESTAMP WITH TIME ZONE)", types.Time: "CAST('10:00:00' AS TIME)",
	types.Interval: "INTERVAL '1' HOUR + INTERVAL '1' MONTH", types.UUID: "UUID 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", types.JSON: "CAST('1' AS JSON)", types.Array: "ARRAY[CAST(1 AS INT)]", types.Map: "MAP['a', CAST(1 AS INT)]",
	types.Struct: "CAST(ROW(1) AS STRUCT<a: INT>)"}

// TestConversions: a CAST that the page has does something, perhaps that this value cannot be read so; of any
// other the compiler says that there is none.
func TestConversions(t *testing.T) {
	slipway := startSlipway(t)
	unreadable := []sqlerr.Code{"", sqlerr.InvalidText, sqlerr.InvalidDatetime, sqlerr.DatetimeOverflow, sqlerr.OutOfRange}
	for _, from := range function.Converted {
		for _, to := range function.Converted {
			text := "SELECT CAST(" + samples[from.Kind] + " AS " + to.String() + ")"
			got := slipway(text)
			if function.Castable(from, to) && !slices.Contains(unreadable, sqlerr.Code(got.code)) || !function.Castable(from, to) && sqlerr.Code(got.code) != sqlerr.CannotCoerce {
				t.Errorf("%s: %s; there is such a CAST: %t", text, got, function.Castable(from, to))
			}
		}
	}
}
