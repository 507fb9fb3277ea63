package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// belowSessions puts what a filter says of the keys of sessions in front of them too: all rows of a key pass it alike, so
// sessions of other keys are not kept. The filter stays behind them: state from before holds such. Where late
// rows are written elsewhere, they are all rows.
func belowSessions(f *logical.Filter, s *logical.ConditionSession) logical.Node {
	if s.Late != nil || logical.Volatile(f.Pred) {
		return f
	}
	var own []plan.Expr
	for _, x := range logical.Conjuncts(f.Pred) {
		if readsAny(x, s.Sessions.Keys) {
			own = append(own, x)
		}
	}
	if len(own) == 0 {
		return f
	}
	below := filterDown(&logical.Filter{Input: s.Input, Pred: logical.Conjunction(own)})
	return f.WithInputs([]logical.Node{s.WithInputs([]logical.Node{below})})
}

// readsAny tells an expression of some columns alone, and of one of them at least.
func readsAny(e plan.Expr, columns []int) bool {
	some, all := false, true
	plan.EachColumn(e, func(c *plan.Column) { some, all = true, all && slices.Contains(columns, c.Index) })
	return some && all
}
