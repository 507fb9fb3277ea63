package column

import (
	"encoding/hex"
	"testing"

	"slipway/sql/types"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// fuzzed has every representation, nested and not.
var fuzzed = func() types.Schema {
	entry := row("a", truth, "b", types.NewDecimal(30, 2), "c", types.Of(types.Null))
	return types.Schema{
		{Name: "a", Type: types.NewMap(text, types.NewArray(entry))}, {Name: "b", Type: types.NewArray(types.Of(types.Null))}, {Name: "c", Type: double},
		{Name: "d", Type: types.NewArray(types.NewArray(bigint))}, {Name: "e", Type: text},
	}
}()

// FuzzDecode: whatever the bytes, rows, keys and frames are read or refused, in memory that they
// account for, and what was read is written and read as the same.
func FuzzDecode(f *testing.F) {
	b := NewBatch(fuzzed)
	b.Rows = 2
	put(b.Cols[0], []any{"k", []any{nil, []any{true, FromInt64(5), nil}}})
	put(b.Cols[1], []any{nil, nil})
	put(b.Cols[2], number(5))
	put(b.Cols[3], []any{[]any{int64(1)}, nil, []any{}})
	put(b.Cols[4], "text")
	for _, v := range b.Cols {
		v.AppendNull()
	}
	var list []types.Type
	for _, c := range fuzzed {
		list = append(list, c.Type)
	}
	rows, frames := NewRowCodec(list), NewFrameCodec(fuzzed)
	f.Add(rows.Append(nil, b.Cols, 0))
	f.Add(frames.Append(nil, b))
	key := []byte{}
	for _, v := range b.Cols {
		key = AppendKey(key, v, 0, KeyOrder{Desc: true})
	}
	f.Add(key)
	f.Fuzz(func(t *testing.T, src []byte) {
		limit := 1<<20 + 1000*len(src)
		b, again := NewBatch(fuzzed), NewBatch(fuzzed)
		if _, err := rows.Read(b.Cols, src); err == nil {
			if _, err := rows.Read(again.Cols, rows.Append(nil, b.Cols, 0)); err != nil || !same(rowOf(b, 0), rowOf(again, 0)) {
				t.Errorf("row %v came back as %v, %v", rowOf(b, 0), rowOf(again, 0), err)
			}
		}
		checkMemory(t, b, limit)
		b.Reset()
		rest, err := src, error(nil)
		for i := 0; i < len(b.Cols) && err == nil; i++ {
			rest, err = ReadKey(b.Cols[i], rest, KeyOrder{Desc: true})
		}
		checkMemory(t, b, limit)
		if frames.Read(b, src) == nil {
			if err := frames.Read(again, frames.Append(nil, b)); err != nil || again.Rows != b.Rows {
				t.Errorf("%d rows came back as %d, %v", b.Rows, again.Rows, err)
			}
			for i := range min(b.Rows, again.Rows) {
				if !same(rowOf(b, i), rowOf(again, i)) {
					t.Errorf("row %v came back as %v", rowOf(b, i), rowOf(again, i))
				}
			}
		}
		checkMemory(t, b, limit)
	})
}

func rowOf(b *Batch, i int) (row []any) {
	for _, v := range b.Cols {
		row = append(row, get(v, i))
	}
	return row
}

func checkMemory(t *testing.T, b *Batch, limit int) {
	t.Helper()
	n := 0
	for _, v := range b.Cols {
		n += v.Memory()
	}
	if n > limit {
		t.Errorf("%d bytes are held, %d allowed", n, limit)
	}
}
