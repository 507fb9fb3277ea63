package logical

import (
	"slices"

	"slipway/sql/plan"
	"slipway/sql/types"
)

// Filter keeps the rows for which Pred is true.
type Filter struct {
	Input Node
	Pred  plan.Expr
}

func (f *Filter) Schema() types.Schema      { return f.Input.Schema() }
func (f *Filter) Inputs() []Node            { return []Node{f.Input} }
func (f *Filter) WithInputs(in []Node) Node { return &Filter{Input: in[0], Pred: f.Pred} }

// Traits: of a row that passes no longer only its old version tells that it must go.
func (f *Filter) Traits(in []Traits) Traits {
	t := in[0]
	if t.Changelog == Upsert {
		t.Changelog, t.Upsert = Retract, nil
	}
	for _, c := range t.Counted {
		if p := PlacesOf(f.Pred, c); p.Limit-p.Offset == 1 {
			t.Unique = append(t.Unique, without(t.Unique, c)...)
		}
	}
	return t
}

// without gives the sets that have a column, without it.
func without(sets [][]int, column int) (out [][]int) {
	for _, set := range sets {
		if slices.Contains(set, column) {
			out = append(out, slices.DeleteFunc(slices.Clone(set), func(c int) bool { return c == column }))
		}
	}
	return out
}

// Lineage: HAVING is no part of the rows. It never was, and what stands on it is known by
// the aggregate's id.
func (f *Filter) Lineage(in []Lineage) Lineage {
	l := in[0]
	if _, having := f.Input.(*Aggregate); !having {
		l.Rows = bounded(l.Rows + " where " + l.Of(f.Pred))
	}
	return l
}

func (f *Filter) Describe(in [][]string) (string, []string) {
	return "filter " + Show(f.Pred, in[0]), in[0]
}

// Project computes Exprs.
type Project struct {
	Input Node
	Exprs []plan.Expr
	Out   types.Schema
}

func (p *Project) Schema() types.Schema { return p.Out }
func (p *Project) Inputs() []Node       { return []Node{p.Input} }
func (p *Project) WithInputs(in []Node) Node {
	return &Project{Input: in[0], Exprs: p.Exprs, Out: p.Out}
}

func (p *Project) Traits(in []Traits) Traits {
	t := in[0]
	out := Traits{Changelog: t.Changelog, Bounded: t.Bounded, Fixed: p.fixed(t.Fixed)}
	if t.Changelog == Upsert {
		if out.Upsert = p.moveAll(t.Upsert); out.Upsert == nil {
			out.Changelog = Retract
		}
	}
	for _, set := range t.Unique {
		if moved := p.moveAll(set); moved != nil {
			out.Unique = append(out.Unique, moved)
		}
	}
	out.EventTimes, out.Counted, out.RowTimes = p.moveSome(t.EventTimes), p.moveSome(t.Counted), p.moveSome(t.RowTimes)
	out.Window = p.window(t.Window)
	time := computedTime(p.Input)
	for i, e := range p.Exprs {
		if time != nil && plan.Same(e, time) {
			out.EventTimes = append(out.EventTimes, i)
		}
		if w := t.Window; w != nil && w.Final && isWindowTime(e, w.End) {
			out.EventTimes = append(out.EventTimes, i)
		}
	}
	return out
}

// place is where a column of the input goes on as it is, -1 if it does not.
func (p *Project) place(column int) int {
	return slices.IndexFunc(p.Exprs, func(e plan.Expr) bool {
		c, ok := e.(*plan.Column)
		return ok && c.Index == column
	})
}

// moveSome gives the places of those columns that go on.
func (p *Project) moveSome(columns []int) (out []int) {
	for _, c := range columns {
		if at := p.place(c); at >= 0 {
			out = append(out, at)
		}
	}
	return out
}

// moveAll gives the places of columns that all go on, else nil.
func (p *Project) moveAll(columns []int) []int {
	out := make([]int, len(columns))
	for i, c := range columns {
		if out[i] = p.place(c); out[i] < 0 {
			return nil
		}
	}
	return out
}

func (p *Project) window(w *Attached) *Attached {
	if w == nil {
		return nil
	}
	out := *w
	out.Start, out.End = p.place(w.Start), p.place(w.End)
	if out.Start < 0 && out.End < 0 {
		return nil
	}
	return &out
}

// fixed lists the expressions that are the same in all versions of a row: they read only
// columns that are, and no function that gives another value each time.
func (p *Project) fixed(in []int) (out []int) {
	for i, e := range p.Exprs {
		same := !volatile(e)
		plan.EachColumn(e, func(c *plan.Column) { same = same && slices.Contains(in, c.Index) })
		if same {
			out = append(out, i)
		}
	}
	return out
}

func (p *Project) Lineage(in []Lineage) Lineage {
	return Lineage{Rows: in[0].Rows, Columns: in[0].ofAll(p.Exprs)}
}

func (p *Project) Describe(in [][]string) (string, []string) {
	if len(p.Exprs) == 0 {
		return "project no columns", nil
	}
	list, out := ShowProject(p.Exprs, p.Out, in[0])
	return "project " + list, out
}

// With is the projection with one expression more.
func (p *Project) With(e plan.Expr, name string) *Project {
	out := &Project{Input: p.Input, Exprs: append(slices.Clone(p.Exprs), e)}
	out.Out = append(slices.Clone(p.Out), types.Column{Name: name, Type: e.Type()})
	return out
}

// FilterBelow is a filter over a projection as a projection of what is left: of what the projection
// computes the filter then computes its part itself.
func FilterBelow(f *Filter, p *Project) *Project {
	pred := plan.MapColumns(f.Pred, func(c *plan.Column) plan.Expr { return p.Exprs[c.Index] })
	return &Project{Input: &Filter{Input: p.Input, Pred: pred}, Exprs: p.Exprs, Out: p.Out}
}
