package physical

import (
	"maps"

	"slipway/conf"
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// divert leads what sources refuse to sinks of their own. Of several sources of one stream the
// first does, lest a record be there twice; what only others refuse, by a column that only they
// read, is left out and counted.
func (b *builder) divert(list []*logical.Diverted) {
	to := map[string]int{}
	for _, d := range list {
		first := true
		for i := range b.flow.Stages {
			s := b.flow.Stages[i].Source
			if s == nil || s.Name != d.Stream {
				continue
			}
			if first {
				b.flow.Edges = append(b.flow.Edges, plan.Edge{From: i, To: b.divertedTo(to, d), By: plan.Rebalance, Diverted: true})
			} else {
				s.Properties = maps.Clone(s.Properties)
				s.Properties[conf.OnError.Name()] = "skip"
			}
			first = false
		}
	}
}

// divertedTo is the stage that writes to a stream, made once.
func (b *builder) divertedTo(to map[string]int, d *logical.Diverted) int {
	id, there := to[d.To.Name]
	if !there {
		s := b.stage("divert to " + d.To.Relation)
		s.Ops = []plan.Op{&plan.Project{Exprs: d.Exprs, Out: d.Out()}}
		s.Sink = Sink(d.To)
		id = s.ID
		to[d.To.Name] = id
	}
	return id
}
