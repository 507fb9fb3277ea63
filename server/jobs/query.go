package jobs

import (
	"context"
	"errors"
	"io"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor/column"
	"slipway/executor/connector/collect"
	"slipway/executor/expr"
	"slipway/executor/job"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Rows is the running dataflow of a SELECT.
type Rows struct {
	sink   *collect.Sink
	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid once done is closed
}

// Query starts a SELECT in a time zone; Close ends it.
func (r *Runner) Query(ctx context.Context, flow *plan.Dataflow, zone *time.Location) (*Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	sink := collect.New(ctx, flow.Output)
	j, err := job.New(ctx, flow, job.Options{ID: "query", Name: "query", Settings: conf.Defaults(conf.Job), Connectors: r.Connectors, Cores: r.Cores,
		Budget: r.Budget, Log: quietly(r.Log), TimeZone: zone, Output: sink})
	if err != nil {
		cancel()
		return nil, err
	}
	rows := &Rows{sink: sink, cancel: cancel, done: make(chan struct{})}
	go func() { // ends with the query's context
		rows.err = r.translate(j.Run(ctx, nobody{}))
		close(rows.done)
	}()
	return rows, nil
}

// Next waits for rows: io.EOF at the end, ErrSilent after `silence` without any (0: never).
func (q *Rows) Next(ctx context.Context, silence time.Duration) (*column.Batch, error) {
	var timeout <-chan time.Time
	if silence > 0 {
		t := time.NewTimer(silence)
		defer t.Stop()
		timeout = t.C
	}
	select {
	case b := <-q.sink.Rows:
		return b, nil
	case <-timeout:
		return nil, ErrSilent
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-q.done:
		select {
		case b := <-q.sink.Rows:
			return b, nil
		default:
		}
		if q.err != nil && !errors.Is(q.err, context.Canceled) {
			return nil, q.err
		}
		return nil, io.EOF
	}
}

// ErrSilent: no row came for a while.
var ErrSilent = errors.New("no rows for a while")

// Close ends the dataflow and waits for it.
func (q *Rows) Close() {
	q.cancel()
	<-q.done
}

// nobody takes the acknowledgements of a dataflow without a coordinator.
type nobody struct{}

func (nobody) Ack(checkpoint.Ack)                                     {}
func (nobody) Declined(checkpoint.ID, checkpoint.TaskID, error)       {}
func (nobody) Finished(checkpoint.TaskID, []checkpoint.OperatorState) {}

// Constants computes expressions without columns in a time zone.
func (r *Runner) Constants(exprs []plan.Expr, schema types.Schema, zone *time.Location) (*column.Batch, error) {
	b := &column.Batch{Rows: 1, Cols: make([]*column.Vector, len(exprs))}
	for i, e := range exprs {
		if e.Type().Kind == types.Null {
			e = &plan.Cast{Arg: e, Typ: schema[i].Type}
		}
		ev, err := expr.Compile(e, expr.Options{Location: zone})
		if err != nil {
			return nil, err
		}
		if b.Cols[i], err = ev.Eval(&column.Batch{Rows: 1}, nil); err != nil {
			return nil, err
		}
	}
	return b, nil
}
