package build

import (
	"testing"

	"slipway/executor/expr"
	"slipway/sql/plan/plantest"
)

// TestEveryOperatorIsBuilt walks the samples, of which there is one for every operator.
func TestEveryOperatorIsBuilt(t *testing.T) {
	for _, s := range plantest.Samples() {
		if _, err := Operator(s.Make(), s.Inputs, expr.Options{}); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}
