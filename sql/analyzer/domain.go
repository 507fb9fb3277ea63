package analyzer

import (
	"maps"
	"slices"

	"slipway/sql/logical"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// domain is the distinct values of the columns of the query around that a subquery reads. Where
// its conditions cannot be pulled any further, the subquery is joined with them: it is then
// computed for each of these values, and what is above it reads them as columns of its own.
type domain struct {
	columns []*plan.Column // of the query around, by their numbers there
	at      []int          // where they are in the node, behind ground or settled
	never   []bool         // NULL finds no rows
}

// domainOf lists the columns of the query around that expressions read; false if they read others
// further out.
func domainOf(list []plan.Expr) (*domain, bool) {
	found, further := map[int]*plan.Column{}, false
	for _, e := range list {
		plan.EachColumn(e, func(c *plan.Column) {
			switch {
			case c.Index >= 0:
			case -c.Index>>outerBits == 1:
				in := inward(c, nil).(*plan.Column)
				found[in.Index] = in
			default:
				further = true
			}
		})
	}
	d := &domain{}
	for _, i := range slices.Sorted(maps.Keys(found)) {
		d.columns = append(d.columns, found[i])
	}
	return d, !further
}

// local is an expression that reads the columns of the domain where they are, and its own
// where own says.
func (m *domain) local(e plan.Expr, own func(int) int) plan.Expr {
	return plan.MapColumns(e, func(c *plan.Column) plan.Expr {
		out := *c
		if c.Index >= 0 {
			out.Index = own(c.Index)
			return &out
		}
		i := inward(c, nil).(*plan.Column).Index
		out.Index = m.at[slices.IndexFunc(m.columns, func(x *plan.Column) bool { return x.Index == i })]
		return &out
	})
}

func (m *domain) localAll(list []plan.Expr, own func(int) int) []plan.Expr {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		out[i] = m.local(e, own)
	}
	return out
}

// conds are what rows of the query around find the values by that are theirs: NULL is one of them.
func (m *domain) conds(around logical.Node) (out []plan.Expr) {
	for i, c := range m.columns {
		own := &plan.Column{Index: m.at[i], Name: c.Name, Typ: c.Typ}
		theirs := outward(c)
		if m.never[i] || presentExpr(around, c) {
			out = append(out, equals(own, theirs))
			continue
		}
		out = append(out, equals(isNull(own), isNull(theirs)), equals(orZero(own), orZero(theirs)))
	}
	return out
}

// rejectsNull tells a comparison with a column of the query around, which is not true of NULL.
func rejectsNull(e plan.Expr, c *plan.Column) bool {
	call, ok := e.(*plan.Call)
	if !ok || !comparisons[call.Func] || call.Func == "<=>" {
		return false
	}
	return slices.ContainsFunc(call.Args, func(x plan.Expr) bool {
		own, ok := x.(*plan.Column)
		return ok && own.Index == outward(c).(*plan.Column).Index
	})
}

func equals(x, y plan.Expr) plan.Expr { return both("=", x, y) }

func isNull(e plan.Expr) plan.Expr {
	return &plan.Call{Func: "is_null", Args: []plan.Expr{e}, Typ: types.Of(types.Boolean)}
}

// orZero is a value that is never NULL.
func orZero(e plan.Expr) plan.Expr {
	return &plan.Case{Whens: []plan.When{{Cond: isNull(e), Then: zero(e.Type())}}, Else: e, Typ: e.Type()}
}

// zero is a value of a type, whichever: no array and map is one without elements.
func zero(t types.Type) plan.Expr {
	switch {
	case !t.IsNested():
		return &plan.Const{Typ: t}
	case t.Kind == types.Array:
		return &plan.Call{Func: "array", Typ: t}
	case t.Kind == types.Map:
		return &plan.Call{Func: "map", Typ: t}
	}
	row := &plan.Call{Func: "row", Typ: t}
	for _, f := range t.Fields() {
		row.Args = append(row.Args, zero(f.Type))
	}
	return row
}

// ground computes what was pulled for each value of the domain that it and some other
// expressions read; of those of the domain, NULL is a value too.
func (d decorrelation) ground(p *pulled, m *domain) error {
	if err := d.standing(p); err != nil {
		return err
	}
	values, n := d.values(m), len(m.columns)
	for i, c := range m.columns {
		m.never[i] = slices.ContainsFunc(p.conds, func(e plan.Expr) bool { return rejectsNull(e, c) })
	}
	behind := func(c int) int { return n + c }
	join := &logical.Join{Pos: d.pos, Kind: logical.Inner, Left: values, Right: p.node, AsOf: -1}
	p.node = join.Matching(m.localAll(p.conds, behind))
	p.cols, p.conds = m.localAll(p.cols, behind), m.conds(d.around)
	return nil
}

// values are the rows of a domain.
func (d decorrelation) values(m *domain) logical.Node {
	n := len(m.columns)
	agg := &logical.Aggregate{Input: d.around, Aggs: []logical.Agg{countStar}, TimeKey: -1, Presence: true}
	m.at, m.never = make([]int, n), make([]bool, n)
	for i, c := range m.columns {
		m.at[i] = i
		agg.Keys, agg.Out = append(agg.Keys, c), append(agg.Out, types.Column{Name: c.Name, Type: c.Typ})
	}
	agg.Out = append(agg.Out, types.Column{Name: "rows", Type: countStar.Typ})
	return projection(agg, identity(agg)[:n])
}

// grounded grounds what was pulled by what it and other expressions read, if that is anything, and
// computes its columns in front of the others.
func (d decorrelation) grounded(p *pulled, reads []plan.Expr) (*domain, error) {
	m, ok := domainOf(slices.Concat(p.conds, p.cols, reads))
	if !ok {
		return nil, d.refuse("further out than by one query")
	}
	if err := d.ground(p, m); err != nil {
		return nil, err
	}
	place, err := d.settled(p)
	if err != nil {
		return nil, err
	}
	for i, at := range m.at {
		m.at[i] = place[at]
	}
	return m, nil
}

// setOp computes each input for the values that any of them reads.
func (d decorrelation) setOp(n logical.Node, width int, build func(in []logical.Node, out types.Schema) logical.Node) (*pulled, error) {
	var reads []plan.Expr
	logical.Walk(n, func(x logical.Node) bool {
		reads = append(reads, exprsOf(x)...)
		return true
	})
	outer := slices.DeleteFunc(reads, func(e plan.Expr) bool { return !isOuter(e) })
	var in []logical.Node
	var m *domain
	var never []bool // in all inputs
	for i, x := range n.Inputs() {
		p, err := d.node(x)
		if err != nil {
			return nil, err
		}
		if m, err = d.grounded(p, outer); err != nil {
			return nil, err
		}
		if i == 0 {
			never = m.never
		}
		for k := range never {
			never[k] = never[k] && m.never[k]
		}
		own := identity(p.node)
		exprs := slices.Clone(own[:width])
		for _, at := range m.at {
			exprs = append(exprs, own[at])
		}
		in = append(in, projection(p.node, exprs))
	}
	m.never = never
	out := slices.Clone(n.Schema())
	for i, c := range m.columns {
		m.at[i] = width + i
		out = append(out, types.Column{Name: c.Name, Type: c.Typ})
	}
	p := &pulled{node: build(in, out), conds: m.conds(d.around)}
	p.cols = identity(p.node)[:width]
	return p, nil
}
