package engine

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

func noOperator(pos int, op string, types ...Type) {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = formalName(t)
	}
	text := op + " " + names[0]
	if len(names) > 1 {
		text = names[0] + " " + op + " " + names[1]
	}
	Fail(sqlerr.At(pos, sqlerr.UndefinedFunction, "operator does not exist: %s", text).
		WithHint("No operator matches the given name and argument types. You might need to add explicit type casts."))
}

func (b *binding) binary(x *syntax.Binary, s *scope) node {
	l, r := b.expr(x.L, s), b.expr(x.R, s)
	switch x.Op {
	case "AND", "OR":
		return logical(x.Op == "AND", b.condition(l, x.L), b.condition(r, x.R))
	}
	return b.operate(x.Op, l, r, x.Offset())
}

// logical is AND, or OR, with three values.
func logical(and bool, l, r node) node {
	return node{typ: Bool, constant: l.constant && r.constant, eval: func(f *frame) Value {
		v := l.eval(f)
		if v == !and {
			return v
		}
		w := r.eval(f)
		switch {
		case w == !and:
			return w
		case v == nil || w == nil:
			return nil
		}
		return and
	}}
}

// comparisons tell what a comparison makes of the order of two values.
var comparisons = map[string]func(int) bool{
	"=": func(n int) bool { return n == 0 }, "<>": func(n int) bool { return n != 0 }, "<": func(n int) bool { return n < 0 },
	">": func(n int) bool { return n > 0 }, "<=": func(n int) bool { return n <= 0 }, ">=": func(n int) bool { return n >= 0 },
}

// operate applies an operator of two values that are there.
func (b *binding) operate(op string, l, r node, pos int) node {
	if holds := comparisons[op]; holds != nil {
		l, r = b.alike(l, r, op, pos)
		return both(l, r, Bool, func(v, w Value) Value { return holds(compare(v, w)) })
	}
	switch op {
	case "~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*":
		return b.match(op, l, r, pos)
	case "||":
		return b.concatenate(l, r, pos)
	case "@>", "<@", "&&":
		return b.arrays(op, l, r, pos)
	case "->", "->>":
		Fail(sqlerr.At(pos, sqlerr.FeatureNotSupported, "the operator %s is not supported in queries of the catalog", op))
	}
	return b.arithmetic(op, l, r, pos)
}

// both is an operator that gives NULL for NULLs.
func both(l, r node, t Type, f func(v, w Value) Value) node {
	return node{typ: t, constant: l.constant && r.constant, eval: func(fr *frame) Value {
		v := l.eval(fr)
		if v == nil {
			return nil
		}
		w := r.eval(fr)
		if w == nil {
			return nil
		}
		return f(v, w)
	}}
}

// alike makes two values comparable: one without a type becomes what the other is.
func (b *binding) alike(l, r node, op string, pos int) (node, node) {
	switch {
	case l.typ == Unknown && r.typ == Unknown:
		return b.settled(l), b.settled(r)
	case l.typ == Unknown:
		l = b.as(l, r.typ)
	case r.typ == Unknown:
		r = b.as(r, l.typ)
	}
	if a, c := comparable(l.typ), comparable(r.typ); a != c {
		noOperator(pos, op, l.typ, r.typ)
	}
	return l, r
}

// comparable is the kind of what a type may be compared with.
func comparable(t Type) kind {
	switch k := t.kind(); k {
	case floatKind, namedKind:
		return intKind
	default:
		return k
	}
}

// match is LIKE and regular expressions. Those are of RE2, whose syntax agrees with PostgreSQL's in what clients send.
func (b *binding) match(op string, l, r node, pos int) node {
	l, r = b.settled(l), b.settled(r)
	if l.typ.kind() != textKind || r.typ.kind() != textKind {
		noOperator(pos, op, l.typ, r.typ)
	}
	negated, folded, like := op[0] == '!', strings.HasSuffix(op, "*"), strings.Contains(op, "~~")
	compile := func(pattern string) *regexp.Regexp {
		if like {
			pattern = likePattern(pattern)
		}
		if folded {
			pattern = "(?i)" + pattern
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			Fail(sqlerr.New("2201B", "invalid regular expression: %v", err))
		}
		return re
	}
	if pattern, ok := constantText(r); ok {
		re := compile(pattern)
		return strict(l, Bool, func(v Value) Value { return re.MatchString(textOf(v, l.typ)) != negated })
	}
	return both(l, r, Bool, func(v, w Value) Value { return compile(textOf(w, r.typ)).MatchString(textOf(v, l.typ)) != negated })
}

