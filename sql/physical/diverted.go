package physical

import (
	"maps"
	"slices"
	"strings"

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
	b.divertRows(to, list)
}

// divertRows leads the rows that a stage cannot compute to where the records of a stream go that it
// reads: the first that has such a place.
func (b *builder) divertRows(to map[string]int, list []*logical.Diverted) {
	for i := range b.flow.Stages {
		led := slices.ContainsFunc(b.flow.Edges, func(e plan.Edge) bool { return e.Diverted && e.From == i })
		if led || b.flow.Stages[i].Anew || !slices.ContainsFunc(b.flow.Stages[i].Ops, computes) {
			continue
		}
		streams := b.streamsOf(i)
		at := slices.IndexFunc(list, func(d *logical.Diverted) bool { return slices.Contains(streams, d.Stream) })
		if at >= 0 {
			b.flow.Edges = append(b.flow.Edges, plan.Edge{From: i, To: b.divertedTo(to, list[at]), By: plan.Rebalance, Diverted: true})
		}
	}
}

// streamsOf are the streams whose rows reach a stage.
func (b *builder) streamsOf(stage int) (names []string) {
	if s := b.flow.Stages[stage].Source; s != nil {
		return []string{s.Name}
	}
	for _, e := range b.flow.Edges {
		if e.To == stage && !e.Diverted && !e.Late {
			names = append(names, b.streamsOf(e.From)...)
		}
	}
	return names
}

// computes tells an operator for which rows may be that it cannot compute.
func computes(o plan.Op) bool {
	switch o := o.(type) {
	case *plan.Filter:
		return mayFail(o.Pred)
	case *plan.Project:
		return slices.ContainsFunc(o.Exprs, mayFail)
	}
	return false
}

// neverFail are functions that give a value or NULL, whatever their arguments are.
var neverFail = strings.Fields("= != < <= > >= <=> and or xor not is_null is_true is_false coalesce")

func mayFail(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Column, *plan.Const:
		return false
	case *plan.Call:
		return !slices.Contains(neverFail, e.Func) || slices.ContainsFunc(e.Args, mayFail)
	}
	return true
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
