package value

import (
	"encoding/json"
	"testing"

	"slipway/sql/types"
)

// TestArrayLiterals: PostgreSQL's form of an array is read as its manual has it ("Array Input and Output Syntax").
func TestArrayLiterals(t *testing.T) {
	of := func(k types.Kind) types.Type { return types.NewArray(types.Of(k)) }
	for _, c := range []struct {
		typ        types.Type
		text, want string // nothing: it is malformed
	}{
		{of(types.Int), `{1,2,3}`, `["1","2","3"]`},
		{of(types.Int), ` { 1 , NULL, null } `, `["1",null,null]`},
		{of(types.Int), `{}`, `[]`},
		{of(types.Int), `{ }`, `[]`},
		{of(types.Int), `[1,2]`, `[1,2]`},
		{of(types.String), `{a b,"c,d","e\"f",g\,h,"NULL","",\N}`, `["a b","c,d","e\"f","g,h","NULL","","N"]`},
		{of(types.JSON), `{1,"{\"a\":1}"}`, `[1,{"a":1}]`},
		{types.NewArray(of(types.Int)), `{{1,2},{},{3}}`, `[["1","2"],[],["3"]]`},
		{of(types.Int), `{1,}`, ""}, {of(types.Int), `{,1}`, ""}, {of(types.Int), `{1`, ""}, {of(types.Int), `{1}}`, ""}, {of(types.Int), `{1} x`, ""},
		{of(types.Int), `{{1}}`, ""}, {of(types.String), `{"a`, ""}, {of(types.String), `{a"b}`, ""}, {of(types.String), `{"a"b}`, ""}, {of(types.Int), ``, ""},
		{of(types.JSON), `{a}`, ""}, {types.NewMap(types.Of(types.String), types.Of(types.Int)), `{1,2}`, ""},
	} {
		got, f := Nested([]byte(c.text), c.typ)
		if string(got) != c.want || (f == OK) != (c.want != "") {
			t.Errorf("%s as %s is %s, want %s", c.text, c.typ, got, c.want)
		}
	}
}

// TestRowLiterals: so is that of a row ("Composite Type Input and Output Syntax").
func TestRowLiterals(t *testing.T) {
	row := types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Int)}, types.Field{Name: "b", Type: types.Of(types.String)})
	deep := types.NewStruct(types.Field{Name: "r", Type: row}, types.Field{Name: "l", Type: types.NewArray(row)}, types.Field{Name: "j", Type: types.Of(types.JSON)})
	for _, c := range []struct {
		typ        types.Type
		text, want string // nothing: it is malformed
	}{
		{row, `(1,"a b")`, `{"a":"1","b":"a b"}`}, {row, `(,)`, `{"a":null,"b":null}`}, {row, `(1,"")`, `{"a":"1","b":""}`},
		{row, ` (1, x y ) `, `{"a":"1","b":" x y "}`}, {row, `(1,"a""b\\c")`, `{"a":"1","b":"a\"b\\c"}`}, {row, `(1,a"b,c"d)`, `{"a":"1","b":"ab,cd"}`},
		{row, `(1,a\,b)`, `{"a":"1","b":"a,b"}`}, {row, `(1,NULL)`, `{"a":"1","b":"NULL"}`}, {row, `{"a":1}`, `{"a":1}`},
		{types.NewArray(row), `{"(1,a)",NULL,"(2,\"b c\")"}`, `[{"a":"1","b":"a"},null,{"a":"2","b":"b c"}]`},
		{deep, `("(1,""x y"")","{""(2,z)"",NULL}","{""k"":[1]}")`, `{"r":{"a":"1","b":"x y"},"l":[{"a":"2","b":"z"},null],"j":{"k":[1]}}`},
		{row, `(1)`, ""}, {row, `(1,2,3)`, ""}, {row, `(1,2`, ""}, {row, `(1,"2)`, ""}, {row, `(1,2) x`, ""}, {row, `()`, ""}, {row, `(`, ""}, {row, `(1,(2))`, ""},
		{deep, `("(1)",,)`, ""}, {deep, `(,"{",)`, ""}, {deep, `(,,x)`, ""}, {types.NewMap(types.Of(types.String), types.Of(types.Int)), `(1,2)`, ""},
	} {
		got, f := Nested([]byte(c.text), c.typ)
		if string(got) != c.want || (f == OK) != (c.want != "") {
			t.Errorf("%s as %s is %s, want %s", c.text, c.typ, got, c.want)
		}
	}
}

