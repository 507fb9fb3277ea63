package task

import (
	"errors"
	"testing"

	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

type noOutput struct{}

func (noOutput) Emit(*column.Batch) error { return nil }

// TestMeter: what an operator holds counts once, also if the next one hands it on, as long as it holds it; more than the budget has is refused.
func TestMeter(t *testing.T) {
	memory := &state.Budget{Limit: 1 << 20}
	front := &meter{memory: memory, next: noOutput{}}
	behind := &meter{memory: memory, next: noOutput{}, front: front}
	text := func(n int) *column.Vector {
		v := column.NewVector(types.Of(types.String))
		v.Slab = make([]byte, n)
		return v
	}
	emit := func(m *meter, want int64, vs ...*column.Vector) error {
		t.Helper()
		err := m.Emit(&column.Batch{Rows: 1, Cols: vs})
		if got := memory.Used(); got != want {
			t.Errorf("%d bytes are held, want %d", got, want)
		}
		return err
	}
	a, b, small := text(300<<10), text(200<<10), text(1000)
	for _, err := range []error{
		emit(front, 300<<10, a, small, a),
		emit(behind, 500<<10, a, b),
		emit(behind, 300<<10, a),
		emit(front, 0, small),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	var e *state.BudgetError
	if err := emit(front, 0, text(2<<20)); !errors.As(err, &e) {
		t.Errorf("2 MB of 1 MB are %v", err)
	}
	nested := column.NewVector(types.NewArray(types.Of(types.BigInt)))
	nested.Kids[0].Slab = make([]byte, 100<<10)
	if err := emit(behind, 100<<10, nested); err != nil {
		t.Error(err)
	}
}
