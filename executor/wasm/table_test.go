package wasm

import (
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

var divisorRows = types.NewArray(types.NewStruct(types.Field{Name: "d", Type: bigint}, types.Field{Name: "share", Type: types.Of(types.Double)}))

// TestTable: rows of several calls stand behind one another, each beside the row that they were made of, and what is not asked for is not made.
func TestTable(t *testing.T) {
	f, err := function(t, example(t, "rust/tables"), "divisors", time.Minute, divisorRows, bigint)
	if err != nil {
		t.Fatal(err)
	}
	in, rows, out := column.NewVector(bigint), []int32{}, column.NewVector(divisorRows)
	for i := range 3000 {
		in.AppendInt(int64(i % 100))
		if i%100 > 0 && i%3 != 1 {
			rows = append(rows, int32(i))
		}
	}
	for range 2 {
		if _, err := run(f, out, rows, in); err != nil {
			t.Fatal(err)
		}
		d := out.Kids[0].Kids[0]
		for _, row := range rows {
			w, n := out.Views[row], in.Ints[row]
			for i := int64(1); i <= n; i++ {
				if n%i > 0 {
					continue
				}
				if w.Len == 0 || d.Ints[w.Off] != i {
					t.Fatalf("row %d: %d is missing", row, i)
				}
				w.Off, w.Len = w.Off+1, w.Len-1
			}
			if w.Len > 0 {
				t.Fatalf("row %d has %d more", row, w.Len)
			}
		}
		if f.Taken() != 16*d.Len() {
			t.Errorf("%d bytes of %d rows", f.Taken(), d.Len())
		}
	}
}

// TestLargeTable: rows that are too large together are those of several calls, and one row has a bound of its own.
func TestLargeTable(t *testing.T) {
	words := types.NewArray(types.NewStruct(types.Field{Name: "word", Type: str}, types.Field{Name: "n", Type: bigint}))
	f, err := functionOf(t, 256<<20, example(t, "rust/tables"), "words", time.Minute, words, str)
	if err != nil {
		t.Fatal(err)
	}
	f.most = 1 << 20
	long := strings.Repeat("a ", 400_000) // whose words have more bytes than it has
	in := column.NewVector(str)
	for range 3 {
		in.AppendBytes([]byte(long))
	}
	out := column.NewVector(words)
	if _, err := run(f, out, []int32{0, 1, 2}, in); err != nil || out.Views[2].Len != 400_000 {
		t.Errorf("%v, the third has %d rows", err, out.Views[2].Len)
	}
	in.Reset()
	in.AppendBytes([]byte(strings.Repeat(long, 3)))
	if _, err := run(f, out, []int32{0}, in); sqlerr.From(err).Code != sqlerr.ProgramLimit {
		t.Errorf("%v", err)
	}
	f.most = 1000
	if _, err := run(f, out, []int32{0}, in); sqlerr.From(err).Code != sqlerr.ProgramLimit || !strings.Contains(err.Error(), "gives 1200000 rows for one, at most 1000") {
		t.Errorf("%v", err)
	}
}

// TestHostileTable: whatever a module says of its rows, what is read lies within its memory.
func TestHostileTable(t *testing.T) {
	// The result of f(x): descriptor 1 says which rows are of which, 2 and 3 are its columns; m is an offset in these.
	put := func(descriptor, m int, value ...byte) []byte {
		return append(append([]byte{localGet, 1, i32Const}, value...), i32Store, 2, byte(16*descriptor+m))
	}
	// bound stores the offset behind the first row.
	bound := func(value ...byte) []byte {
		return append(append([]byte{localGet, 1, 0x28, 2, 28, i32Const}, value...), i32Store, 2, 4)
	}
	texts := types.NewArray(types.NewStruct(types.Field{Name: "s", Type: str}, types.Field{Name: "n", Type: bigint}))
	for name, c := range map[string]struct {
		code [][]byte
		says string
	}{
		"no columns":    {[][]byte{bound(1)}, "has not set"},
		"negative":      {[][]byte{bound(0x7f)}, "rows for one"},
		"far data":      {[][]byte{bound(1), put(2, 8, 16), put(2, 12, 16), put(3, 8, 0xff, 0xff, 0xff, 0xff, 0)}, "not within its memory"},
		"far nulls":     {[][]byte{bound(1), put(2, 4, 0x7f), put(2, 12, 16), put(3, 8, 16)}, "not within its memory"},
		"far offsets":   {[][]byte{bound(1), put(2, 12, 0x7e), put(3, 8, 16)}, "not within its memory"},
		"a first bound": {[][]byte{{localGet, 1, 0x28, 2, 28, i32Const, 1, i32Store, 2, 0}, bound(1)}, "not in order"},
	} {
		t.Run(name, func(t *testing.T) {
			var code []byte
			for _, part := range append(c.code, []byte{i32Const, 0}) {
				code = append(code, part...)
			}
			f, err := function(t, giving(body(code...), 1, nil), "f", time.Second, texts, bigint)
			if err != nil {
				t.Fatal(err)
			}
			f.most = 10
			for range 2 {
				if _, err := run(f, column.NewVector(texts), []int32{0}, numbers(1)); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("gives %v", err)
				}
			}
		})
	}
}

// TestLargeTables: rows of several that are too large together are those of calls for fewer.
func TestLargeTables(t *testing.T) {
	bounds := []byte{localGet, 1, 0x28, 2, 28} // the address of the offsets, which descriptor 1 has
	store := func(at byte, n int) []byte {
		number := append(leb(n), 0)
		number[len(number)-2] |= 0x80 // without a sign
		return append(append(append(append([]byte{}, bounds...), i32Const), number...), i32Store, 2, at)
	}
	data := func(d byte) []byte { return []byte{localGet, 1, i32Const, 16, i32Store, 2, 16*d + 8} }
	var code []byte
	for _, part := range [][]byte{store(4, 600_000), store(8, 1_200_000), data(2), data(3), {i32Const, 0}} {
		code = append(code, part...)
	}
	pair := types.NewArray(types.NewStruct(types.Field{Name: "a", Type: bigint}, types.Field{Name: "b", Type: bigint}))
	f, err := functionOf(t, 64<<20, giving(body(code...), 200, nil), "f", time.Minute, pair, bigint)
	if err != nil {
		t.Fatal(err)
	}
	f.most = 1 << 20
	out := column.NewVector(pair)
	if _, err := run(f, out, []int32{0, 1}, numbers(1, 2)); err != nil || out.Views[0].Len != 600_000 || out.Views[1].Len != 600_000 || f.Taken() != 2*600_000*16 {
		t.Errorf("%v, %v, %d bytes", err, out.Views, f.Taken())
	}
}
