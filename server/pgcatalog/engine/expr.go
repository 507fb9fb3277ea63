package engine

import (
	"slices"
	"strconv"
	"strings"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// node is a bound value: its type, and what computes it. One of type Unknown is a text, NULL or a parameter that has no type
// of its own yet; as gives it one.
type node struct {
	typ      Type
	eval     func(*frame) Value
	constant bool // depends on nothing
	needs    set  // sources of its own scope
	outside  bool // it names scopes around
	param    int  // from 1: of type Unknown, until as settles it
	fields   []Column
}

func constantNode(v Value, t Type) node {
	return node{typ: t, eval: func(*frame) Value { return v }, constant: true}
}

// bound binds a value and notes what it needs.
func (b *binding) bound(x syntax.Expr, s *scope) node {
	used, outside := s.used, s.outside
	s.used, s.outside = 0, false
	n := b.expr(x, s)
	n.needs, n.outside = s.used, s.outside
	s.used, s.outside = s.used|used, s.outside || outside
	return n
}

// as gives a node without a type the one that it is used as.
func (b *binding) as(n node, t Type) node {
	if n.typ != Unknown || t == Unknown {
		return n
	}
	if n.param > 0 {
		return b.parameter(n.param, t)
	}
	return b.castNode(n, t)
}

// settled is a node with a type: text, if it had none.
func (b *binding) settled(n node) node { return b.as(n, Text) }

func (b *binding) parameter(number int, t Type) node {
	if known := b.params[number-1]; known == 0 || known == Unknown {
		b.params[number-1] = t
	} else if known != t {
		return b.castNode(b.readParameter(number, known), t)
	}
	return b.readParameter(number, t)
}

func (b *binding) readParameter(number int, t Type) node {
	return node{typ: t, eval: func(f *frame) Value { return f.run.params[number-1] }}
}

// castNode casts; a constant is cast once.
func (b *binding) castNode(n node, t Type) node {
	if n.typ == t {
		return n
	}
	from := n.typ
	out := n
	out.typ, out.param, out.fields, out.constant = t, 0, nil, false
	out.eval = func(f *frame) Value { return b.cast(f.run.env, n.eval(f), from, t) }
	if n.constant && t.kind() != namedKind {
		return constantNode(b.cast(nil, n.eval(nil), from, t), t)
	}
	return out
}

func (b *binding) expr(x syntax.Expr, s *scope) node {
	switch x := x.(type) {
	case *syntax.Literal:
		return literal(x)
	case *syntax.Param:
		if t := b.params[x.Number-1]; t != 0 && t != Unknown {
			return b.readParameter(x.Number, t)
		}
		return node{typ: Unknown, param: x.Number, eval: func(f *frame) Value { return f.run.params[x.Number-1] }}
	case *syntax.Column:
		return b.column(x, s)
	case *syntax.Cast:
		return b.castTo(x, s)
	case *syntax.Unary:
		return b.unary(x, s)
	case *syntax.Binary:
		return b.binary(x, s)
	case *syntax.Is:
		return b.is(x, s)
	case *syntax.Between:
		return b.between(x, s)
	case *syntax.In:
		return b.in(x, s)
	case *syntax.Quantified:
		return b.quantified(x, s)
	case *syntax.Case:
		return b.caseOf(x, s)
	case *syntax.Call:
		return b.call(x, s)
	case *syntax.Exists:
		q := b.subquery(x.Query, s)
		return node{typ: Bool, eval: func(f *frame) Value { return len(q.rows(f)) > 0 }}
	case *syntax.Scalar:
		return b.scalar(x, s)
	case *syntax.ArrayQuery:
		return b.arrayQuery(x, s)
	case *syntax.ArrayList:
		return b.arrayList(x, s)
	case *syntax.Row:
		return b.row(x, s)
	case *syntax.Subscript:
		return b.subscript(x, s)
	case *syntax.Field:
		return b.field(x, s)
	}
	Fail(sqlerr.At(offset(x), sqlerr.SyntaxError, "this has no place here"))
	return node{}
}

func literal(x *syntax.Literal) node {
	switch x.Kind {
	case syntax.Text:
		return constantNode(x.Text, Unknown)
	case syntax.Boolean:
		return constantNode(x.Text == "true", Bool)
	case syntax.Integer:
		n, _ := strconv.ParseInt(x.Text, 10, 64)
		if n != int64(int32(n)) {
			return constantNode(n, Int8)
		}
		return constantNode(n, Int4)
	case syntax.Decimal:
		f, _ := strconv.ParseFloat(x.Text, 64)
		return constantNode(f, Numeric)
	}
	return constantNode(nil, Unknown)
}

func (b *binding) column(c *syntax.Column, s *scope) node {
	p, ok := s.column(c)
	if !ok {
		return b.wholeRow(c, s)
	}
	return columnNode(p)
}

func columnNode(p place) node {
	return node{typ: p.typ, fields: p.fields, eval: func(f *frame) Value {
		for range p.up {
			f = f.around
		}
		return f.rows[p.source][p.column]
	}}
}

// wholeRow is a name that is no column: a source by its name is its row, and f(x).y may be written x.f of a column.
func (b *binding) wholeRow(c *syntax.Column, s *scope) node {
	if len(c.Qualifiers) == 0 {
		if src, up := s.named(c.Name); src != nil {
			n := node{typ: AnyRecord, fields: src.shown(), eval: func(f *frame) Value {
				for range up {
					f = f.around
				}
				return Record(f.rows[src.at][:len(src.shown())])
			}}
			if src.whole {
				return columnNode(place{up: up, source: src.at, typ: src.columns[0].Type})
			}
			return n
		}
	} else if src, _ := s.named(c.Qualifiers[len(c.Qualifiers)-1]); src == nil {
		Fail(sqlerr.At(c.Offset(), sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", c.Qualifiers[len(c.Qualifiers)-1]))
	}
	Fail(sqlerr.At(c.Offset(), sqlerr.UndefinedColumn, "column %s does not exist", shown(c)))
	return node{}
}

// shown is a column as messages have it.
func shown(c *syntax.Column) string {
	if len(c.Qualifiers) == 0 {
		return strconv.Quote(c.Name)
	}
	return strings.Join(append(slices.Clone(c.Qualifiers), c.Name), ".")
}

func (b *binding) castTo(x *syntax.Cast, s *scope) node {
	to := resolveType(x.To)
	n := b.expr(x.X, s)
	if n.param > 0 {
		return b.parameter(n.param, to)
	}
	return b.castNode(n, to)
}

func (b *binding) unary(x *syntax.Unary, s *scope) node {
	n := b.expr(x.X, s)
	switch x.Op {
	case "NOT":
		n = b.condition(n, x.X)
		return node{typ: Bool, eval: func(f *frame) Value { return not(n.eval(f)) }}
	case "-", "+":
		if n = b.as(n, Float8); !n.typ.isNumber() {
			noOperator(x.Offset(), x.Op, n.typ)
		}
		if x.Op == "+" {
			return n
		}
		eval := func(f *frame) Value {
			switch v := n.eval(f).(type) {
			case int64:
				return -v
			case float64:
				return -v
			}
			return nil
		}
		if n.constant {
			return constantNode(eval(nil), n.typ)
		}
		return node{typ: n.typ, eval: eval}
	}
	if n.typ.kind() != intKind || x.Op != "~" {
		noOperator(x.Offset(), x.Op, n.typ)
	}
	return strict(n, n.typ, func(v Value) Value { return ^intOf(v) })
}

func strict(n node, t Type, f func(Value) Value) node {
	return node{typ: t, eval: func(fr *frame) Value {
		if v := n.eval(fr); v != nil {
			return f(v)
		}
		return nil
	}}
}

func not(v Value) Value {
	if v == nil {
		return nil
	}
	return !v.(bool)
}

// condition is a value where only a boolean has a meaning.
func (b *binding) condition(n node, x syntax.Expr) node { return b.conditionOf("AND/OR/NOT", n, x) }

func (b *binding) conditionOf(what string, n node, x syntax.Expr) node {
	if n = b.as(n, Bool); n.typ != Bool {
		Fail(sqlerr.At(offset(x), sqlerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", what, formalName(n.typ)))
	}
	return n
}

func (b *binding) is(x *syntax.Is, s *scope) node {
	n := b.expr(x.X, s)
	if x.What == "DISTINCT" {
		l, r := b.alike(n, b.expr(x.From, s), "=", x.Offset())
		return node{typ: Bool, eval: func(f *frame) Value {
			v, w := l.eval(f), r.eval(f)
			same := v == nil && w == nil || v != nil && w != nil && compare(v, w) == 0
			return same == x.Not
		}}
	}
	if x.What != "NULL" {
		n = b.condition(n, x.X)
	}
	wanted := map[string]Value{"NULL": nil, "UNKNOWN": nil, "TRUE": true, "FALSE": false}[x.What]
	return node{typ: Bool, eval: func(f *frame) Value {
		v := n.eval(f)
		if wanted == nil {
			return (v == nil) != x.Not
		}
		return (v == wanted) != x.Not
	}}
}

func (b *binding) between(x *syntax.Between, s *scope) node {
	at := x.At
	inside := func(low, high syntax.Expr) syntax.Expr {
		return &syntax.Binary{At: at, Op: "AND", L: &syntax.Binary{At: at, Op: ">=", L: x.X, R: low}, R: &syntax.Binary{At: at, Op: "<=", L: x.X, R: high}}
	}
	whole := inside(x.Low, x.High)
	if x.Symmetric {
		whole = &syntax.Binary{At: at, Op: "OR", L: whole, R: inside(x.High, x.Low)}
	}
	if x.Not {
		whole = &syntax.Unary{At: at, Op: "NOT", X: whole}
	}
	return b.expr(whole, s)
}

func (b *binding) caseOf(x *syntax.Case, s *scope) node {
	conditions, results := make([]node, len(x.Whens)), make([]node, len(x.Whens), len(x.Whens)+1)
	for i, w := range x.Whens {
		test := w.If
		if x.X != nil {
			test = &syntax.Binary{At: syntax.At(offset(w.If)), Op: "=", L: x.X, R: w.If}
		}
		conditions[i] = b.condition(b.expr(test, s), test)
		results[i] = b.expr(w.Then, s)
	}
	otherwise := constantNode(nil, Unknown)
	if x.Else != nil {
		otherwise = b.expr(x.Else, s)
	}
	results, t := b.common(append(results, otherwise), x.Offset())
	return node{typ: t, eval: func(f *frame) Value {
		for i, c := range conditions {
			if c.eval(f) == true {
				return results[i].eval(f)
			}
		}
		return results[len(conditions)].eval(f)
	}}
}

// common gives values that stand for one another one type: that of the first that has one, or the widest number.
func (b *binding) common(list []node, pos int) ([]node, Type) {
	t := Unknown
	for _, n := range list {
		t = wider(t, n.typ, pos)
	}
	if t == Unknown {
		t = Text
	}
	out := make([]node, len(list))
	for i, n := range list {
		out[i] = b.castNode(b.as(n, t), t)
	}
	return out, t
}

// widths order numbers.
var widths = map[Type]int{Int2: 1, Int4: 2, OID: 3, Int8: 4, Numeric: 5, Float4: 6, Float8: 7}

func wider(a, c Type, pos int) Type {
	switch {
	case a == c || c == Unknown:
		return a
	case a == Unknown:
		return c
	case a.isNumber() && c.isNumber():
		if widths[c] > widths[a] {
			return c
		}
		return a
	case a.kind() == textKind && c.kind() == textKind:
		return Text
	case a.kind() == namedKind && c.kind() == intKind, a.kind() == intKind && c.kind() == namedKind:
		return OID
	case a.kind() == c.kind() && a.kind() == arrayKind:
		return a
	}
	Fail(sqlerr.At(pos, sqlerr.DatatypeMismatch, "types %s and %s cannot be matched", formalName(a), formalName(c)))
	return 0
}
