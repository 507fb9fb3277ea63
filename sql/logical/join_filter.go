package logical

import (
	"slices"

	"slipway/sql/plan"
)

// Where keeps the rows of a node for which all conditions are true. Those on a join go where they
// belong: they become part of what makes rows meet, or stand below it; a join whose NULL rows they
// throw away is no outer one. What remains is a Filter.
func Where(n Node, conds []plan.Expr) Node {
	var stays []plan.Expr
	switch x := n.(type) {
	case *Join:
		n, stays = x.where(conds)
	case *Project:
		n, stays = x.where(conds)
	case *Filter:
		return Where(x.Input, append(Conjuncts(x.Pred), conds...))
	default:
		stays = conds
	}
	if pred := Conjunction(stays); pred != nil {
		return &Filter{Input: n, Pred: pred}
	}
	return n
}

// where moves conditions in front of a projection that stands on a join, if all that they read
// passes through.
func (p *Project) where(conds []plan.Expr) (_ Node, stays []plan.Expr) {
	if !AboveJoin(p.Input) {
		return p, conds
	}
	var below []plan.Expr
	for _, c := range conds {
		if p.passes(c) {
			below = append(below, plan.MapColumns(c, func(c *plan.Column) plan.Expr { return p.Exprs[c.Index] }))
		} else {
			stays = append(stays, c)
		}
	}
	if below == nil {
		return p, stays
	}
	return p.WithInputs([]Node{Where(p.Input, below)}), stays
}

// AboveJoin tells that a node is a join, or projects and filters one.
func AboveJoin(n Node) bool {
	switch n := n.(type) {
	case *Join:
		return true
	case *Project:
		return AboveJoin(n.Input)
	case *Filter:
		return AboveJoin(n.Input)
	}
	return false
}

// passes tells that an expression reads only columns that are some of the input.
func (p *Project) passes(e plan.Expr) bool {
	all := true
	plan.EachColumn(e, func(c *plan.Column) {
		if all = all && c.Index >= 0; all {
			_, all = p.Exprs[c.Index].(*plan.Column)
		}
	})
	return all
}

// where sorts the conditions on the rows of a join; those that stay are to be asked behind it.
func (j *Join) where(conds []plan.Expr) (_ Node, stays []plan.Expr) {
	width := len(j.Left.Schema())
	out := *j
	for _, c := range conds {
		out.Kind = out.Kind.without(nullRejecting(c, width))
	}
	var left, right, pairs []plan.Expr
	for _, c := range conds {
		switch s := sideOf(c, width); {
		case volatile(c):
			stays = append(stays, c)
		case s == leftSide && (out.Kind == Inner || out.Kind == Left):
			left = append(left, c)
		case s == rightSide && (out.Kind == Inner || out.Kind == Right) && !out.Temporal():
			right = append(right, c)
		case out.Kind == Inner && !out.Temporal():
			pairs = append(pairs, c)
		default:
			stays = append(stays, c)
		}
	}
	if pairs != nil { // first, since what is known of one side may then be known of the other
		return Where(out.Matching(pairs), append(left, right...)), stays
	}
	return out.below(left, right), stays
}

// ConditionsBelow is the join with the parts of On that speak of one side alone below it, where rows
// that do not pass are of no use: those of a side that is kept without a partner are.
func (j *Join) ConditionsBelow() Node {
	width := len(j.Left.Schema())
	var left, right, rest []plan.Expr
	for _, c := range Conjuncts(j.On) {
		switch s := sideOf(c, width); {
		case s == leftSide && !volatile(c) && (j.Kind == Inner || j.Kind == Right):
			left = append(left, c)
		case s == rightSide && !volatile(c) && (j.Kind == Inner || j.Kind == Left) && !j.Temporal():
			right = append(right, c)
		default:
			rest = append(rest, c)
		}
	}
	out := *j
	out.On = Conjunction(rest)
	return out.below(left, right)
}

