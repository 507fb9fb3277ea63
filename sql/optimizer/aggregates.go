package optimizer

import (
	"fmt"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// projectBelow makes a projection of what an aggregate computes of its input: the keys,
// the arguments and filters, one for equal ones, and the time of its window. It is then of columns alone.
func projectBelow(n logical.Node) logical.Node {
	a, ok := n.(*logical.Aggregate)
	if !ok {
		return n
	}
	out, p := *a, &logical.Project{Input: a.Input}
	out.Keys, out.Aggs = make([]plan.Expr, len(a.Keys)), make([]logical.Agg, len(a.Aggs))
	for i, k := range a.Keys {
		out.Keys[i] = column(p, add(p, k, a.Out[i].Name))
	}
	for i, x := range a.Aggs {
		out.Aggs[i] = x.Map(func(e plan.Expr) plan.Expr {
			return column(p, addOnce(p, len(a.Keys), e, fmt.Sprintf("a%d", len(p.Exprs))))
		})
	}
	out.Late = logical.MapLate(a.Late, func(e plan.Expr) plan.Expr {
		return column(p, addOnce(p, 0, e, fmt.Sprintf("late%d", len(p.Exprs))))
	})
	if a.Window != nil {
		w := *a.Window
		time := &plan.Column{Index: w.Time, Name: "time", Typ: a.Input.Schema()[w.Time].Type}
		w.Time = addOnce(p, len(a.Keys), time, time.Name)
		out.Window = &w
	}
	out.Input = p
	return &out
}

// column reads a column of the projection.
func column(p *logical.Project, i int) plan.Expr {
	return &plan.Column{Index: i, Name: p.Out[i].Name, Typ: p.Out[i].Type}
}

// add adds an expression to a projection and gives its column.
func add(p *logical.Project, x plan.Expr, name string) int {
	p.Exprs = append(p.Exprs, x)
	p.Out = append(p.Out, types.Column{Name: name, Type: x.Type()})
	return len(p.Exprs) - 1
}

// addOnce looks among the columns from some number on for an equal one first.
func addOnce(p *logical.Project, from int, x plan.Expr, name string) int {
	for i := from; i < len(p.Exprs); i++ {
		if plan.Stored(p.Exprs[i]) == plan.Stored(x) && p.Exprs[i].Type() == x.Type() { // NULLs are stored alike
			return i
		}
	}
	return add(p, x, name)
}
