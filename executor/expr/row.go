package expr

import "slipway/executor/column"

// rowOf is ROW(x, …): its fields are the arguments as they are.
type rowOf struct {
	args []Evaluator
	out  *column.Vector
}

func (k *rowOf) Eval(b *column.Batch, sel []int32) (_ *column.Vector, err error) {
	for i, a := range k.args {
		if k.out.Kids[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	return k.out, nil
}

// field is x.name: the vector of the field, NULL where the row is.
type field struct {
	x      Evaluator
	number int
	shown  column.Vector
	valid  column.Bitmap
}

func (k *field) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.x.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	v := x.Kids[k.number]
	if x.Valid == nil {
		return v, nil
	}
	k.shown = *v
	k.valid = append(k.valid[:0], x.Valid[:column.Words(b.Rows)]...)
	if v.Valid != nil {
		for i := range k.valid {
			k.valid[i] &= v.Valid[i]
		}
	}
	k.shown.Valid = k.valid
	return &k.shown, nil
}
