package format

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

var valueSchema = types.Schema{{Name: "i", Type: types.Of(types.Int)}, {Name: "f", Type: types.Of(types.Float)},
	{Name: "x", Type: types.Of(types.Double)}, {Name: "d", Type: types.Of(types.Date)},
	{Name: "t", Type: types.NewTimestamp(3)}, {Name: "j", Type: types.Of(types.JSON)}, {Name: "b", Type: types.Of(types.Boolean)}}

// TestValuesOfRecords: a text means in a record what it means everywhere, in both formats.
func TestValuesOfRecords(t *testing.T) {
	for _, c := range []struct{ column, json, text, want string }{
		{"i", `8.5`, "8.5", "22003"}, {"i", `8.0`, "8.0", "8"}, {"i", `1e3`, "1e3", "1000"}, {"i", `"17"`, " 17 ", "17"},
		{"i", `"1_000"`, "1_000", "22P02"}, {"i", `2147483648`, "2147483648", "22003"}, {"i", `-1e99`, "-1e99", "22003"},
		{"f", `1e40`, "1e40", "22003"}, {"f", `"Infinity"`, "Infinity", "Infinity"}, {"f", `0.1`, "0.1", "0.1"}, {"x", `1e-1000`, "1e-1000", "22003"},
		{"x", `"NaN"`, "NaN", "NaN"}, {"x", `"0x1p4"`, "0x1p4", "22P02"}, {"x", `1e308`, "1e308", "1e+308"},
		{"d", `"2026-01-023"`, "2026-01-023", "22007"}, {"d", `"2026-01-02garbage"`, "2026-01-02garbage", "22007"},
		{"d", `"0000-01-01"`, "0000-01-01", "22008"}, {"d", `"2026-01-02"`, "2026-01-02", "2026-01-02"},
		{"t", `"2026-01-02 10:00:00+02"`, "2026-01-02 10:00:00+02", "2026-01-02 08:00:00.000"},
		{"t", `"2026-01-02T10:00:00.5 Z"`, "2026-01-02T10:00:00.5 Z", "2026-01-02 10:00:00.500"}, {"t", `"10000-01-01"`, "10000-01-01", "22008"},
		{"t", `1735689600000000`, "", "22008"}, {"t", `1735689600000`, "", "2025-01-01 00:00:00.000"}, {"t", `-99999999999999999`, "", "22008"},
		{"t", `1.5`, "", "22008"},
		{"j", `"text"`, `"text"`, `"text"`}, {"j", `"a\n\"b"`, ``, `"a\n\"b"`}, {"j", `{"a": [1]}`, `{"a": [1]}`, `{"a": [1]}`},
		{"j", `17`, "17", "17"}, {"j", `true`, "true", "true"}, {"j", `null`, `\N`, "NULL"}, {"j", ``, "{bad", "22P02"},
		{"b", `"yes"`, "yes", "true"}, {"b", `1`, "1", "true"}, {"b", `2`, "2", "22P02"}, {"b", `"of"`, "of", "false"},
	} {
		at := valueSchema.Index(c.column)
		if c.json != "" {
			// Twice, so that the second record is read by the path of those like the one before.
			judge(t, "json", at, c.want, `{"`+c.column+`":`+c.json+`}`)
		}
		if c.text != "" {
			judge(t, "delimited", at, c.want, strings.Repeat("|", at)+c.text)
		}
		if c.text != "" && c.text != `\N` {
			judge(t, "raw", at, c.want, c.text)
		}
	}
}

func judge(t *testing.T, format string, at int, want, record string) {
	t.Helper()
	schema := valueSchema
	if format == "raw" {
		schema, at = schema[at:at+1], 0
	}
	d, err := decoderOf(format, Options{Declared: schema, Columns: []int{0, 1, 2, 3, 4, 5, 6}[:len(schema)], Fields: "|"})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(schema)
	for _, c := range b.Cols {
		c.Grow(2)
	}
	for i := range 2 {
		got := ""
		if err := d.decode([]byte(record), b, i); err != nil {
			got = string(sqlerr.From(err).Code)
		} else if got = "NULL"; !b.Cols[at].Null(i) {
			got = string(column.AppendText(nil, b.Cols[at], i))
		}
		if got != want {
			t.Errorf("%s %s, record %d: %s, want %s", format, record, i, got, want)
		}
	}
}

// TestNumbersThatJSONLacks: NaN and the infinities are written as strings, which are read back.
func TestNumbersThatJSONLacks(t *testing.T) {
	schema := types.Schema{valueSchema[1], valueSchema[2]}
	b := column.NewBatch(schema)
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		b.Cols[0].Floats, b.Cols[1].Floats = append(b.Cols[0].Floats, x), append(b.Cols[1].Floats, x)
		b.Rows++
	}
	e, err := encoderOf("json", Options{Declared: schema})
	if err != nil {
		t.Fatal(err)
	}
	d, err := decoderOf("json", Options{Declared: schema, Columns: []int{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{"f":"NaN","x":"NaN"}`, `{"f":"Infinity","x":"Infinity"}`, `{"f":"-Infinity","x":"-Infinity"}`} {
		line := e.appendValue(nil, b, i)
		if string(line) != want || !json.Valid(line) {
			t.Errorf("%s, want %s", line, want)
		}
		back, err := decodeAll(t, d, schema, string(line))
		if err != nil || text(back, 0) != text(b, i) {
			t.Errorf("%s came back as %v", line, err)
		}
	}
}
