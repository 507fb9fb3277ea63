package job

import (
	"errors"
	"log/slog"
	"testing"

	"slipway/conf"
	"slipway/executor"
	"slipway/sql/plan"
)

// TestUnfitPlanIsPermanent: a plan that does not reach its tasks is no better at the next start.
func TestUnfitPlanIsPermanent(t *testing.T) {
	for name, ops := range map[string][]plan.Op{
		"it is not encoded": {&plan.Filter{}},
		"it is no plan":     {&plan.Limit{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(t.Context(), &plan.Dataflow{Stages: []plan.Stage{{Ops: ops}}}, Options{
				Name: "j", Connectors: executor.Connectors{"": nothing{}}, Settings: &conf.Values{}, Log: slog.New(slog.DiscardHandler),
			})
			var p interface{ Permanent() bool }
			if err == nil || !errors.As(err, &p) || !p.Permanent() {
				t.Errorf("%v is not permanent", err)
			}
		})
	}
}
