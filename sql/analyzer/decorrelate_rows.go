package analyzer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// rowsOf is a function in FROM whose arguments are of the query around: its rows are made of the values
// of that query that the arguments read, each once.
func (d decorrelation) rowsOf(n logical.Node) (*pulled, error) {
	input := n.Inputs()[0]
	if apart := functionAlone(n); apart != nil {
		p, err := d.join(&logical.Join{Pos: d.pos, Kind: logical.Inner, Left: input, Right: apart, AsOf: -1})
		if err == nil {
			p.meets = true
		}
		return p, err
	}
	in, err := d.node(input)
	if err != nil {
		return nil, err
	}
	reads := slices.DeleteFunc(exprsOf(n), func(e plan.Expr) bool { return !isOuter(e) })
	if len(reads) == 0 {
		return d.widened(in, n, func(e plan.Expr) plan.Expr { return e })
	}
	m, err := d.groundedRows(in, input, reads)
	if err != nil {
		return nil, err
	}
	return d.behind(in, n, func(e plan.Expr) plan.Expr { return m.local(e, func(c int) int { return c }) })
}

// functionAlone are the rows of a function that reads no column of the tables before it, beside which its rows
// stand: what they must meet by may be said behind them. Nil if it does, or stands alone.
func functionAlone(n logical.Node) logical.Node {
	input := n.Inputs()[0]
	_, alone := input.(*logical.OneRow)
	if u, ok := n.(*logical.Unnest); alone || ok && u.Outer {
		return nil
	}
	if s, ok := n.(*logical.Series); ok && s.Outer {
		return nil
	}
	if slices.ContainsFunc(exprsOf(n), func(e plan.Expr) bool { own, _, _ := columnsOf(e); return own }) {
		return nil
	}
	rows := n.WithInputs([]logical.Node{&logical.OneRow{}})
	return projection(rows, identity(rows)[1:])
}

// groundedRows is what the rows of a function are made of: beside nothing, the values alone.
func (d decorrelation) groundedRows(in *pulled, input logical.Node, reads []plan.Expr) (*domain, error) {
	if _, alone := input.(*logical.OneRow); !alone {
		return d.grounded(in, reads)
	}
	m, ok := domainOf(reads)
	if !ok {
		return nil, d.refuse("further out than by one query")
	}
	in.node, in.cols = d.values(m), []plan.Expr{&plan.Const{Typ: types.Of(types.Boolean), Bool: true}}
	in.conds = m.conds(d.around)
	place, err := d.settled(in)
	for i, at := range m.at {
		m.at[i] = place[at]
	}
	return m, err
}

// widened is the node over a subquery whose columns are computed first.
func (d decorrelation) widened(in *pulled, n logical.Node, local func(plan.Expr) plan.Expr) (*pulled, error) {
	if _, err := d.settled(in); err != nil {
		return nil, err
	}
	return d.behind(in, n, local)
}

// behind puts the node over what was pulled, whose columns are the first ones of its node; what the node adds
// stands behind all of these.
func (d decorrelation) behind(in *pulled, n logical.Node, local func(plan.Expr) plan.Expr) (*pulled, error) {
	width, more := len(in.cols), len(in.node.Schema())-len(in.cols)
	var out logical.Node
	switch n := n.(type) {
	case *logical.Unnest:
		x := *n
		x.Input, x.Arrays = in.node, mapExprs(n.Arrays, local)
		out = &x
	case *logical.Series:
		x := *n
		x.Input, x.From, x.To, x.Step = in.node, local(n.From), local(n.To), local(n.Step)
		if n.On != nil {
			x.On = shifted(local(n.On), width, more)
		}
		out = &x
	case *logical.Values:
		x := *n
		x.Input, x.Rows = in.node, make([][]plan.Expr, len(n.Rows))
		for i, row := range n.Rows {
			x.Rows[i] = mapExprs(row, local)
		}
		out = &x
	}
	p := &pulled{node: out, conds: in.conds}
	for i, c := range identity(out) {
		if i < width || i >= width+more {
			p.cols = append(p.cols, c)
		}
	}
	return p, nil
}

func mapExprs(list []plan.Expr, f func(plan.Expr) plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}
