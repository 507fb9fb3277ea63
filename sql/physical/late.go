package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// late leads what windows leave out to a sink of its own.
func (b *builder) late(to *logical.Write) {
	if to == nil {
		return
	}
	sink := -1
	for i := range b.flow.Stages {
		if !slices.ContainsFunc(b.flow.Stages[i].Ops, leavesLate) {
			continue
		}
		if sink < 0 {
			s := b.stage("late to " + to.Relation)
			s.Sink = Sink(to)
			sink = s.ID
		}
		b.flow.Edges = append(b.flow.Edges, plan.Edge{From: i, To: sink, By: plan.Rebalance, Late: true})
	}
}

func leavesLate(o plan.Op) bool {
	l, ok := o.(plan.LateRows)
	return ok && l.LateColumns() != nil
}

// lateColumns are the columns of late rows, of an input that has each of them as a column.
func (r *rows) lateColumns(late []plan.Expr) (out []int) {
	for _, e := range late {
		if e == nil {
			out = append(out, plan.LateReason)
		} else {
			out = append(out, r.places.Of(e.(*plan.Column).Index))
		}
	}
	return out
}

// computeLate adds the columns of late rows behind those that there are.
func (b *builder) computeLate(r *rows, late []plan.Expr) (out []int) {
	if late == nil {
		return nil
	}
	p := &plan.Project{Out: slices.Clone(r.schema)}
	for i, c := range r.schema {
		p.Exprs = append(p.Exprs, &plan.Column{Index: i, Name: c.Name, Typ: c.Type})
	}
	for _, e := range late {
		if e == nil {
			out = append(out, plan.LateReason)
			continue
		}
		out = append(out, len(p.Exprs))
		p.Exprs = append(p.Exprs, r.places.Expr(e))
		p.Out = append(p.Out, types.Column{Name: "late", Type: e.Type()})
	}
	b.add(r, p)
	return out
}
