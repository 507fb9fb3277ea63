package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// pruneSemiJoin: of the right input only what decides is read. What was found is given in any case.
func pruneSemiJoin(j *logical.SemiJoin, wanted plan.Columns) (logical.Node, plan.Places) {
	width := len(j.Left.Schema())
	reads := append(slices.Clone(wanted[:width]), make(plan.Columns, len(j.Right.Schema()))...)
	for _, p := range j.Equal {
		reads.Add(p.Left, width+p.Right)
	}
	if j.On != nil {
		reads.AddExpr(j.On)
	}
	left, l := prune(j.Left, reads[:width])
	right, r := prune(j.Right, reads[width:])
	out := *j
	out.Left, out.Right, out.Equal = left, right, slices.Clone(j.Equal)
	for i, p := range j.Equal {
		out.Equal[i] = logical.Pair{Left: l[p.Left], Right: r[p.Right]}
	}
	both := slices.Clone(l)
	for _, at := range r {
		if at >= 0 {
			at += len(left.Schema())
		}
		both = append(both, at)
	}
	if j.On != nil {
		out.On = both.Expr(j.On)
	}
	if j.Kind == plan.Mark {
		l = append(slices.Clone(l), len(left.Schema()))
	}
	return &out, l
}
