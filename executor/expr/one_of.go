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

// lookedUp tells the types of which two values are equal if their bytes in a row are.
func lookedUp(t types.Type) bool {
	switch t.Kind {
	case types.Float, types.Double, types.Interval, types.Boolean, types.Null:
		return false
	}
	return !t.IsNested()
}

// member tells whether a value is among constants; with NULL among these it is not known that it is none of them.
type member struct {
	x     Evaluator
	out   scratch
	codec *column.RowCodec
	null  bool
	list  map[string]struct{}
	row   []byte
	vs    []*column.Vector
}

func compileOneOf(list []*plan.Call, e *plan.Call, o Options) (Evaluator, error) {
	x, err := Compile(list[0].Args[0], o)
	if err != nil {
		return nil, err
	}
	m := &member{x: x, out: newScratch(e.Typ), codec: column.NewRowCodec([]types.Type{list[0].Args[0].Type()}), list: map[string]struct{}{}, vs: make([]*column.Vector, 1)}
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
	if v.Null(0) {
		m.null = true
		return
	}
	m.list[string(m.bytes(v, 0))] = struct{}{}
}

// bytes are those of a value, valid until the next call.
func (m *member) bytes(v *column.Vector, i int) []byte {
	m.vs[0] = v
	m.row = m.codec.Append(m.row[:0], m.vs, i)
	return m.row
}

func (m *member) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := m.x.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	out := m.out.ready(b.Rows)
	return out, rows(b, sel, out, []*column.Vector{x}, func(i int) error {
		if _, out.Bools[i] = m.list[string(m.bytes(x, i))]; m.null && !out.Bools[i] {
			m.out.setNull(i, b.Rows)
		}
		return nil
	})
}
