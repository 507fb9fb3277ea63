package jobs

import (
	"errors"
	"fmt"
	"testing"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/task"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// TestClasses: whose affair a failure is.
func TestClasses(t *testing.T) {
	flow := &plan.Dataflow{Stages: []plan.Stage{{Source: &plan.Source{Connector: "kafka"}}, {}, {Sink: &plan.Sink{Connector: "jdbc"}}}}
	in := func(stage int, err error) error {
		return fmt.Errorf("run: %w", &task.Error{ID: checkpoint.TaskID{Stage: stage}, Err: err})
	}
	plain := errors.New("it does not work")
	for _, k := range []struct {
		name, want string
		err        error
	}{
		{"a value that does not fit", "data", in(0, executor.Permanent(sqlerr.New(sqlerr.InvalidText, "x")))},
		{"a division", "data", in(1, sqlerr.New(sqlerr.DivisionByZero, "x"))},
		{"a column that is gone", "query", sqlerr.New(sqlerr.UndefinedColumn, "x")},
		{"a source", "broker", in(0, plain)},
		{"a source that says so", "broker", in(0, sqlerr.New(sqlerr.CannotConnect, "x"))},
		{"a sink", "connector", in(2, plain)},
		{"an operator", "internal", in(1, plain)},
		{"a panic", "internal", &task.Error{ID: checkpoint.TaskID{}, Panicked: true, Err: plain}},
		{"a damaged checkpoint", "storage", fmt.Errorf("x: %w", checkpoint.ErrCorrupt)},
		{"a checkpoint that cannot be written", "storage", plain},
		{"a full disk", "storage", in(2, sqlerr.New(sqlerr.DiskFull, "x"))},
		{"memory", "resource", in(1, sqlerr.New(sqlerr.OutOfMemory, "x"))},
	} {
		if got := Explain(classified(k.err, flow)).Class; got != k.want {
			t.Errorf("%s: %s, want %s", k.name, got, k.want)
		}
	}
	if got := Explain(unbegun(plain, flow)).Class; got != "broker" {
		t.Errorf("a job that cannot begin: %s", got)
	}
}
