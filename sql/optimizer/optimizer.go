// Package optimizer makes a statement's tree cheaper without changing what it gives. It is
// a list of rules, one file each; a rule is a function on trees.
//
// Invariants: a node is never changed, only replaced; identities go along as logical.Identify
// gave them, so state in a checkpoint outlives a better rule; what an aggregate computes
// stays as it is, wanted or not, since its state is found by that.
//
// The package knows the tree alone: no names, no catalog, no settings, no stages.
package optimizer

import "slipway/sql/logical"

// Rule is one rewriting of a whole tree.
type Rule struct {
	Name  string
	Apply func(logical.Node) logical.Node
}

// Rules run once each, in this order: what aggregates compute becomes a projection, for
// which the rules for projections then hold; filters go to the sides of joins, and down before projections are merged, so that
// a merged one is computed for fewer rows; late rows find what they are written elsewhere with; columns are dropped when all that read them are
// known.
var Rules = []Rule{
	{"aggregate-projects", bottomUp(projectBelow)},
	{"into-unions", bottomUp(intoUnion)},
	{"filters-into-joins", bottomUp(filterIntoJoin)},
	{"conditions-below-joins", bottomUp(conditionsBelow)},
	{"filters-down", bottomUp(filterDown)},
	{"ranks", bottomUp(rankRows)},
	{"merge-projects", bottomUp(mergeProject)},
	{"late-columns", lateColumns},
	{"prune-columns", pruneColumns},
	{"drop-identity", bottomUp(dropIdentity)},
}

// Optimize applies all rules.
func Optimize(n logical.Node) logical.Node {
	for _, r := range Rules {
		n = r.Apply(n)
	}
	return n
}

// bottomUp is a rule that looks at a node whose inputs have been rewritten, also in what is shared.
func bottomUp(rule func(logical.Node) logical.Node) func(logical.Node) logical.Node {
	return func(n logical.Node) logical.Node {
		return logical.EachPart(n, func(part logical.Node) logical.Node { return logical.Rewrite(part, rule) })
	}
}
