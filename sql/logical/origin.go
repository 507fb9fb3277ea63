package logical

import (
	"slices"
	"strings"

	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// originPrefix begins the names of columns that say of which record a row is.
const originPrefix = "the record's "

// originColumn is one of plan.DivertedColumns as a column of a relation.
func originColumn(o int) types.Column {
	c := plan.DivertedColumns()[o]
	c.Name = originPrefix + c.Name
	return c
}

// OriginOf is which of plan.DivertedColumns a column of a stream for late rows is by its name, -1 if it is none: of
// rows that have no column of that name.
func OriginOf(c types.Column) int {
	at := plan.DivertedColumns().Index(c.Name)
	switch at {
	case plan.DivertedKeyText, plan.DivertedValueText, plan.DivertedReason:
		return -1
	case plan.DivertedKey, plan.DivertedValue:
		if c.Type.IsText() {
			at++
		}
	}
	return at
}

// origins are the places of the columns of a relation that say of which record its rows are.
func origins(s types.Schema) (out []int) {
	for i, c := range s {
		if strings.HasPrefix(c.Name, originPrefix) {
			out = append(out, i)
		}
	}
	return out
}

// WithOrigin adds to the rows of a tree, as the last columns, of which records they are, as far up as each row is of one
// record and none is kept: those of plan.DivertedColumns that the columns of a stream for late rows ask for. It is
// given each node when its inputs have been.
func WithOrigin(n Node, to types.Schema) Node {
	switch n := n.(type) {
	case *Scan:
		return n.withOrigin(to)
	case *Filter, *Shared:
		return n
	case *Aggregate:
		return n.withOrigin(to)
	case *SessionWindow:
		return withoutOrigin(besideLate(n, to, n.Late))
	case *ConditionSession:
		return withoutOrigin(besideLate(n, to, n.Late))
	case *Project:
		return n.withOrigin()
	case *Window:
		return originLast(n)
	case *SetOp:
		return n.withOrigin()
	}
	return withoutOrigin(DivertLate(n, to))
}

// besideLate lets a node that has columns of late rows say of which records these are, too: those stand in front
// of it, since it keeps what it is given.
func besideLate(n Node, to types.Schema, late []plan.Expr) Node {
	in := n.Inputs()[0]
	if late == nil || len(origins(in.Schema())) == 0 {
		return n
	}
	out := &LateColumns{Input: in, Given: besides(in.Schema(), origins(in.Schema())), Late: slices.Clone(late)}
	for i, col := range to {
		if x := originOf(in.Schema(), col); x != nil && noColumn(late[i]) {
			out.Late[i] = x
		}
	}
	return n.WithInputs([]Node{out})
}

// originOf is the column of the origin that a column of a stream for late rows is, nil if there is none, or one of
// another type.
func originOf(in types.Schema, col types.Column) plan.Expr {
	o := OriginOf(col)
	if o < 0 {
		return nil
	}
	at := slices.IndexFunc(in, func(c types.Column) bool { return c.Name == originColumn(o).Name })
	if at < 0 || !function.Assignable(in[at].Type, col.Type) {
		return nil
	}
	return LateColumn(at, in[at], col.Type)
}

func noColumn(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Null
}

// withOrigin fills columns of late rows that are NULL: the projection in front computes them. Of a session that keeps
// its rows they stand in front.
func (a *Aggregate) withOrigin(to types.Schema) Node {
	p, ok := a.Input.(*Project)
	if !ok || a.Late == nil {
		return withoutOrigin(a)
	}
	if a.Window != nil && a.Window.Kind == plan.Session && slices.ContainsFunc(a.Aggs, func(x Agg) bool { return x.Distinct || x.Values }) {
		return besideLate(a, to, MapLate(a.Late, func(e plan.Expr) plan.Expr {
			if c, ok := e.(*plan.Column); ok && noColumn(p.Exprs[c.Index]) {
				return p.Exprs[c.Index]
			}
			return e
		}))
	}
	out, wide := *a, &Project{Input: p.Input, Exprs: slices.Clone(p.Exprs), Out: slices.Clone(p.Out)}
	out.Input, out.Late = wide, slices.Clone(a.Late)
	for i, col := range to {
		x := originOf(p.Input.Schema(), col)
		c, ok := a.Late[i].(*plan.Column)
		if x == nil || !ok || !noColumn(p.Exprs[c.Index]) {
			continue
		}
		name := originColumn(OriginOf(col)).Name
		out.Late[i] = &plan.Column{Index: len(wide.Exprs), Name: name, Typ: x.Type()}
		wide.Exprs, wide.Out = append(wide.Exprs, x), append(wide.Out, types.Column{Name: name, Type: x.Type()})
	}
	return &out
}

func (s *Scan) withOrigin(to types.Schema) Node {
	if t := s.Traits(nil); !s.Records || s.Bounded || s.Changes || t.Updating() {
		return s
	}
	out := *s
	for _, c := range to {
		if o := OriginOf(c); o >= 0 && !slices.Contains(out.Origin, o) {
			out.Origin = append(slices.Clip(out.Origin), o)
		}
	}
	return &out
}

func (p *Project) withOrigin() Node {
	out := &Project{Input: p.Input, Exprs: slices.Clone(p.Exprs), Out: slices.Clone(p.Out)}
	in := p.Input.Schema()
	for _, at := range origins(in) {
		out.Exprs, out.Out = append(out.Exprs, &plan.Column{Index: at, Name: in[at].Name, Typ: in[at].Type}), append(out.Out, in[at])
	}
	return out
}

// originLast puts the columns of the origin behind those that a node adds.
func originLast(n Node) Node {
	in := n.Schema()
	own := origins(in)
	if len(own) == 0 {
		return n
	}
	return &LateColumns{Input: n, Given: append(besides(in, own), own...)}
}

// WithoutLate is a tree as it would be without LateColumns and what they ask the sources for, as far down as rows pass
// as they are; columns that go are the last ones.
func WithoutLate(n Node) Node {
	switch n := n.(type) {
	case *LateColumns:
		in := WithoutLate(n.Input)
		if own := origins(in.Schema()); len(own) > 0 { // what is shared has them
			return (&LateColumns{Input: in, Given: append(besides(in.Schema(), own), own...)}).project()
		}
		return in
	case *Scan:
		out := *n
		out.Origin = nil
		return &out
	case *Project:
		out, own := &Project{Input: WithoutLate(n.Input)}, origins(n.Out)
		for _, c := range besides(n.Out, own) {
			out.Exprs, out.Out = append(out.Exprs, n.Exprs[c]), append(out.Out, n.Out[c])
		}
		return out
	case *SetOp:
		out := MapInputs(n, WithoutLate).(*SetOp)
		return &SetOp{In: out.In, Out: pick(n.Out, besides(n.Out, origins(n.Out)))}
	case *Filter, *Window:
		return MapInputs(n, WithoutLate)
	}
	return n
}

// besides are the columns that are not among some.
func besides(s types.Schema, some []int) []int {
	return slices.DeleteFunc(numbers(0, len(s)), func(c int) bool { return slices.Contains(some, c) })
}

// withOrigin: all inputs have such columns, or none.
func (s *SetOp) withOrigin() Node {
	first := s.In[0].Schema()
	own := origins(first)
	for _, x := range s.In {
		if !slices.Equal(ColumnNames(pick(x.Schema(), origins(x.Schema()))), ColumnNames(pick(first, own))) {
			return withoutOrigin(s)
		}
	}
	out := &SetOp{In: s.In, Out: slices.Clone(s.Out)}
	out.Out = append(out.Out, pick(first, own)...)
	return out
}

func pick(s types.Schema, columns []int) (out types.Schema) {
	for _, c := range columns {
		out = append(out, s[c])
	}
	return out
}

// withoutOrigin gives a node over inputs that do not say of which records their rows are.
func withoutOrigin(n Node) Node {
	return MapInputs(n, func(in Node) Node {
		own := origins(in.Schema())
		if len(own) == 0 {
			return in
		}
		return &LateColumns{Input: in, Given: besides(in.Schema(), own)}
	})
}
