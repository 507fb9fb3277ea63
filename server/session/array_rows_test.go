package session

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// TestArraysOnTheWire: a PostgreSQL client reads arrays in both forms, and the text is that of array_out.
func TestArraysOnTheWire(t *testing.T) {
	of := func(k types.Kind) types.Type { return types.NewArray(types.Of(k)) }
	for _, c := range []struct {
		typ        types.Type
		json, text string
		read       any // what pgx reads of it
	}{
		{of(types.Int), `[1,null,-3]`, `{1,NULL,-3}`, []any{int32(1), nil, int32(-3)}},
		{of(types.BigInt), `[]`, `{}`, []any{}},
		{of(types.SmallInt), `[7]`, `{7}`, []any{int16(7)}},
		{of(types.String), `["a","","a b","x,y","\"q\"","b\\c","NULL","null",null,"{}","中","tab\t","nulls"]`,
			`{a,"","a b","x,y","\"q\"","b\\c","NULL","null",NULL,"{}",中,"tab` + "\t" + `",nulls}`,
			[]any{"a", "", "a b", "x,y", `"q"`, `b\c`, "NULL", "null", nil, "{}", "中", "tab\t", "nulls"}},
		{of(types.Boolean), `[true,false,null]`, `{t,f,NULL}`, []any{true, false, nil}},
		{of(types.Double), `[1.5,"NaN","-Infinity"]`, `{1.5,NaN,-Infinity}`, nil},
		{of(types.Float), `[0.25]`, `{0.25}`, []any{float32(0.25)}},
		{types.NewArray(types.NewDecimal(10, 2)), `[1.5,-20000.25,0.1]`, `{1.50,-20000.25,0.10}`, nil},
		{of(types.Date), `["2026-01-31","1969-12-31"]`, `{2026-01-31,1969-12-31}`, nil},
		{of(types.Timestamp), `["2026-01-31 10:00:00.123"]`, `{"2026-01-31 10:00:00.123"}`, nil},
		{of(types.Binary), `["\u0001a"]`, `{"\\x0161"}`, []any{[]byte("\x01a")}},
		{of(types.UUID), `["A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11",null]`, `{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}`,
			[]any{[16]uint8{0xa0, 0xee, 0xbc, 0x99, 0x9c, 0x0b, 0x4e, 0xf8, 0xbb, 0x6d, 0x6b, 0xb9, 0xbd, 0x38, 0x0a, 0x11}, nil}},
		{types.Of(types.UUID), "ffffffff-0000-4000-8000-000000000001", "ffffffff-0000-4000-8000-000000000001",
			[16]uint8{0xff, 0xff, 0xff, 0xff, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}},
		{of(types.JSON), `[{"a":1},null,2]`, `{"{\"a\":1}","null",2}`, nil},
		{types.NewArray(of(types.Int)), `[[1,null],[2,3]]`, `{{1,NULL},{2,3}}`, nil},
		{types.NewArray(of(types.String)), `[["a b"],["{}"],[null]]`, `{{"a b"},{"{}"},{NULL}}`, nil},
		{types.NewArray(types.NewArray(of(types.Double))), `[[[1.5,2],[3,4]],[[5,6],[7,8]],[[0,0],[0,0]]]`, `{{{1.5,2},{3,4}},{{5,6},{7,8}},{{0,0},{0,0}}}`, nil},
		{types.NewArray(types.NewMap(types.Of(types.String), types.Of(types.Int))), `[{"b":1,"a":null},null]`, `{"{\"a\":null,\"b\":1}",NULL}`,
			[]any{map[string]any{"a": nil, "b": 1.0}, nil}},
		{types.NewMap(types.Of(types.String), types.Of(types.Int)), `{"b":1,"a":null}`, `{"a":null,"b":1}`, nil},
	} {
		t.Run(c.typ.String()+" "+c.json, func(t *testing.T) {
			v := column.NewVector(c.typ)
			v.Grow(2)
			if err := v.SetText(1, []byte(c.json)); err != nil {
				t.Fatal(err)
			}
			v.SetNull(0)
			row := &batchRow{b: &column.Batch{Rows: 2, Cols: []*column.Vector{v}}, i: 1}
			text, null := row.AppendText(nil, 0)
			if string(text) != c.text || null {
				t.Errorf("the text is %s, want %s", text, c.text)
			}
			bytes, null, err := row.AppendBinary(nil, 0)
			if null || err != nil {
				t.Fatal(null, err)
			}
			forms := pgtype.NewMap()
			one := read(t, forms, c.typ.OID(), pgtype.TextFormatCode, text)
			other := read(t, forms, c.typ.OID(), pgtype.BinaryFormatCode, bytes)
			if one != other {
				t.Errorf("the text is read as %s, the binary form as %s", one, other)
			}
			if want := fmt.Sprintf("%#v", c.read); c.read != nil && one != want {
				t.Errorf("it is read as %s, want %s", one, want)
			}
			if row.i = 0; len(text) > 0 {
				if _, null := row.AppendText(nil, 0); !null {
					t.Error("NULL is none")
				}
			}
		})
	}
}

func read(t *testing.T, m *pgtype.Map, oid uint32, form int16, b []byte) string {
	t.Helper()
	typ, ok := m.TypeForOID(oid)
	if !ok {
		t.Fatalf("nobody knows type %d", oid)
	}
	x, err := typ.Codec.DecodeValue(m, oid, form, b)
	if err != nil {
		t.Fatalf("form %d, %q: %v", form, b, err)
	}
	return fmt.Sprintf("%#v", x)
}

