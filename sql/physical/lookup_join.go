package physical

import (
	"slipway/sql/logical"
	"slipway/sql/plan"
)

// lookupTable is a table that is asked for rows, by the columns that are read of it; nil if it is
// none.
func lookupTable(n logical.Node) *plan.LookupTable {
	switch n := n.(type) {
	case *logical.Scan:
		if n.Lookup == nil {
			return nil
		}
		return &plan.LookupTable{Name: n.Name, Connector: n.Connector, Declared: n.Declared, Columns: n.Columns, Properties: n.Properties, Out: n.Schema()}
	case *logical.Project:
		t := lookupTable(n.Input)
		if t == nil {
			return nil
		}
		columns := make([]int, len(n.Exprs))
		for i, e := range n.Exprs {
			c, _ := logical.AskedColumn(e) // the analyzer refuses others
			columns[i] = t.Columns[c.Index]
		}
		t.Columns, t.Out = columns, n.Out
		return t
	}
	return nil
}

// limits are those of the scan below.
func limits(n logical.Node) (out plan.LookupLimits) {
	logical.Walk(n, func(n logical.Node) bool {
		if s, ok := n.(*logical.Scan); ok {
			out = *s.Lookup
		}
		return true
	})
	return out
}

// lookupWhere is a condition on what a lookup join gives, as one of its pairs, so that the table is told
// what it can be; nil if it is none.
func (b *builder) lookupWhere(n *logical.Filter) *rows {
	j, ok := n.Input.(*logical.Join)
	if !ok || !j.Temporal() || j.Kind != logical.Inner {
		return nil
	}
	t := lookupTable(j.Right)
	if t == nil {
		return nil
	}
	both := *j
	both.On = logical.Conjunction(append(logical.Conjuncts(j.On), logical.Conjuncts(n.Pred)...))
	return b.lookupJoin(&both, t).derive(n)
}

// lookupJoin asks where the rows are: they go nowhere else.
func (b *builder) lookupJoin(n *logical.Join, t *plan.LookupTable) *rows {
	r := b.node(n.Left, wanted{})
	b.exactly(r, n.Left.Schema())
	t.Keys, t.Where = n.Keys(1), logical.AskedConditions(n.On, len(n.Left.Schema()))
	b.add(r, &plan.LookupJoin{Table: *t, Keys: n.Keys(0), Keep: n.Kind == logical.Left, On: n.On, Limits: limits(n.Right), Out: n.Schema()})
	r.places = plan.SamePlaces(len(n.Schema()))
	r.traits = n.Traits([]logical.Traits{r.traits, logical.TraitsOf(n.Right)})
	return r
}
