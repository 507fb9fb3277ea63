package analyzer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// pulled is a subquery without columns of the query around it.
type pulled struct {
	node logical.Node
	// cols are the subquery's columns. They are over the columns of node, and those that could
	// not be computed in it over columns of the query around too.
	cols []plan.Expr
	// conds must be true besides, over both.
	conds []plan.Expr
	// empty are the columns of the row that is there where node has none: of no rows COUNT is 0.
	// Nil where there is no such row. It is in the result if where is true, as every other one;
	// where is over cols' columns, emptyWhere over none.
	empty             []plan.Expr
	where, emptyWhere plan.Expr
	// meets: its node is a join of which more may be said.
	meets bool
}

// decorrelation pulls what refers to the query around out of a subquery.
type decorrelation struct {
	pos    int
	around logical.Node // of the query around
}

func (d decorrelation) refuse(what string) error {
	return sqlerr.At(d.pos, sqlerr.FeatureNotSupported, "a subquery that refers to the query around it %s is not supported", what).
		WithHint("Write it as a join: of the subquery without that condition, grouped by what it compares.")
}

// identity are the columns of a node as they are.
func identity(n logical.Node) []plan.Expr {
	s := n.Schema()
	out := make([]plan.Expr, len(s))
	for i, c := range s {
		out[i] = &plan.Column{Index: i, Name: c.Name, Typ: c.Type}
	}
	return out
}

// over is an expression over the columns that cols are; those of other queries stay.
func over(e plan.Expr, cols []plan.Expr) plan.Expr {
	return plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		if c.Index < 0 {
			return c
		}
		return cols[c.Index]
	})
}

func overAll(list, cols []plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		out[i] = over(e, cols)
	}
	return out
}

// node pulls everything out of a tree.
func (d decorrelation) node(n logical.Node) (*pulled, error) {
	if !correlated(n) && !ofAllRows(n) {
		return &pulled{node: n, cols: identity(n)}, nil
	}
	switch n := n.(type) {
	case *logical.Filter:
		return d.filter(n)
	case *logical.Project:
		return d.project(n)
	case *logical.Aggregate:
		return d.aggregate(n)
	case *logical.Join:
		return d.join(n)
	case *logical.SingleJoin, *logical.SemiJoin:
		return d.beside(n)
	case *logical.Window:
		return d.widening(n, n.Input)
	case *logical.Unnest, *logical.Series, *logical.Values:
		return d.rowsOf(n)
	case *logical.Sort:
		if n.Top == 0 {
			return d.node(n.Input)
		}
		return nil, d.refuse("below ORDER BY")
	case *logical.Limit:
		return d.limit(n)
	case *logical.Rank:
		return d.rank(n)
	case *logical.Over:
		return d.over(n)
	case *logical.SetOp:
		return d.setOp(n, len(n.Out), func(in []logical.Node, out types.Schema) logical.Node { return &logical.SetOp{In: in, Out: out} })
	case *logical.CountedSetOp:
		return d.setOp(n, len(n.Out), func(in []logical.Node, out types.Schema) logical.Node {
			return &logical.CountedSetOp{Identity: n.Identity, Kind: n.Kind, Left: in[0], Right: in[1], Out: out}
		})
	}
	return nil, d.refuse("in this way")
}

// ofAllRows tells a query that is one aggregate without GROUP BY, and what is computed of that.
func ofAllRows(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Aggregate:
		return len(n.Keys) == 0 && n.Window == nil
	case *logical.Project:
		return ofAllRows(n.Input)
	case *logical.Filter:
		return ofAllRows(n.Input)
	}
	return false
}

// filter leaves what the subquery decides alone.
func (d decorrelation) filter(n *logical.Filter) (*pulled, error) {
	in, err := d.node(n.Input)
	if err != nil {
		return nil, err
	}
	if in.empty != nil {
		in.where = conjunction(in.where, over(n.Pred, in.cols))
		in.emptyWhere = conjunction(in.emptyWhere, over(n.Pred, in.empty))
		return in, nil
	}
	var own plan.Expr
	for _, e := range logical.Conjuncts(n.Pred) {
		if e = over(e, in.cols); isOuter(e) {
			in.conds = append(in.conds, e)
		} else {
			own = conjunction(own, e)
		}
	}
	switch {
	case own != nil && in.meets:
		in.node = logical.Where(in.node, logical.Conjuncts(own))
	case own != nil:
		in.node = &logical.Filter{Input: in.node, Pred: own}
	}
	return in, nil
}

func (d decorrelation) project(n *logical.Project) (*pulled, error) {
	in, err := d.node(n.Input)
	if err != nil {
		return nil, err
	}
	if in.empty != nil {
		in.empty = overAll(n.Exprs, in.empty)
	}
	in.cols = overAll(n.Exprs, in.cols)
	return in, nil
}

