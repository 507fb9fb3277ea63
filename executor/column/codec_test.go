package column

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"testing"

	"slipway/sql/types"
)

// canonical is what keys keep of a value.
func canonical(x any) any {
	switch x := x.(type) {
	case number:
		return number(floatBits(math.Float64frombits(uint64(x))))
	case []any:
		list := make([]any, len(x))
		for i := range x {
			list[i] = canonical(x[i])
		}
		return list
	}
	return x
}

// TestRowCodec: a row comes back as it was, and nothing behind it is touched.
func TestRowCodec(t *testing.T) {
	r := seeded(t)
	for range 500 {
		schema := randomSchema(r)
		var list []types.Type
		for _, c := range schema {
			list = append(list, c.Type)
		}
		codec, from, to := NewRowCodec(list), NewBatch(schema), NewBatch(schema)
		want := make([][]any, len(schema))
		var all []byte
		for i := range 20 {
			for c, v := range from.Cols {
				want[c] = append(want[c], randomValue(r, v.Type, true))
				put(v, want[c][i])
			}
			all = codec.Append(all, from.Cols, i)
		}
		rest := all
		for range 20 {
			var err error
			if rest, err = codec.Read(to.Cols, rest); err != nil {
				t.Fatalf("%s: %v", schema, err)
			}
		}
		if len(rest) > 0 {
			t.Fatalf("%s: %d bytes are left", schema, len(rest))
		}
		for c, v := range to.Cols {
			check(t, v, want[c])
		}
		for _, bad := range [][]byte{nil, {rowVersion}, {rowVersion + 1}, all[:r.IntN(len(codec.Append(nil, from.Cols, 0)))]} {
			to.Reset()
			if _, err := codec.Read(to.Cols, bad); err == nil {
				t.Fatalf("%s: %x was read", schema, bad)
			}
		}
	}
}

// TestStoredRow pins the bytes of a row.
func TestStoredRow(t *testing.T) {
	nested := types.NewMap(text, types.NewArray(row("a", truth, "b", double)))
	wide := types.NewDecimal(30, 4)
	list := []types.Type{bigint, text, wide, wide, truth, nested, types.Of(types.Date)}
	var cols []*Vector
	entries := []any{"k", []any{nil, []any{false, number(0x3ff8000000000000)}}}
	for i, x := range []any{int64(-7), "text", FromInt64(-15), Int128{Hi: 1, Lo: 2}, true, entries, nil} {
		cols = append(cols, NewVector(list[i]))
		put(cols[i], x)
	}
	const want = "0140" + "0d" + "0474657874" + "001d" + "0101000000000000000200000000000000" + "01" + "0100016b" + "00020100" + "0100" + "00000000000000f83f"
	if got := hexOf(NewRowCodec(list).Append(nil, cols, 0)); got != want {
		t.Errorf("a row is now\n%s\nrecords hold\n%s", got, want)
	}
	var key []byte
	for i := range cols {
		key = AppendKey(key, cols[i], 0, KeyOrder{Desc: i == 1})
	}
	const wantKey = "017ffffffffffffff9" + "018b9a878bfffe" + "017ffffffffffffffffffffffffffffff1" + "0180000000000000010000000000000002" + "0101" +
		"01016b0001010201010001bff80000000000000000" + "02"
	if got := hexOf(key); got != wantKey {
		t.Errorf("a key is now\n%s\nrecords hold\n%s", got, wantKey)
	}
}

// TestKeys: the order of keys is that of the rows, in every direction, and a key gives its row.
func TestKeys(t *testing.T) {
	r := seeded(t)
	for range 300 {
		schema := randomSchema(r)
		orders := make([]KeyOrder, len(schema))
		for c := range orders {
			orders[c] = KeyOrder{Desc: r.IntN(2) == 0, NullsFirst: r.IntN(2) == 0}
		}
		b, back := NewBatch(schema), NewBatch(schema)
		var keys [][]byte
		for i := range 25 {
			var key []byte
			for c, v := range b.Cols {
				put(v, randomValue(r, v.Type, true))
				key = AppendKey(key, v, i, orders[c])
			}
			keys = append(keys, key)
			rest := key
			for c, v := range back.Cols {
				var err error
				if rest, err = ReadKey(v, rest, orders[c]); err != nil || !same(get(v, i), canonical(get(b.Cols[c], i))) {
					t.Fatalf("%s: %x is read as %#v, %v, want %#v", schema, key, get(v, i), err, get(b.Cols[c], i))
				}
			}
		}
		for i := range keys {
			for j := range keys {
				want := 0
				for c, v := range b.Cols {
					want = cmp.Or(want, inOrder(get(v, i), get(v, j), orders[c]))
				}
				if got := bytes.Compare(keys[i], keys[j]); got != want {
					t.Fatalf("%s %v: rows %d and %d: keys %d, values %d\n%x\n%x", schema, orders, i, j, got, want, keys[i], keys[j])
				}
			}
		}
	}
}

