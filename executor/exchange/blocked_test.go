package exchange

import (
	"testing"
	"testing/synctest"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestBlockedTime: while an edge is full the time counts, and at no other.
func TestBlockedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		schema := types.Schema{{Name: "a", Type: types.Of(types.BigInt)}}
		var full executor.Stopwatch
		e := NewEdge(0, schema)
		p := NewPartitioner(t.Context(), plan.Forward, nil, 0, []*Edge{e}).Watched(&full)
		b := column.NewBatch(schema)
		b.Cols[0].Ints, b.Rows = append(b.Cols[0].Ints, 1), 1
		send := func() {
			if err := p.Emit(b); err != nil {
				t.Error(err)
			}
			if err := p.Flush(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
		for range edgeCapacity {
			send()
		}
		if full.Total() != 0 {
			t.Errorf("%s before the edge was full", full.Total())
		}
		go send()
		time.Sleep(7 * time.Second)
		if full.Total() != 7*time.Second {
			t.Errorf("%s while it waits, for 7 s", full.Total())
		}
		e.release((<-e.ch).Batch)
		time.Sleep(time.Minute)
		if full.Total() != 7*time.Second {
			t.Errorf("%s in the end", full.Total())
		}
	})
}
