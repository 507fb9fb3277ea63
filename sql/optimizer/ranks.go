package optimizer

import (
	"math"

	"slipway/sql/logical"
	"slipway/sql/plan"
)

// rankRows recognises top-N: rows are numbered, and a filter leaves those with the first numbers.
// No row behind them is then computed. Where rows come in their order, so that each has its number
// for good, counting them is all there is to do.
func rankRows(n logical.Node) logical.Node {
	f, ok := n.(*logical.Filter)
	if !ok {
		return n
	}
	over, ok := f.Input.(*logical.Over)
	if !ok || len(over.Calls) != 1 {
		return n
	}
	kind, ok := over.Calls[0].Rank()
	number := len(over.Input.Schema())
	p := logical.PlacesOf(f.Pred, number)
	if !ok || p.Limit == math.MaxInt64 || p.Limit <= p.Offset || inOrder(over) {
		return n
	}
	out := logical.Node(&logical.Rank{Identity: over.Identity, Input: over.Input, Order: over.Order, Kind: kind, Offset: p.Offset, Limit: p.Limit,
		Number: over.Schema()[number].Name})
	if rest := besides(f.Pred, number); rest != nil {
		out = &logical.Filter{Input: out, Pred: rest}
	}
	return out
}

// inOrder tells that rows come in their order.
func inOrder(o *logical.Over) bool {
	when := o.When(logical.TraitsOf(o.Input))
	return when == plan.AtTime || when == plan.AsTheyCome
}

// besides is what a condition says of more than the numbers, nil if that is nothing.
func besides(pred plan.Expr, number int) plan.Expr {
	var rest []plan.Expr
	for _, x := range logical.Conjuncts(pred) {
		if !logical.OfPlaces(x, number) {
			rest = append(rest, x)
		}
	}
	return logical.Conjunction(rest)
}

// pruneRank: equal rows are one, so a row's own columns decide nothing; the number goes if nobody
// reads it.
func pruneRank(r *logical.Rank, wanted plan.Columns) (logical.Node, plan.Places) {
	width := len(r.Input.Schema())
	in, places := prune(r.Input, readsOrder(&r.Order, wanted[:width]))
	out := *r
	out.Input, out.Order = in, moveOrder(r.Order, places)
	if r.Number == "" {
		return &out, places
	}
	if !wanted[width] {
		out.Number = ""
		return &out, append(places[:width:width], -1)
	}
	return &out, append(places[:width:width], len(in.Schema()))
}

// pruneOver: its results stay, wanted or not, and what they are made of.
func pruneOver(o *logical.Over, wanted plan.Columns) (logical.Node, plan.Places) {
	width := len(o.Input.Schema())
	reads := readsOrder(&o.Order, wanted[:width])
	for _, c := range o.Calls {
		c.Map(func(x plan.Expr) plan.Expr { reads.AddExpr(x); return x })
	}
	in, places := prune(o.Input, reads)
	out := *o
	out.Input, out.Order, out.Calls = in, moveOrder(o.Order, places), make([]logical.Call, len(o.Calls))
	places = places[:width:width]
	for i, c := range o.Calls {
		out.Calls[i] = c.Map(places.Expr)
		places = append(places, len(in.Schema())+i)
	}
	return &out, places
}

// readsOrder adds the columns of an order to those that are wanted.
func readsOrder(o *logical.Order, wanted plan.Columns) plan.Columns {
	reads := append(plan.Columns(nil), wanted...)
	reads.Add(o.Partition...)
	for _, k := range o.Keys {
		reads.Add(k.Column)
	}
	return reads
}

func moveOrder(o logical.Order, places plan.Places) logical.Order {
	o.Partition = places.All(o.Partition)
	keys := make([]plan.SortKey, len(o.Keys))
	for i, k := range o.Keys {
		k.Column = places.Of(k.Column)
		keys[i] = k
	}
	o.Keys = keys
	return o
}
