package format

import (
	"slices"
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/types"
)

var keyed = types.Schema{{Name: "v", Type: types.Of(types.BigInt)}, {Name: "Name", Type: types.Of(types.String)}, {Name: "id", Type: types.Of(types.Int)},
	{Name: "day", Type: types.Of(types.Date)}, {Name: "price", Type: types.NewDecimal(30, 2)}, {Name: "at", Type: types.NewTimestamp(3)}, {Name: "ok", Type: types.Of(types.Boolean)}}

// TestKeysAreReadBack: what a writer gives as the key is read as the same values, NULL too, whatever
// columns the query has left of the stream.
func TestKeysAreReadBack(t *testing.T) {
	rows := []string{
		`{"v":1,"Name":"a","id":7,"day":"2026-01-02","price":12.5,"at":"2026-01-02 03:04:05.678","ok":true}`,
		`{"v":2,"Name":"","id":-1,"day":null,"price":null,"at":null,"ok":null}`,
		`{"v":3,"Name":"x,y\\\"\n|N鱼","id":null,"day":"0001-01-01","price":-0.01,"at":"9999-12-31 23:59:59.999","ok":false}`,
		`{"v":4,"Name":null,"id":0,"day":"2026-01-02","price":0,"at":"1970-01-01","ok":true}`,
	}
	for _, format := range []string{"json", "delimited"} {
		for _, keys := range [][]int{{1}, {2}, {2, 1}, {1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}} {
			d, err := decoderOf("json", Options{Declared: keyed, Columns: all(keyed)})
			if err != nil {
				t.Fatal(err)
			}
			b, err := decodeAll(t, d, keyed, rows...)
			if err != nil {
				t.Fatal(err)
			}
			e, err := encoderOf(format, Options{Declared: keyed, Keys: keys, Fields: ","})
			if err != nil {
				t.Fatal(err)
			}
			readKeysBack(t, format, e, keys, b)
		}
	}
}

func readKeysBack(t *testing.T, format string, e encoder, keys []int, b *column.Batch) {
	t.Helper()
	d, err := keyDecoderOf(format, Options{Declared: keyed, Columns: all(keyed), Keys: keys, Fields: ","})
	if err != nil {
		t.Fatal(err)
	}
	out := column.NewBatch(keyed)
	for _, c := range out.Cols {
		c.Grow(b.Rows)
	}
	for i := range b.Rows {
		key := e.appendKey([]byte{}, b, i)
		if err := d.decode(key, out, i); err != nil {
			t.Fatalf("%s %v: the key %s: %v", format, keys, key, err)
		}
		for c := range keyed {
			want := "NULL"
			if slices.Contains(keys, c) {
				want = cell(b, c, i)
			}
			if got := cell(out, c, i); got != want {
				t.Errorf("%s %v: the key %s has %q for column %s, want %q", format, keys, key, got, keyed[c].Name, want)
			}
		}
	}
}

func cell(b *column.Batch, c, i int) string {
	if b.Cols[c].Null(i) {
		return "NULL"
	}
	return string(column.AppendText(nil, b.Cols[c], i))
}

// TestBadKeys: a key that names no row is a fault of the record.
func TestBadKeys(t *testing.T) {
	for _, c := range []struct {
		format, key, want string
		keys              []int
	}{
		{"json", `{"Name":"a","id":1}`, "", []int{1, 2}},
		{"json", `{"id":1,"NAME":"a","more":[1]}`, "", []int{1, 2}},
		{"json", "\xEF\xBB\xBF" + `{"id":1}`, "", []int{2}},
		{"json", `{"id":null}`, "", []int{2}},
		{"json", `{"id":1}`, "the record's key: column Name of the primary key is missing", []int{1, 2}},
		{"json", `{}`, "the record's key: column id of the primary key is missing", []int{2}},
		{"json", `1`, "the record's key: malformed JSON: the record is no object", []int{2}},
		{"json", `{"id":"x"}`, "the record's key: column id: ", []int{2}},
		{"json", ``, "the record's key: malformed JSON: the record is no object", []int{2}},
		{"delimited", `a,1`, "", []int{1, 2}},
		{"delimited", ``, "", []int{1}},
		{"delimited", `a`, "the record's key: it has 1 field, the primary key 2", []int{1, 2}},
		{"delimited", `a,1,2`, "the record's key: it has 3 fields, the primary key 2", []int{1, 2}},
		{"delimited", `x`, "the record's key: column id: ", []int{2}},
	} {
		d, err := keyDecoderOf(c.format, Options{Declared: keyed, Columns: all(keyed), Keys: c.keys, Fields: ","})
		if err != nil {
			t.Fatal(err)
		}
		b := column.NewBatch(keyed)
		for _, v := range b.Cols {
			v.Grow(1)
		}
		err = d.decode([]byte(c.key), b, 0)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s key %q of %v: %v, want %q", c.format, c.key, c.keys, err, c.want)
		}
		if err := d.decode(nil, b, 0); err == nil {
			t.Error("no key at all was read")
		}
	}
}

// TestRawKeys: the one column is both key and value.
func TestRawKeys(t *testing.T) {
	schema := types.Schema{{Name: "line", Type: types.Of(types.String)}}
	d, err := keyDecoderOf("raw", Options{Declared: schema, Columns: []int{0}, Keys: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(schema)
	b.Cols[0].Grow(1)
	if err := d.decode([]byte("a,b"), b, 0); err != nil || text(b, 0) != "a,b" {
		t.Errorf("%s, %v", text(b, 0), err)
	}
}

// TestByteOrderMark: it is no part of a record, wherever the query looks.
func TestByteOrderMark(t *testing.T) {
	schema := types.Schema{{Name: "s", Type: types.Of(types.String)}}
	for format, record := range map[string]string{"json": `{"s":"a"}`, "delimited": "a", "raw": "a"} {
		d, err := decoderOf(format, Options{Declared: schema, Columns: []int{0}, Fields: ","})
		if err != nil {
			t.Fatal(err)
		}
		b, err := decodeAll(t, d, schema, "\xEF\xBB\xBF"+record, record, "\xEF\xBB\xBF"+record)
		if err != nil || text(b, 0) != "a" || text(b, 1) != "a" || text(b, 2) != "a" {
			t.Errorf("%s: %v", format, err)
		}
	}
}
