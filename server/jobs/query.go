package jobs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/connector/collect"
	"slipway/executor/job"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// Queries runs what a client waits for: SELECT, and INSERT … VALUES. Safe for concurrent use.
type Queries struct {
	Connectors executor.Connectors
	Budget     *state.Budget
	Memory     int64 // server.query.memory.limit; 0: none
	Cores      int   // that a SELECT uses at most
	Log        *slog.Logger
}

// Rows is the running dataflow of a SELECT.
type Rows struct {
	queries *Queries
	flow    *plan.Dataflow
	job     *job.Job
	sink    *collect.Sink
	ctx     context.Context // of the query
	cancel  context.CancelFunc
	done    chan struct{}
	err     error         // valid once done is closed
	barrier checkpoint.ID // of the last Mark
	unmark  context.CancelFunc
	marking sync.WaitGroup
}

// Query starts a SELECT in a time zone that may hold so many bytes, 0: as many as queries may; Close ends it.
func (q *Queries) Query(ctx context.Context, flow *plan.Dataflow, zone *time.Location, memory int64) (*Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	budget := q.budget(memory)
	sink := collect.New(ctx, flow.Output, flow.Changes(), budget)
	j, err := job.New(ctx, flow, job.Options{
		ID: "query", Name: "query", Settings: conf.Defaults(conf.Job), Connectors: q.Connectors, Cores: q.Cores,
		Budget: budget, InFlight: budget, Log: quietly(q.Log), TimeZone: zone, Output: sink,
	})
	if err != nil {
		cancel()
		return nil, err
	}
	rows := &Rows{queries: q, flow: flow, job: j, sink: sink, ctx: ctx, cancel: cancel, unmark: func() {}, done: make(chan struct{})}
	go func() { // ends with the query's context
		rows.err = translate(errors.Join(j.Run(ctx, noCoordinator{}), j.Close()))
		close(rows.done)
	}()
	return rows, nil
}

// budget is that of one query.
func (q *Queries) budget(memory int64) *state.Budget {
	if memory == 0 {
		memory = q.Memory
	}
	return q.Budget.Part(memory, conf.QueryMemory.Name())
}

// Next waits for rows: nil where Mark stands, io.EOF at the end.
func (q *Rows) Next(ctx context.Context) (*column.Batch, error) {
	for {
		select {
		case p := <-q.sink.Parts:
			if q.sink.Taken(p); p.Rows != nil {
				return p.Rows, nil
			}
			if p.Barrier == q.barrier {
				return nil, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.done:
			return q.rest()
		}
	}
}

// rest gives what an ended dataflow has left, then its error.
func (q *Rows) rest() (*column.Batch, error) {
	for {
		select {
		case p := <-q.sink.Parts:
			if q.sink.Taken(p); p.Rows != nil {
				return p.Rows, nil
			}
			continue
		default:
		}
		if q.err != nil && !errors.Is(q.err, context.Canceled) {
			return nil, q.err
		}
		return nil, io.EOF
	}
}

// LeftOut is how many records and rows on.error=skip has left out.
func (q *Rows) LeftOut() int64 { return q.job.Status().Failed }

// Close ends the dataflow and waits for it.
func (q *Rows) Close() {
	q.unmark()
	q.cancel()
	q.marking.Wait()
	<-q.done
}

// noCoordinator takes the acknowledgements of a dataflow without a coordinator.
type noCoordinator struct{}

func (noCoordinator) Ack(checkpoint.Ack)                                     {}
func (noCoordinator) Declined(checkpoint.ID, checkpoint.TaskID, error)       {}
func (noCoordinator) Finished(checkpoint.TaskID, []checkpoint.OperatorState) {}
