package plan

import (
	"fmt"
	"slices"

	"slipway/sql/types"
)

// Check tells what is wrong with a plan by what its operators say of themselves: a stage that gets
// nothing, a column that is not there or of another type, event time that nobody tells. Nothing is
// wrong with what the compiler makes; a plan that came as bytes might be of another mind.
func (f *Dataflow) Check() error {
	if err := f.joined(); err != nil {
		return err
	}
	for i := range f.Stages {
		if err := f.checkStage(&f.Stages[i]); err != nil {
			return fmt.Errorf("plan: stage %d: %w", i, err)
		}
	}
	for _, e := range f.Edges {
		if out := f.Carried(e); outside(e.Keys, len(out)) {
			return fmt.Errorf("plan: stage %d is spread over tasks by columns %v of %s", e.From, e.Keys, out)
		}
	}
	return nil
}

// outside tells that a column is none of so many.
func outside(columns []int, width int) bool {
	return slices.ContainsFunc(columns, func(c int) bool { return c < 0 || c >= width })
}

func (f *Dataflow) checkStage(s *Stage) error {
	if err := f.checkInputs(s); err != nil {
		return err
	}
	for i, o := range s.Ops {
		in := f.Before(s.ID, i)
		if o.Inputs() != len(in) {
			return fmt.Errorf("a %T behind another operator has %d inputs", o, o.Inputs())
		}
		for port := range in {
			if err := checkOp(o, port, in[port]); err != nil {
				return err
			}
		}
		if _, keeps := o.(Stateful); o.Needs().Timers && !keeps {
			return fmt.Errorf("a %T needs timers, which are kept with state, and has none", o)
		}
		if o.Needs().Watermarks && !f.tellsTime(s.ID) {
			return fmt.Errorf("a %T needs event time, which not every source in front of it tells", o)
		}
	}
	if out := f.Leaving(s.ID); s.Sink != nil && !sameTypes(out, s.Sink.Schema) {
		return fmt.Errorf("sink %s takes %s and gets %s", s.Sink.Name, s.Sink.Schema, out)
	}
	return nil
}

// checkInputs: a stage reads from its source, or by every port of its first operator.
func (f *Dataflow) checkInputs(s *Stage) error {
	ports := 1
	if len(s.Ops) > 0 {
		ports = s.Ops[0].Inputs()
	}
	fed := make([]*types.Schema, ports)
	for _, e := range f.Edges {
		if e.To != s.ID {
			continue
		}
		if s.Source != nil || e.Port >= ports {
			return fmt.Errorf("stage %d leads to port %d, which it does not have", e.From, e.Port)
		}
		if out := f.Carried(e); fed[e.Port] == nil {
			fed[e.Port] = &out
		} else if !sameTypes(*fed[e.Port], out) {
			return fmt.Errorf("port %d gets %s and %s", e.Port, *fed[e.Port], out)
		}
	}
	if at := slices.Index(fed, nil); s.Source == nil && at >= 0 {
		return fmt.Errorf("nothing leads to port %d", at)
	}
	return nil
}

func checkOp(o Op, port int, in types.Schema) error {
	out := o.Schema()
	if reads := o.Reads(port, AllColumns(len(out))); outside(reads, len(in)) {
		return fmt.Errorf("a %T reads columns %v of %s", o, reads, in)
	}
	from := o.Passes(port)
	if len(from) != len(out) {
		return fmt.Errorf("a %T gives %d columns and speaks of %d", o, len(out), len(from))
	}
	for i, c := range from {
		if c >= 0 && (c >= len(in) || in[c].Type != out[i].Type) {
			return fmt.Errorf("a %T gives as column %d of %s column %d of %s", o, i, out, c, in)
		}
	}
	return nil
}

// tellsTime: every source behind a stage sends watermarks, or ends.
func (f *Dataflow) tellsTime(stage int) bool {
	if s := f.Stages[stage].Source; s != nil {
		return s.Watermark != nil || s.Bounded
	}
	return !slices.ContainsFunc(f.Edges, func(e Edge) bool { return e.To == stage && !f.tellsTime(e.From) })
}

func sameTypes(a, b types.Schema) bool {
	return slices.EqualFunc(a, b, func(a, b types.Column) bool { return a.Type == b.Type })
}