// below puts conditions on one side, over the columns of both, below the join. What is said of a
// column that must equal one of the other side holds there too.
func (j *Join) below(left, right []plan.Expr) *Join {
	width := len(j.Left.Schema())
	out := *j
	alsoRight, alsoLeft := out.across(left, width, true), out.across(right, width, false)
	if j.Kind == Inner || j.Kind == Left {
		right = append(slices.Clone(right), alsoRight...)
	}
	if j.Kind == Inner || j.Kind == Right {
		left = append(slices.Clone(left), alsoLeft...)
	}
	if len(left) > 0 {
		out.Left = Where(j.Left, left)
	}
	if len(right) > 0 {
		moved := make([]plan.Expr, len(right))
		for i, c := range right {
			moved[i] = plan.MapColumns(c, func(c *plan.Column) plan.Expr { return shiftedColumn(c, -width) })
		}
		out.Right = Where(j.Right, moved)
	}
	return &out
}

// across gives conditions on columns of one side that must equal columns of the other as conditions
// on these. Both are over the columns of both sides.
func (j *Join) across(conds []plan.Expr, width int, fromLeft bool) (out []plan.Expr) {
	if j.Temporal() {
		return nil
	}
	other := map[int]int{}
	for _, p := range j.Equal {
		if fromLeft {
			other[p.Left] = width + p.Right
		} else {
			other[width+p.Right] = p.Left
		}
	}
	names := j.Schema()
	for _, c := range conds {
		all := true
		moved := plan.MapColumns(c, func(c *plan.Column) plan.Expr {
			to, ok := other[c.Index]
			all = all && ok
			return &plan.Column{Index: to, Name: names[to].Name, Typ: c.Typ}
		})
		if all {
			out = append(out, moved)
		}
	}
	return out
}

// without is the kind of a join of whose rows those are thrown away in which the columns of some
// sides are NULL.
func (k JoinKind) without(nulls joinSide) JoinKind {
	keepsLeft := k == Left || k == Full   // rows of the left side that have no partner
	keepsRight := k == Right || k == Full // and of the right one
	keepsLeft = keepsLeft && nulls&rightSide == 0
	keepsRight = keepsRight && nulls&leftSide == 0
	switch {
	case keepsLeft && keepsRight:
		return Full
	case keepsLeft:
		return Left
	case keepsRight:
		return Right
	}
	return Inner
}

// nullRejecting says of which sides a condition is never true when all their columns are NULL.
func nullRejecting(e plan.Expr, width int) (s joinSide) {
	if neverTrue(e, func(c *plan.Column) bool { return c.Index >= 0 && c.Index < width }) {
		s |= leftSide
	}
	if neverTrue(e, func(c *plan.Column) bool { return c.Index >= width }) {
		s |= rightSide
	}
	return s
}

// neverTrue tells that a condition is FALSE or NULL where some columns are NULL.
func neverTrue(e plan.Expr, null func(*plan.Column) bool) bool {
	if isNull(e, null) {
		return true
	}
	switch e := e.(type) {
	case *plan.Const:
		return !e.Bool
	case *plan.Call:
		never := func(x plan.Expr) bool { return neverTrue(x, null) }
		switch e.Func {
		case "and":
			return slices.ContainsFunc(e.Args, never)
		case "or":
			return !slices.ContainsFunc(e.Args, func(x plan.Expr) bool { return !never(x) })
		case "is_true":
			return never(e.Args[0])
		case "not":
			test, ok := e.Args[0].(*plan.Call)
			return ok && test.Func == "is_null" && isNull(test.Args[0], null)
		}
	}
	return false
}

// strict are functions that are NULL if one of their arguments is.
var strict = map[string]bool{"=": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true, "+": true, "-": true, "*": true, "/": true, "%": true,
	"div": true, "negate": true, "not": true, "like": true, "ilike": true, "regexp": true, "lower": true, "upper": true, "length": true,
	"char_length": true, "abs": true, "add_time": true, "add_months": true}

// isNull tells that an expression is NULL where some columns are.
func isNull(e plan.Expr, null func(*plan.Column) bool) bool {
	switch e := e.(type) {
	case *plan.Column:
		return null(e)
	case *plan.Const:
		return e.Null
	case *plan.Cast:
		return isNull(e.Arg, null)
	case *plan.Call:
		return strict[e.Func] && slices.ContainsFunc(e.Args, func(x plan.Expr) bool { return isNull(x, null) })
	}
	return false
}
