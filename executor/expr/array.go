package expr

import "slipway/executor/column"

// arrayOf is ARRAY[x, …]: never NULL, its items may be.
type arrayOf struct {
	args []Evaluator
	vs   []*column.Vector
	out  scratch
	rows []int32
	one  [1]int32
}

func (k *arrayOf) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	for i, a := range k.args {
		var err error
		if k.vs[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	out := k.out.ready(b.Rows)
	items := out.Kids[0]
	for _, r := range allRows(&k.rows, b.Rows, sel) {
		out.Views[r] = column.View{Off: uint32(items.Len()), Len: uint32(len(k.vs))}
		k.one[0] = r
		for _, v := range k.vs {
			items.AppendRows(v, k.one[:], 1)
		}
		if items.Memory() > maxSlab {
			return nil, ErrTooMuch
		}
	}
	return out, nil
}
