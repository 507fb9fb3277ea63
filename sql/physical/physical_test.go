package physical_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/optimizer"
	"slipway/sql/physical"
	"slipway/sql/plan"
	"slipway/sql/sqltest"
)

// TestPlans runs scripts: `plan` of a statement gives its stages and edges, with `bounded` those of a
// SELECT that ends, with `onephase`, `split`, `split=keyless` and so on those of a job with such settings.
func TestPlans(t *testing.T) {
	sqltest.Run(t, "testdata", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		st, err := s.Statement(d)
		if err != nil {
			return sqltest.Caret(d.Input, err)
		}
		st.Root = optimizer.Optimize(st.Root)
		flow := physical.Plan(st, physical.Options{OnePhase: d.HasArg("onephase"), SplitDistinct: split(d)})
		return strings.Join(append(flow.Logical, show(flow)), "\n") // only what was chosen stands there
	})
}

// split is what a command says of DISTINCT values.
func split(d *datadriven.TestData) physical.Split {
	a, ok := d.Arg("split")
	switch {
	case !ok:
		return physical.SplitNone
	case len(a.Vals) == 0:
		return physical.SplitAlone
	case a.Vals[0] == "all":
		return physical.SplitAll
	case a.Vals[0] == "onetask":
		return physical.SplitOneTask
	}
	return physical.SplitKeyless
}

// show prints what EXPLAIN does not: which columns, who sends old versions and watermarks.
func show(f *plan.Dataflow) string {
	var out strings.Builder
	for i := range f.Stages {
		s := &f.Stages[i]
		fmt.Fprintf(&out, "stage %d: %s\n", s.ID, s.Name)
		for _, e := range f.Edges {
			if e.To == s.ID {
				port := ""
				if e.Port > 0 {
					port = fmt.Sprintf(" to port %d", e.Port)
				}
				fmt.Fprintf(&out, "  from %d by %s%s%s\n", e.From, e.By, columns(e.Keys), port)
			}
		}
		if s.Source != nil {
			fmt.Fprintf(&out, "  source %s%s\n", s.Source.Out, source(s.Source))
		}
		for _, o := range s.Ops {
			fmt.Fprintf(&out, "  %s%s\n", o.Describe(), with(o))
		}
		if s.Sink != nil {
			fmt.Fprintf(&out, "  sink %s%s\n", s.Sink.Mode, columns(s.Sink.Keys))
		}
	}
	fmt.Fprintf(&out, "updating %t, bounded %t, output %s\n", f.Updating, f.Bounded, f.Output)
	return out.String()
}

func columns(list []int) string {
	if list == nil {
		return ""
	}
	return fmt.Sprintf(" %v", list)
}

func source(s *plan.Source) (text string) {
	if s.Keys != nil {
		text += fmt.Sprintf(", changes by %v", s.Keys)
	}
	if s.Watermark != nil {
		text += fmt.Sprintf(", watermarks of #%d", s.Watermark.Column)
	}
	if s.Bounded {
		text += ", bounded"
	}
	return text
}

func with(o plan.Op) string {
	before := false
	switch o := o.(type) {
	case *plan.GroupAggregate:
		before = o.EmitBefore
	case *plan.WindowUpdates:
		before = o.EmitBefore
	case *plan.ChangelogNormalize:
		before = o.EmitBefore
	case *plan.Join:
		before = o.EmitBefore
	case *plan.IntervalJoin:
		switch {
		case o.Left.Distinct && o.Right.Distinct:
			return ", rows of either side differ"
		case o.Left.Distinct:
			return ", rows of the left side differ"
		case o.Right.Distinct:
			return ", rows of the right side differ"
		}
	}
	if before {
		return ", with old versions"
	}
	return ""
}

// TestColumnsAreThere: what an operator reads, the one in front of it gives.
func TestColumnsAreThere(t *testing.T) {
	sqltest.Run(t, "testdata", func(t *testing.T, s *sqltest.Script, d *datadriven.TestData) string {
		st, err := s.Statement(d)
		if err != nil {
			return d.Expected
		}
		st.Root = optimizer.Optimize(st.Root)
		f := physical.Plan(st, physical.Options{})
		if err := f.Check(); err != nil {
			t.Errorf("%s: %v", d.Input, err)
		}
		return d.Expected
	})
}
