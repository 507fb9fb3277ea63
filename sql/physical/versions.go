package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// versions are rows as they come: of those that are replaced the new one will do, unless it has
// another key.
func (b *builder) versions(n *logical.Versions) *rows {
	r := b.node(n.Input, wanted{before: true})
	if r.traits.Updating() {
		b.add(r, &plan.UpsertChanges{Keys: r.places.All(n.Keys), Out: r.schema})
	}
	return r.derive(n)
}

// versionsBy are the rows of a join's right side by the columns that tell them apart. In event time
// they come as versions. In processing time they are those of any result, of which there is one per
// key at each moment: they come as they would be written by these columns.
func (b *builder) versionsBy(n *logical.Join, keys []int) *rows {
	t := logical.TraitsOf(n.Right)
	if !t.Updating() || logical.AreVersions(n.Right) {
		return b.node(n.Right, wanted{upsert: keys})
	}
	w := wanted{upsert: keys, before: !subset(keys, t.Fixed)}
	materialize := !b.oneByOne(n.Right, keys, n.Right.Schema(), t, w)
	w.before = w.before || materialize
	r := b.node(n.Right, w)
	b.exactly(r, n.Right.Schema())
	switch {
	case materialize:
		b.exchange(r, "versions", plan.Hash, slices.Clone(keys))
		b.own(r)
		b.add(r, &plan.UpsertMaterialize{Op: n.Identity.Within("materialize", n.Identity.Meaning), Keys: keys, TTL: b.StateTTL, Out: r.schema})
	case w.before, r.before:
		b.add(r, &plan.UpsertChanges{Keys: keys, Out: r.schema})
	}
	return r
}
