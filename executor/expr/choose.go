package expr

import (
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// choice is CASE: each branch is computed for its own rows only, so that a guard
// protects what stands behind it.
type choice struct {
	conds, thens []Evaluator
	otherwise    Evaluator // nil: NULL
	out          scratch
	left, taken  []int32
}

func compileCase(e *plan.Case, o Options) (Evaluator, error) {
	k := &choice{out: newScratch(e.Typ)}
	for _, w := range e.Whens {
		c, err := Compile(w.Cond, o)
		if err != nil {
			return nil, err
		}
		t, err := Compile(w.Then, o)
		if err != nil {
			return nil, err
		}
		k.conds, k.thens = append(k.conds, c), append(k.thens, t)
	}
	if e.Else == nil {
		return k, nil
	}
	var err error
	k.otherwise, err = Compile(e.Else, o)
	return k, err
}

func (k *choice) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	out := k.out.ready(b.Rows)
	left := allRows(&k.left, b.Rows, sel)
	for i, cond := range k.conds {
		if len(left) == 0 {
			return out, nil
		}
		v, err := cond.Eval(b, left)
		if err != nil {
			return nil, err
		}
		k.taken = k.taken[:0]
		rest := left[:0]
		for _, r := range left {
			if v.Bools[r] && !v.Null(int(r)) {
				k.taken = append(k.taken, r)
			} else {
				rest = append(rest, r)
			}
		}
		left = rest
		if err := k.take(b, out, k.thens[i], k.taken); err != nil {
			return nil, err
		}
	}
	return out, k.take(b, out, k.otherwise, left)
}

// allRows copies a selection into scratch memory, all rows if it is nil.
func allRows(dst *[]int32, n int, sel []int32) []int32 {
	d := (*dst)[:0]
	if sel != nil {
		d = append(d, sel...)
	} else {
		for i := range n {
			d = append(d, int32(i))
		}
	}
	*dst = d
	return d
}

func (k *choice) take(b *column.Batch, out *column.Vector, ev Evaluator, sel []int32) error {
	if len(sel) == 0 {
		return nil
	}
	if ev == nil {
		for _, r := range sel {
			k.out.setNull(int(r), b.Rows)
		}
		return nil
	}
	v, err := ev.Eval(b, sel)
	if err != nil {
		return err
	}
	return copyRows(&k.out, out, v, sel, b.Rows)
}

func copyTexts(out, v *column.Vector, sel []int32) error {
	for _, r := range sel {
		out.SetBytes(int(r), v.Bytes(int(r)))
		if len(out.Slab) > maxSlab {
			return ErrTooMuch
		}
	}
	return nil
}

// copyRows copies the selected rows of v to the same places of out.
func copyRows(s *scratch, out, v *column.Vector, sel []int32, n int) error {
	if v.Type.Physical() != types.PhysicalBytes {
		out.CopyRows(v, sel)
	} else if err := copyTexts(out, v, sel); err != nil {
		return err
	}
	if v.Valid == nil {
		return nil
	}
	for _, r := range sel {
		if !v.Valid.Get(int(r)) {
			s.setNull(int(r), n)
		}
	}
	return nil
}

// coalesce takes the first argument that is present; later ones are computed only
// for the rows that need them.
type coalesce struct {
	args  []Evaluator
	out   scratch
	left  []int32
	taken []int32
}

func (k *coalesce) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	out := k.out.ready(b.Rows)
	left := allRows(&k.left, b.Rows, sel)
	for _, a := range k.args {
		if len(left) == 0 {
			break
		}
		v, err := a.Eval(b, left)
		if err != nil {
			return nil, err
		}
		k.taken = k.taken[:0]
		rest := left[:0]
		for _, r := range left {
			if v.Null(int(r)) {
				rest = append(rest, r)
			} else {
				k.taken = append(k.taken, r)
			}
		}
		left = rest
		if err := copyRows(&k.out, out, v, k.taken, b.Rows); err != nil {
			return nil, err
		}
	}
	for _, r := range left {
		k.out.setNull(int(r), b.Rows)
	}
	return out, nil
}

// evalAll computes the arguments of a function for the selected rows.
func evalAll(args []Evaluator, b *column.Batch, sel []int32) (vs []*column.Vector, err error) {
	vs = make([]*column.Vector, len(args))
	for i, a := range args {
		if vs[i], err = a.Eval(b, sel); err != nil {
			return nil, err
		}
	}
	return vs, nil
}

// extreme is GREATEST and LEAST: NULL if any argument is.
type extreme struct {
	args []Evaluator
	out  scratch
	sign int // 1: greatest
	one  []int32
}

func (k *extreme) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	vs, err := evalAll(k.args, b, sel)
	if err != nil {
		return nil, err
	}
	out := k.out.ready(b.Rows)
	err = rows(b, sel, out, vs, func(i int) error {
		best := vs[0]
		for _, v := range vs[1:] {
			if v.Compare(i, best, i)*k.sign > 0 {
				best = v
			}
		}
		k.one = append(k.one[:0], int32(i))
		return copyRows(&k.out, out, best, k.one, b.Rows)
	})
	return out, err
}
