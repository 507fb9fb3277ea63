package task

import (
	"context"
	"errors"
	"fmt"
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
		if !s.flushDue(began, true) {
			t.Error("rows do not leave at once when none did for a while")
		}
		s.gave(began, began)
		if s.flushDue(began.Add(flushPause-1), true) || !s.flushDue(began.Add(flushPause), true) {
			t.Error("rows do not leave together when others just did")
		}
	})
}

// heldRows is an executor.Holder that gives the number of the rows that it was given.
type heldRows struct {
	executor.Stateless
	rows int
}

func (h *heldRows) Holds() bool { return true }

func (h *heldRows) Process(_ int, b *column.Batch, _ executor.Output) error {
	h.rows += b.Live()
	return nil
}

func (h *heldRows) Flush(out executor.Output) error {
	if h.rows == 0 {
		return nil
	}
	defer func() { h.rows = 0 }()
	return out.Emit(batchOf(h.rows))
}

// TestWatermarksWaitForHeldRows: while rows wait in an input neither those that are held nor the watermarks
// behind them leave; then they do, in their order, and of the watermarks the last.
func TestWatermarksWaitForHeldRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := newMiddle(ctx, 1)
		m.Chain = []Node{{Op: &heldRows{}}}
		for w := range int64(3) {
			m.give(t, 0, 2)
			if err := m.inputs[0].Broadcast(executor.Message{Kind: executor.WatermarkMessage, Watermark: w}); err != nil {
				t.Fatal(err)
			}
		}
		go m.Run(ctx) // ends with ctx
		var got []string
		for over := time.After(holdChanges / 2); ; {
			message, _, _, late, err := exchange.Next[Command](ctx, m.behind, nil, over)
			if late || err != nil {
				break
			}
			if message.Kind == executor.BatchMessage {
				got = append(got, fmt.Sprintf("%d rows", message.Batch.Rows))
			} else {
				got = append(got, fmt.Sprintf("watermark %d", message.Watermark))
			}
		}
		if want := []string{"6 rows", "watermark 2"}; !slices.Equal(got, want) {
			t.Errorf("it gives %v, want %v", got, want)
		}
		cancel()
		<-m.Gone()
	})
}

// TestWatermarksWaitNoLongerThanRows: an input that is never empty holds neither back for ever, and the end
// of the input waits for nothing.
func TestWatermarksWaitNoLongerThanRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := schedule{holder: true}
		s.start(began)
		if s.holdsBack(began, 1) {
			t.Error("a watermark waits though nothing is held")
		}
		s.holds(began)
		if !s.holdsBack(began.Add(holdChanges-1), 1) || s.holdsBack(began.Add(holdChanges), 1) || s.holdsBack(began, executor.EndWatermark) {
			t.Error("watermarks do not wait as long as rows do")
		}
		if s.flushDue(began.Add(holdChanges-1), false) || !s.flushDue(began.Add(holdChanges), false) {
			t.Error("changes do not leave by their own time")
		}
	})
}

// TestManyChangesWaitForMore: the longer it takes to give changes, the longer those behind them wait for each
// other while the inputs are empty; few hardly do.
func TestManyChangesWaitForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for took, wait := range map[time.Duration]time.Duration{0: flushPause, time.Microsecond: flushPause, time.Millisecond: pauseTimes * time.Millisecond, time.Second: holdAtMost} {
			s := schedule{holder: true}
			s.start(began)
			s.holds(began)
			s.gave(began, began.Add(took))
			ended := began.Add(took)
			if s.flushDue(ended.Add(wait-1), true) || !s.flushDue(ended.Add(wait), true) {
				t.Errorf("changes do not wait %s behind such that took %s", wait, took)
			}
		}
	})
}
