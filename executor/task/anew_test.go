package task

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/exchange"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// heard is a task.Reports that keeps nothing.
type heard struct{ finished bool }

func (*heard) Sections(checkpoint.ID) state.SectionWriter { return nowhere{} }
func (*heard) Ack(checkpoint.Ack)                         {}

func (*heard) Declined(checkpoint.ID, checkpoint.TaskID, error) {}

func (h *heard) Finished(checkpoint.TaskID, []checkpoint.OperatorState) { h.finished = true }

type nowhere struct{}

func (nowhere) Section(write func(io.Writer) error) (checkpoint.Section, error) {
	return checkpoint.Section{}, write(io.Discard)
}

// TestAnew: a barrier that ends other sources does not end one that begins anew: a table cut short
// would join wrongly. What it gives behind the barrier goes on, and then its end.
func TestAnew(t *testing.T) {
	for _, anew := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			source, reports := newGiven(), &heard{}
			out := exchange.NewEdge(0, numbers)
			task := New(Config{Env: &executor.Env{Counters: &executor.Counters{}}, Source: source, SourceID: "s", Reports: reports, Writing: ctx, Anew: anew, Volatile: anew,
				Outputs: []*exchange.Partitioner{exchange.NewPartitioner(ctx, plan.Broadcast, nil, 0, []*exchange.Edge{out})}})
			go task.Run(ctx) // ends with ctx or its input
			source.give(batchOf(3))
			synctest.Wait()
			task.Mailbox <- Command{Trigger: &checkpoint.Barrier{ID: 1, Kind: checkpoint.Final}}
			synctest.Wait()
			source.give(batchOf(4))
			close(source.batches)
			source.ready.Set()
			rows, behind := 0, exchange.NewGate([]*exchange.Edge{out}, true)
			for ended := false; !ended; {
				m, _, _, _, err := exchange.Next[Command](ctx, behind, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				if m.Kind == executor.BatchMessage {
					rows += m.Batch.Rows
				}
				ended = m.Kind == executor.EndMessage
			}
			cancel()
			<-task.Gone()
			if want := map[bool]int{true: 7, false: 3}[anew]; rows != want || reports.finished != anew {
				t.Errorf("anew %t: %d rows, want %d; it has finished: %t", anew, rows, want, reports.finished)
			}
		})
	}
}
