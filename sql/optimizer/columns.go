package optimizer

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// pruneColumns drops what nobody reads: expressions of projections, and columns of the
// source, which its format then need not decode. What leaves the stage stays, but for a
// source that is read by key: the stage behind it, which keeps its rows, says what it needs.
func pruneColumns(f *plan.Dataflow, s *plan.Stage) {
	ops := slices.Clone(s.Ops)
	wanted := make([]plan.Columns, len(ops)+1) // behind operator i-1; the last: what leaves
	wanted[len(ops)] = plan.AllColumns(len(f.Leaving(s.ID)))
	for i := len(ops) - 1; i > 0; i-- {
		wanted[i] = ops[i].Reads(0, len(f.Before(s.ID, i)[0]), wanted[i+1])
	}
	places := narrowInputs(f, s, wanted)
	for i, o := range ops {
		var out plan.Places
		ops[i], out = o.Narrow(places, wanted[i+1])
		places = []plan.Places{out}
	}
	s.Ops = ops
}

// narrowInputs takes unwanted columns from what comes to a stage, by port.
func narrowInputs(f *plan.Dataflow, s *plan.Stage, wanted []plan.Columns) []plan.Places {
	inputs := f.Before(s.ID, 0)
	places := make([]plan.Places, len(inputs))
	for port, in := range inputs {
		reads := wanted[0]
		if len(s.Ops) > 0 {
			reads = s.Ops[0].Reads(port, len(in), wanted[1])
		}
		places[port] = narrowInput(f, s, port, reads)
	}
	return places
}

// narrowInput takes unwanted columns from the source of a stage, or from the one in front.
func narrowInput(f *plan.Dataflow, s *plan.Stage, port int, wanted plan.Columns) plan.Places {
	for i := range f.Edges {
		e := &f.Edges[i]
		from := &f.Stages[e.From]
		if e.To == s.ID && e.Port == port && from.Source != nil && from.Source.Keys != nil {
			places := narrowSource(from, wanted)
			e.Keys = places.All(e.Keys)
			return places
		}
	}
	if s.Source != nil && s.Source.Keys == nil {
		return narrowSource(s, wanted)
	}
	return plan.SamePlaces(len(wanted))
}

// narrowSource takes unwanted columns from the source.
func narrowSource(s *plan.Stage, wanted plan.Columns) plan.Places {
	src := *s.Source
	wanted.Add(src.Keys...)
	if src.Watermark != nil {
		wanted.Add(src.Watermark.Column)
	}
	if src.ArrivalColumn != "" {
		wanted.Add(len(wanted) - 1)
	}
	if !slices.Contains(wanted, true) { // COUNT(*) reads no column, but rows need one
		wanted.Add(cheapest(src.Out))
	}
	places := wanted.Places()
	src.Out = places.Schema(src.Out)
	src.Columns = plan.Keep(s.Source.Columns, places)
	if src.Keys != nil {
		src.Keys = places.All(src.Keys)
	}
	if w := src.Watermark; w != nil {
		moved := *w
		moved.Column = places.Of(w.Column)
		src.Watermark = &moved
	}
	s.Source = &src
	return places
}

// cheapest is the column that costs the format least.
func cheapest(s types.Schema) int {
	return max(0, slices.IndexFunc(s, func(c types.Column) bool { return c.Type.IsInteger() || c.Type.Kind == types.Boolean }))
}
