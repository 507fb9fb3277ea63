package expr

import (
	"bytes"
	"cmp"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
	"slipway/sql/value"
)

// comparison gives booleans; arguments are of one type.
type comparison struct {
	binary
	op string
}

func compileCompare(e *plan.Call, args []Evaluator) (Evaluator, error) {
	k := &comparison{binary{x: args[0], y: args[1], out: newScratch(e.Typ), typ: e.Typ}, e.Func}
	if e.Func == "<=>" {
		return &nullSafe{*k}, nil
	}
	return k, nil
}

func (k *comparison) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, y, out, err := k.args(b, sel)
	if err != nil {
		return nil, err
	}
	compareInto(k.op, x, y, out.Bools[:b.Rows])
	return out, nil
}

func compareInto(op string, x, y *column.Vector, out []bool) {
	n := len(out)
	switch x.Type.Physical() {
	case types.PhysicalInt64:
		compareOrdered(op, x.Ints[:n], y.Ints[:n], out)
	case types.PhysicalFloat64:
		compareFloats(op, x.Floats[:n], y.Floats[:n], out)
	case types.PhysicalBytes:
		compareBytes(op, x, y, out)
	case types.PhysicalInt128:
		for i := range out {
			out[i] = holds(op, x.Wides[i].Cmp(y.Wides[i]))
		}
	case types.PhysicalInterval:
		for i := range out {
			out[i] = holds(op, cmp.Compare(x.Wides[i].Hi, y.Wides[i].Hi))
		}
	case types.PhysicalBool:
		for i := range out {
			out[i] = holds(op, compareBool(x.Bools[i], y.Bools[i]))
		}
	case types.PhysicalList, types.PhysicalStruct:
		compareNested(op, x, y, out)
	}
}

func compareOrdered[T int64 | float64](op string, xs, ys []T, out []bool) {
	switch op {
	case "=":
		for i := range out {
			out[i] = xs[i] == ys[i]
		}
	case "!=":
		for i := range out {
			out[i] = xs[i] != ys[i]
		}
	case "<":
		for i := range out {
			out[i] = xs[i] < ys[i]
		}
	case "<=":
		for i := range out {
			out[i] = xs[i] <= ys[i]
		}
	case ">":
		for i := range out {
			out[i] = xs[i] > ys[i]
		}
	case ">=":
		for i := range out {
			out[i] = xs[i] >= ys[i]
		}
	}
}

// compareFloats is compareOrdered, and mends the rows at which NaN stands.
func compareFloats(op string, xs, ys []float64, out []bool) {
	compareOrdered(op, xs, ys, out)
	for i := range out {
		if xs[i] != xs[i] || ys[i] != ys[i] {
			out[i] = holds(op, value.CompareFloat(xs[i], ys[i]))
		}
	}
}

func compareBytes(op string, x, y *column.Vector, out []bool) {
	switch op {
	case "=", "!=":
		want := op == "="
		for i := range out {
			out[i] = string(x.Bytes(i)) == string(y.Bytes(i)) == want
		}
	default:
		for i := range out {
			out[i] = holds(op, bytes.Compare(x.Bytes(i), y.Bytes(i)))
		}
	}
}

// compareNested takes a NULL inside as behind every value and equal to another one, as PostgreSQL does.
func compareNested(op string, x, y *column.Vector, out []bool) {
	for i := range out {
		if !x.Null(i) && !y.Null(i) {
			out[i] = holds(op, x.Compare(i, y, i))
		}
	}
}

func holds(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// nullSafe is <=>: NULL equals NULL, and the answer is never NULL.
type nullSafe struct{ comparison }

func (k *nullSafe) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, y, out, err := k.args(b, sel)
	if err != nil {
		return nil, err
	}
	out.Valid = nil
	compareInto("=", x, y, out.Bools[:b.Rows])
	if x.Valid != nil || y.Valid != nil {
		for i := range b.Rows {
			if xn, yn := x.Null(i), y.Null(i); xn || yn {
				out.Bools[i] = xn && yn
			}
		}
	}
	return out, nil
}

// logic is AND, OR, XOR with three values. The right side of AND and OR is computed
// only for the rows that the left does not decide.
type logic struct {
	binary
	op   string
	rest []int32
}