// aggregate groups by what the query around compares with besides: where that compares for
// equality alone, a group is what one of its rows asks for.
func (d decorrelation) aggregate(n *logical.Aggregate) (*pulled, error) {
	in := &pulled{node: n.Input, cols: identity(n.Input)}
	if correlated(n.Input) {
		var err error
		if in, err = d.node(n.Input); err != nil {
			return nil, err
		}
	}
	if err := d.standing(in); err != nil {
		return nil, err
	}
	out := *n
	out.Keys, out.Aggs = overAll(n.Keys, in.cols), mapAggs(n.Aggs, func(e plan.Expr) plan.Expr { return over(e, in.cols) })
	if n.Window != nil {
		return nil, d.refuse("below a window")
	}
	if n.Empty != nil {
		return nil, d.refuse("below the empty grouping set")
	}
	if err := d.groupable(in, &out); err != nil {
		return nil, err
	}
	width, conds := len(n.Keys), []plan.Expr(nil)
	out.Out = slices.Clone(n.Out[:width])
	for _, e := range in.conds {
		inner, around, _ := equality(e)
		key := &plan.Column{Index: len(out.Keys), Name: "key", Typ: inner.Type()}
		out.Keys, out.Out = append(out.Keys, inner), append(out.Out, types.Column{Name: "key", Type: inner.Type()})
		conds = append(conds, &plan.Call{Func: e.(*plan.Call).Func, Args: []plan.Expr{key, around}, Typ: e.Type()})
	}
	out.Input, out.Out = in.node, append(out.Out, n.Out[width:]...)
	p := &pulled{node: &out, conds: conds}
	for i, c := range identity(&out) {
		if i < width || i >= len(out.Keys) {
			p.cols = append(p.cols, c)
		}
	}
	if width == 0 {
		for _, a := range n.Aggs {
			p.empty = append(p.empty, ofNoRows(a))
		}
	}
	return p, nil
}

// groupable sees to it that an aggregate is asked for its groups by equality alone.
func (d decorrelation) groupable(in *pulled, out *logical.Aggregate) error {
	reads := exprsOf(out)
	unequal := func(e plan.Expr) bool { _, _, ok := equality(e); return !ok }
	if !slices.ContainsFunc(reads, isOuter) && !slices.ContainsFunc(in.conds, unequal) {
		return nil
	}
	m, ok := domainOf(slices.Concat(in.conds, reads))
	if !ok {
		return d.refuse("further out than by one query")
	}
	if err := d.ground(in, m); err != nil {
		return err
	}
	behind := func(c int) int { return len(m.columns) + c }
	out.Keys = m.localAll(out.Keys, behind)
	out.Aggs = mapAggs(out.Aggs, func(e plan.Expr) plan.Expr { return m.local(e, behind) })
	return nil
}

// mapAggs are aggregates with other expressions in place of their own.
func mapAggs(list []logical.Agg, f func(plan.Expr) plan.Expr) []logical.Agg {
	out := make([]logical.Agg, len(list))
	for i, a := range list {
		out[i] = a.Map(f)
	}
	return out
}

// ofNoRows is what an aggregate gives of no rows.
func ofNoRows(a logical.Agg) plan.Expr {
	if a.Empty {
		return &plan.Call{Func: "array", Typ: a.Typ}
	}
	return &plan.Const{Typ: a.Typ, Null: a.Kind != plan.CountStar && a.Kind != plan.Count && a.Kind != "DISTINCT_SKETCH"}
}

// equality takes a comparison of something of the subquery with something of a query around apart.
func equality(e plan.Expr) (inner, around plan.Expr, ok bool) {
	c, ok := e.(*plan.Call)
	if !ok || c.Func != "=" && c.Func != "<=>" || len(c.Args) != 2 {
		return nil, nil, false
	}
	for i, x := range c.Args {
		y := c.Args[1-i]
		own, _, _ := columnsOf(y)
		if !isOuter(x) && isOuter(y) && !own && x.Type() == y.Type() {
			return x, y, true
		}
	}
	return nil, nil, false
}

// settled computes the columns of a subquery in its own node, in front of what conditions read.
func (d decorrelation) settled(p *pulled) (place map[int]int, err error) {
	if err := d.standing(p); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(p.cols, isOuter) {
		m, ok := domainOf(slices.Concat(p.cols, p.conds))
		if !ok {
			return nil, d.refuse("further out than by one query")
		}
		if err := d.ground(p, m); err != nil {
			return nil, err
		}
	}
	exprs := slices.Clone(p.cols)
	place = map[int]int{}
	for i, e := range p.conds {
		p.conds[i] = plan.MapColumns(e, func(c *plan.Column) plan.Expr {
			if c.Index < 0 {
				return c
			}
			at, ok := place[c.Index]
			if !ok {
				at = len(exprs)
				place[c.Index], exprs = at, append(exprs, c)
			}
			return &plan.Column{Index: at, Name: c.Name, Typ: c.Typ}
		})
	}
	p.node = projection(p.node, exprs)
	p.cols = identity(p.node)[:len(p.cols)]
	return place, nil
}

// projection computes expressions over a node.
func projection(n logical.Node, exprs []plan.Expr) logical.Node {
	var out types.Schema
	for _, e := range exprs {
		name := "value"
		switch e := e.(type) {
		case *plan.Column:
			name = e.Name
		case *plan.Const:
			name = "there"
		}
		out = append(out, types.Column{Name: name, Type: e.Type()})
	}
	return &logical.Project{Input: n, Exprs: exprs, Out: out}
}

// widening is a node that adds columns to those of its input.
func (d decorrelation) widening(n logical.Node, input logical.Node) (*pulled, error) {
	in, err := d.node(input)
	if err == nil {
		_, err = d.settled(in)
	}
	if err != nil {
		return nil, err
	}
	width, more := len(in.cols), len(in.node.Schema())-len(in.cols)
	out := n.WithInputs([]logical.Node{in.node})
	p := &pulled{node: out, conds: in.conds}
	for i, c := range identity(out) {
		if i < width || i >= width+more {
			p.cols = append(p.cols, c)
		}
	}
	return p, nil
}

// shifted is an expression whose columns from one on have moved.
func shifted(e plan.Expr, from, by int) plan.Expr {
	return plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		out := *c
		if c.Index >= from {
			out.Index += by
		}
		return &out
	})
}

// conjunction is true where both are; one may be nil.
func conjunction(a, b plan.Expr) plan.Expr {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	return &plan.Call{Func: "and", Args: []plan.Expr{a, b}, Typ: types.Of(types.Boolean)}
}
