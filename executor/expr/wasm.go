package expr

import (
	"slipway/executor/column"
	"slipway/executor/wasm"
	"slipway/sql/plan"
)

// moduleCall is a call of a function in WebAssembly.
type moduleCall struct {
	f    *wasm.Function
	args []Evaluator
	vs   []*column.Vector
	out  scratch
	all  []int32 // the rows of a batch that is wanted whole
}

func compileModule(e *plan.Call, args []Evaluator) (Evaluator, error) {
	f, err := wasm.New(e)
	if err != nil {
		return nil, err
	}
	return &moduleCall{f: f, args: args, vs: make([]*column.Vector, len(args)), out: newScratch(e.Typ)}, nil
}

func (k *moduleCall) Eval(b *column.Batch, sel []int32) (_ *column.Vector, err error) {
	for i, a := range k.args {
		if k.vs[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	for sel == nil && len(k.all) < b.Rows {
		k.all = append(k.all, int32(len(k.all)))
	}
	if sel == nil {
		sel = k.all[:b.Rows]
	}
	out := k.out.ready(b.Rows)
	if err = k.f.Call(k.vs, sel, out, func(row int) { k.out.setNull(row, b.Rows) }); err == nil && (len(out.Slab) > maxSlab || k.f.Taken() > maxSlab) {
		err = ErrTooMuch
	}
	return out, err
}
