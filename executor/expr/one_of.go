package expr

import (
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// x IN (1, 2, 3) comes as x = 1 OR (x = 2 OR x = 3). Where what is compared is one expression with many constants, it is computed once for a
// row and looked up among them.

const fewest = 8 // of constants that are worth it

// oneOf lists the comparisons that an OR is made of, if they are all of one expression with constants; else nil.
func (o Options) oneOf(e *plan.Call) []*plan.Call {
	if e.Func != "or" {
		return nil
	}
	list, ok := o.comparisonsOf(e, nil)
	if !ok || len(list) < fewest || !lookedUp(list[0].Args[0].Type()) {
		return nil
	}
	return list
}

// comparisonsOf appends those of an OR in their order; false if there is something else.
func (o Options) comparisonsOf(e plan.Expr, list []*plan.Call) (out []*plan.Call, ok bool) {
	c, isCall := e.(*plan.Call)
	if !isCall || len(c.Args) != 2 {
		return nil, false
	}
	switch c.Func {
	case "or":
		if list, ok = o.comparisonsOf(c.Args[0], list); !ok {
			return nil, false
		}
		return o.comparisonsOf(c.Args[1], list)
	case "=":
		if o.isConstant(c.Args[1]) && (len(list) == 0 || sameOperand(list[0].Args[0], c.Args[0])) {
			return append(list, c), true
		}
	}
	return nil, false
}

func sameOperand(x, y plan.Expr) bool {
	a, ok := x.(*plan.Column)
	b, also := y.(*plan.Column)
	if ok || also {
		return ok && also && a.Index == b.Index && a.Typ == b.Typ
	}
	return x.Type() == y.Type() && plan.Same(x, y)
}

// lookedUp tells the types of which two values are equal if they are the same in memory.
func lookedUp(t types.Type) bool {
	switch t.Physical() {
	case types.PhysicalInt64, types.PhysicalInt128, types.PhysicalBytes:
		return true
	}
	return false
}

// member tells whether a value is among constants; with NULL among these it is not known that it is none.
type member struct {
	x     Evaluator
	out   scratch
	null  bool
	ints  map[int64]struct{}
	wides map[column.Int128]struct{}
	texts map[string]struct{}
}

func compileOneOf(list []*plan.Call, e *plan.Call, o Options) (Evaluator, error) {
	x, err := Compile(list[0].Args[0], o)
	if err != nil {
		return nil, err
	}
	m := &member{x: x, out: newScratch(e.Typ), ints: map[int64]struct{}{}, wides: map[column.Int128]struct{}{}, texts: map[string]struct{}{}}
	for _, c := range list {
		y, err := Compile(c.Args[1], o)
		if err != nil {
			return nil, err
		}
		v, err := y.Eval(&column.Batch{Rows: 1}, nil)
		if err != nil {
			return nil, err
		}
		m.add(v)
	}
	return m, nil
}

func (m *member) add(v *column.Vector) {
	switch {
	case v.Null(0):
		m.null = true
	case v.Type.Physical() == types.PhysicalInt64:
		m.ints[v.Ints[0]] = struct{}{}
	case v.Type.Physical() == types.PhysicalInt128:
		m.wides[v.Wides[0]] = struct{}{}
	default:
		m.texts[string(v.Bytes(0))] = struct{}{}
	}
}

func (m *member) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := m.x.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	out := m.out.ready(b.Rows)
	return out, rows(b, sel, out, []*column.Vector{x}, func(i int) error {
		if out.Bools[i] = m.has(x, i); m.null && !out.Bools[i] {
			m.out.setNull(i, b.Rows)
		}
		return nil
	})
}

func (m *member) has(x *column.Vector, i int) (found bool) {
	switch x.Type.Physical() {
	case types.PhysicalInt64:
		_, found = m.ints[x.Ints[i]]
	case types.PhysicalInt128:
		_, found = m.wides[x.Wides[i]]
	default:
		_, found = m.texts[string(x.Bytes(i))]
	}
	return found
}