func constantText(n node) (string, bool) {
	if !n.constant {
		return "", false
	}
	s, ok := n.eval(nil).(string)
	return s, ok
}

// likePattern is a LIKE pattern as a regular expression.
func likePattern(p string) string {
	var out strings.Builder
	out.WriteString("(?s)^")
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '%':
			out.WriteString(".*")
		case c == '_':
			out.WriteByte('.')
		case c == '\\' && i+1 < len(p):
			i++
			out.WriteString(regexp.QuoteMeta(p[i : i+1]))
		default:
			out.WriteString(quotedByte(c))
		}
	}
	return out.String() + "$"
}

func quotedByte(c byte) string {
	if c < 0x80 {
		return regexp.QuoteMeta(string(rune(c)))
	}
	return string([]byte{c})
}

func (b *binding) concatenate(l, r node, pos int) node {
	le, re := l.typ.Element(), r.typ.Element()
	switch {
	case le != 0 && (re != 0 || r.typ == Unknown):
		r = b.as(r, l.typ)
		return node{typ: l.typ, eval: func(f *frame) Value { return appended(l.eval(f), r.eval(f)) }}
	case re != 0 && l.typ == Unknown:
		l = b.as(l, r.typ)
		return node{typ: r.typ, eval: func(f *frame) Value { return appended(l.eval(f), r.eval(f)) }}
	case le != 0:
		return node{typ: l.typ, eval: func(f *frame) Value { return appended(l.eval(f), Array{r.eval(f)}) }}
	case re != 0:
		return node{typ: r.typ, eval: func(f *frame) Value { return appended(Array{l.eval(f)}, r.eval(f)) }}
	}
	l, r = b.settled(l), b.settled(r)
	if l.typ.kind() != textKind && r.typ.kind() != textKind {
		noOperator(pos, "||", l.typ, r.typ)
	}
	return both(l, r, Text, func(v, w Value) Value { return textOf(v, l.typ) + textOf(w, r.typ) })
}

// appended is two lists in one; NULL is an empty one.
func appended(v, w Value) Value {
	a, left := v.(Array)
	c, right := w.(Array)
	switch {
	case !left && !right:
		return nil
	case !left:
		return c
	case !right:
		return a
	}
	return slices.Concat(a, c)
}

func (b *binding) arrays(op string, l, r node, pos int) node {
	if op == "<@" {
		l, r = r, l
	}
	if l, r = b.as(l, r.typ), b.as(r, l.typ); l.typ.Element() == 0 || r.typ.Element() == 0 {
		noOperator(pos, op, l.typ, r.typ)
	}
	return both(l, r, Bool, func(v, w Value) Value {
		a := v.(Array)
		found := func(x Value) bool {
			return x != nil && slices.ContainsFunc(a, func(y Value) bool { return y != nil && compare(x, y) == 0 })
		}
		if op == "&&" {
			return slices.ContainsFunc(w.(Array), found)
		}
		return !slices.ContainsFunc(w.(Array), func(x Value) bool { return !found(x) })
	})
}

// arithmetic is + - * / % ^ of numbers and & | # << >> of whole ones.
func (b *binding) arithmetic(op string, l, r node, pos int) node {
	if l.typ == Unknown && r.typ == Unknown {
		l = b.as(l, Float8)
	}
	l, r = b.as(l, r.typ), b.as(r, l.typ)
	if !l.typ.isNumber() || !r.typ.isNumber() {
		noOperator(pos, op, l.typ, r.typ)
	}
	t := wider(l.typ, r.typ, pos)
	whole, known := wholeOperators[op]
	if t.kind() == intKind && known {
		return both(l, r, t, func(v, w Value) Value { return inRange(whole(intOf(v), intOf(w)), t) })
	}
	broken := floatOperators[op]
	if broken == nil {
		noOperator(pos, op, l.typ, r.typ)
	}
	if t.kind() == intKind {
		t = Float8
	}
	return both(l, r, t, func(v, w Value) Value { return broken(numberOf(v), numberOf(w)) })
}

func inRange(n int64, t Type) Value {
	if limit := bounds[t]; n < limit[0] || n > limit[1] {
		Fail(sqlerr.New(sqlerr.OutOfRange, "%s out of range", formalName(t)))
	}
	return n
}

