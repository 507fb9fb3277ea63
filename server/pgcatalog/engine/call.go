package engine

import (
	"strings"

	"slipway/server/pgcatalog/syntax"
	"slipway/sql/sqlerr"
)

// call binds a call: an aggregate, a window function, one that gives rows, or a plain one.
func (b *binding) call(x *syntax.Call, s *scope) node {
	plain := x.Schema == "" || x.Schema == "pg_catalog"
	switch {
	case plain && x.Over != nil:
		return b.windowCall(x, s)
	case plain && aggregates[x.Name] != nil:
		return b.aggregate(x, s)
	case plain && x.Name == "coalesce":
		return b.coalesce(x, s)
	case plain && (x.Name == "greatest" || x.Name == "least"):
		return b.extreme(x, s)
	case plain && x.Name == "nullif" && len(x.Args) == 2:
		l, r := b.alike(b.expr(x.Args[0], s), b.expr(x.Args[1], s), "=", x.Offset())
		return node{typ: l.typ, eval: func(f *frame) Value {
			v, w := l.eval(f), r.eval(f)
			if v != nil && w != nil && compare(v, w) == 0 {
				return nil
			}
			return v
		}}
	}
	args := make([]node, len(x.Args))
	for i, a := range x.Args {
		args[i] = b.expr(a, s)
	}
	fn := b.resolve(x, args)
	args = b.fitted(fn, args)
	if fn.Rows != nil {
		return b.givingNode(x, fn, args, s)
	}
	return plainCall(fn, args)
}

// resultOf is the type of a function's result.
func resultOf(fn *Function, args []node) Type {
	if fn.ResultOf != nil {
		return fn.ResultOf(typesOf(args))
	}
	return fn.Result
}

func typesOf(list []node) []Type {
	out := make([]Type, len(list))
	for i, n := range list {
		out[i] = n.typ
	}
	return out
}

func plainCall(fn *Function, args []node) node {
	return node{typ: resultOf(fn, args), eval: func(f *frame) Value {
		values := make([]Value, len(args))
		for i := range args {
			if values[i] = args[i].eval(f); values[i] == nil && !fn.Lenient {
				return nil
			}
		}
		return fn.Call(f.run.env, values)
	}}
}

// resolve finds the form of a function that fits the arguments best ("Function Type Resolution").
func (b *binding) resolve(x *syntax.Call, args []node) *Function {
	var best *Function
	least := 0
	for _, fn := range b.catalog.Functions(x.Schema, x.Name) {
		if cost, ok := fits(fn, args); ok && (best == nil || cost < least) {
			best, least = fn, cost
		}
	}
	if best == nil {
		names := make([]string, len(args))
		for i, a := range args {
			names[i] = formalName(a.typ)
		}
		name := x.Name
		if x.Schema != "" {
			name = x.Schema + "." + name
		}
		Fail(sqlerr.At(x.Offset(), sqlerr.UndefinedFunction, "function %s(%s) does not exist", name, strings.Join(names, ", ")).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts."))
	}
	return best
}

// parameterType is the type of argument i.
func (fn *Function) parameterType(i int) Type {
	if i >= len(fn.Args)-1 && fn.Variadic {
		return fn.Args[len(fn.Args)-1]
	}
	return fn.Args[i]
}

// fits tells whether a function takes arguments, and how far they have to be converted.
func fits(fn *Function, args []node) (cost int, ok bool) {
	if len(args) < len(fn.Args)-fn.Optional || len(args) > len(fn.Args) && !fn.Variadic {
		return 0, false
	}
	for i, a := range args {
		c, ok := conversion(a.typ, fn.parameterType(i))
		if !ok {
			return 0, false
		}
		cost += c
	}
	return cost, true
}

// conversion is the cost of an implicit conversion.
func conversion(from, to Type) (cost int, ok bool) {
	switch {
	case from == to:
		return 0, true
	case from == Unknown:
		if to == Text {
			return 1, true
		}
		return 2, true
	case to == AnyType:
		return 20, true
	case to == AnyArray:
		return 3, from.Element() != 0
	case from.isNumber() && to.isNumber():
		return 3 + widths[to], widths[to] >= widths[from]
	case from.kind() == namedKind && to == OID, from.kind() == intKind && to.kind() == namedKind:
		return 3, true
	case to.kind() == textKind && from.kind() == textKind:
		return 4, to == Text || to == Name || to == Varchar
	case from.Element() != 0 && to.Element() != 0:
		return 5, from.Element().kind() == to.Element().kind()
	}
	return 0, false
}

// fitted converts arguments to what a function takes.
func (b *binding) fitted(fn *Function, args []node) []node {
	for i := range args {
		switch t := fn.parameterType(i); t {
		case AnyType:
			args[i] = b.settled(args[i])
		case AnyArray:
			args[i] = b.as(args[i], Text.Array())
		default:
			args[i] = b.castNode(b.as(args[i], t), t)
		}
	}
	return args
}

func (b *binding) coalesce(x *syntax.Call, s *scope) node {
	args, t := b.common(b.exprs(x.Args, s), x.Offset())
	return node{typ: t, eval: func(f *frame) Value {
		for _, a := range args {
			if v := a.eval(f); v != nil {
				return v
			}
		}
		return nil
	}}
}

// extreme is GREATEST or LEAST, which pass over NULLs.
func (b *binding) extreme(x *syntax.Call, s *scope) node {
	args, t := b.common(b.exprs(x.Args, s), x.Offset())
	sign := map[string]int{"greatest": 1, "least": -1}[x.Name]
	return node{typ: t, eval: func(f *frame) (best Value) {
		for _, a := range args {
			if v := a.eval(f); v != nil && (best == nil || compare(v, best)*sign > 0) {
				best = v
			}
		}
		return best
	}}
}

func (b *binding) exprs(list []syntax.Expr, s *scope) []node {
	out := make([]node, len(list))
	for i, x := range list {
		out[i] = b.expr(x, s)
	}
	return out
}

// givingCall is a call in a select list that gives rows: the row of the SELECT comes once for each.
type givingCall struct {
	slot int
	rows func(*frame) [][]Value
}

func (b *binding) givingNode(x *syntax.Call, fn *Function, args []node, s *scope) node {
	if !s.rowsOK {
		Fail(sqlerr.At(x.Offset(), sqlerr.FeatureNotSupported, "set-returning functions are not allowed here"))
	}
	columns := columnsOf(fn, args)
	call := &givingCall{slot: s.slot(), rows: rowsOf(fn, args)}
	s.giving = append(s.giving, call)
	n := node{typ: columns[0].Type, eval: func(f *frame) Value { return f.slots[call.slot] }}
	if len(columns) > 1 {
		n.typ, n.fields = AnyRecord, columns
	}
	return n
}

func (s *scope) slot() int {
	s.slots++
	return s.slots - 1
}

func columnsOf(fn *Function, args []node) []Column {
	if fn.ColumnsOf != nil {
		return fn.ColumnsOf(typesOf(args))
	}
	return fn.Columns
}

// rowsOf gives the rows of a call.
func rowsOf(fn *Function, args []node) func(*frame) [][]Value {
	return func(f *frame) [][]Value {
		values := make([]Value, len(args))
		for i := range args {
			if values[i] = args[i].eval(f); values[i] == nil && !fn.Lenient {
				return nil
			}
		}
		return fn.Rows(f.run.env, values)
	}
}
