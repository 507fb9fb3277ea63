package optimizer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// pruneMatch: the columns that are given stay, and of the measures those that are wanted.
func pruneMatch(m *logical.Match, wanted plan.Columns) (logical.Node, plan.Places) {
	reads := make(plan.Columns, len(m.Input.Schema()))
	reads.Add(m.Partition...)
	reads.Add(m.Given...)
	reads.Add(m.Time)
	for _, k := range m.Order {
		reads.Add(k.Column)
	}
	out, places := *m, plan.SamePlaces(len(m.Given))
	out.Measures, out.Names = nil, nil
	for i, v := range m.Measures {
		last := i == len(m.Measures)-1 && len(m.Given)+len(out.Measures) == 0 // some column there must be
		if !last && !wanted[len(m.Given)+i] {
			places = append(places, -1)
			continue
		}
		places = append(places, len(m.Given)+len(out.Measures))
		out.Measures, out.Names = append(out.Measures, v), append(out.Names, m.Names[i])
	}
	for _, v := range slices.Concat(out.Measures, m.Values) {
		if v.Column >= 0 {
			reads.Add(v.Column)
		}
	}
	for _, v := range m.Variables {
		if v.Own >= 0 {
			reads.Add(v.Own)
		}
	}
	in, moved := prune(m.Input, reads)
	out.Input = in
	return out.At(moved), places
}