var errZero = sqlerr.New(sqlerr.DivisionByZero, "division by zero")

func divisor[T int64 | float64](n T) T {
	if n == 0 {
		Fail(errZero)
	}
	return n
}

var wholeOperators = map[string]func(a, c int64) int64{
	"+": func(a, c int64) int64 { return a + c }, "-": func(a, c int64) int64 { return a - c }, "*": func(a, c int64) int64 { return a * c },
	"/": func(a, c int64) int64 { return a / divisor(c) }, "%": func(a, c int64) int64 { return a % divisor(c) },
	"&": func(a, c int64) int64 { return a & c }, "|": func(a, c int64) int64 { return a | c }, "#": func(a, c int64) int64 { return a ^ c },
	"<<": func(a, c int64) int64 { return a << uint(c&63) }, ">>": func(a, c int64) int64 { return a >> uint(c&63) },
}

var floatOperators = map[string]func(a, c float64) float64{
	"+": func(a, c float64) float64 { return a + c }, "-": func(a, c float64) float64 { return a - c }, "*": func(a, c float64) float64 { return a * c },
	"/": func(a, c float64) float64 { return a / divisor(c) }, "%": func(a, c float64) float64 { return math.Mod(a, divisor(c)) }, "^": math.Pow,
}

// in is x IN (…).
func (b *binding) in(x *syntax.In, s *scope) node {
	if x.Query != nil {
		n := b.quantified(&syntax.Quantified{At: x.At, Op: "=", X: x.X, Query: x.Query}, s)
		if x.Not {
			return node{typ: Bool, eval: func(f *frame) Value { return not(n.eval(f)) }}
		}
		return n
	}
	left := b.expr(x.X, s)
	tests := make([]node, len(x.List))
	for i, item := range x.List {
		tests[i] = b.operate("=", left, b.expr(item, s), offset(item))
	}
	return node{typ: Bool, eval: func(f *frame) Value {
		found := Value(false)
		for _, t := range tests {
			if found = either(found, t.eval(f)); found == true {
				break
			}
		}
		if x.Not {
			return not(found)
		}
		return found
	}}
}

// either is OR.
func either(v, w Value) Value {
	switch {
	case v == true || w == true:
		return true
	case v == nil || w == nil:
		return nil
	}
	return false
}

// quantified is x op ANY|ALL (array or query).
func (b *binding) quantified(x *syntax.Quantified, s *scope) node {
	left := b.expr(x.X, s)
	var list func(*frame) (Array, bool)
	var element Type
	if x.Query != nil {
		q := b.subquery(x.Query, s)
		if left.typ != AnyRecord && len(q.columns) != 1 {
			Fail(sqlerr.At(x.Offset(), sqlerr.SyntaxError, "subquery has too many columns"))
		}
		element = q.columns[0].Type
		list = func(f *frame) (Array, bool) { return firsts(q.rows(f), left.typ == AnyRecord), true }
		if left.typ == AnyRecord {
			element = AnyRecord
		}
	} else {
		array := b.expr(x.Array, s)
		if array.typ == Unknown {
			array = b.as(array, b.settled(left).typ.Array())
		}
		if element = array.typ.Element(); element == 0 {
			Fail(sqlerr.At(x.Offset(), sqlerr.WrongObjectType, "op ANY/ALL (array) requires array on right side"))
		}
		list = func(f *frame) (Array, bool) { a, ok := array.eval(f).(Array); return a, ok }
	}
	left = b.as(left, element)
	var item Value
	test := b.operate(x.Op, left, node{typ: element, eval: func(*frame) Value { return item }}, x.Offset())
	return node{typ: Bool, eval: func(f *frame) Value {
		items, ok := list(f)
		if !ok {
			return nil
		}
		return quantify(x.All, items, func(v Value) Value { item = v; return test.eval(f) })
	}}
}

func firsts(rows [][]Value, whole bool) Array {
	out := make(Array, len(rows))
	for i, r := range rows {
		if out[i] = r[0]; whole {
			out[i] = Record(r)
		}
	}
	return out
}

// quantify is true for ANY if one test is, for ALL if all are; NULL if one is NULL and none decides.
func quantify(every bool, items Array, test func(Value) Value) Value {
	null := false
	for _, v := range items {
		switch test(v) {
		case !every:
			return !every
		case nil:
			null = true
		}
	}
	if null {
		return nil
	}
	return every
}
