package session

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"slipway/executor/column"
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
		{of(types.JSON), `[{"a":1},null,2]`, `{"{\"a\":1}","null",2}`, nil},
		{types.NewArray(of(types.Int)), `[[1],[2,3],null]`, `[[1],[2,3],null]`, nil},
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
