package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// pruneJoin: what makes rows meet is read of both sides.
func pruneJoin(j *logical.Join, wanted plan.Columns) (logical.Node, plan.Places) {
	width := len(j.Left.Schema())
	reads := slices.Clone(wanted)
	for _, p := range j.Equal {
		reads.Add(p.Left, width+p.Right)
	}
	if j.On != nil {
		reads.AddExpr(j.On)
	}
	if w := j.Within; w != nil {
		reads.Add(w.Left, width+w.Right)
	}
	if j.AsOf >= 0 {
		reads.Add(j.AsOf, width+j.Version)
	}
	left, l := pruneSide(j.Left, reads[:width:width])
	right, r := pruneSide(j.Right, reads[width:])
	places := slices.Clone(l)
	for _, c := range r {
		if c >= 0 {
			c += len(left.Schema())
		}
		places = append(places, c)
	}
	return moveJoin(j, left, right, l, r, places), places
}

// pruneSide leaves of an input what a join reads, since it keeps it: also columns that only filters
// below have needed go.
func pruneSide(n logical.Node, wanted plan.Columns) (logical.Node, plan.Places) {
	if l, ok := n.(*logical.LateColumns); ok && l.Late != nil {
		return pruneLateSide(l, wanted)
	}
	in, places := prune(n, slices.Clone(wanted))
	schema := n.Schema()
	narrow := &logical.Project{Input: in}
	out := wanted.Places()
	for c, at := range places {
		if at >= 0 && wanted[c] {
			narrow.Exprs = append(narrow.Exprs, &plan.Column{Index: at, Name: schema[c].Name, Typ: schema[c].Type})
			narrow.Out = append(narrow.Out, schema[c])
		}
	}
	if len(narrow.Exprs) == 0 || len(narrow.Exprs) == len(in.Schema()) {
		return in, places
	}
	return narrow, out
}

// moveJoin is the join over inputs whose columns have moved.
func moveJoin(j *logical.Join, left, right logical.Node, l, r, both plan.Places) logical.Node {
	out := *j
	out.Left, out.Right, out.Equal, out.AsOf = left, right, slices.Clone(j.Equal), l.Of(j.AsOf)
	for i, p := range out.Equal {
		out.Equal[i] = logical.Pair{Left: l.Of(p.Left), Right: r.Of(p.Right)}
	}
	if j.AsOf >= 0 {
		out.Version = r.Of(j.Version)
	}
	if j.On != nil {
		out.On = both.Expr(j.On)
	}
	if w := j.Within; w != nil {
		moved := *w
		moved.Left, moved.Right = l.Of(w.Left), r.Of(w.Right)
		out.Within = &moved
	}
	return &out
}
