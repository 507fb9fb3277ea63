package plan

import (
	"testing"
	"time"

	"slipway/sql/types"
)

// TestStoredModule pins by what checkpoints know what a function in WebAssembly computes: another module is another function, another limit or name is not.
func TestStoredModule(t *testing.T) {
	x := &Column{Name: "x", Typ: types.Of(types.BigInt)}
	e := &Call{Func: "d.f", Args: []Expr{x}, Typ: x.Typ, Module: &Module{Hash: "0a1b", Code: "H4sI", Export: "twice", Memory: 1 << 20, Time: time.Second}}
	if got := Stored(e); got != "wasm 0a1b twice(x#0)" {
		t.Errorf("stored is %s", got)
	}
	a := Agg{Kind: "d.f", Arg: 0, Typ: types.Of(types.Binary), Module: e.Module}
	if got := a.Stored(); got != "wasm 0a1b twice" {
		t.Errorf("an aggregate is stored as %s", got)
	}
	if a.Nulls, a.Distinct = true, true; a.Stored() != "wasm 0a1b twice NULLS DISTINCT" {
		t.Errorf("an aggregate is stored as %s", a.Stored())
	}
}
