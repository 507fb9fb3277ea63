package format

import (
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

// TestNestedColumns: both formats of text read and write columns that nest.
func TestNestedColumns(t *testing.T) {
	row := types.NewStruct(types.Field{Name: "a b", Type: types.NewTimestamp(0)}, types.Field{Name: "c", Type: types.NewMap(types.Of(types.String), types.Of(types.Double))})
	schema := types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "v", Type: types.NewArray(row)}}
	const nested = `[{"a b":"2026-01-02 00:00:00","c":{"\"x\",":1.5,"y":"NaN"}},null,{"a b":null,"c":null}]`
	o := Options{Declared: schema, Columns: []int{0, 1}, Fields: ","}
	for name, records := range map[string][]string{
		"json":      {`{"id":1,"v":` + nested + `}`, `{"id":2,"v":null}`, `{"id":3,"v":[]}`},
		"delimited": {`1,[{"a b":"2026-01-02 00:00:00"\,"c":{"\\"x\\"\,":1.5\,"y":"NaN"}}\,null\,{"a b":null\,"c":null}]`, `2,\N`, `3,[]`},
	} {
		d, err := decoderOf(name, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := decodeAll(t, d, schema, records...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := string(column.AppendText(nil, b.Cols[1], 0)); got != nested {
			t.Errorf("%s is read as\n%s\nwant\n%s", name, got, nested)
		}
		e, err := encoderOf(name, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range records {
			if got := string(e.appendValue(nil, b, i)); got != want {
				t.Errorf("%s is written as\n%s\nwant\n%s", name, got, want)
			}
		}
	}
	d, err := decoderOf("json", o)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`{"v":1}`, `{"v":true}`, `{"v":{}}`, `{"v":[1]}`, `{"v":[{"a b":"x"}]}`, `{"v":"[1]"}`} {
		if _, err := decodeAll(t, d, schema, bad); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
