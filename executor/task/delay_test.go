package task

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/exchange"
)

// marked is an operator that notes the watermarks it is told.
type marked struct {
	executor.Stateless
	seen []int64
}

func (m *marked) Process(_ int, b *column.Batch, out executor.Output) error { return out.Emit(b) }

func (m *marked) OnWatermark(w int64, _ executor.Output) error {
	m.seen = append(m.seen, w)
	return nil
}

// TestDelayedWatermarks: behind an operator whose rows are late by so much event time is as much
// later, for the operators behind it and for the next stage; the end of time is not.
func TestDelayedWatermarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMiddle(ctx, 1)
		first, second, third := &marked{}, &marked{}, &marked{}
		m.Chain = []Node{{Op: first, Delay: 30}, {Op: second, Delay: 5}, {Op: third}}
		go m.Run(ctx) // ends with ctx
		for _, w := range []int64{executor.NoWatermark + 20, 100} {
			if err := m.inputs[0].Broadcast(executor.Message{Kind: executor.WatermarkMessage, Watermark: w}); err != nil {
				t.Fatal(err)
			}
		}
		var behind []int64
		for range 2 {
			got, _, _, _, err := exchange.Next[Command](ctx, m.behind, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			behind = append(behind, got.Watermark)
		}
		cancel()
		<-m.Gone()
		low := int64(executor.NoWatermark)
		for i, want := range [][]int64{{low + 20, 100}, {low + 20, 70}, {low + 15, 65}, {low + 15, 65}} {
			if got := [][]int64{first.seen, second.seen, third.seen, behind}[i]; !slices.Equal(got, want) {
				t.Errorf("%s: watermarks %v, want %v", [...]string{"first", "second", "third", "next stage"}[i], got, want)
			}
		}
		if end := m.Chain[0].behind(executor.EndWatermark); end != executor.EndWatermark {
			t.Errorf("the end of time goes on as %d", end)
		}
	})
}
