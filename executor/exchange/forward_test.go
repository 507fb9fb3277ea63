package exchange

import (
	"testing"
	"testing/synctest"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestForward: rows and barriers go to the task of the same number alone. The edges to the others have
// no reader, so one message on each would be kept for ever, and the one behind the last place waited with.
func TestForward(t *testing.T) {
	schema := types.Schema{{Name: "n", Type: types.Of(types.BigInt)}}
	synctest.Test(t, func(t *testing.T) {
		edges := []*Edge{NewEdge(0, schema), NewEdge(0, schema), NewEdge(0, schema)}
		p := NewPartitioner(t.Context(), plan.Forward, nil, 1, edges)
		rows := column.NewBatch(schema)
		rows.Cols[0].Ints = append(rows.Cols[0].Ints, 7)
		rows.Rows = 1
		for id := range checkpoint.ID(4 * edgeCapacity) {
			if err := p.Emit(rows); err != nil {
				t.Fatal(err)
			}
			if err := p.Broadcast(executor.Message{Kind: executor.BarrierMessage, Barrier: checkpoint.Barrier{ID: id}}); err != nil {
				t.Fatal(err)
			}
			if m := <-edges[1].ch; m.Kind != executor.BatchMessage || m.Batch.Rows != 1 {
				t.Fatalf("%v in front of barrier %d", m, id)
			}
			if m := <-edges[1].ch; m.Kind != executor.BarrierMessage || m.Barrier.ID != id {
				t.Fatalf("%v instead of barrier %d", m, id)
			}
		}
		if n := len(edges[0].ch) + len(edges[2].ch); n > 0 {
			t.Fatalf("%d messages for tasks that do not read them", n)
		}
	})
}