// TestRowsOnTheWire: a STRUCT is a record, in the text of record_out and in binary form, and an ARRAY of them an array of records.
func TestRowsOnTheWire(t *testing.T) {
	row := types.NewStruct(types.Field{Name: "x", Type: types.Of(types.Int)}, types.Field{Name: "y", Type: types.Of(types.String)})
	deep := types.NewStruct(types.Field{Name: "r", Type: row}, types.Field{Name: "l", Type: types.NewArray(row)}, types.Field{Name: "m", Type: types.NewMap(types.Of(types.String), row)},
		types.Field{Name: "a", Type: types.NewArray(types.Of(types.Boolean))})
	for _, c := range []struct {
		typ              types.Type
		oid              uint32
		json, text, read string
	}{
		{row, 2249, `{"x":1,"y":"a b"}`, `(1,"a b")`, `[]interface {}{1, "a b"}`},
		{row, 2249, `{}`, `(,)`, `[]interface {}{interface {}(nil), interface {}(nil)}`},
		{row, 2249, `{"y":""}`, `(,"")`, `[]interface {}{interface {}(nil), ""}`},
		{row, 2249, `{"x":-1,"y":"\"q\" b\\c (1,2)"}`, `(-1,"""q"" b\\c (1,2)")`, `[]interface {}{-1, "\"q\" b\\c (1,2)"}`},
		{row, 2249, `{"x":1,"y":"NULL"}`, `(1,NULL)`, `[]interface {}{1, "NULL"}`},
		{types.NewArray(row), 2287, `[{"x":1,"y":"a b"},null]`, `{"(1,\"a b\")",NULL}`, `[]interface {}{[]interface {}{1, "a b"}, interface {}(nil)}`},
		{types.NewArray(types.NewArray(row)), 2287, `[[{"x":1,"y":"a"}],[{"x":2}]]`, `{{"(1,a)"},{"(2,)"}}`, ""},
		{deep, 2249, `{"r":{"x":1,"y":"a b"},"l":[{"x":2},null],"m":{"k":{"x":3,"y":"z"}},"a":[true,null]}`,
			`("(1,""a b"")","{""(2,)"",NULL}","{""k"":{""x"":3,""y"":""z""}}","{t,NULL}")`, `[]interface {}{[]interface {}{1, "a b"}, ` +
				`[]interface {}{[]interface {}{2, interface {}(nil)}, interface {}(nil)}, map[string]interface {}{"k":map[string]interface {}{"x":3, "y":"z"}}, []interface {}{true, interface {}(nil)}}`},
	} {
		v := column.NewVector(c.typ)
		v.Grow(1)
		if err := v.SetText(0, []byte(c.json)); err != nil {
			t.Fatal(err)
		}
		r := &batchRow{b: &column.Batch{Rows: 1, Cols: []*column.Vector{v}}}
		text, _ := r.AppendText(nil, 0)
		if string(text) != c.text || c.typ.OID() != c.oid {
			t.Errorf("%s: the text is %s, want %s; its type is %d", c.typ, text, c.text, c.typ.OID())
		}
		back := column.NewVector(c.typ)
		back.Grow(1)
		if err := back.SetText(0, text); err != nil || !same(v, back) {
			t.Errorf("%s: %s is read back as %s, %v", c.typ, text, column.AppendText(nil, back, 0), err)
		}
		bytes, _, err := r.AppendBinary(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, pgtype.NewMap(), c.typ.OID(), pgtype.BinaryFormatCode, bytes)
		if c.read != "" && got != c.read {
			t.Errorf("%s: the binary form of %s is read as\n%s, want\n%s", c.typ, c.text, got, c.read)
		}
		r.json = true
		if text, _ := r.AppendText(nil, 0); string(text) != string(column.AppendText(nil, v, 0)) {
			t.Errorf("as JSON it is %s", text)
		}
	}
}

func same(a, b *column.Vector) bool {
	return string(column.AppendText(nil, a, 0)) == string(column.AppendText(nil, b, 0))
}

// TestUnevenArrays: PostgreSQL has none, so that they have no binary form; as text they are written all the same.
func TestUnevenArrays(t *testing.T) {
	typ := types.NewArray(types.NewArray(types.Of(types.Int)))
	for json, want := range map[string]string{
		`[[1],[2,3]]`: "{{1},{2,3}}", `[[1],null]`: "{{1},NULL}", `[null,[1]]`: "{NULL,{1}}", `[[],[1]]`: "{{},{1}}", `[[1],[]]`: "{{1},{}}",
		`[]`: "{}", `[[],[]]`: "{{},{}}",
	} {
		v := column.NewVector(typ)
		v.Grow(1)
		if err := v.SetText(0, []byte(json)); err != nil {
			t.Fatal(err)
		}
		r := &batchRow{b: &column.Batch{Rows: 1, Cols: []*column.Vector{v}}}
		if text, _ := r.AppendText(nil, 0); string(text) != want {
			t.Errorf("%s is written as %s", json, text)
		}
		bytes, _, err := r.AppendBinary(nil, 0)
		if empty := want == "{}" || want == "{{},{}}"; empty && (err != nil || string(bytes) != "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x17") || !empty && sqlerr.From(err).Code != sqlerr.ArraySubscript {
			t.Errorf("%s: %q, %v", json, bytes, err)
		}
	}
}
