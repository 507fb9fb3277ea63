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
	left, l := prune(j.Left, some(reads[:width]))
	right, r := prune(j.Right, some(reads[width:]))
	out := *j
	out.Left, out.Right, out.Equal = left, right, slices.Clone(j.Equal)
	for i, p := range j.Equal {
		out.Equal[i] = logical.Pair{Left: l[p.Left], Right: r[p.Right]}
	}
	if j.On != nil {
		out.On = beside(l, r, len(left.Schema())).Expr(j.On)
	}
	if j.Kind == plan.Mark {
		l = append(slices.Clone(l), len(left.Schema()))
	}
	return &out, l
}

// pruneSingleJoin: what is read of either input goes on. Rows of the right one that differ in
// what nobody reads are several all the same, so nothing is left out that tells them apart but
// by the subquery's own select list.
func pruneSingleJoin(j *logical.SingleJoin, wanted plan.Columns) (logical.Node, plan.Places) {
	width := len(j.Left.Schema())
	reads := slices.Clone(wanted)
	for _, p := range j.Equal {
		reads.Add(p.Left, width+p.Right)
	}
	left, l := prune(j.Left, some(reads[:width]))
	right, r := prune(j.Right, some(reads[width:]))
	out := *j
	out.Left, out.Right, out.Equal = left, right, slices.Clone(j.Equal)
	for i, p := range j.Equal {
		out.Equal[i] = logical.Pair{Left: l[p.Left], Right: r[p.Right]}
	}
	return &out, beside(l, r, len(left.Schema()))
}

// some is a set of columns that has one at least: rows need one.
func some(wanted plan.Columns) plan.Columns {
	if len(wanted) > 0 && !slices.Contains(wanted, true) {
		wanted[0] = true
	}
	return wanted
}

// beside are the places of the columns of two inputs, of which the left one has so many.
func beside(l, r plan.Places, width int) plan.Places {
	both := slices.Clone(l)
	for _, at := range r {
		if at >= 0 {
			at += width
		}
		both = append(both, at)
	}
	return both
}
