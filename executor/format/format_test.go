package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/types"
)

var bidSchema = types.Schema{
	{Name: "auction", Type: types.Of(types.BigInt)}, {Name: "bidder", Type: types.Of(types.BigInt)}, {Name: "price", Type: types.Of(types.BigInt)},
	{Name: "channel", Type: types.Of(types.String)}, {Name: "url", Type: types.Of(types.String)}, {Name: "dateTime", Type: types.NewTimestamp(3)}, {Name: "extra", Type: types.Of(types.String)}}

const bid = `{"auction":1100,"bidder":2001,"price":7731,"channel":"Google","url":"https://www.nexmark.com/abcde/fghij/klmno/item.htm?query=1&channel_id=12345","dateTime":"2026-01-01 00:00:00.123","extra":"abcdefghijklmnopqrstuvwxyzabcdefghijkl"}`

// decoderOf, keyDecoderOf and encoderOf give what is inside the readers and writers of a
// format of one row a record.
func decoderOf(name string, o Options) (decoder, error) {
	s, err := readerOf(name, o)
	if err != nil {
		return nil, err
	}
	return s.values, nil
}

func keyDecoderOf(name string, o Options) (*keyDecoder, error) {
	s, err := readerOf(name, o)
	if err != nil {
		return nil, err
	}
	return s.keys, nil
}

func readerOf(name string, o Options) (*single, error) {
	f, err := All.Find(name)
	if err != nil {
		return nil, err
	}
	r, err := f.NewReader(o)
	if err != nil {
		return nil, err
	}
	return r.(*single), nil
}

func encoderOf(name string, o Options) (encoder, error) {
	f, err := All.Find(name)
	if err != nil {
		return nil, err
	}
	w, err := f.NewWriter(o)
	if err != nil {
		return nil, err
	}
	return w.(*singleRecords).encoder, nil
}

func decodeAll(t testing.TB, d decoder, schema types.Schema, values ...string) (*column.Batch, error) {
	t.Helper()
	b := column.NewBatch(schema)
	for _, c := range b.Cols {
		c.Grow(len(values))
	}
	for i, v := range values {
		if err := d.decode([]byte(v), b, i); err != nil {
			return nil, err
		}
		b.Rows++
	}
	return b, nil
}

func text(b *column.Batch, i int) string {
	var parts []string
	for _, c := range b.Cols {
		if c.Null(i) {
			parts = append(parts, "NULL")
		} else {
			parts = append(parts, string(column.AppendText(nil, c, i)))
		}
	}
	return strings.Join(parts, "|")
}

func TestJSON(t *testing.T) {
	schema := types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "Name", Type: types.Of(types.String)}, {Name: "d", Type: types.NewDecimal(10, 2)},
		{Name: "ok", Type: types.Of(types.Boolean)}, {Name: "f", Type: types.Of(types.Double)}, {Name: "t", Type: types.NewTimestamp(3)}, {Name: "i", Type: types.Of(types.TinyInt)}}
	for _, c := range []struct{ in, want string }{
		{`{"id":1,"Name":"a","d":1.5,"ok":true,"f":2e1,"t":"2026-01-01 00:00:00.5","i":7}`, "1|a|1.50|true|20|2026-01-01 00:00:00.500|7"},
		{`{"NAME":"x","ID":2}`, "2|x|NULL|NULL|NULL|NULL|NULL"},
		{`{"id":1,"id":2}`, "2|NULL|NULL|NULL|NULL|NULL|NULL"},
		{`{"Name":{"a":[1,"}"]},"t":1767225600123}`, `NULL|{"a":[1,"}"]}|NULL|NULL|NULL|2026-01-01 00:00:00.123|NULL`},
		{` { "Name" : "\u00e9\"\\" , "x" : [ { } , null ] } `, `NULL|é"\|NULL|NULL|NULL|NULL|NULL`},
		{`{"id":"17","d":"2.345","ok":"false","f":"1.5"}`, "17|NULL|2.35|false|1.5|NULL|NULL"},
		{`{"id":1.0}`, "1|NULL|NULL|NULL|NULL|NULL|NULL"}, {`{}`, "NULL|NULL|NULL|NULL|NULL|NULL|NULL"},
		{`{"i":300}`, "error"}, {`{"id":"x"}`, "error"}, {`{"id":[1]}`, "error"}, {`[1]`, "error"}, {`{"id":1`, "error"}, {`{"id":01}`, "error"}, {`{"id":1,}`, "error"},
		{`{"id":1}x`, "error"}, {`{"id" 1}`, "error"}, {`{"a":tru}`, "error"}, {`{"Name":"a`, "error"}, {``, "error"}, {`{"t":"2026-02-30"}`, "error"},
	} {
		d, err := decoderOf("json", Options{Declared: schema, Columns: []int{0, 1, 2, 3, 4, 5, 6}})
		if err != nil {
			t.Fatal(err)
		}
		got := "error"
		if b, err := decodeAll(t, d, schema, c.in); err == nil {
			got = text(b, 0)
		}
		if got != c.want {
			t.Errorf("%s is %s, want %s", c.in, got, c.want)
		}
	}
}

