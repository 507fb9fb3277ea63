package exchange

import (
	"context"
	"testing"
	"testing/synctest"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestHeavyBatches: batches of long texts wait earlier than others, and their memory does
// not stay with the edge.
func TestHeavyBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		schema := types.Schema{{Name: "s", Type: types.Of(types.String)}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		e := NewEdge(0, schema)
		p := NewPartitioner(ctx, plan.Forward, nil, 0, []*Edge{e})
		b := column.NewBatch(schema)
		b.Cols[0].AppendBytes(make([]byte, maxTextBytes))
		b.Rows = 1
		sent, failed := 0, make(chan error, 1)
		go func() {
			for range 5 {
				if err := p.Emit(b); err != nil {
					failed <- err
					return
				}
				sent++
			}
			failed <- nil
		}()
		for read := range 5 {
			synctest.Wait()
			if want := min(5, read+heavyCapacity); sent != want {
				t.Fatalf("%d were sent while %d had been given back, want %d", sent, read, want)
			}
			e.release((<-e.ch).Batch)
		}
		if err := <-failed; err != nil || len(e.free) != 0 || len(e.heavy) != 0 {
			t.Errorf("%v, %d kept, %d counted", err, len(e.free), len(e.heavy))
		}
	})
}
