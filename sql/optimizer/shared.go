package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// What is shared has the columns that any of its readers wants. These are looked for first, the
// readers' trees before those of what they read; then each tree is pruned for them, in the
// opposite order, so that a reader knows the places of what is left.

// sharedColumns stands for a Shared while columns are dropped.
type sharedColumns struct {
	*logical.Shared
	wanted plan.Columns
	out    *logical.Shared // nil while columns are looked for
	places plan.Places
}

func (s *sharedColumns) prune(wanted plan.Columns) (logical.Node, plan.Places) {
	s.wanted.Add(wanted.List()...)
	if s.out == nil {
		return s, plan.SamePlaces(len(wanted))
	}
	return s.out, s.places
}

// pruneParts prunes a tree and what is shared in it.
func pruneParts(n logical.Node) logical.Node {
	list := logical.SharedIn(n)
	if len(list) == 0 {
		return pruneAll(n)
	}
	stand := map[*logical.Shared]*sharedColumns{}
	for _, s := range list {
		stand[s] = &sharedColumns{Shared: s, wanted: make(plan.Columns, len(s.Schema()))}
	}
	standing := func(n logical.Node) logical.Node {
		return logical.Rewrite(n, func(n logical.Node) logical.Node {
			if s, ok := n.(*logical.Shared); ok {
				return stand[s]
			}
			return n
		})
	}
	pruneAll(standing(n))
	for _, s := range slices.Backward(list) {
		prune(standing(s.Input), slices.Clone(stand[s].wanted))
	}
	for _, s := range list {
		in, places := prune(standing(s.Input), slices.Clone(stand[s].wanted))
		stand[s].out, stand[s].places = &logical.Shared{Input: in, Number: s.Number}, places
	}
	return pruneAll(standing(n))
}
