package optimizer

import (
	"slices"

	"slipway/sql/plan"
)

// mergeProjects makes one projection of two that follow one another, if nothing is
// computed twice by it.
func mergeProjects(_ *plan.Dataflow, s *plan.Stage) {
	out := make([]plan.Op, 0, len(s.Ops))
	for _, o := range s.Ops {
		upper, ok := o.(*plan.Project)
		if ok && len(out) > 0 {
			if lower, below := out[len(out)-1].(*plan.Project); below && onceEach(lower, upper) {
				out[len(out)-1] = compose(lower, upper)
				continue
			}
		}
		out = append(out, o)
	}
	s.Ops = out
}

// onceEach tells that upper reads nothing twice that lower computes.
func onceEach(lower, upper *plan.Project) bool {
	read := make([]int, len(lower.Exprs))
	for _, e := range upper.Exprs {
		plan.EachColumn(e, func(c *plan.Column) { read[c.Index]++ })
	}
	for i, e := range lower.Exprs {
		if read[i] > 1 && !free(e) {
			return false
		}
	}
	return true
}

func free(e plan.Expr) bool {
	switch e.(type) {
	case *plan.Column, *plan.Const:
		return true
	}
	return false
}

func compose(lower, upper *plan.Project) *plan.Project {
	out := &plan.Project{Exprs: make([]plan.Expr, len(upper.Exprs)), Out: upper.Out}
	for i, e := range upper.Exprs {
		out.Exprs[i] = plan.MapColumns(e, func(c *plan.Column) plan.Expr { return lower.Exprs[c.Index] })
	}
	return out
}

// dropIdentity removes projections that give their input as it is.
func dropIdentity(f *plan.Dataflow, s *plan.Stage) {
	for i := len(s.Ops) - 1; i >= 0; i-- {
		if p, ok := s.Ops[i].(*plan.Project); ok && isIdentity(p, len(f.Before(s.ID, i)[0])) {
			s.Ops = slices.Delete(slices.Clone(s.Ops), i, i+1)
		}
	}
}

func isIdentity(p *plan.Project, width int) bool {
	for i, e := range p.Exprs {
		if c, ok := e.(*plan.Column); !ok || c.Index != i {
			return false
		}
	}
	return len(p.Exprs) == width
}
