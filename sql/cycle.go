package sql

import (
	"slices"
	"strings"

	"slipway/conf"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// places are what is behind relations, with the relation that stands for each: two streams
// over one topic are one place.
func (c *Compiler) places(s *catalog.Snapshot, names []string) map[string]string {
	out := map[string]string{}
	for _, n := range names {
		r := s.Relations[n]
		if r == nil || r.Kind == catalog.View {
			continue
		}
		name := catalog.ConnectorOf(r)
		if k := c.Connectors[name]; k != nil {
			for _, p := range k.Places(r) {
				out[name+" "+p] = n
			}
		}
	}
	return out
}

// Cycle refuses a job whose rows come back to the INSERT that made them, without end. at has the places
// of the targets in the user's text, by INSERT; nil if they stand nowhere.
func (c *Compiler) Cycle(s *catalog.Snapshot, flow *plan.Dataflow, settings *conf.Values, at []int) error {
	if conf.AllowCycle.Get(settings) {
		return nil
	}
	links := inserts(flow)
	for i, l := range links {
		pos := ast.NoPos
		if i < len(at) {
			pos = at[i]
		}
		if err := c.ownCycle(s, l, pos); err != nil {
			return err
		}
		if way := c.WayBack(s, l, links); way != nil {
			return sqlerr.At(
				pos, sqlerr.InvalidDefinition, "what is written to %s comes back to it without end, by the INSERTs into %s", l.Writes[0], strings.Join(way, ", "),
			).
				WithHint("A stream job with %q=\"true\" says that it is meant.", conf.AllowCycle.Name())
		}
	}
	return nil
}

// ownCycle refuses an INSERT that reads what it writes.
func (c *Compiler) ownCycle(s *catalog.Snapshot, l Link, at int) error {
	written := c.places(s, l.Writes)
	for p, source := range c.places(s, l.Reads) {
		sink, back := written[p]
		if !back {
			continue
		}
		e := sqlerr.At(at, sqlerr.InvalidDefinition, "%s is read by the query that writes to it: its rows would come back to it without end", sink)
		if source != sink {
			e.WithDetail("The query reads %s, which is the same as %s.", source, sink)
		}
		return e.WithHint("A stream job with %q=\"true\" says that it is meant.", conf.AllowCycle.Name())
	}
	return nil
}

// inserts are the INSERTs of a job as the rows see them, in their order.
func inserts(flow *plan.Dataflow) (out []Link) {
	for i := range flow.Stages {
		if sink := flow.Stages[i].Sink; sink != nil {
			out = append(out, Link{Name: sink.Name, Reads: sources(flow, i), Writes: []string{sink.Name}})
		}
	}
	return out
}

// sources are the names of what a stage reads, and those in front of it do.
func sources(flow *plan.Dataflow, stage int) (names []string) {
	before := map[int]bool{stage: true}
	for i := stage; i >= 0; i-- { // each stage stands behind its inputs
		for _, e := range flow.Edges {
			before[i] = before[i] || e.From == i && before[e.To]
		}
		if src := flow.Stages[i].Source; src != nil && before[i] {
			names = append(names, src.Name)
		}
	}
	return names
}

// Link is a job as the rows see it: db.names that it reads and writes.
type Link struct {
	Name          string
	Reads, Writes []string
}

// WayBack gives the names of other jobs by which the rows of one come back to it; nil if
// they do not.
func (c *Compiler) WayBack(s *catalog.Snapshot, job Link, others []Link) []string {
	home := c.places(s, job.Reads)
	type step struct {
		at  map[string]string
		way []string
	}
	seen := map[string]bool{job.Name: true}
	for queue := []step{{at: c.places(s, job.Writes)}}; len(queue) > 0; queue = queue[1:] {
		for _, o := range others {
			if seen[o.Name] || !meet(queue[0].at, c.places(s, o.Reads)) {
				continue
			}
			seen[o.Name] = true
			next := step{c.places(s, o.Writes), append(slices.Clone(queue[0].way), o.Name)}
			if meet(next.at, home) {
				return next.way
			}
			queue = append(queue, next)
		}
	}
	return nil
}

func meet(a, b map[string]string) bool {
	for p := range a {
		if _, ok := b[p]; ok {
			return true
		}
	}
	return false
}
