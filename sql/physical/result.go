package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// result brings the rows of a SELECT to one task. Who follows them is told what goes.
func (b *builder) result(n logical.Node) {
	r := b.node(n, wanted{before: true})
	b.exactly(r, b.flow.Output)
	if len(r.stages) > 1 || !b.gathers(r.stages[0]) {
		b.single(r)
	}
}

// write ends the dataflow with a sink. Rows of one primary key must come from one task, so
// that they leave in the order of their changes.
func (b *builder) write(n *logical.Write) {
	traits := logical.TraitsOf(n.Input)
	w := wanted{}
	if n.Mode == plan.Upsert {
		w.upsert = n.Keys
		// A row whose key may change leaves its old key behind, which must be deleted.
		w.before = traits.Updating() && !subset(n.Keys, traits.Fixed)
	}
	materialize := n.Mode == plan.Upsert && traits.Updating() && !b.oneByOne(n.Input, n.Keys, n.Declared, traits, w)
	w.before = w.before || materialize
	r := b.node(n.Input, w)
	b.exactly(r, n.Declared)
	switch {
	case n.Mode == plan.Upsert && !partitionedBy(r, n.Keys), materialize && len(r.hashed) > 0 && !slices.Equal(r.hashed, n.Keys):
		// State by key is where the hash of the whole key says.
		b.exchange(r, "write "+n.Relation, plan.Hash, n.Keys)
	case len(r.stages) > 1:
		b.exchange(r, "write "+n.Relation, plan.Rebalance, nil)
	}
	b.own(r)
	switch { // behind the exchange, where the rows of a key are
	case materialize:
		b.add(r, &plan.UpsertMaterialize{Op: n.Identity.Within("materialize", n.Name), Keys: n.Keys, TTL: b.StateTTL, Out: n.Declared})
	case w.before, r.before && n.Mode == plan.Upsert:
		b.add(r, &plan.UpsertChanges{Keys: n.Keys, Out: n.Declared})
	}
	b.flow.Stages[r.stages[0]].Sink = Sink(n)
}

// oneByOne tells that there is one row of each key at each moment: there is one in the end, and
// changes of it come in order. How rows would come is seen of a dataflow that nobody runs.
func (b *builder) oneByOne(in logical.Node, keys []int, out types.Schema, t logical.Traits, w wanted) bool {
	if !slices.ContainsFunc(t.Unique, func(set []int) bool { return subset(set, keys) }) {
		return false
	}
	trial := newBuilder(b.Options)
	r := trial.node(in, w)
	trial.exactly(r, out)
	return r.ordered(keys)
}

// Sink is how a relation is written to.
func Sink(n *logical.Write) *plan.Sink {
	return &plan.Sink{Op: n.Identity.ID("sink"), Name: n.Name, Connector: n.Connector, Properties: n.Properties, Mode: n.Mode, Keys: n.Keys,
		Schema: n.Declared, Metadata: n.Metadata, Delivery: n.Delivery}
}

// partitionedBy tells whether rows of equal keys are in one task already: every column
// they were spread by is among the keys.
func partitionedBy(r *rows, keys []int) bool {
	return r.hashed != nil && len(r.stages) == 1 && subset(r.hashed, keys)
}
