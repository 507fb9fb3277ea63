package analyzer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// join pulls out of both sides of an inner join, and of the left one of a left join.
func (d decorrelation) join(n *logical.Join) (*pulled, error) {
	l, err := d.node(n.Left)
	if err != nil {
		return nil, err
	}
	r, err := d.node(n.Right)
	if err != nil {
		return nil, err
	}
	width := len(l.cols)
	if _, err = d.settled(l); err == nil {
		_, err = d.settled(r)
	}
	if err != nil {
		return nil, err
	}
	inner := n.Kind == logical.Inner
	reads := slices.Concat(exprsOf(n), r.conds)
	if !inner && n.Kind != logical.Left || n.AsOf >= 0 || n.Within != nil {
		return nil, d.refuse("from an outer join")
	}
	m := &domain{}
	if n.Kind == logical.Left && slices.ContainsFunc(reads, isOuter) {
		if m, err = d.grounded(l, reads); err != nil {
			return nil, err
		}
	}
	return d.joined(n, l, r, width, m), nil
}

// joined is a join over inputs whose first columns are what they were.
func (d decorrelation) joined(n *logical.Join, l, r *pulled, width int, m *domain) *pulled {
	out := *n
	out.Left, out.Right, out.On = l.node, r.node, nil
	all := len(l.node.Schema())
	p := &pulled{conds: slices.Clone(l.conds)}
	conds := []plan.Expr{}
	for _, e := range r.conds {
		conds = append(conds, shifted(e, 0, all))
	}
	for _, e := range logical.Conjuncts(n.On) {
		conds = append(conds, shifted(e, width, all-width))
	}
	var own []plan.Expr
	for _, e := range conds {
		switch {
		case !isOuter(e):
			own = append(own, e)
		case len(m.columns) > 0:
			own = append(own, m.local(e, func(c int) int { return c }))
		default:
			p.conds = append(p.conds, e)
		}
	}
	p.node = out.Matching(own)
	cols := identity(p.node)
	p.cols = append(cols[:width:width], cols[all:all+len(r.cols)]...)
	return p
}

// beside is a semi or single join: it gives the rows of its left input, perhaps with more columns.
func (d decorrelation) beside(n logical.Node) (*pulled, error) {
	l, err := d.node(n.Inputs()[0])
	if err != nil {
		return nil, err
	}
	r, err := d.node(n.Inputs()[1])
	if err != nil {
		return nil, err
	}
	width := len(l.cols)
	if _, err = d.settled(l); err == nil {
		_, err = d.settled(r)
	}
	if err != nil {
		return nil, err
	}
	m := &domain{}
	if reads := append(exprsOf(n), r.conds...); slices.ContainsFunc(reads, isOuter) {
		if m, err = d.grounded(l, reads); err != nil {
			return nil, err
		}
	}
	out, err := d.meeting(n, l, r, width, m)
	if err != nil {
		return nil, err
	}
	p, more := &pulled{node: out, conds: l.conds}, len(l.node.Schema())-width
	for i, c := range identity(out) {
		if i < width || i >= width+more && i < len(n.Schema())+more {
			p.cols = append(p.cols, c)
		}
	}
	return p, nil
}

// meeting is a semi or single join over inputs whose first columns are what they were; what the
// right one asks of the query around it asks of the left one's columns then.
func (d decorrelation) meeting(n logical.Node, l, r *pulled, width int, m *domain) (logical.Node, error) {
	all := len(l.node.Schema())
	var equal []logical.Pair
	var on plan.Expr
	for _, e := range r.conds {
		inner, theirs, ok := equality(e)
		c, plain := inner.(*plan.Column)
		if o, column := theirs.(*plan.Column); ok && plain && column && e.(*plan.Call).Func == "=" {
			equal = append(equal, logical.Pair{Left: m.local(o, nil).(*plan.Column).Index, Right: c.Index})
			continue
		}
		on = conjunction(on, m.local(e, func(c int) int { return all + c }))
	}
	out := n.WithInputs([]logical.Node{l.node, r.node})
	switch out := out.(type) {
	case *logical.SemiJoin:
		moved := func(c int) int {
			if c >= width {
				return c + all - width
			}
			return c
		}
		if out.On != nil {
			out.On = m.local(out.On, moved)
		}
		if out.Unknown && out.On == nil && len(r.conds) > 0 { // the one pair is no key any more
			p := out.Equal[0]
			out.On = equals(identity(l.node)[p.Left], shifted(identity(r.node)[p.Right], 0, all))
			out.Equal = nil
		}
		if out.On = semiOn(out, on); len(equal) > 0 {
			out.Equal = slices.Concat(out.Equal, equal)
		}
	case *logical.SingleJoin:
		if on != nil {
			return nil, d.refuse("by more than equality, as a value,")
		}
		out.Equal = slices.Concat(out.Equal, equal)
	}
	return out, nil
}

// semiOn is the condition of a semi join with another one that must be true.
func semiOn(j *logical.SemiJoin, must plan.Expr) plan.Expr {
	switch {
	case must == nil:
		return j.On
	case j.On == nil:
		return must
	case j.Unknown:
		return whereTrue(must, j.On)
	}
	return conjunction(j.On, must)
}
