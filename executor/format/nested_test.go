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

// FuzzNestedJSON: a record with nested values is read as it was before, also where it is expected to be as
// the one in front of it; and what is written of it is read as the same.
func FuzzNestedJSON(f *testing.F) {
	for _, s := range []string{`{"v":[{"a":1,"m":{"k":["2026-01-31",null]}},null],"n":[1,-2e3,null],"s":"x"}`, `{"n":[],"v":[{}]}`, `{"n":[1,],"s":"]"}`, `{"n":"[1]","s":[{"]":"}"}]}`,
		`{"v":[{"m":{"a":[],"a":null}}]}`, "{\"s\":[{\"\":\"\xff\"}]}"} {
		f.Add([]byte(s))
	}
	fuzzNested(f, "json", fuzzedSchema)
}

// FuzzNestedDelimited is the same of fields that hold JSON.
func FuzzNestedDelimited(f *testing.F) {
	for _, s := range []string{`[{"a":1\,"m":{"k":["2026-01-31"\,null]}}\,null],[1\,-2e3\,null],x`, `[],\N,`, `[{"m":{"\\"":[]}}],{1\,NULL\,"2"}`, `null,[`, `,,,`, `\`} {
		f.Add([]byte(s))
	}
	fuzzNested(f, "delimited", fuzzedSchema)
}

// FuzzNestedRaw is the same of a whole value.
func FuzzNestedRaw(f *testing.F) {
	for _, s := range []string{`[{"a":1,"m":{"k":["2026-01-31",null]}},null]`, `null`, `\N`, `{}`, `{null,"{\"a\":1}"}`, `[[]]`, "[\xff]"} {
		f.Add([]byte(s))
	}
	fuzzNested(f, "raw", fuzzedSchema[:1])
}

var fuzzedSchema = types.Schema{
	{Name: "v", Type: types.NewArray(types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Int)},
		types.Field{Name: "m", Type: types.NewMap(types.Of(types.String), types.NewArray(types.Of(types.Date)))}))},
	{Name: "n", Type: types.NewArray(types.Of(types.Double))}, {Name: "s", Type: types.Of(types.String)},
}

func fuzzNested(f *testing.F, name string, schema types.Schema) {
	o := Options{Declared: schema, Columns: all(schema), Fields: ","}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := decoderOf(name, o)
		if err != nil {
			t.Fatal(err)
		}
		b, first := decodeAll(t, d, schema, string(data))
		for range 3 {
			again, err := decodeAll(t, d, schema, string(data))
			if (err == nil) != (first == nil) || err == nil && text(again, 0) != text(b, 0) {
				t.Fatalf("%q is read as %s, %v, then as %s, %v", data, text(b, 0), first, text(again, 0), err)
			}
		}
		if first != nil {
			return
		}
		e, err := encoderOf(name, o)
		if err != nil {
			t.Fatal(err)
		}
		written := string(e.appendValue(nil, b, 0))
		if back, err := decodeAll(t, d, schema, written); err != nil || text(back, 0) != text(b, 0) {
			t.Fatalf("%q is written as %s, which is read as %s, %v", data, written, text(back, 0), err)
		}
	})
}
