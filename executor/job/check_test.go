package job

import (
	"strings"
	"testing"

	"slipway/checkpoint"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// counting is the plan of: insert into out select k, count(*) from in group by k.
func counting() *plan.Dataflow {
	columns := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}}
	group := &plan.GroupAggregate{Op: "g", Keys: []int{0}, Aggs: []plan.Agg{{Kind: plan.CountStar, Arg: -1, Typ: types.Of(types.BigInt), Filter: -1}}, Out: columns}
	return &plan.Dataflow{Stages: []plan.Stage{
		{ID: 0, Source: &plan.Source{Op: "s", Name: "default.in", Out: columns}},
		{ID: 1, Ops: []plan.Op{group}, Sink: &plan.Sink{Op: "k", Name: "default.out"}},
	}}
}

// TestCheck: what a checkpoint holds must find its operator, and every operator its state.
func TestCheck(t *testing.T) {
	schema := counting().Stages[1].Ops[0].(plan.Stateful).StateSchema()
	source := checkpoint.OperatorState{Operator: "s", Kind: checkpoint.SourcePosition}
	group := checkpoint.OperatorState{Operator: "g", Kind: checkpoint.KeyedState, Schema: schema}
	with := func(o checkpoint.OperatorState, change func(*checkpoint.OperatorState)) checkpoint.OperatorState {
		change(&o)
		return o
	}
	for name, c := range map[string]struct {
		state  []checkpoint.OperatorState
		groups int
		want   string // of the refusal; empty: none
	}{
		"all there":               {state: []checkpoint.OperatorState{source, group}},
		"nothing at all":          {},
		"a sink that had nothing": {state: []checkpoint.OperatorState{source, group, {Operator: "k", Kind: checkpoint.SinkPrepared}}},
		"what a sink that is gone prepared": {
			state: []checkpoint.OperatorState{source, group, {Operator: "gone", Kind: checkpoint.SinkPrepared}},
		},
		"an operator that is gone": {
			state: []checkpoint.OperatorState{source, group, {Operator: "gone", Kind: checkpoint.KeyedState}},
			want:  "holds the state of operator gone (keyed), which the job no longer has",
		},
		"an operator without state": {
			state: []checkpoint.OperatorState{source},
			want:  "checkpoint 7 holds no state of operator g (",
		},
		"another schema": {
			state: []checkpoint.OperatorState{source, with(group, func(o *checkpoint.OperatorState) { o.Schema = "other" })},
			want:  "in checkpoint 7 is (other), the job now needs (" + schema + ")",
		},
		"a newer format": {
			state: []checkpoint.OperatorState{source, with(group, func(o *checkpoint.OperatorState) { o.Format = checkpoint.StateFormat + 1 })},
			want:  "a newer server wrote it",
		},
		"other key groups": {
			state: []checkpoint.OperatorState{source, group}, groups: 64,
			want: "is cut into 64 key groups",
		},
	} {
		t.Run(name, func(t *testing.T) {
			groups := state.KeyGroups
			if c.groups != 0 {
				groups = c.groups
			}
			err := check(counting(), &checkpoint.Manifest{Checkpoint: 7, KeyGroups: groups, State: c.state})
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if err := check(counting(), nil); err != nil {
		t.Errorf("a job that begins anew is refused: %v", err)
	}
}