func inOrder(a, b any, o KeyOrder) int {
	if a == nil || b == nil {
		if o.NullsFirst {
			return order(b, a) // by NULL alone
		}
		return order(a, b)
	}
	if o.Desc {
		return order(b, a)
	}
	return order(a, b)
}

// TestWords: what state keeps in words is what was put there.
func TestWords(t *testing.T) {
	r := seeded(t)
	for range 300 {
		typ := randomType(r, 2)
		c, v := WordCodecOf(typ), NewVector(typ)
		var want, wantKeys []any
		out, keys := NewVector(typ), NewVector(typ)
		var w, k [2]uint64
		for i := range 20 {
			want = append(want, randomValue(r, typ, false))
			wantKeys = append(wantKeys, canonical(want[i]))
			if put(v, want[i]); c.Ref {
				text, key := bytes.Clone(c.Bytes(nil, v, i)), bytes.Clone(c.Key(nil, v, i))
				if !c.AppendBytes(out, text) || !c.AppendKey(keys, key) {
					t.Fatalf("%s: %x, %x", typ, text, key)
				}
				if typ.IsNested() && (c.AppendBytes(NewVector(typ), append(text, 0)) || c.AppendKey(NewVector(typ), append(key, 0))) {
					t.Fatalf("%s: bytes behind the value", typ)
				}
				continue
			}
			w, k = [2]uint64{}, [2]uint64{}
			c.Put(w[:], v, i)
			c.PutKey(k[:], v, i)
			c.Append(out, w[:])
			c.Append(keys, k[:])
			for j := range i + 1 {
				var x, y [2]uint64
				c.Put(x[:], v, j)
				c.PutKey(y[:], v, j)
				o := order(want[j], want[i])
				if c.Same(x[:], v, i) != same(want[j], want[i]) || c.SameKey(y[:], v, i) != (o == 0) || c.Compare(x[:], v, i) != o || c.Order(x[:], w[:]) != o {
					t.Fatalf("%s: %#v beside %#v", typ, want[j], want[i])
				}
			}
		}
		check(t, out, want)
		check(t, keys, wantKeys)
	}
}

// randomBatch has kinds and a selection, or not, and elements that are out of order.
func randomBatch(r *rand.Rand, schema types.Schema) *Batch {
	b := NewBatch(schema)
	b.Rows = r.IntN(150)
	for i := range b.Rows {
		for _, v := range b.Cols {
			put(v, randomValue(r, v.Type, i%2 == 0))
		}
		if b.Kinds = append(b.Kinds, RowKind(r.IntN(4))); r.IntN(3) > 0 {
			b.Sel = append(b.Sel, int32(i))
		}
	}
	for _, v := range b.Cols {
		if b.Rows > 9 {
			v.setRow(0, v, 9)
		}
	}
	if r.IntN(3) == 0 {
		b.Kinds = nil
	}
	if r.IntN(3) == 0 {
		b.Sel = nil
	}
	return b
}

// TestFrames: the live rows of a batch come back, kinds and all, into a batch that was used before.
func TestFrames(t *testing.T) {
	r := seeded(t)
	for range 200 {
		schema := randomSchema(r)
		codec, back := NewFrameCodec(schema), NewBatch(schema)
		for range 3 {
			b, want := randomBatch(r, schema), make([][]any, len(schema))
			var kinds []RowKind
			b.Each(func(i int) {
				kinds = append(kinds, b.Kind(i))
				for c, v := range b.Cols {
					want[c] = append(want[c], get(v, i))
				}
			})
			frame := codec.Append([]byte("before"), b)[6:]
			if err := codec.Read(back, frame); err != nil || back.Rows != b.Live() || back.Sel != nil {
				t.Fatalf("%s: %v, %d rows of %d", schema, err, back.Rows, b.Live())
			}
			for c, v := range back.Cols {
				check(t, v, want[c])
			}
			for i, k := range kinds {
				if back.Kind(i) != k {
					t.Fatalf("row %d is %s, want %s", i, back.Kind(i), k)
				}
			}
			for _, v := range back.Cols { // rows behind the read ones are present
				put(v, randomValue(r, v.Type, false))
				if v.Null(v.Len() - 1) {
					t.Fatal("a row behind the frame's is NULL")
				}
			}
			if n := r.IntN(len(frame)); codec.Read(back, frame[:n]) == nil || codec.Read(back, append(frame, 0)) == nil {
				t.Fatalf("%s: %d bytes of %d were read, or one more", schema, n, len(frame))
			}
		}
	}
}

