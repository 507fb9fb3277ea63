package analyzer

import (
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// standing makes of a subquery that has a row also where its node has none one whose node has it, so that anything may
// be computed above it: the node is joined with the values of the query around, each of which stays.
func (d decorrelation) standing(p *pulled) error {
	if p.empty == nil {
		return nil
	}
	if len(p.conds) == 0 { // an aggregate of all rows, which has its row of none itself
		return d.having(p)
	}
	m, ok := domainOf(slices.Concat(p.conds, p.cols, p.empty, exprs(p.where), exprs(p.emptyWhere)))
	if !ok {
		return d.refuse("further out than by one query")
	}
	values, n := d.values(m), len(m.columns)
	own := identity(p.node)
	found := &plan.Column{Index: n + len(own), Name: "there", Typ: types.Of(types.Boolean)}
	right := projection(p.node, append(own, &plan.Const{Typ: found.Typ, Bool: true}))
	behind := func(c int) int { return n + c }
	join := &logical.Join{Pos: d.pos, Kind: logical.Left, Left: values, Right: right, AsOf: -1}
	p.node = join.Matching(m.localAll(p.conds, behind))
	either := func(there, otherwise plan.Expr) plan.Expr {
		there, otherwise = m.local(there, behind), m.local(otherwise, behind)
		return &plan.Case{Whens: []plan.When{{Cond: found, Then: there}}, Else: otherwise, Typ: there.Type()}
	}
	if p.where != nil {
		p.node = &logical.Filter{Input: p.node, Pred: either(p.where, p.emptyWhere)}
	}
	for i := range p.cols {
		p.cols[i] = either(typed(p.cols[i]), typed(p.empty[i]))
	}
	p.conds, p.empty, p.where, p.emptyWhere = m.conds(d.around), nil, nil, nil
	return nil
}

// having leaves the one row of an aggregate out, where it says so itself.
func (d decorrelation) having(p *pulled) error {
	where, own := p.where, plan.Expr(nil)
	p.empty, p.where, p.emptyWhere = nil, nil, nil
	for _, e := range logical.Conjuncts(where) {
		if isOuter(e) {
			p.conds = append(p.conds, e)
		} else {
			own = conjunction(own, e)
		}
	}
	if own != nil {
		p.node = &logical.Filter{Input: p.node, Pred: own}
	}
	return nil
}

// exprs is a list of an expression, if there is one.
func exprs(e plan.Expr) []plan.Expr {
	if e == nil {
		return nil
	}
	return []plan.Expr{e}
}
