// Package optimizer makes a dataflow cheaper without changing what it gives. It is a
// list of rules, one file each; a rule looks at one stage or at the whole flow and
// replaces operators.
//
// Invariants: an operator is never changed, only replaced, because the stages of a
// UNION ALL share theirs; operator ids, edges and the columns that leave a stage stay
// as the analyzer made them, so state in a checkpoint outlives a better rule.
//
// The package knows the plan alone: no names, no catalog, no settings.
package optimizer

import "slipway/sql/plan"

// rules run once each, in this order: filters go down before projections are merged,
// so that a merged one is computed for fewer rows; columns are dropped when all that
// read them are known.
var rules = []func(*plan.Dataflow){
	dropWatermarks,
	everyStage(filtersDown),
	everyStage(mergeProjects),
	everyStage(pruneColumns),
	everyStage(dropIdentity),
}

// Optimize applies all rules.
func Optimize(f *plan.Dataflow) {
	for _, rule := range rules {
		rule(f)
	}
}

func everyStage(rule func(*plan.Dataflow, *plan.Stage)) func(*plan.Dataflow) {
	return func(f *plan.Dataflow) {
		for i := range f.Stages {
			rule(f, &f.Stages[i])
		}
	}
}
