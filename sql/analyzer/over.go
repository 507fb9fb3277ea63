package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/function"
	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// Calls with OVER are computed behind WHERE, GROUP BY and HAVING and in front of the select list:
// a node for each partition and order.

// windowCalls lists the calls with OVER of some expressions, without those of queries in them.
func windowCalls(list ...ast.Expr) (out []*ast.FuncCall) {
	for _, e := range list {
		if e == nil {
			continue
		}
		ast.Walk(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case ast.Query:
				return false
			case *ast.FuncCall:
				if n.Over != nil {
					out = append(out, n)
					return false
				}
			}
			return true
		})
	}
	return out
}

// definitionOf lists the expressions of a window.
func definitionOf(o *ast.Over) []ast.Expr {
	out := slices.Clone(o.PartitionBy)
	for _, k := range o.OrderBy {
		out = append(out, k.X)
	}
	return out
}

// choiceOf lists the expressions by which a call takes and orders its rows.
func choiceOf(f *ast.FuncCall) (out []ast.Expr) {
	for _, k := range f.OrderBy {
		out = append(out, k.X)
	}
	if f.Filter != nil {
		out = append(out, f.Filter)
	}
	return out
}

// behindGroups lists what a SELECT computes of its groups, but for HAVING.
func behindGroups(q *ast.Select) (out []ast.Expr) {
	for _, item := range q.Items {
		out = append(out, item.X)
	}
	if q.Qualify != nil {
		out = append(out, q.Qualify)
	}
	if q.Window != nil {
		for _, w := range q.Window.Windows {
			out = append(out, definitionOf(w.Over)...)
		}
	}
	return out
}

// noWindowCalls refuses them where rows are not there yet.
func noWindowCalls(where string, list ...ast.Expr) error {
	if calls := windowCalls(list...); len(calls) > 0 {
		return sqlerr.At(calls[0].Pos, sqlerr.WindowingError, "window functions are not allowed in %s", where).
			WithHint("Compute it in a subquery and use its result outside.")
	}
	return nil
}

// overs collects the calls of one SELECT.
type overs struct {
	a      *analysis
	q      *ast.Select
	in     *scope
	r      *relation
	width  int // columns of the input
	extra  []plan.Expr
	stored []string // forms of these
	nodes  []*overNode
	calls  map[string]overCall
}

// overNode is the calls over one partition and order.
type overNode struct {
	order  logical.Order
	calls  []logical.Call
	stored []string // forms of these
}

// overCall is where the parts of a call are, and what makes its result of them.
type overCall struct {
	node  *overNode
	parts []int
	sig   function.Signature
}

// over puts the calls on the relation and gives the scope over its rows.
func (a *analysis) over(r *relation, q *ast.Select, s *scope) (*scope, error) {
	calls := windowCalls(behindGroups(q)...)
	if len(calls) == 0 {
		return s, nil
	}
	o := &overs{a: a, q: q, in: s, r: r, width: len(r.columns), calls: map[string]overCall{}}
	for _, f := range calls {
		if _, done := o.calls[f.String()]; done {
			continue
		}
		err := o.call(f)
		if err == nil && len(o.nodes) > maxWindows {
			err = sqlerr.At(f.Pos, sqlerr.TooComplex, "the query has more than %d different windows of OVER", maxWindows)
		}
		if err != nil {
			return nil, err
		}
	}
	return o.build(), nil
}

func (o *overs) call(f *ast.FuncCall) error {
	if inner := windowCalls(append(choiceOf(f), f.Args...)...); len(inner) > 0 {
		return sqlerr.At(inner[0].Pos, sqlerr.WindowingError, "window function calls cannot be nested")
	}
	w, err := o.window(f.Over)
	if err != nil {
		return err
	}
	order, running, err := o.order(w)
	if err != nil {
		return err
	}
	frame, err := o.frame(w, order, running)
	if err != nil {
		return err
	}
	parts, sig, err := o.parts(f, frame, running && len(order.Keys) == 0)
	if err != nil {
		return err
	}
	if order.Latest && o.r.traits.Updating() {
		return sqlerr.At(f.Over.Pos, sqlerr.FeatureNotSupported, "the order of arrival of rows that change is not known").WithHint("ORDER BY a column.")
	}
	node := o.node(order)
	c := overCall{node: node, sig: sig}
	for _, p := range parts {
		c.parts = append(c.parts, node.add(p))
	}
	o.calls[f.String()] = c
	return nil
}

// node is that of a partition and order.
func (o *overs) node(order logical.Order) *overNode {
	for _, n := range o.nodes {
		if slices.Equal(n.order.Partition, order.Partition) && slices.Equal(n.order.Keys, order.Keys) && n.order.Latest == order.Latest {
			return n
		}
	}
	n := &overNode{order: order}
	o.nodes = append(o.nodes, n)
	return n
}

// add gives the number of a call, one for equal ones.
func (n *overNode) add(c logical.Call) int {
	stored := c.Stored()
	if i := slices.Index(n.stored, stored); i >= 0 {
		return i
	}
	n.calls, n.stored = append(n.calls, c), append(n.stored, stored)
	return len(n.calls) - 1
}

