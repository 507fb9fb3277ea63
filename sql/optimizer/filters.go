package optimizer

import (
	"slices"

	"slipway/sql/plan"
)

// filtersDown moves a filter in front of a projection if it reads only columns that
// the projection passes on: what is computed is then computed for fewer rows.
func filtersDown(f *plan.Dataflow, s *plan.Stage) {
	s.Ops = slices.Clone(s.Ops)
	for i := range s.Ops {
		for at := i; at > 0; at-- {
			filter, ok := s.Ops[at].(*plan.Filter)
			project, below := s.Ops[at-1].(*plan.Project)
			if !ok || !below || !passes(project, filter.Pred) {
				break
			}
			moved := *filter
			moved.Pred = plan.MapColumns(filter.Pred, func(c *plan.Column) plan.Expr { return project.Exprs[c.Index] })
			moved.Out = f.Before(s.ID, at-1)[0]
			s.Ops[at-1], s.Ops[at] = &moved, project
		}
	}
}

// passes tells that an expression reads at least one column, and only such as a
// projection passes on.
func passes(p *plan.Project, e plan.Expr) bool {
	some, all := false, true
	plan.EachColumn(e, func(c *plan.Column) {
		_, plain := p.Exprs[c.Index].(*plan.Column)
		some, all = true, all && plain
	})
	return some && all
}
