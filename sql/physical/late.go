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
	for port := 0; ok && port < o.Inputs(); port++ {
		if l.LateColumns(port) != nil {
			return true
		}
	}
	return false
}

// besideLate puts the columns for late rows behind those that go on: the operator that is next takes them.
func (b *builder) besideLate(n *logical.LateColumns, w wanted) *rows {
	r := b.node(n.Input, wanted{before: w.before})
	given, p := n.Schema(), &plan.Project{}
	for i, c := range n.Given {
		p.Exprs, p.Out = append(p.Exprs, &plan.Column{Index: r.places.Of(c), Name: given[i].Name, Typ: given[i].Type}), append(p.Out, given[i])
	}
	late := lateBehind(p, r, n.Late)
	b.add(r, p)
	r.schema, r.places, r.late = p.Out[:len(given):len(given)], plan.SamePlaces(len(given)), late
	return r.derive(n)
}

// lateBehind adds the columns of late rows to a projection of rows.
func lateBehind(p *plan.Project, r *rows, late []plan.Expr) (out []int) {
	for _, e := range late {
		if e == nil {
			out = append(out, plan.LateReason)
			continue
		}
		out = append(out, len(p.Exprs))
		p.Exprs, p.Out = append(p.Exprs, r.places.Expr(e)), append(p.Out, types.Column{Name: "late", Type: e.Type()})
	}
	return out
}

// takeLate gives the columns for late rows to an operator, behind which there are none.
func (r *rows) takeLate() []int {
	late := r.late
	r.late = nil
	return late
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
	out = lateBehind(p, r, late)
	b.add(r, p)
	return out
}
