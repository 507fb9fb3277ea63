// Package expr turns typed expressions into vectorised evaluators: trees of kernels
// over bare typed slices, with scratch vectors that are reused from batch to batch.
//
// An evaluator's result has the batch's physical length; only the selected rows are
// defined, the others may hold anything and never raise an error. It is valid until
// the next evaluation and must not be changed. A result may be the batch's own
// column.
package expr

import (
	"fmt"
	"slices"
	"time"

	"slipway/executor/column"
	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// Evaluator computes one expression. sel lists the rows that are wanted; nil means all.
type Evaluator interface {
	Eval(b *column.Batch, sel []int32) (*column.Vector, error)
}

// Options are what some functions need to know.
type Options struct {
	// Now is CURRENT_TIMESTAMP; read once per batch. nil means the clock.
	Now      func() time.Time
	Location *time.Location // nil means UTC
	// constants remembers, while an expression is compiled, which of its parts depend on no column.
	constants map[plan.Expr]bool
	room      *Room // nil: what is computed on the way is not counted
}

func (o Options) now() time.Time {
	t := time.Now
	if o.Now != nil {
		t = o.Now
	}
	if o.Location == nil {
		return t().UTC()
	}
	return t().In(o.Location)
}

// Compile makes the evaluator of e. Parts that depend on no column are computed once, here.
func Compile(e plan.Expr, o Options) (Evaluator, error) {
	if o.constants == nil {
		o.constants = map[plan.Expr]bool{}
	}
	ev, err := compile(e, o)
	if err != nil {
		return nil, err
	}
	if _, constant := e.(*plan.Const); !constant && o.isConstant(e) {
		return fold(ev, e)
	}
	return o.counting(ev, e), nil
}

func compile(e plan.Expr, o Options) (Evaluator, error) {
	switch e := e.(type) {
	case *plan.Column:
		return columnRef(e.Index), nil
	case *plan.Const:
		return newConstant(e), nil
	case *plan.Cast:
		arg, err := Compile(e.Arg, o)
		if err != nil {
			return nil, err
		}
		return newCast(arg, e, o)
	case *plan.Case:
		return compileCase(e, o)
	case *plan.Call:
		return compileCall(e, o)
	}
	return nil, fmt.Errorf("expr: unknown expression %T", e)
}

func compileAll(list []plan.Expr, o Options) ([]Evaluator, error) {
	out := make([]Evaluator, len(list))
	for i, e := range list {
		var err error
		if out[i], err = Compile(e, o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (o Options) isConstant(e plan.Expr) bool {
	switch e.(type) {
	case *plan.Const:
		return true
	case *plan.Column:
		return false
	}
	known, ok := o.constants[e]
	if !ok {
		known = o.dependsOnNothing(e)
		o.constants[e] = known
	}
	return known
}

func (o Options) dependsOnNothing(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Cast:
		return o.isConstant(e.Arg)
	case *plan.Call:
		return function.VolatilityOf(e.Func) == function.Immutable && !slices.ContainsFunc(e.Args, o.isNone)
	case *plan.Case:
		return !slices.ContainsFunc(e.Whens, func(w plan.When) bool { return o.isNone(w.Cond) || o.isNone(w.Then) }) && (e.Else == nil || o.isConstant(e.Else))
	}
	return false
}

func (o Options) isNone(e plan.Expr) bool { return !o.isConstant(e) }

// fold evaluates over one imaginary row and keeps the value.
func fold(ev Evaluator, e plan.Expr) (Evaluator, error) {
	v, err := ev.Eval(&column.Batch{Rows: 1}, nil)
	if err != nil {
		return nil, OfOneRow(err)
	}
	return constantOf(v, 0, e.Type()), nil
}

type columnRef int

func (c columnRef) Eval(b *column.Batch, _ []int32) (*column.Vector, error) { return b.Cols[c], nil }

// constant is a vector of one value, filled as far as the longest batch needs.
type constant struct {
	full  *column.Vector
	shown column.Vector // the first rows of full
	null  bool
	fill  func(v *column.Vector, i int)
	n     int
}

func (c *constant) Eval(b *column.Batch, _ []int32) (*column.Vector, error) {
	if c.full.Type.IsNested() { // its children cannot be shown in part
		if c.n != b.Rows {
			c.full.Reset()
			c.n = 0
			c.fillTo(b.Rows)
		}
		return c.full, nil
	}
	if c.n < b.Rows {
		c.fillTo(max(b.Rows, min(2*c.n, column.BatchRows))) // one that is folded away is asked for a single row
	}
	c.shown = *c.full
	c.shown.Grow(b.Rows) // only ever shortens
	return &c.shown, nil
}

func (c *constant) fillTo(n int) {
	c.full.Grow(n)
	for i := c.n; i < n; i++ {
		switch {
		case c.null:
			c.full.SetNull(i)
		case i > 0 && c.full.Type.IsNested() && len(c.full.Views) > 0: // the elements are there once
			c.full.Views[i] = c.full.Views[0]
		default:
			c.fill(c.full, i)
		}
	}
	c.n = n
}

func newConstant(e *plan.Const) *constant {
	t := e.Typ
	if t.Kind == types.Null {
		t = types.Of(types.String)
	}
	c := &constant{full: column.NewVector(t), null: e.Null || e.Typ.Kind == types.Null}
	if t.Physical() == types.PhysicalBytes {
		c.full.Slab = append(c.full.Slab, e.Text...)
		c.fill = func(v *column.Vector, i int) { v.Views[i] = column.View{Len: uint32(len(e.Text))} }
	} else {
		c.fill = func(v *column.Vector, i int) { v.SetScalar(i, scalarOf(e)) }
	}
	return c
}

func scalarOf(e *plan.Const) value.Scalar {
	return value.Scalar{Bool: e.Bool, Int: e.Int, Float: e.Float, Wide: column.Int128{Hi: e.WideHi, Lo: e.WideLo}, Text: []byte(e.Text)}
}

// AppendConst appends a constant that is not NULL to a vector of its type.
func AppendConst(v *column.Vector, e *plan.Const) { v.AppendScalar(scalarOf(e)) }

// constantOf makes a constant of a value that was computed.
func constantOf(v *column.Vector, i int, t types.Type) *constant {
	e := &plan.Const{Typ: t, Null: v.Null(i)}
	if !e.Null {
		s := v.Scalar(i)
		e.Bool, e.Int, e.Float, e.WideHi, e.WideLo, e.Text = s.Bool, s.Int, s.Float, s.Wide.Hi, s.Wide.Lo, string(s.Text)
	}
	return newConstant(e)
}

// constantText gives the value of a constant text.
func constantText(ev Evaluator) (string, bool) {
	c, ok := ev.(*constant)
	if !ok || c.null || c.full.Type.Physical() != types.PhysicalBytes {
		return "", false
	}
	return string(c.full.Slab), true
}

// rows calls f for every selected row at which all of vs are present, and makes the
// others NULL in out. It is the loop of kernels that may fail or are long anyway.
func rows(b *column.Batch, sel []int32, out *column.Vector, vs []*column.Vector, f func(i int) error) error {
	nulls := false
	for _, v := range vs {
		nulls = nulls || v.Valid != nil
	}
	each := func(i int) error {
		if nulls {
			for _, v := range vs {
				if v.Null(i) {
					out.SetNull(i)
					return nil
				}
			}
		}
		return f(i)
	}
	if sel == nil {
		for i := range b.Rows {
			if err := each(i); err != nil {
				return err
			}
		}
		return nil
	}
	for _, i := range sel {
		if err := each(int(i)); err != nil {
			return err
		}
	}
	return nil
}

// scratch is a result vector that is made ready for each batch.
type scratch struct {
	v     *column.Vector
	valid column.Bitmap
}

func newScratch(t types.Type) scratch { return scratch{v: column.NewVector(t)} }

// ready empties the result and gives it the batch's length.
func (s *scratch) ready(n int) *column.Vector {
	s.v.Valid = nil
	s.v.Slab = column.Emptied(s.v.Slab)
	for _, k := range s.v.Kids {
		k.Reset()
	}
	s.v.Grow(n)
	clear(s.v.Views) // also a NULL or unselected row's view must be readable
	return s.v
}

// bitmap is scratch memory for n rows, all present.
func (s *scratch) bitmap(n int) column.Bitmap {
	w := column.Words(n)
	if cap(s.valid) < w {
		s.valid = make(column.Bitmap, w, max(w, column.Words(column.BatchRows)))
	}
	s.valid = s.valid[:w]
	for i := range s.valid {
		s.valid[i] = ^uint64(0)
	}
	return s.valid
}

// both makes the result present where both arguments are.
func (s *scratch) both(out, x, y *column.Vector, n int) {
	switch {
	case x.Valid == nil && y.Valid == nil:
		return
	case y.Valid == nil:
		out.Valid = append(s.valid[:0], x.Valid[:column.Words(n)]...)
	case x.Valid == nil:
		out.Valid = append(s.valid[:0], y.Valid[:column.Words(n)]...)
	default:
		out.Valid = s.bitmap(n)
		for i := range out.Valid {
			out.Valid[i] = x.Valid[i] & y.Valid[i]
		}
	}
	s.valid = out.Valid
}

// setNull makes a row NULL in scratch memory.
func (s *scratch) setNull(i, n int) {
	if s.v.Valid == nil {
		s.v.Valid = s.bitmap(n)
	}
	s.v.Valid.Clear(i)
}

func outOfRange(what string, t types.Type) error {
	return sqlerr.New(sqlerr.OutOfRange, "%s is out of range for %s", what, t)
}
