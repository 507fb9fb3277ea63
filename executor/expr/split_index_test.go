package expr

import (
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
			got := "NULL"
			if !v.Null(i) {
				got = string(v.Bytes(i))
			}
			if got != want {
				t.Errorf("row %d: %q, want %q", i, got, want)
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
