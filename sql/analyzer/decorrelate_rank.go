package analyzer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// limit is the first rows of those that are there for each row of the query around.
func (d decorrelation) limit(n *logical.Limit) (*pulled, error) {
	r := &logical.Rank{Input: n.Input, Offset: n.Offset, Limit: n.Offset + n.Count}
	if n.Count > mostRows-n.Offset {
		r.Limit = mostRows
	}
	if s, ok := n.Input.(*logical.Sort); ok {
		r.Input, r.Order.Keys = s.Input, s.Keys
	}
	return d.rank(r)
}

// mostRows is more than there ever are.
const mostRows = 1 << 62

// rank keeps rows for each row of the query around.
func (d decorrelation) rank(n *logical.Rank) (*pulled, error) {
	p, parts, err := d.parted(n.Input)
	if err != nil {
		return nil, err
	}
	out := *n
	out.Input, out.Order.Partition = p.node, slices.Concat(n.Order.Partition, parts)
	return behindOwn(p, &out), nil
}

// over computes functions of the rows that are there for each row of the query around.
func (d decorrelation) over(n *logical.Over) (*pulled, error) {
	p, parts, err := d.parted(n.Input)
	if err != nil {
		return nil, err
	}
	out := *n
	out.Input, out.Order.Partition = p.node, slices.Concat(n.Order.Partition, parts)
	return behindOwn(p, &out), nil
}

// behindOwn is a node that adds columns to those of its input, of which the first are the
// subquery's.
func behindOwn(p *pulled, n logical.Node) *pulled {
	width, all := len(p.cols), len(p.node.Schema())
	own := identity(n)
	return &pulled{node: n, cols: append(own[:width:width], own[all:]...), conds: p.conds}
}

// parted gives the columns by which rows are apart for each row of the query around: what it
// compares, if it compares columns for equality alone.
func (d decorrelation) parted(n logical.Node) (*pulled, []int, error) {
	p, err := d.node(n)
	if err == nil {
		_, err = d.settled(p)
	}
	if err != nil {
		return nil, nil, err
	}
	if parts, ok := partition(p.conds); ok {
		return p, parts, nil
	}
	m, err := d.grounded(p, nil)
	if err != nil {
		return nil, nil, err
	}
	return p, m.at, nil
}

// partition lists the columns that conditions compare for equality; false if one does more.
func partition(conds []plan.Expr) (out []int, ok bool) {
	for _, e := range conds {
		inner, _, equal := equality(e)
		c, plain := inner.(*plan.Column)
		if !equal || !plain {
			return nil, false
		}
		out = append(out, c.Index)
	}
	return out, true
}
