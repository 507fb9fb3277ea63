package task

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/executortest"
	"slipway/executor/state"
)

// arrivals is a sink that notes when rows come.
type arrivals struct {
	ticked
	rows []time.Time
}

func (s *arrivals) Write(b *column.Batch) error {
	for range b.Live() {
		s.rows = append(s.rows, time.Now())
	}
	return nil
}

// TestTimersBehindASource: a task that sleeps until its source has rows wakes for a timer, once,
// and the row goes on.
func TestTimersBehindASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, sink := newGiven(), &arrivals{}
		store := state.NewStore(state.Range{From: 0, To: state.KeyGroups}, &state.Budget{})
		task := New(Config{
			Env: &executor.Env{Counters: &executor.Counters{}}, Source: source, Sink: sink, Writing: ctx,
			Chain: []Node{{Op: &executortest.Reminder{}, ID: "reminder", State: store}},
		})
		go task.Run(ctx) // ends with ctx
		due := time.Now().Add(time.Hour)
		b := column.NewBatch(executortest.ReminderIn)
		for c, x := range []int64{1, due.UnixMicro(), executortest.RegisterProcessing} {
			b.Cols[c].AppendInt(x)
		}
		b.Rows = 1
		source.give(b)
		time.Sleep(3 * time.Hour)
		cancel()
		<-task.Gone()
		if len(sink.rows) != 1 || !sink.rows[0].Equal(due) {
			t.Errorf("due at %s, rows at %v", due, sink.rows)
		}
		if source.asked > 10 {
			t.Errorf("the source was asked %d times", source.asked)
		}
	})
}
