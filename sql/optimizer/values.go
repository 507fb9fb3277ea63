package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// pruneValues: the values stay, wanted or not.
func pruneValues(v *logical.Values, wanted plan.Columns) (logical.Node, plan.Places) {
	in, places := pruneBelow(v.Input, wanted, slices.Concat(v.Rows...))
	out := &logical.Values{Input: in, Rows: make([][]plan.Expr, len(v.Rows)), Out: v.Out}
	for i, r := range v.Rows {
		out.Rows[i] = moved(r, places)
	}
	return out, behind(places, len(in.Schema()), len(v.Out))
}

func pruneSeries(s *logical.Series, wanted plan.Columns) (logical.Node, plan.Places) {
	list := []plan.Expr{s.From, s.To, s.Step}
	if s.On != nil {
		wanted = append(plan.Columns(nil), wanted...)
		wanted.AddExpr(s.On)
	}
	in, places := pruneBelow(s.Input, wanted, list)
	list = moved(list, places)
	out := *s
	out.Input, out.From, out.To, out.Step = in, list[0], list[1], list[2]
	places = behind(places, len(in.Schema()), 1)
	if s.On != nil {
		out.On = places.Expr(s.On)
	}
	return &out, places
}

func pruneUnnest(u *logical.Unnest, wanted plan.Columns) (logical.Node, plan.Places) {
	in, places := pruneBelow(u.Input, wanted, u.Arrays)
	out := *u
	out.Input, out.Arrays = in, moved(u.Arrays, places)
	return &out, behind(places, len(in.Schema()), len(out.Schema())-len(in.Schema()))
}

// pruneBelow prunes the input of a node that passes its columns on, and reads what expressions do.
func pruneBelow(n logical.Node, wanted plan.Columns, reads []plan.Expr) (logical.Node, plan.Places) {
	own := slices.Clone(wanted[:len(n.Schema())])
	for _, e := range reads {
		own.AddExpr(e)
	}
	return prune(n, some(own))
}

// behind are places with so many more columns behind those of a node.
func behind(p plan.Places, width, more int) plan.Places {
	out := slices.Clone(p)
	for i := range more {
		out = append(out, width+i)
	}
	return out
}
