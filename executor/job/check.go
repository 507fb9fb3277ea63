package job

import (
	"cmp"
	"fmt"
	"slices"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

const beginAnew = "START STREAMJOB … FRESH begins without the old state; DROP STREAMJOB removes it."

func refuse(format string, args ...any) error {
	return executor.Permanent(sqlerr.New(sqlerr.ObjectNotReady, format, args...).WithHint(beginAnew))
}

// refuseWithout is for an operator of which a checkpoint has nothing. Where it keeps newest rows, the
// job that took the checkpoint read the stream row by row, and its state is kept by reading it so again.
func refuseWithout(flow *plan.Dataflow, id checkpoint.ID, operator, describe string) error {
	err := sqlerr.New(sqlerr.ObjectNotReady,
		"checkpoint %d holds no state of operator %s (%s): the query has changed, or how its streams are read", id, operator, describe).WithHint(beginAnew)
	for i := range flow.Stages {
		for _, p := range flow.Stages[i].Ops {
			if n, ok := p.(*plan.ChangelogNormalize); ok && string(n.ID()) == operator {
				err.Hint = fmt.Sprintf(
					`ALTER STREAM %s SET ("source.changelog"="append") and START go on with the state, every record being a row of its own. %s`,
					n.Name, beginAnew,
				)
			}
		}
	}
	return executor.Permanent(err)
}

// expected is a source, stateful operator or sink of the plan, as a manifest may hold it.
type expected struct {
	operator string
	schema   string // of keyed state
	describe string
	optional bool // a sink, which may have prepared nothing, or what begins anew
}

// expectedState lists what the plan keeps, in its order.
func expectedState(flow *plan.Dataflow) (out []expected) {
	for i := range flow.Stages {
		s := &flow.Stages[i]
		if s.Source != nil {
			out = append(out, expected{operator: string(s.Source.Op), describe: "source " + s.Source.Name, optional: s.Anew})
		}
		for _, p := range s.Ops {
			if st, ok := p.(plan.Stateful); ok {
				out = append(out, expected{operator: string(st.ID()), schema: st.StateSchema(), describe: p.Describe(), optional: s.Anew})
			}
		}
		if s.Sink != nil {
			out = append(out, expected{operator: string(s.Sink.Op), describe: "sink " + s.Sink.Name, optional: true})
		}
	}
	return out
}

// check compares the state in a manifest with what the plan expects: state is found
// by operator id, and everything that is stored must find its operator.
func check(flow *plan.Dataflow, m *checkpoint.Manifest) error {
	if m == nil {
		return nil
	}
	if err := checkFormat(m); err != nil {
		return err
	}
	want := expectedState(flow)
	for _, o := range m.State {
		if err := checkStored(want, m, o); err != nil {
			return err
		}
	}
	for _, w := range want {
		there := slices.ContainsFunc(m.State, func(o checkpoint.OperatorState) bool { return o.Operator == w.operator })
		if !there && !w.optional && len(m.State) > 0 {
			return refuseWithout(flow, m.Checkpoint, w.operator, w.describe)
		}
	}
	return nil
}

// checkStored compares one entry of a manifest with the operator that it is of.
func checkStored(want []expected, m *checkpoint.Manifest, o checkpoint.OperatorState) error {
	i := slices.IndexFunc(want, func(w expected) bool { return w.operator == o.Operator })
	switch {
	case i < 0 && o.Kind != checkpoint.SinkPrepared:
		return refuse(
			"checkpoint %d holds the state of operator %s (%s), which the job no longer has: the query has changed, or how its streams are read",
			m.Checkpoint, o.Operator, o.Kind,
		)
	case i >= 0 && o.Kind == checkpoint.KeyedState && o.Schema != want[i].schema:
		return refuse(
			"the state of operator %s (%s) in checkpoint %d is (%s), the job now needs (%s)",
			o.Operator, want[i].describe, m.Checkpoint, o.Schema, want[i].schema,
		)
	}
	return nil
}

// checkFormat refuses what this server would read as something else.
func checkFormat(m *checkpoint.Manifest) error {
	if n := cmp.Or(m.KeyGroups, checkpoint.FormerKeyGroups); n != state.KeyGroups {
		return refuse("the state in checkpoint %d is cut into %d key groups, this server cuts it into %d", m.Checkpoint, n, state.KeyGroups)
	}
	for _, o := range m.State {
		if o.Format > checkpoint.StateFormat {
			return refuse(
				"what checkpoint %d holds of operator %s (%s) has format %d, this server reads up to %d: a newer server wrote it",
				m.Checkpoint, o.Operator, o.Kind, o.Format, checkpoint.StateFormat,
			)
		}
	}
	return nil
}
