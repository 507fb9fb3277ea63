package format

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/types"
	"slipway/sql/value"
)

var leaves = []types.Type{types.Of(types.Boolean), types.Of(types.TinyInt), types.Of(types.BigInt), types.Of(types.Float), types.Of(types.Double), types.NewDecimal(12, 3),
	types.NewDecimal(38, 10), types.Of(types.String), types.Of(types.Varchar).WithLength(9), types.Of(types.Binary), types.Of(types.JSON), types.Of(types.Date), types.NewTimestamp(6),
	types.NewTimestampTZ(3), types.NewTime(6), types.Of(types.Interval)}

// anyNested gives a nested type that is at most so deep.
func anyNested(r *rand.Rand, depth int) types.Type {
	part := func() types.Type {
		if depth > 1 && r.IntN(2) == 0 {
			return anyNested(r, depth-1)
		}
		return leaves[r.IntN(len(leaves))]
	}
	switch r.IntN(3) {
	case 0:
		return types.NewArray(part())
	case 1:
		return types.NewMap(leaves[r.IntN(len(leaves))], part())
	}
	fields := make([]types.Field, 1+r.IntN(5))
	for i := range fields {
		fields[i] = types.Field{Name: []string{"a", "b c", `d"e`, "f,g", "é\n"}[i], Type: part()}
	}
	return types.NewStruct(fields...)
}

// anyText gives the JSON of a random value of a type.
func anyText(r *rand.Rand, t types.Type) string {
	if r.IntN(5) == 0 {
		return "null"
	}
	fields, parts := t.Fields(), []string{}
	switch t.Kind {
	case types.Array:
		for range r.IntN(4) {
			parts = append(parts, anyText(r, fields[0].Type))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case types.Map:
		for range r.IntN(4) {
			parts = append(parts, quotedJSON(anyLeaf(r, fields[0].Type))+":"+anyText(r, fields[1].Type))
		}
	case types.Struct:
		for _, f := range fields {
			parts = append(parts, quotedJSON(f.Name)+":"+anyText(r, f.Type))
		}
	default:
		if text := anyLeaf(r, t); t.Kind == types.JSON {
			return text
		} else {
			return quotedJSON(text)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func quotedJSON(s string) string { return string(value.AppendJSONString(nil, []byte(s))) }

func anyLeaf(r *rand.Rand, t types.Type) string {
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	switch t.Kind {
	case types.Boolean:
		return one("true", "false")
	case types.TinyInt, types.BigInt:
		return one("0", "-128", "127", "7")
	case types.Float, types.Double:
		return one("0", "-0", "1.5", "-1e-30", "3.4028235e+38", "NaN", "Infinity", "-Infinity")
	case types.Decimal:
		return one("0", "-0.001", "123456789.125", "1")
	case types.JSON:
		return one("1", `{"a":[1,null,"x,\"\\"]}`, `"text"`, "[]", "true")
	case types.Date:
		return one("0001-01-01", "9999-12-31", "2026-01-31")
	case types.Timestamp:
		return one("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "2026-01-31 10:00:00.5")
	case types.TimestampTZ:
		return one("2026-01-31 10:00:00.5+00", "1970-01-01 00:00:00+00")
	case types.Time:
		return one("00:00:00", "23:59:59.999999")
	case types.Interval:
		return one("1 year 2 mons 3 days 04:05:06.7", "-00:00:01.5", "00:00:00", "30 days")
	}
	return one("", "a", `\N`, "null", "NULL", "x,y\x01|", "\"\\\n\r\t", " b ", "{}", "[1]", "é鱼", "\x00", `\`)
}

// TestNestedRoundTrips: what a format writes of random nested values, as value and as key, is read as the same.
func TestNestedRoundTrips(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 400 {
		schema := types.Schema{{Name: "v", Type: anyNested(r, 4)}, {Name: "s", Type: leaves[r.IntN(len(leaves))]}, {Name: "w", Type: anyNested(r, 4)}}
		for _, name := range []string{"json", "delimited", "raw"} {
			declared := schema
			if name == "raw" {
				declared = schema[:1]
			}
			b := column.NewBatch(declared)
			for _, v := range b.Cols {
				v.Grow(4)
			}
			for i := range 4 {
				for c, v := range b.Cols {
					fill(t, v, i, anyText(r, declared[c].Type))
				}
			}
			b.Rows = 4
			roundTrip(t, name, b, Options{Declared: declared, Columns: all(declared), Keys: []int{0}, Fields: []string{",", "\x01", "||", "-", ":: ", " "}[r.IntN(6)], Deletions: true})
		}
	}
}

func fill(t *testing.T, v *column.Vector, i int, text string) {
	v.SetPresent(i)
	if !v.Type.IsNested() && v.Type.Kind != types.JSON && text != "null" {
		text = string(value.Unquoted([]byte(text)))
	}
	if text == "null" {
		v.SetNull(i)
	} else if err := v.SetText(i, []byte(text)); err != nil {
		t.Fatalf("%s: %s: %v", v.Type, text, err)
	}
}

func roundTrip(t *testing.T, name string, b *column.Batch, o Options) {
	t.Helper()
	f, err := All.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.NewWriter(o)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := f.NewReader(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Takes(b); err != nil {
		t.Fatal(err)
	}
	var rows Rows
	rows.Begin(column.NewBatch(o.Declared), 1)
	for i := range b.Rows {
		for _, kind := range []column.RowKind{column.Insert, column.Delete} {
			b.Kinds = []column.RowKind{kind, kind, kind, kind}
			var rec Record
			if !w.Write(b, i, &rec) {
				t.Fatalf("%s wrote nothing", name)
			}
			if err := rows.Read(reader, &rec); err != nil {
				t.Fatalf("%s: %s: key %q, value %q: %v", name, b.Cols[0].Type, rec.Key, rec.Value, err)
			}
			at := rows.Len() - 1
			for c, v := range b.Cols {
				if kind == column.Delete && c > 0 {
					break
				}
				got, want := shown(rows.Batch.Cols[c], at), shown(v, i)
				if got != want {
					t.Fatalf("%s: %s: key %q, value %q is read as\n%s, not\n%s", name, v.Type, rec.Key, rec.Value, got, want)
				}
			}
		}
	}
}

func shown(v *column.Vector, i int) string {
	if v.Null(i) {
		return "NULL"
	}
	return fmt.Sprintf("%q", column.AppendText(nil, v, i))
}

// TestNestedBytes: JSON holds no bytes that are no text, however deep they lie.
func TestNestedBytes(t *testing.T) {
	deep := types.NewArray(types.NewMap(types.Of(types.String), types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Int)}, types.Field{Name: "b", Type: types.Of(types.Binary)})))
	schema := types.Schema{{Name: "v", Type: deep}}
	for _, name := range []string{"json", "delimited", "raw"} {
		e, err := encoderOf(name, Options{Declared: schema})
		if err != nil {
			t.Fatal(err)
		}
		b := column.NewBatch(schema)
		b.Cols[0].Grow(2)
		fill(t, b.Cols[0], 0, `[{"k":{"a":1,"b":"x"}},null]`)
		fill(t, b.Cols[0], 1, "null")
		b.Rows = 2
		if err := e.takes(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		maps := b.Cols[0].Kids[0]
		maps.Kids[1].Kids[1].SetBytes(int(maps.Views[0].Off), []byte{0xff})
		if err := e.takes(b); err == nil {
			t.Errorf("%s takes bytes that are no text", name)
		}
	}
}
