package types_test

import (
	"encoding/json"
	"testing"

	"slipway/sql/types"
)

// stored pins what stands in catalogs, state and operator ids for ever: the number of each
// kind and the text of each type. A line may be added, none may change.
var stored = []struct {
	number int
	typ    types.Type
	text   string
}{
	{0, types.Type{Kind: types.Null}, "NULL"},
	{1, types.Type{Kind: types.Boolean}, "BOOLEAN"},
	{2, types.Type{Kind: types.TinyInt}, "TINYINT"},
	{3, types.Type{Kind: types.SmallInt}, "SMALLINT"},
	{4, types.Type{Kind: types.Int}, "INT"},
	{5, types.Type{Kind: types.BigInt}, "BIGINT"},
	{6, types.Type{Kind: types.Float}, "FLOAT"},
	{7, types.Type{Kind: types.Double}, "DOUBLE"},
	{8, types.Type{Kind: types.Decimal, Precision: 12, Scale: 2}, "DECIMAL(12,2)"},
	{8, types.Type{Kind: types.Decimal, Precision: 38}, "DECIMAL(38,0)"},
	{9, types.Type{Kind: types.String}, "STRING"},
	{10, types.Of(types.Varchar).WithLength(10), "VARCHAR(10)"},
	{10, types.Type{Kind: types.Varchar}, "VARCHAR"},
	{11, types.Of(types.Char).WithLength(3), "CHAR(3)"},
	{11, types.Type{Kind: types.Char}, "CHAR"},
	{12, types.Type{Kind: types.Binary}, "BINARY"},
	{13, types.Type{Kind: types.Date}, "DATE"},
	{14, types.Type{Kind: types.Timestamp, Precision: 3}, "TIMESTAMP(3)"},
	{14, types.Type{Kind: types.Timestamp}, "TIMESTAMP(0)"},
	{15, types.Type{Kind: types.Duration}, "INTERVAL"},
	{16, types.Type{Kind: types.JSON}, "JSON"},
	{17, types.Type{Kind: types.Array}, "ARRAY"},
	{18, types.Type{Kind: types.Map}, "MAP"},
	{19, types.Type{Kind: types.Struct}, "STRUCT"},
	{20, types.NewTimestampTZ(3), "TIMESTAMPTZ(3)"},
	{21, types.NewTime(6), "TIME(6)"},
	{22, types.Of(types.Interval), "CALENDARINTERVAL"},
	{23, types.Of(types.UUID), "UUID"},
}

func TestStoredForms(t *testing.T) {
	seen := map[types.Kind]bool{}
	for _, s := range stored {
		seen[s.typ.Kind] = true
		if int(s.typ.Kind) != s.number {
			t.Errorf("%s has number %d, stored records say %d", s.text, s.typ.Kind, s.number)
		}
		if got := s.typ.Stored(); got != s.text {
			t.Errorf("%s is stored as %q", s.text, got)
		}
		if back, err := types.ParseStored(s.text); err != nil || back != s.typ {
			t.Errorf("%q is read as %+v, %v", s.text, back, err)
		}
		if b, err := json.Marshal(s.typ); err != nil || string(b) != `"`+s.text+`"` {
			t.Errorf("%s is written as %s, %v", s.text, b, err)
		}
	}
	for k := types.Kind(0); k.Known(); k++ {
		if !seen[k] {
			t.Errorf("kind %s is not pinned here", k)
		}
	}
}

// TestFormerForm: before the text, types were stored as the numbers of their kinds.
func TestFormerForm(t *testing.T) {
	var got types.Column
	former := `{"Name":"d","Type":{"Kind":8,"Precision":12,"Scale":2,"Length":0},"NotNull":true,"Comment":"c"}`
	want := types.Column{Name: "d", Type: types.NewDecimal(12, 2), NotNull: true, Comment: "c"}
	if err := json.Unmarshal([]byte(former), &got); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	now, err := json.Marshal(want)
	if err != nil || string(now) != `{"Name":"d","Type":"DECIMAL(12,2)","NotNull":true,"Comment":"c"}` {
		t.Fatalf("%s, %v", now, err)
	}
	got = types.Column{}
	if err := json.Unmarshal(now, &got); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
}

// TestStrangeForms: what no server wrote is refused, never taken for another type.
func TestStrangeForms(t *testing.T) {
	for _, text := range []string{`""`, `"INTEGER"`, `"DECIMAL"`, `"DECIMAL(12)"`, `"DECIMAL(12,2) "`, `"VARCHAR(x)"`, `"VARCHAR(0)"`, `"decimal(12,2)"`, `"INT(3)"`, `8`, `null`, `{"Kind":99}`, `{"Kind":"INT"}`} {
		var typ types.Type
		if err := json.Unmarshal([]byte(text), &typ); err == nil {
			t.Errorf("%s is read as %s", text, typ)
		}
	}
}
