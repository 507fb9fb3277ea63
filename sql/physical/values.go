package physical

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// oneRow is a source of one row.
func (b *builder) oneRow(n *logical.OneRow) *rows {
	s := b.stage("one row")
	s.Source = &plan.Source{Op: n.Identity.ID("values"), Name: "one row", Connector: plan.NoConnector, Declared: n.Schema(), Columns: []int{0},
		Out: n.Schema(), Bounded: true}
	s.Parallelism = 1
	return &rows{stages: []int{s.ID}, schema: s.Source.Out, places: plan.SamePlaces(1), traits: n.Traits(nil)}
}

// values computes the values of all rows beside the input's columns, then gives them row by row.
func (b *builder) values(n *logical.Values) *rows {
	r := b.node(n.Input, wanted{before: true})
	keep := len(n.Input.Schema())
	b.beside(r, n.Input.Schema(), slices.Concat(n.Rows...))
	b.add(r, &plan.Unfold{Keep: keep, Rows: len(n.Rows), Width: len(n.Out), Out: n.Schema()})
	r.places = plan.SamePlaces(len(n.Schema()))
	return r.derive(n)
}

func (b *builder) series(n *logical.Series) *rows {
	r := b.node(n.Input, wanted{before: true})
	b.beside(r, n.Input.Schema(), []plan.Expr{n.From, n.To, n.Step})
	b.add(r, &plan.Series{Keep: len(n.Input.Schema()), Open: n.Open, Outer: n.Outer, On: n.On, Out: n.Schema()})
	r.places = plan.SamePlaces(len(n.Schema()))
	return r.derive(n)
}

func (b *builder) unnest(n *logical.Unnest) *rows {
	r := b.node(n.Input, wanted{before: true})
	b.beside(r, n.Input.Schema(), n.Arrays)
	b.add(r, &plan.Unnest{Keep: len(n.Input.Schema()), Arrays: len(n.Arrays), Ordinality: n.Ordinality, Outer: n.Outer, Out: n.Schema()})
	r.places = plan.SamePlaces(len(n.Schema()))
	return r.derive(n)
}

// beside computes expressions behind the columns of a node.
func (b *builder) beside(r *rows, s types.Schema, list []plan.Expr) {
	var exprs []plan.Expr
	out := slices.Clone(s)
	for i, c := range s {
		exprs = append(exprs, &plan.Column{Index: r.places[i], Name: c.Name, Typ: c.Type})
	}
	for _, e := range list {
		exprs, out = append(exprs, r.places.Expr(e)), append(out, types.Column{Name: "value", Type: e.Type()})
	}
	b.add(r, &plan.Project{Exprs: exprs, Out: out})
}
