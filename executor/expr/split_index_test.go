package expr

import (
	"slices"
	"strings"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestParts: the parts of a text are those between its separators, whether these are of one byte or of more.
func TestParts(t *testing.T) {
	for _, by := range []string{",", "->", "--"} {
		for _, text := range []string{"", by, by + by, "a", "a" + by, by + "a", "a" + by + "bc" + by + by + "d", strings.Repeat(by, 5), "-", "->" + "-"} {
			parts := strings.Split(text, by)
			for n := -1; n <= len(parts); n++ {
				from, to, present := partOf([]byte(text), []byte(by), int64(n))
				switch there := n >= 0 && n < len(parts); {
				case present != there:
					t.Errorf("part %d of %q by %q is there: %v", n, text, by, present)
				case there && text[from:to] != parts[n]:
					t.Errorf("part %d of %q by %q is %q", n, text, by, text[from:to])
				}
			}
		}
	}
	if _, _, present := partOf([]byte("a"), nil, 0); present {
		t.Error("there are parts by nothing")
	}
}

func splitOfColumn(t testing.TB, n int64) Evaluator {
	text := types.Of(types.String)
	e, err := Compile(&plan.Call{Func: "split_index", Typ: text, Args: []plan.Expr{&plan.Column{Index: 0, Typ: text}, &plan.Const{Typ: text, Text: "/"},
		&plan.Const{Typ: types.Of(types.BigInt), Int: n}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func show(v *column.Vector, row int) string {
	if v.Null(row) {
		return "NULL"
	}
	return string(v.Bytes(row))
}

// TestPartsOfABatch: what is not selected, is NULL or has no such part.
func TestPartsOfABatch(t *testing.T) {
	b := column.NewBatch(types.Schema{{Type: types.Of(types.String)}})
	for _, s := range []string{"a/b/c", "x", "", "no//part", "1/2"} {
		b.Cols[0].AppendBytes([]byte(s))
	}
	b.Cols[0].AppendNull()
	b.Rows = 6
	e := splitOfColumn(t, 1)
	for range 2 {
		v, err := e.Eval(b, []int32{0, 1, 3, 4, 5})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range map[int]string{0: "b", 1: "NULL", 3: "", 4: "2", 5: "NULL"} {
			if got := show(v, i); got != want {
				t.Errorf("row %d: %q, want %q", i, got, want)
			}
		}
	}
}

// TestPartsBehindOthers: calls that go on behind others find what each finds by itself, in whatever order they stand.
func TestPartsBehindOthers(t *testing.T) {
	b := column.NewBatch(types.Schema{{Type: types.Of(types.String)}})
	for _, s := range []string{"a/b/c/d", "x", "", "/", "no//part/", "1/2", "//", "////", "long/" + strings.Repeat("y", 40) + "/z"} {
		b.Cols[0].AppendBytes([]byte(s))
	}
	b.Cols[0].AppendNull()
	b.Rows = b.Cols[0].Len()
	for _, numbers := range [][]int64{{0, 1, 2, 3}, {1, 3}, {2, 0, 1}, {3, 3, 4}, {0, 4, 2, 3}} {
		var together []Evaluator
		for _, n := range numbers {
			together = append(together, splitOfColumn(t, n))
		}
		ContinueSplits(together)
		for _, sel := range [][]int32{nil, {0, 2, 4, 8, 9}, {1, 3, 5, 6, 7}} {
			for i, e := range together {
				got, err := e.Eval(b, sel)
				alone, other := splitOfColumn(t, numbers[i]).Eval(b, sel)
				if err != nil || other != nil {
					t.Fatal(err, other)
				}
				for row := range b.Rows {
					if sel != nil && !slices.Contains(sel, int32(row)) {
						continue
					}
					if g, w := show(got, row), show(alone, row); g != w {
						t.Errorf("parts %v, row %d: part %d is %q, want %q", numbers, row, numbers[i], g, w)
					}
				}
			}
		}
	}
}

// BenchmarkSplitIndex: the fourth part of a text of 60 bytes.
func BenchmarkSplitIndex(b *testing.B) {
	in := column.NewBatch(types.Schema{{Type: types.Of(types.String)}})
	for range column.BatchRows {
		in.Cols[0].AppendBytes([]byte("https://www.nexmark.com/tvq/dlk/jhu/item.htm?query=1&channel_"))
		in.Rows++
	}
	e := splitOfColumn(b, 3)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Eval(in, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/column.BatchRows, "ns/row")
}
