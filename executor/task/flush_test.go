package task

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/exchange"
	"slipway/sql/plan"
	"slipway/sql/types"
)

var numbers = types.Schema{{Name: "n", Type: types.Of(types.BigInt)}}

func batchOf(rows int) *column.Batch {
	b := column.NewBatch(numbers)
	for i := range rows {
		b.Cols[0].AppendInt(int64(i))
	}
	b.Rows = rows
	return b
}

// middle is a task between edges that passes rows on, and what is behind it.
type middle struct {
	*Task
	inputs []*exchange.Partitioner
	behind *exchange.Gate
}

func newMiddle(ctx context.Context, inputs int) *middle {
	m := &middle{}
	var edges []*exchange.Edge
	for range inputs {
		e := exchange.NewEdge(0, numbers)
		edges = append(edges, e)
		m.inputs = append(m.inputs, exchange.NewPartitioner(ctx, plan.Single, nil, 0, []*exchange.Edge{e}))
	}
	out := exchange.NewEdge(0, numbers)
	m.behind = exchange.NewGate([]*exchange.Edge{out}, true)
	m.Task = New(Config{Env: &executor.Env{Counters: &executor.Counters{}}, Gate: exchange.NewGate(edges, true),
		Outputs: []*exchange.Partitioner{exchange.NewPartitioner(ctx, plan.Single, nil, 0, []*exchange.Edge{out})}})
	return m
}

func (m *middle) give(t *testing.T, input, rows int) {
	t.Helper()
	if err := errors.Join(m.inputs[input].Emit(batchOf(rows)), m.inputs[input].Flush()); err != nil {
		t.Fatal(err)
	}
}

// arrived are the sizes of the batches that are there within a time.
func (m *middle) arrived(ctx context.Context, within time.Duration) (sizes []int) {
	for over := time.After(within); ; {
		got, _, _, late, err := exchange.Next[Command](ctx, m.behind, nil, over)
		if late || err != nil {
			return sizes
		}
		if got.Kind == executor.BatchMessage {
			sizes = append(sizes, got.Batch.Rows)
		}
	}
}

// TestRowsLeaveWhenTheInputsAreEmpty: neither watermark nor barrier comes, and an input that
// a barrier blocks holds nothing back.
func TestRowsLeaveWhenTheInputsAreEmpty(t *testing.T) {
	for _, inputs := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			m := newMiddle(ctx, inputs)
			go m.Run(ctx) // ends with ctx
			m.give(t, 0, 3)
			if got := m.arrived(ctx, 10*time.Millisecond); !slices.Equal(got, []int{3}) {
				t.Errorf("of %d inputs: batches of %v rows", inputs, got)
			}
			if inputs > 1 {
				m.give(t, 0, 5)
				if err := m.inputs[0].Broadcast(executor.Message{Kind: executor.BarrierMessage, Barrier: checkpoint.Barrier{ID: 1}}); err != nil {
					t.Fatal(err)
				}
				if got := m.arrived(ctx, 10*time.Millisecond); !slices.Equal(got, []int{5}) {
					t.Errorf("beside a blocked input: batches of %v rows", got)
				}
			}
			cancel()
			<-m.Gone()
		})
	}
}

// TestRowsThatWaitLeaveTogether: while others wait in an input, batches fill.
func TestRowsThatWaitLeaveTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMiddle(ctx, 2)
		for range 3 {
			m.give(t, 0, 100)
			m.give(t, 1, 100)
		}
		go m.Run(ctx) // ends with ctx
		if got := m.arrived(ctx, 10*time.Millisecond); !slices.Equal(got, []int{600}) {
			t.Errorf("batches of %v rows", got)
		}
		cancel()
		<-m.Gone()
	})
}

// TestRowsAreNotHeldForLong: an input that is never empty does not hold a few rows for ever.
func TestRowsAreNotHeldForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s schedule
		began := time.Now()
		s.start(began)
		s.holds(began)
		s.holds(began.Add(holdAtMost / 2))
		if s.flushDue(began.Add(holdAtMost-1), false) || !s.flushDue(began.Add(holdAtMost), false) {
			t.Error("rows do not leave by their own time")
		}
		if !s.flushDue(began, true) || s.flushDue(began.Add(flushPause-1), true) || !s.flushDue(began.Add(flushPause), true) {
			t.Error("rows do not leave at once when none did for a while, else together")
		}
	})
}
