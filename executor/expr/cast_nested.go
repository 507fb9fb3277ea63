package expr

import (
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// nestedCast converts the parts of nested values, all elements of a batch at once: an array stays as
// long as it is.
type nestedCast struct {
	arg   Evaluator
	parts []Evaluator // over the children, which are the columns of in
	in    column.Batch
	out   scratch
	sel   []int32 // elements of the rows that are wanted
}

func newNestedCast(arg Evaluator, e *plan.Cast, o Options) (Evaluator, error) {
	from, to := e.Arg.Type().Fields(), e.Typ.Fields()
	if e.Arg.Type().Kind != e.Typ.Kind || len(from) != len(to) {
		return nil, sqlerr.New(sqlerr.CannotCoerce, "cannot cast %s to %s", e.Arg.Type(), e.Typ)
	}
	k := &nestedCast{arg: arg, out: newScratch(e.Typ)}
	for i := range from {
		part, err := newCast(columnRef(i), &plan.Cast{Arg: &plan.Column{Index: i, Typ: from[i].Type}, Typ: to[i].Type, Try: e.Try, Whole: e.Whole}, o)
		if err != nil {
			return nil, err
		}
		k.parts = append(k.parts, part)
	}
	return k, nil
}

func (k *nestedCast) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.arg.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	out, isStruct := k.out.v, x.Type.Kind == types.Struct
	k.in.Cols, k.in.Rows = x.Kids, x.Kids[0].Len()
	if k.sel = elementsOf(k.sel[:0], x, b.Rows, sel); isStruct {
		k.in.Rows, k.sel = b.Rows, presentRows(k.sel[:0], x, b.Rows, sel)
	}
	for i, p := range k.parts {
		if out.Kids[i], err = p.Eval(&k.in, k.sel); err != nil {
			return nil, err
		}
	}
	if out.Valid = x.Valid; isStruct {
		return out, nil
	}
	out.Views = append(out.Views[:0], x.Views[:b.Rows]...)
	if out.Type.Kind == types.Map && x.Type.Fields()[0] != out.Type.Fields()[0] {
		return k.inOrder(out, b.Rows, sel), nil
	}
	return out, nil
}

// inOrder puts the entries of maps into the order of their keys as they are now. They are copied, since
// what the parts gave is theirs.
func (k *nestedCast) inOrder(v *column.Vector, n int, sel []int32) *column.Vector {
	out := column.NewVector(v.Type)
	out.AppendRows(v, nil, n)
	var rows []int32
	for _, i := range presentRows(rows, v, n, sel) {
		w := out.Views[i]
		out.SetEntries(int(i), int(w.Off), int(w.Len))
	}
	return out
}

// presentRows lists the rows of a selection at which v is not NULL; it is not nil.
func presentRows(dst []int32, v *column.Vector, n int, sel []int32) []int32 {
	if dst == nil {
		dst = []int32{}
	}
	if sel == nil {
		for i := range n {
			if !v.Null(i) {
				dst = append(dst, int32(i))
			}
		}
		return dst
	}
	for _, i := range sel {
		if !v.Null(int(i)) {
			dst = append(dst, i)
		}
	}
	return dst
}

// elementsOf lists the elements of the arrays, or entries of the maps, of a selection; it is not nil.
func elementsOf(dst []int32, v *column.Vector, n int, sel []int32) []int32 {
	if dst == nil {
		dst = []int32{}
	}
	if v.Type.Kind == types.Struct {
		return dst
	}
	add := func(i int) {
		if v.Null(i) {
			return
		}
		w := v.Views[i]
		for e := w.Off; e < w.Off+w.Len; e++ {
			dst = append(dst, int32(e))
		}
	}
	if sel == nil {
		for i := range n {
			add(i)
		}
		return dst
	}
	for _, i := range sel {
		add(int(i))
	}
	return dst
}
