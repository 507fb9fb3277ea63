package expr

import (
	"os"
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
	for name, e := range twice(b) {
		b.Run(name, func(b *testing.B) {
			ev, err := Compile(e, Options{})
			if err != nil {
				b.Fatal(err)
			}
			in := &column.Batch{Rows: 1024, Cols: []*column.Vector{column.NewVector(types.Of(types.BigInt))}}
			for i := range in.Rows {
				in.Cols[0].AppendInt(int64(i))
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
