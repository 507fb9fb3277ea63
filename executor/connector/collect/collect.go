// Package collect hands the rows of a SELECT to its client over a bounded channel:
// a client that does not read holds its own query back and nothing else.
package collect

import (
	"context"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/types"
)

// Sink is the end of a query's dataflow.
type Sink struct {
	ctx    context.Context // of the query: a client that is gone ends it
	schema types.Schema
	Rows   chan *column.Batch
}

// New makes a sink; ctx ends with the query.
func New(ctx context.Context, schema types.Schema) *Sink {
	return &Sink{ctx: ctx, schema: schema, Rows: make(chan *column.Batch, 4)}
}

// Open implements executor.Sink.
func (s *Sink) Open(context.Context, *executor.Env) error { return nil }

// Write copies the batch: it is the client's from then on. Old versions of changed
// rows are left out.
func (s *Sink) Write(b *column.Batch) error {
	out := column.NewBatch(s.schema)
	sel := make([]int32, 0, b.Live())
	b.Each(func(i int) {
		if !b.Kind(i).Retracts() {
			sel = append(sel, int32(i))
		}
	})
	if len(sel) == 0 {
		return nil
	}
	out.AppendBatch(b, sel)
	select {
	case s.Rows <- out:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Prepare implements executor.Sink.
func (s *Sink) Prepare(context.Context, checkpoint.ID) ([]byte, error) { return nil, nil }

// Commit implements executor.Sink.
func (s *Sink) Commit(context.Context, checkpoint.ID) error { return nil }

// Tick implements executor.Sink.
func (s *Sink) Tick(time.Time) (time.Time, error) { return time.Time{}, nil }

// Close implements executor.Sink.
func (s *Sink) Close() error { return nil }