// TestJSONOnlyNeeded: columns that are not needed are not there, whatever the order of keys.
func TestJSONOnlyNeeded(t *testing.T) {
	needed := types.Schema{bidSchema[2], bidSchema[5]}
	d, err := decoderOf("json", Options{Declared: bidSchema, Columns: []int{2, 5}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := decodeAll(t, d, needed, bid, `{"dateTime":"2026-01-01 00:00:01.000","price":5}`, bid)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(b, 0) + " " + text(b, 1) + " " + text(b, 2); got != "7731|2026-01-01 00:00:00.123 5|2026-01-01 00:00:01.000 7731|2026-01-01 00:00:00.123" {
		t.Fatal(got)
	}
}

func TestDelimited(t *testing.T) {
	schema := types.Schema{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "s", Type: types.Of(types.String)}, {Name: "f", Type: types.Of(types.Double)}}
	for _, c := range []struct{ fields, in, want string }{
		{",", "1,a b,2.5", "1|a b|2.5"}, {",", `1,\N,`, "1|NULL|NULL"}, {",", "1", "1|NULL|NULL"}, {",", `1,a\,b,3,surplus`, "1|a,b|3"}, {"|+|", "1|+|x|+|2", "1|x|2"},
		{"", "1\001y\0012", "1|y|2"}, {",", `1,\\\n,2`, "1|\\\n|2"}, {",", "x,a,1", "error"}, {",", "1,,2\n", "1||2"},
	} {
		d, err := decoderOf("delimited", Options{Declared: schema, Columns: []int{0, 1, 2}, Fields: c.fields})
		if err != nil {
			t.Fatal(err)
		}
		got := "error"
		if b, err := decodeAll(t, d, schema, c.in); err == nil {
			got = text(b, 0)
		}
		if got != c.want {
			t.Errorf("%q is %q, want %q", c.in, got, c.want)
		}
	}
}

// TestRoundTrip: what an encoder writes its decoder reads back.
func TestRoundTrip(t *testing.T) {
	schema := types.Schema{{Name: "a b", Type: types.Of(types.String)}, {Name: "d", Type: types.NewDecimal(30, 3)}, {Name: "t", Type: types.NewTimestamp(6)}, {Name: "x", Type: types.Of(types.Boolean)}}
	b := column.NewBatch(schema)
	for i, s := range []string{"plain", "quote\" back\\ slash", "tab\tline\nend\r", "中文 é", "", "a,b\001c", "\x01\x1f"} {
		b.Cols[0].AppendBytes([]byte(s))
		b.Cols[1].Grow(i + 1)
		b.Cols[1].Wides[i] = column.FromInt64(int64(i) * -12345)
		b.Cols[2].AppendInt(1767225600123456 + int64(i))
		b.Cols[3].Grow(i + 1)
		b.Cols[3].Bools[i] = i%2 == 0
		b.Rows++
	}
	b.Cols[0].SetNull(3)
	for _, name := range []string{"json", "delimited"} {
		e, err := encoderOf(name, Options{Declared: schema, Fields: ",", Keys: []int{0}})
		if err != nil {
			t.Fatal(err)
		}
		d, err := decoderOf(name, Options{Declared: schema, Columns: []int{0, 1, 2, 3}, Fields: ","})
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Rows {
			line := e.appendValue(nil, b, i)
			if name == "json" && !json.Valid(line) {
				t.Fatalf("%q is no JSON", line)
			}
			back, err := decodeAll(t, d, schema, string(line))
			if err != nil {
				t.Fatalf("%s %q: %v", name, line, err)
			}
			if got, want := text(back, 0), text(b, i); got != want {
				t.Errorf("%s: %q came back as %q by %q", name, want, got, line)
			}
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	d, err := decoderOf("json", Options{Declared: bidSchema, Columns: []int{0, 1, 2, 3, 4, 5, 6}})
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(bidSchema)
	value := []byte(bid)
	n := testing.AllocsPerRun(20, func() {
		b.Reset()
		for _, c := range b.Cols {
			c.Grow(1000)
		}
		for i := range 1000 {
			if err := d.decode(value, b, i); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n > 5 { // slabs that grow once
		t.Fatalf("%v allocations for a thousand rows", n)
	}
}

// TestLongStringOfEscapes: time grows with the length of a record, not with its square.
func TestLongStringOfEscapes(t *testing.T) {
	schema := types.Schema{{Name: "s", Type: types.Of(types.String)}}
	value := `{"s":"` + strings.Repeat(`\n`, 2<<20) + `"}`
	d, err := decoderOf("json", Options{Declared: schema, Columns: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := decodeAll(t, d, schema, value); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("%d bytes took %s", len(value), took)
	}
}

// FuzzJSON compares with encoding/json: what it takes we take, with the same values.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{bid, `{"n":1,"s":"x"}`, `{"s":"\ud83d\ude00","n":-0.5e3}`, `{"n":null}`, `{"s":[1,{"a":"}"}]}`, `{"n":1}{}`, `{"a":1,"s":"\u00"}`} {
		f.Add([]byte(s))
	}
	schema := types.Schema{{Name: "n", Type: types.Of(types.Double)}, {Name: "s", Type: types.Of(types.String)}}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := decoderOf("json", Options{Declared: schema, Columns: []int{0, 1}})
		if err != nil {
			t.Fatal(err)
		}
		b, err := decodeAll(t, d, schema, string(data))
		var want map[string]any
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		ok := json.Valid(data) && dec.Decode(&want) == nil && want != nil
		if err == nil && !ok && bytes.IndexFunc(data, func(r rune) bool { return r < ' ' || r == 0xFFFD }) < 0 {
			t.Fatalf("%q was read as %s, it is no JSON object", data, text(b, 0))
		}
		if !ok || err != nil {
			return
		}
		folded := 0
		for k := range want {
			if strings.EqualFold(k, "n") || strings.EqualFold(k, "s") {
				folded++
			}
		}
		s, isText := want["s"].(string)
		if isText && folded <= 1 && !b.Cols[1].Null(0) && string(b.Cols[1].Bytes(0)) != s {
			t.Fatalf("%q: s is %q, want %q", data, b.Cols[1].Bytes(0), s)
		}
		if num, isNum := want["n"].(json.Number); isNum && folded <= 1 {
			if v, err := num.Float64(); err == nil && b.Cols[0].Floats[0] != v && !math.IsInf(v, 0) {
				t.Fatalf("%q: n is %v, want %v", data, b.Cols[0].Floats[0], v)
			}
		}
	})
}

func FuzzDelimited(f *testing.F) {
	f.Add([]byte(`1,a\,b,\N`), ",")
	schema := types.Schema{{Name: "a", Type: types.Of(types.String)}, {Name: "b", Type: types.Of(types.BigInt)}}
	f.Fuzz(func(t *testing.T, data []byte, fields string) {
		d, err := decoderOf("delimited", Options{Declared: schema, Columns: []int{0, 1}, Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		decodeAll(t, d, schema, string(data)) // any answer but a panic
	})
}

func BenchmarkJSONBid(b *testing.B) {
	for _, columns := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {0, 1, 2, 5, 6}, {0, 2}} {
		schema := types.Schema{}
		for _, c := range columns {
			schema = append(schema, bidSchema[c])
		}
		b.Run(fmt.Sprintf("%d columns", len(columns)), func(b *testing.B) {
			d, err := decoderOf("json", Options{Declared: bidSchema, Columns: columns})
			if err != nil {
				b.Fatal(err)
			}
			batch, value := column.NewBatch(schema), []byte(bid)
			for b.Loop() {
				batch.Reset()
				for _, c := range batch.Cols {
					c.Grow(2000)
				}
				for i := range 2000 {
					if err := d.decode(value, batch, i); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/record")
		})
	}
	b.Run("counting quotes", func(b *testing.B) {
		value, n := []byte(bid), 0
		for b.Loop() {
			for range 2000 {
				for _, c := range value {
					if c == '"' {
						n++
					}
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/record")
	})
}

// FuzzJSONGuess: a record is read the same whatever record came before it, whose keys the
// decoder expects again.
func FuzzJSONGuess(f *testing.F) {
	for _, pair := range [][2]string{{bid, bid}, {`{"j":"a","n":1}`, `{"j":"b\"","n":2}`}, {`{"n":1,"s":"x"}`, `{"n":2}`}, {`{"n":1}`, `{"n":2,"s":"y"}`}, {`{"n":1,"s":"x"}`, `{"n":2,"s":"\n"}`}, {`{"n":1,"s":"x"}`, `{"n":02,"s":"x"}`},
		{`{"n":1,"s":"x"}`, `{"n":2,"s":"x"} `}, {`{"n":1,"x":7,"s":"a"}`, `{"n":1,"x":7a,"s":"a"}`}, {`{"i":1,"t":"2026-01-01 00:00:00"}`, `{"i":99999999999999999999,"t":5}`}, {`{"n":1,"n":2}`, `{"n":3,"n":4}`}, {`{"x":"a"}`, `{"x":"b}`}} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	schema := types.Schema{{Name: "n", Type: types.Of(types.Double)}, {Name: "s", Type: types.Of(types.String)}, {Name: "i", Type: types.Of(types.BigInt)}, {Name: "t", Type: types.NewTimestamp(3)}, {Name: "j", Type: types.Of(types.JSON)}}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		read := func(values ...[]byte) (string, error) {
			d, err := decoderOf("json", Options{Declared: schema, Columns: []int{0, 1, 2, 3, 4}})
			if err != nil {
				t.Fatal(err)
			}
			b := column.NewBatch(schema)
			for _, c := range b.Cols {
				c.Grow(len(values))
			}
			for i, v := range values {
				err = d.decode(v, b, i)
				b.Rows++
			}
			if err != nil {
				return "", err
			}
			if j := b.Cols[4]; !j.Null(b.Rows-1) && !json.Valid(j.Bytes(b.Rows-1)) {
				t.Fatalf("%q gives a JSON column %q", values[len(values)-1], j.Bytes(b.Rows-1))
			}
			return text(b, b.Rows-1), nil
		}
		want, err1 := read(second)
		got, err2 := read(first, second)
		if (err1 == nil) != (err2 == nil) || got != want {
			t.Fatalf("%q behind %q: %s (%v), alone %s (%v)", second, first, got, err2, want, err1)
		}
	})
}
