package engine

import (
	"strconv"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// Rows and arrays as values, and their parts.

func (b *binding) row(x *syntax.Row, s *scope) node {
	items := make([]node, len(x.Items))
	fields := make([]Column, len(items))
	for i, item := range x.Items {
		items[i] = b.settled(b.expr(item, s))
		fields[i] = Column{Name: "f" + strconv.Itoa(i+1), Type: items[i].typ}
	}
	return node{typ: AnyRecord, fields: fields, eval: func(f *frame) Value { return Record(all(items, f)) }}
}

func all(list []node, f *frame) []Value {
	out := make([]Value, len(list))
	for i := range list {
		out[i] = list[i].eval(f)
	}
	return out
}

func (b *binding) arrayList(x *syntax.ArrayList, s *scope) node {
	items := make([]node, len(x.Items))
	for i, item := range x.Items {
		items[i] = b.expr(item, s)
	}
	items, t := b.common(items, x.Offset())
	if t.Element() == 0 {
		t = t.Array()
	}
	return node{typ: t, eval: func(f *frame) Value { return Array(all(items, f)) }}
}

// subscript is x[i]: of vectors the first has the number 0.
func (b *binding) subscript(x *syntax.Subscript, s *scope) node {
	list := b.expr(x.X, s)
	element := list.typ.Element()
	if element == 0 {
		Fail(sqlerr.At(x.Offset(), sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", formalName(list.typ)))
	}
	base := int64(1)
	if list.typ == Int2Vector || list.typ == OIDVector {
		base = 0
	}
	bound := func(e syntax.Expr) node {
		if e == nil {
			return node{}
		}
		return b.castNode(b.as(b.expr(e, s), Int4), Int8)
	}
	low, high := bound(x.Index), bound(x.Upper)
	if x.Slice {
		return node{typ: list.typ, eval: func(f *frame) Value { return slice(list.eval(f), low, high, base, f) }}
	}
	return node{typ: element, eval: func(f *frame) Value {
		a, _ := list.eval(f).(Array)
		i, ok := low.eval(f).(int64)
		if i -= base; !ok || i < 0 || i >= int64(len(a)) {
			return nil
		}
		return a[i]
	}}
}

func slice(v Value, low, high node, base int64, f *frame) Value {
	a, ok := v.(Array)
	if !ok {
		return nil
	}
	from, to := int64(0), int64(len(a))
	if low.eval != nil {
		from = max(0, intOf(low.eval(f))-base)
	}
	if high.eval != nil {
		to = min(to, intOf(high.eval(f))-base+1)
	}
	if from >= to {
		return Array{}
	}
	return a[from:to]
}

// field is (x).name of a record.
func (b *binding) field(x *syntax.Field, s *scope) node {
	r := b.expr(x.X, s)
	for i, c := range r.fields {
		if c.Name == x.Name {
			return strict(r, c.Type, func(v Value) Value { return v.(Record)[i] })
		}
	}
	Fail(sqlerr.At(x.Offset(), sqlerr.UndefinedColumn, "column %q not found in the record", x.Name))
	return node{}
}
