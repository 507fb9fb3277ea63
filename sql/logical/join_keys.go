package logical

import (
	"fmt"
	"slices"

	"slipway/sql/function"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Conjuncts takes a condition apart at its ANDs.
func Conjuncts(e plan.Expr) []plan.Expr {
	if e == nil {
		return nil
	}
	if c, ok := e.(*plan.Call); ok && c.Func == "and" && len(c.Args) == 2 {
		return append(Conjuncts(c.Args[0]), Conjuncts(c.Args[1])...)
	}
	return []plan.Expr{e}
}

// Conjunction joins conditions by AND; nil for none.
func Conjunction(list []plan.Expr) (out plan.Expr) {
	for _, e := range list {
		if out == nil {
			out = e
			continue
		}
		out = &plan.Call{Func: "and", Args: []plan.Expr{out, e}, Typ: types.Of(types.Boolean)}
	}
	return out
}

// Matching is the join with further conditions on its pairs: an equality of the two sides becomes a
// pair of Equal, what it computes a column of its side; the others become part of On. The columns
// stay as they were.
func (j *Join) Matching(conds []plan.Expr) Node {
	k := &joinKeys{join: j, width: len(j.Left.Schema())}
	var rest []plan.Expr
	for _, c := range conds {
		if !k.take(c) || j.nearTimes(c) {
			rest = append(rest, c)
		}
	}
	return k.build(rest)
}

// joinKeys collects what equalities add to a join.
type joinKeys struct {
	join  *Join
	width int // columns of the left input
	// left and right are what is computed of each input, behind its columns; right over the
	// columns of the right input.
	left, right []plan.Expr
	equal       []Pair
}

// take takes a condition if it is an equality of the two sides. One for which NULLs are equal becomes
// two of values that are never NULL.
func (k *joinKeys) take(e plan.Expr) bool {
	c, ok := e.(*plan.Call)
	if !ok || c.Func != "=" && c.Func != "<=>" || len(c.Args) != 2 || volatile(e) {
		return false
	}
	a, b := c.Args[0], c.Args[1]
	if k.side(a) == rightSide {
		a, b = b, a
	}
	t, ok := function.Common(a.Type(), b.Type())
	if !ok || k.side(a) != leftSide || k.side(b) != rightSide {
		return false
	}
	b = plan.MapColumns(b, func(c *plan.Column) plan.Expr { return shiftedColumn(c, -k.width) })
	a, b = cast(a, t), cast(b, t)
	if c.Func == "=" {
		k.pair(a, b)
		return true
	}
	if t.Kind == types.Null || t.Physical() > types.PhysicalBytes { // nothing stands for NULL
		return false
	}
	k.pair(present(a), present(b))
	k.pair(missing(a), missing(b))
	return true
}

func cast(e plan.Expr, t types.Type) plan.Expr {
	if e.Type() == t {
		return e
	}
	return &plan.Cast{Arg: e, Typ: t}
}

// present is a value, or the least one for NULL.
func present(e plan.Expr) plan.Expr {
	return &plan.Call{Func: "coalesce", Args: []plan.Expr{e, &plan.Const{Typ: e.Type()}}, Typ: e.Type()}
}

func missing(e plan.Expr) plan.Expr {
	return &plan.Call{Func: "is_null", Args: []plan.Expr{e}, Typ: types.Of(types.Boolean)}
}

// pair adds an equality of an expression over the left input and one over the right one.
func (k *joinKeys) pair(a, b plan.Expr) {
	p := Pair{Left: key(&k.left, k.width, a), Right: key(&k.right, len(k.join.Right.Schema()), b)}
	if !slices.Contains(k.join.Equal, p) && !slices.Contains(k.equal, p) {
		k.equal = append(k.equal, p)
	}
}

// key gives the column of an input that holds an expression.
func key(computed *[]plan.Expr, width int, e plan.Expr) int {
	if c, ok := e.(*plan.Column); ok {
		return c.Index
	}
	same := func(x plan.Expr) bool { return plan.Stored(x) == plan.Stored(e) }
	if i := slices.IndexFunc(*computed, same); i >= 0 {
		return width + i
	}
	*computed = append(*computed, e)
	return width + len(*computed) - 1
}

type joinSide uint8

const (
	noSide    joinSide = 0 // no column is read
	leftSide  joinSide = 1
	rightSide joinSide = 2
	bothSides joinSide = 3
)

func (k *joinKeys) side(e plan.Expr) joinSide { return sideOf(e, k.width) }

// sideOf says of which input of a join the columns of an expression are. That of a query around, which
// has a negative number while a subquery is analyzed, is of none that could be asked alone.
func sideOf(e plan.Expr, width int) (s joinSide) {
	plan.EachColumn(e, func(c *plan.Column) {
		switch {
		case c.Index < 0:
			s |= bothSides
		case c.Index < width:
			s |= leftSide
		default:
			s |= rightSide
		}
	})
	return s
}

func shiftedColumn(c *plan.Column, by int) *plan.Column {
	out := *c
	out.Index += by
	return &out
}

// build gives the join with the conditions that are no equalities.
func (k *joinKeys) build(rest []plan.Expr) Node {
	out := *k.join
	out.Equal = slices.Concat(out.Equal, k.equal)
	out.Within, rest = out.within(append(Conjuncts(out.On), rest...))
	out.On = Conjunction(rest)
	if len(k.left)+len(k.right) == 0 {
		return &out
	}
	schema := out.Schema()
	out.Left, out.Right = withColumns(out.Left, k.left), withColumns(out.Right, k.right)
	move := func(c *plan.Column) plan.Expr {
		if c.Index < k.width {
			return c
		}
		return shiftedColumn(c, len(k.left))
	}
	if out.On != nil {
		out.On = plan.MapColumns(out.On, move)
	}
	p := &Project{Input: &out, Out: schema}
	for i, c := range schema {
		p.Exprs = append(p.Exprs, move(&plan.Column{Index: i, Name: c.Name, Typ: c.Type}))
	}
	return p
}

// withColumns adds computed columns behind those of a node.
func withColumns(n Node, computed []plan.Expr) Node {
	if len(computed) == 0 {
		return n
	}
	p := &Project{Input: n, Out: slices.Clone(n.Schema())}
	for i, c := range p.Out {
		p.Exprs = append(p.Exprs, &plan.Column{Index: i, Name: c.Name, Typ: c.Type})
	}
	for i, e := range computed {
		p.Exprs = append(p.Exprs, e)
		p.Out = append(p.Out, types.Column{Name: fmt.Sprintf("k%d", i), Type: e.Type()})
	}
	return p
}
