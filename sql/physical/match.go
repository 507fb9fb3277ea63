package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// match brings the rows of a partition to one task, with the columns alone that are read.
func (b *builder) match(n *logical.Match) *rows {
	r := b.node(n.Input, wanted{before: true})
	late := r.takeLate()
	o := &plan.MatchTable{Op: n.Identity.ID("match"), States: n.States, Variables: slices.Clone(n.Variables), AllRows: n.AllRows, OmitEmpty: n.OmitEmpty, Unmatched: n.Unmatched, Order: slices.Clone(n.Order),
		Skip: n.Skip, SkipTo: n.SkipTo, Within: n.Within, Before: n.Before, Earliest: n.Earliest, Final: r.traits.Bounded, Out: n.Schema()}
	p := &picked{from: r, schema: b.withLate(r, late), project: &plan.Project{}}
	o.Partition, o.Time, o.Given = p.all(n.Partition), p.place(r.places.Of(n.Time)), p.all(n.Given)
	o.Values, o.Measures = p.values(n.Values), p.values(n.Measures)
	o.Kept = len(p.at)
	for i := range o.Variables {
		if v := &o.Variables[i]; v.Own >= 0 {
			v.Own = p.place(r.places.Of(v.Own))
		}
	}
	for i := range o.Order {
		o.Order[i].Column = p.place(r.places.Of(o.Order[i].Column))
	}
	for _, c := range late {
		if c != plan.LateReason {
			c = p.place(c)
		}
		o.Late = append(o.Late, c)
	}
	b.add(r, p.project)
	b.byKey(r, "match", o.Partition)
	b.add(r, o)
	r.places = plan.SamePlaces(len(o.Out))
	r.begin(nil)
	return r.derive(n)
}

// withLate are the columns of rows, with those that the operator in front has put behind them for late ones.
func (b *builder) withLate(r *rows, late []int) types.Schema {
	if late == nil {
		return r.schema
	}
	ops := b.flow.Stages[r.stages[0]].Ops
	return ops[len(ops)-1].Schema()
}

// picked is a projection of columns.
type picked struct {
	from    *rows
	schema  types.Schema
	project *plan.Project
	at      []int // the columns, as they are in front of it
}

// place gives the place of a column behind the projection.
func (p *picked) place(c int) int {
	if i := slices.Index(p.at, c); i >= 0 {
		return i
	}
	p.at = append(p.at, c)
	t := p.schema[c]
	p.project.Exprs, p.project.Out = append(p.project.Exprs, &plan.Column{Index: c, Name: t.Name, Typ: t.Type}), append(p.project.Out, t)
	return len(p.at) - 1
}

func (p *picked) all(columns []int) (out []int) {
	for _, c := range columns {
		out = append(out, p.place(p.from.places.Of(c)))
	}
	return out
}

func (p *picked) values(list []plan.MatchValue) []plan.MatchValue {
	out := slices.Clone(list)
	for i := range out {
		if out[i].Column >= 0 {
			out[i].Column = p.place(p.from.places.Of(out[i].Column))
		}
	}
	return out
}