// window is what OVER means, with what it builds upon.
func (o *overs) window(w *ast.Over) (*ast.Over, error) {
	if w.Name.Name == "" {
		return w, nil
	}
	base, err := o.named(w.Name)
	if err != nil || len(w.PartitionBy) == 0 && len(w.OrderBy) == 0 && w.Frame == nil {
		return base, err
	}
	switch {
	case len(w.PartitionBy) > 0:
		return nil, sqlerr.At(w.Pos, sqlerr.WindowingError, "cannot override PARTITION BY clause of window %q", w.Name.Name)
	case len(w.OrderBy) > 0 && len(base.OrderBy) > 0:
		return nil, sqlerr.At(w.Pos, sqlerr.WindowingError, "cannot override ORDER BY clause of window %q", w.Name.Name)
	case base.Frame != nil:
		return nil, sqlerr.At(w.Pos, sqlerr.WindowingError, "cannot copy window %q because it has a frame clause", w.Name.Name)
	}
	out := &ast.Over{Pos: w.Pos, PartitionBy: base.PartitionBy, OrderBy: base.OrderBy, Frame: w.Frame}
	if len(w.OrderBy) > 0 {
		out.OrderBy = w.OrderBy
	}
	return out, nil
}

// named finds a window of the WINDOW clause; each sees those before it.
func (o *overs) named(name ast.Ident) (*ast.Over, error) {
	if o.q.Window != nil {
		for i, n := range o.q.Window.Windows {
			if strings.EqualFold(n.Name.Name, name.Name) {
				before := *o.q
				before.Window = &ast.WindowClause{Windows: o.q.Window.Windows[:i]}
				return (&overs{a: o.a, q: &before}).window(n.Over)
			}
		}
	}
	return nil, sqlerr.At(name.Pos, sqlerr.UndefinedObject, "window %q does not exist", name.Name)
}

// order resolves PARTITION BY and ORDER BY; running tells that there is an order, be it that of
// arrival: by constants alone all rows are equal.
func (o *overs) order(w *ast.Over) (out logical.Order, running bool, err error) {
	for _, e := range w.PartitionBy {
		c, err := o.column(e)
		if err != nil {
			return out, false, err
		}
		if c >= 0 && !slices.Contains(out.Partition, c) {
			out.Partition = append(out.Partition, c)
		}
	}
	for _, item := range w.OrderBy {
		if byArrival(item.X) { // which is a whole order: what stands behind it changes nothing
			out.Latest = len(out.Keys) == 0 && item.Desc
			return out, true, nil
		}
		c, err := o.column(item.X)
		if err != nil {
			return out, false, err
		}
		if c < 0 && hasDistance(w.Frame) { // which is measured from it
			x, _ := o.a.expr(item.X, o.in)
			c = o.place(x).Index
		}
		if c >= 0 && c < o.width && isArrival(o.r.node, c) {
			out.Latest = len(out.Keys) == 0 && item.Desc
			return out, true, nil
		}
		if c >= 0 && !slices.ContainsFunc(out.Keys, func(k plan.SortKey) bool { return k.Column == c }) {
			out.Keys = append(out.Keys, plan.SortKey{Column: c, Desc: item.Desc, NullsFirst: item.AreFirst()})
		}
	}
	return out, len(out.Keys) > 0, nil
}

func byArrival(e ast.Expr) bool {
	f, ok := e.(*ast.FuncCall)
	return ok && f.Name == "proctime" && len(f.Args) == 0
}

// column is that of an expression, computed in front of the node if it is none; -1 of a constant,
// by which all rows are equal.
func (o *overs) column(e ast.Expr) (int, error) {
	if inner := windowCalls(e); len(inner) > 0 {
		return 0, sqlerr.At(inner[0].Pos, sqlerr.WindowingError, "window functions are not allowed in window definitions")
	}
	x, err := o.a.expr(e, o.in)
	if err != nil {
		return 0, err
	}
	if _, constant := x.(*plan.Const); constant {
		return -1, nil
	}
	return o.place(x).Index, nil
}

// place is the column of an expression.
func (o *overs) place(x plan.Expr) *plan.Column {
	if c, ok := x.(*plan.Column); ok && c.Index >= 0 { // below 0 it is a query's around this one
		return c
	}
	stored := plan.Stored(x)
	i := slices.Index(o.stored, stored)
	if i < 0 {
		i = len(o.extra)
		o.extra, o.stored = append(o.extra, x), append(o.stored, stored)
	}
	return &plan.Column{Index: o.width + i, Name: fmt.Sprintf("k%d", i), Typ: x.Type()}
}

// typeOf is the type of a column, computed or not.
func (o *overs) typeOf(column int) types.Type {
	if column >= o.width {
		return o.extra[column-o.width].Type()
	}
	return o.r.columns[column].typ
}

// build puts the nodes on the relation.
func (o *overs) build() *scope {
	r := o.r
	if len(o.extra) > 0 {
		out := r.schema()
		for i, x := range o.extra {
			out = append(out, types.Column{Name: fmt.Sprintf("k%d", i), Type: x.Type()})
		}
		r.project(append(r.all(), o.extra...), out)
	}
	first := map[*overNode]int{}
	for _, n := range o.nodes {
		first[n] = len(r.columns)
		o.a.parts++
		r.put(&logical.Over{Input: r.node, Order: n.order, Calls: n.calls})
		r.rename(r.node.Schema())
	}
	out := *o.in
	out.overs = map[string]plan.Expr{}
	for text, c := range o.calls {
		parts := make([]plan.Expr, len(c.parts))
		for i, at := range c.parts {
			parts[i] = r.at(first[c.node] + at)
		}
		out.overs[text] = o.a.finish(c.sig, parts)
	}
	return &out
}
