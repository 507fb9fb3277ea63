package optimizer

import (
	"cmp"
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// lateColumns leads what late rows are written elsewhere with to the nodes that leave such rows out. It runs when
// filters are where they stay, and before columns are dropped.
func lateColumns(n logical.Node) logical.Node {
	to := logical.LateOf(n)
	if to == nil {
		return n
	}
	if !slices.ContainsFunc(to, func(c types.Column) bool { return logical.OriginOf(c) >= 0 }) {
		return bottomUp(func(n logical.Node) logical.Node { return logical.DivertLate(n, to) })(n)
	}
	return bottomUp(func(n logical.Node) logical.Node { return logical.WithOrigin(n, to) })(n)
}

// pruneLate gives what would be there without late rows, in that order: what is kept of rows does not hang on where
// their late ones go.
func pruneLate(l *logical.LateColumns, wanted plan.Columns) (logical.Node, plan.Places) {
	without := logical.WithoutLate(l)
	reads := make(plan.Columns, len(without.Schema()))
	copy(reads, wanted)
	_, places := prune(without, reads)
	return moveLate(l, wanted, func(given int) int {
		switch {
		case given < len(places):
			return places[given]
		case wanted[given]: // behind what is there without late rows
			return len(wanted) + given
		}
		return -1
	})
}

// pruneLateSide gives what a join reads, which it keeps, and nothing else.
func pruneLateSide(l *logical.LateColumns, wanted plan.Columns) (logical.Node, plan.Places) {
	return moveLate(l, wanted, func(given int) int {
		if !wanted[given] {
			return -1
		}
		return given
	})
}

// readsGiven are the columns of the input that those which are wanted are.
func readsGiven(l *logical.LateColumns, wanted plan.Columns) plan.Columns {
	reads := make(plan.Columns, len(l.Input.Schema()))
	for i, c := range l.Given {
		reads[c] = reads[c] || wanted[i]
	}
	return reads
}

// moveLate prunes the input for what is wanted and for late rows. Order has for a column that was given where it
// stands among those that are, -1 if it is none of them.
func moveLate(l *logical.LateColumns, wanted plan.Columns, order func(given int) int) (logical.Node, plan.Places) {
	reads := readsGiven(l, wanted)
	logical.MapLate(l.Late, func(e plan.Expr) plan.Expr { reads.AddExpr(e); return e })
	var stay []int
	for i := range l.Given {
		if order(i) >= 0 {
			stay = append(stay, i)
		}
	}
	slices.SortStableFunc(stay, func(a, b int) int { return cmp.Compare(order(a), order(b)) })
	in, places := prune(l.Input, reads)
	out, at := &logical.LateColumns{Input: in, Late: logical.MapLate(l.Late, places.Expr)}, make(plan.Places, len(l.Given))
	for i := range at {
		at[i] = slices.Index(stay, i)
	}
	for _, i := range stay {
		out.Given = append(out.Given, places.Of(l.Given[i]))
	}
	if out.Late == nil && slices.Equal(out.Given, plan.SamePlaces(len(in.Schema()))) {
		return in, at
	}
	return out, at
}