// TestStrangeFrames: what no server wrote is refused, or does no harm.
func TestStrangeFrames(t *testing.T) {
	schema := types.Schema{{Name: "a", Type: types.Of(types.Boolean)}}
	codec, b := NewFrameCodec(schema), NewBatch(schema)
	// One row that is present, and seven bits behind it that say NULL.
	if err := codec.Read(b, []byte{frameVersion, 0, 1, 1, 1, 1, 1}); err != nil || b.Cols[0].Null(0) || b.Cols[0].Null(1) {
		t.Errorf("%v, NULL: %t, %t", err, b.Cols[0].Null(0), b.Cols[0].Null(1))
	}
	for what, frame := range map[string][]byte{
		"version":         {frameVersion + 1, 0, 0, 1, 0},
		"number of rows":  {frameVersion, 0, 0x80, 0x80, 0x80, 0x80, 1, 1, 0},
		"columns":         {frameVersion, 0, 0, 2, 0, 0},
		"kind":            {frameVersion, 1, 1, 1, 4, 0, 1},
		"kind of columns": {frameVersion, 0, 0, 1, 2},
	} {
		if codec.Read(b, frame) == nil {
			t.Errorf("another %s was read", what)
		}
	}
	if NewFrameCodec(nil).Read(NewBatch(nil), []byte{frameVersion, 0, 0x80, 0x80, 8, 0}) == nil {
		t.Error("131072 rows of no columns were read")
	}
}

// TestNestedText: JSON gives the value back, but for what text does not keep.
func TestNestedText(t *testing.T) {
	r := seeded(t)
	for range 500 {
		typ := randomType(r, 3)
		if !typ.IsNested() {
			continue
		}
		v, back := NewVector(typ), NewVector(typ)
		put(v, randomValue(r, typ, false))
		text := AppendText(nil, v, 0)
		back.Grow(1)
		if err := back.SetText(0, text); err != nil {
			t.Fatalf("%s: %s: %v", typ, text, err)
		}
		if again := AppendText(nil, back, 0); !bytes.Equal(text, again) {
			t.Fatalf("%s:\n%s\n%s", typ, text, again)
		}
	}
	one := row("a", types.Of(types.Int), "b", types.NewMap(types.Of(types.Int), types.Of(types.Timestamp)))
	for text, want := range map[string]string{
		` {"b": {"02": null, "1": null, "2": "2026-01-02"}, "c": 1} `: `{"a":null,"b":{"1":null,"2":"2026-01-02 00:00:00.000"}}`,
		`{"a": "7"}`: `{"a":7,"b":null}`, `{"a": 7.5}`: "", `[]`: "", `{`: "", `{"b": {"x": null}}`: "", `{"b": []}`: "", "": "",
	} {
		v := NewVector(types.NewArray(one))
		v.Grow(1)
		err := v.SetText(0, []byte("["+text+"]"))
		if want == "" {
			if err == nil && text != "" {
				t.Errorf("%q was read as %s", text, AppendText(nil, v, 0))
			}
		} else if got := string(AppendText(nil, v, 0)); err != nil || got != "["+want+"]" {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
}

// TestCodecsAllocateNothing: rows, keys and frames, written and read, in memory that goes round.
func TestCodecsAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	nested := types.NewArray(row("a", double, "b", text))
	schema := types.Schema{{Name: "a", Type: bigint}, {Name: "b", Type: text}, {Name: "c", Type: types.NewDecimal(30, 2)}, {Name: "d", Type: nested}}
	var list []types.Type
	b, back := NewBatch(schema), NewBatch(schema)
	for _, c := range schema {
		list = append(list, c.Type)
	}
	for b.Rows = range 500 {
		for _, v := range b.Cols {
			put(v, randomValue(r, v.Type, true))
		}
	}
	rows, frames := NewRowCodec(list), NewFrameCodec(schema)
	var bytes, key []byte
	for what, work := range map[string]func() error{
		"rows": func() (err error) {
			for back.Reset(); back.Rows < b.Rows && err == nil; back.Rows++ {
				bytes = rows.Append(bytes[:0], b.Cols, back.Rows)
				_, err = rows.Read(back.Cols, bytes)
			}
			return err
		},
		"keys": func() (err error) {
			for back.Reset(); back.Rows < b.Rows && err == nil; back.Rows++ {
				for c, v := range b.Cols {
					key = AppendKey(key[:0], v, back.Rows, KeyOrder{Desc: true})
					_, err = ReadKey(back.Cols[c], key, KeyOrder{Desc: true})
				}
			}
			return err
		},
		"frames": func() error {
			bytes = frames.Append(bytes[:0], b)
			return frames.Read(back, bytes)
		},
	} {
		if n := testing.AllocsPerRun(20, func() {
			if err := work(); err != nil {
				t.Fatal(what, err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations for %d rows", what, n, b.Rows)
		}
	}
}
