package expr

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/executor/column"
	"slipway/executor/wasm"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// twice is x * 2 + 1, built in and as the function of docs/examples/wasm/rust.
func twice(t testing.TB) map[string]plan.Expr {
	code, err := os.ReadFile("../../docs/examples/wasm/rust/functions.wasm")
	if err != nil {
		t.Fatal(err)
	}
	bigint := types.Of(types.BigInt)
	x, number := &plan.Column{Name: "x", Typ: bigint}, func(n int64) plan.Expr { return &plan.Const{Typ: bigint, Int: n} }
	packed, hash := wasm.Pack(code)
	return map[string]plan.Expr{
		"built in": &plan.Call{Func: "+", Typ: bigint, Args: []plan.Expr{&plan.Call{Func: "*", Typ: bigint, Args: []plan.Expr{x, number(2)}}, number(1)}},
		"module": &plan.Call{Func: "d.twice", Typ: bigint, Args: []plan.Expr{x},
			Module: &plan.Module{Hash: hash, Code: packed, Export: "twice", Memory: 16 << 20, Time: 10 * time.Second}},
	}
}

// TestModuleCall: a function in WebAssembly gives what an expression gives, with NULLs, for all rows of a batch and for some.
func TestModuleCall(t *testing.T) {
	for name, e := range twice(t) {
		ev, err := Compile(e, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := &column.Batch{Cols: []*column.Vector{column.NewVector(types.Of(types.BigInt))}}
		for b.Rows = 0; b.Rows < 2000; b.Rows++ {
			b.Cols[0].AppendInt(int64(b.Rows))
		}
		for _, sel := range [][]int32{nil, {3, 1999}} {
			v, err := ev.Eval(b, sel)
			if err != nil || v.Ints[3] != 7 || v.Ints[1999] != 3999 || v.Null(3) {
				t.Errorf("%s: %v, %v", name, v.Ints[3], err)
			}
		}
	}
}

func BenchmarkModule(b *testing.B) {
	in := &column.Batch{Rows: 1024, Cols: []*column.Vector{column.NewVector(types.Of(types.BigInt))}}
	for i := range in.Rows {
		in.Cols[0].AppendInt(int64(i))
	}
	benchmarkCalls(b, twice(b), in)
}

// BenchmarkModuleRows is the words of a text as rows, of the function of the examples and of SPLIT.
func BenchmarkModuleRows(b *testing.B) {
	text := types.Of(types.String)
	in := &column.Batch{Rows: 1024, Cols: []*column.Vector{column.NewVector(text)}}
	for range in.Rows {
		in.Cols[0].AppendBytes([]byte("it was the best of times"))
	}
	benchmarkCalls(b, words(b, text), in)
}

func words(t testing.TB, text types.Type) map[string]plan.Expr {
	code, err := os.ReadFile("../../docs/examples/wasm/rust/tables.wasm")
	if err != nil {
		t.Fatal(err)
	}
	packed, hash := wasm.Pack(code)
	s := &plan.Column{Name: "s", Typ: text}
	rows := types.NewArray(types.NewStruct(types.Field{Name: "word", Type: text}, types.Field{Name: "n", Type: types.Of(types.BigInt)}))
	return map[string]plan.Expr{
		"built in": &plan.Call{Func: "regexp_split_to_array", Typ: types.NewArray(text), Args: []plan.Expr{s, &plan.Const{Typ: text, Text: " "}}},
		"module": &plan.Call{Func: "d.words", Typ: rows, Args: []plan.Expr{s},
			Module: &plan.Module{Hash: hash, Code: packed, Export: "words", Memory: 16 << 20, Time: 10 * time.Second, Rows: 10_000}},
	}
}

// TestModuleRows: rows that are too many for one batch are asked for in parts, and of these no row is lost.
func TestModuleRows(t *testing.T) {
	text := types.Of(types.String)
	ev, err := Compile(words(t, text)["module"], Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &column.Batch{Rows: 300, Cols: []*column.Vector{column.NewVector(text)}}
	for range b.Rows {
		b.Cols[0].AppendBytes([]byte(strings.Repeat(strings.Repeat("w", 60_000)+" ", 3)))
	}
	if _, err := ev.Eval(b, nil); !errors.Is(err, ErrTooMuch) {
		t.Errorf("all rows: %v", err)
	}
	v, err := ev.Eval(b, []int32{3, 299})
	if err != nil || v.Views[3].Len != 3 || v.Views[299].Len != 3 || v.Kids[0].Len() != 6 {
		t.Errorf("%v, %v", err, v.Kids[0].Len())
	}
}

func benchmarkCalls(b *testing.B, calls map[string]plan.Expr, in *column.Batch) {
	for name, e := range calls {
		b.Run(name, func(b *testing.B) {
			ev, err := Compile(e, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ev.Eval(in, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(in.Rows), "ns/row")
		})
	}
}
