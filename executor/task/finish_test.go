package task

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/exchange"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// slowly notes the reports of a task in their order; an acknowledgement takes its time.
type slowly struct{ said []string }

func (*slowly) Sections(checkpoint.ID) state.SectionWriter       { return nowhere{} }
func (*slowly) Declined(checkpoint.ID, checkpoint.TaskID, error) {}
func (s *slowly) Finished(checkpoint.TaskID, []checkpoint.OperatorState) {
	s.said = append(s.said, "finished")
}

func (s *slowly) Ack(checkpoint.Ack) {
	time.Sleep(time.Second)
	s.said = append(s.said, "acknowledged")
}

// TestFinishedBehindTheBarrier: a task that ends behind a barrier reports its part of that checkpoint
// before the state that it ends with. The other way round the checkpoint would hold the end of one task
// and the middle of others, and a restore from it would lack what lies between.
func TestFinishedBehindTheBarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, reports := newGiven(), &slowly{}
		out := exchange.NewEdge(0, numbers)
		task := New(Config{Env: &executor.Env{Counters: &executor.Counters{}}, Source: source, SourceID: "s", Reports: reports, Writing: ctx,
			Outputs: []*exchange.Partitioner{exchange.NewPartitioner(ctx, plan.Broadcast, nil, 0, []*exchange.Edge{out})}})
		go task.Run(ctx) // ends with its input
		source.give(batchOf(3))
		task.Mailbox <- Command{Trigger: &checkpoint.Barrier{ID: 1, Kind: checkpoint.Periodic}}
		synctest.Wait()
		close(source.batches)
		source.ready.Set()
		<-task.Gone()
		cancel()
		if want := []string{"acknowledged", "finished"}; !slices.Equal(reports.said, want) {
			t.Errorf("reported %q, want %q", reports.said, want)
		}
	})
}