func (k *logic) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.x.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	rest := sel
	if k.op != "xor" {
		k.rest = undecided(k.rest[:0], x, b.Rows, sel, k.op == "or")
		rest = k.rest
	}
	var y *column.Vector
	if rest == nil || len(rest) > 0 {
		if y, err = k.y.Eval(b, rest); err != nil {
			return nil, err
		}
	}
	out := k.out.ready(b.Rows)
	if k.op == "xor" {
		k.out.both(out, x, y, b.Rows)
		for i := range b.Rows {
			out.Bools[i] = x.Bools[i] != y.Bools[i]
		}
		return out, nil
	}
	decided := k.op == "or" // the value that decides
	for i := range b.Rows {
		out.Bools[i] = decided
	}
	for _, r := range rest {
		k.combine(b.Rows, x, y, out, int(r), decided)
	}
	return out, nil
}

// undecided lists the rows at which x is not the deciding value.
func undecided(dst []int32, x *column.Vector, n int, sel []int32, deciding bool) []int32 {
	if dst == nil {
		dst = make([]int32, 0, column.BatchRows)
	}
	if sel == nil {
		for i := range n {
			if x.Bools[i] != deciding || x.Null(i) {
				dst = append(dst, int32(i))
			}
		}
		return dst
	}
	for _, i := range sel {
		if x.Bools[i] != deciding || x.Null(int(i)) {
			dst = append(dst, i)
		}
	}
	return dst
}

// combine: x is NULL or does not decide.
func (k *logic) combine(n int, x, y, out *column.Vector, i int, decided bool) {
	switch {
	case !y.Null(i) && y.Bools[i] == decided:
		out.Bools[i] = decided
	case x.Null(i) || y.Null(i):
		k.out.setNull(i, n)
	default:
		out.Bools[i] = !decided
	}
}

// test is NOT, IS NULL, IS TRUE, IS FALSE.
type test struct {
	x   Evaluator
	op  string
	out scratch
}

func (k *test) Eval(b *column.Batch, sel []int32) (*column.Vector, error) {
	x, err := k.x.Eval(b, sel)
	if err != nil {
		return nil, err
	}
	out := k.out.ready(b.Rows)
	switch k.op {
	case "not":
		k.out.both(out, x, x, b.Rows)
		for i := range b.Rows {
			out.Bools[i] = !x.Bools[i]
		}
	case "is_null":
		for i := range b.Rows {
			out.Bools[i] = x.Null(i)
		}
	default:
		want := k.op == "is_true"
		for i := range b.Rows {
			out.Bools[i] = x.Bools[i] == want && !x.Null(i)
		}
	}
	return out, nil
}

// Predicate narrows selections to the rows at which an expression is true.
type Predicate struct {
	parts []Evaluator // a conjunction
	sels  [2][]int32
	room  Room
}

// CompileFilter makes a predicate: the parts of a conjunction are evaluated one
// after the other, each for the rows that are left.
func CompileFilter(e plan.Expr, o Options) (*Predicate, error) {
	p := &Predicate{}
	o = o.WithRoom(&p.room)
	var add func(plan.Expr) error
	add = func(e plan.Expr) error {
		if c, ok := e.(*plan.Call); ok && c.Func == "and" {
			if err := add(c.Args[0]); err != nil {
				return err
			}
			return add(c.Args[1])
		}
		ev, err := Compile(e, o)
		p.parts = append(p.parts, ev)
		return err
	}
	err := add(e)
	for i := range p.sels {
		p.sels[i] = make([]int32, 0, column.BatchRows)
	}
	return p, err
}

// Select gives those of the rows sel (nil: all) that pass; valid until the next call.
func (p *Predicate) Select(b *column.Batch, sel []int32) ([]int32, error) {
	p.room.Begin()
	for i, part := range p.parts {
		v, err := part.Eval(b, sel)
		if err != nil {
			return nil, err
		}
		out := &p.sels[i&1]
		*out = undecided((*out)[:0], v, b.Rows, sel, false)
		*out = dropNulls(*out, v)
		if sel = *out; len(sel) == 0 {
			break
		}
	}
	return sel, nil
}

func dropNulls(sel []int32, v *column.Vector) []int32 {
	if v.Valid == nil {
		return sel
	}
	kept := sel[:0]
	for _, i := range sel {
		if v.Valid.Get(int(i)) {
			kept = append(kept, i)
		}
	}
	return kept
}
