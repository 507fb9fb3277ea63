package sql

import (
	"slices"

	"slipway/conf"
	"slipway/sql/catalog"
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

// Cycle refuses a job that reads what it writes: every row would come back to it, without
// end. reads and writes are db.names, at is where the target stands in the user's text.
func (c *Compiler) Cycle(s *catalog.Snapshot, reads, writes []string, settings *conf.Values, at int) error {
	if conf.AllowCycle.Get(settings) {
		return nil
	}
	written := c.places(s, writes)
	for p, source := range c.places(s, reads) {
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