// FuzzNestedText: any text is a nested value of the right kind in JSON, or malformed.
func FuzzNestedText(f *testing.F) {
	row := types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Int)}, types.Field{Name: "b", Type: types.NewArray(types.Of(types.String))})
	for _, s := range []string{`(1,"{a,""b c""}")`, `{"(1,\"{a}\")",NULL}`, `[{"a":1}]`, `(,)`, `{{}}`, `("`, `{(1,a)}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range []types.Type{row, types.NewArray(row), types.NewArray(types.NewArray(types.Of(types.Int))), types.NewMap(types.Of(types.Int), row)} {
			if got, fault := Nested([]byte(s), typ); fault == OK && !json.Valid(got) {
				t.Fatalf("%q is %s of %s", s, got, typ)
			}
			CheckNested([]byte(s), typ)
		}
	})
}

// TestUnfitParts: what is wrong inside is found, with the type that it is wrong for.
func TestUnfitParts(t *testing.T) {
	row := types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Int)}, types.Field{Name: "m", Type: types.NewMap(types.Of(types.Date), types.NewArray(types.Of(types.Boolean)))})
	for text, want := range map[string]string{
		`{"a":1,"m":{"2026-01-31":[true,null]},"more":{}}`: "",
		`{"A":"7"}`:               "",
		`{}`:                      "",
		`null`:                    "",
		`{"a":1.5}`:               `"1.5" is not a whole number, as INT wants it`,
		`{"m":{"x":[]}}`:          `invalid input for type DATE: "x"`,
		`{"m":{"2026-01-31":1}}`:  `invalid input for type ARRAY<BOOLEAN>: "1"`,
		`{"m":[]}`:                `invalid input for type MAP<DATE, ARRAY<BOOLEAN>>: "[]"`,
		`[]`:                      `invalid input for type STRUCT<a: INT, m: MAP<DATE, ARRAY<BOOLEAN>>>: "[]"`,
		`{"a":1`:                  `invalid input for type STRUCT<a: INT, m: MAP<DATE, ARRAY<BOOLEAN>>>: "{\"a\":1"`,
		`{"m":{"2026-01-31":[2]}`: `invalid input for type STRUCT<a: INT, m: MAP<DATE, ARRAY<BOOLEAN>>>: "{\"m\":{\"2026-01-31\":[2]}"`,
	} {
		got := ""
		if err := CheckNested([]byte(text), row); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// FuzzNested: whatever the text, the walk ends, and finds the parts that encoding/json does.
func FuzzNested(f *testing.F) {
	for _, text := range []string{`{1,NULL,"a"}`, `[1,[2,"]"],{"a":{"b":[]}}]`, `{"a":"\"","b" : null}`, `{{}}`, ` [ ] `, `"x"`} {
		f.Add([]byte(text))
	}
	deep := types.NewArray(types.NewArray(types.Of(types.String)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, fault := Nested(data, deep); fault == OK && !json.Valid(text) {
			t.Fatalf("%q is no JSON", text)
		}
		CheckNested(data, deep)
		var list []json.RawMessage
		if text := trim(data); json.Unmarshal(text, &list) == nil && len(text) > 0 && text[0] == '[' {
			p := PartsOf(text)
			for i, want := range list {
				if !p.Next() || string(p.Value) != string(want) {
					t.Fatalf("part %d of %q is %q, want %q", i, data, p.Value, want)
				}
			}
			if p.Next() {
				t.Fatalf("%q has one part more: %q", data, p.Value)
			}
		}
	})
}
