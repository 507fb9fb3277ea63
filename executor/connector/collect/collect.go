// Package collect hands the rows of a SELECT to its client over a bounded channel:
// a client that does not read holds its own query back and nothing else.
package collect

import (
	"context"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/types"
)

// Sink is the end of a query's dataflow.
type Sink struct {
	ctx    context.Context // of the query: a client that is gone ends it
	schema types.Schema
	// changes: rows may take others back, and say in a column in front what they do.
	changes bool
	Parts   chan Part
	memory  *state.Budget
	held    int64 // by the part that the client has
}

// Part is some rows, or the barrier behind which others come.
type Part struct {
	Rows    *column.Batch // nil: Barrier
	Barrier checkpoint.ID
	bytes   int64
}

// New makes a sink for rows of a schema, which count for a budget; ctx ends with the query.
func New(ctx context.Context, schema types.Schema, changes bool, memory *state.Budget) *Sink {
	return &Sink{ctx: ctx, schema: schema, changes: changes, memory: memory, Parts: make(chan Part, 4)}
}

// Taken says that the client has a part, and none that it had before.
func (s *Sink) Taken(p Part) {
	_ = s.memory.Borrow(-s.held) // what is given back is not refused
	s.held = p.bytes
}

// Open implements executor.Sink.
func (s *Sink) Open(context.Context, *executor.Env) error { return nil }

// Write copies the batch: it is the client's from then on.
func (s *Sink) Write(b *column.Batch) error {
	if b.Live() == 0 {
		return nil
	}
	out := column.NewBatch(s.schema)
	out.AppendBatch(b, b.Sel)
	if s.changes {
		out.Cols = append([]*column.Vector{kinds(b)}, out.Cols...)
	}
	p := Part{Rows: out, bytes: int64(out.TextBytes())}
	if err := s.memory.Borrow(p.bytes); err != nil {
		return err
	}
	return s.give(p)
}

// kinds spells what the live rows do.
func kinds(b *column.Batch) *column.Vector {
	v := column.NewVector(types.Of(types.String))
	b.Each(func(i int) { v.AppendBytes([]byte(b.Kind(i).String())) })
	return v
}

func (s *Sink) give(p Part) error {
	select {
	case s.Parts <- p:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Prepare tells the client how far its rows go.
func (s *Sink) Prepare(_ context.Context, id checkpoint.ID) ([]byte, error) {
	return nil, s.give(Part{Barrier: id})
}

// Commit implements executor.Sink.
func (s *Sink) Commit(context.Context, checkpoint.ID) error { return nil }

// Tick implements executor.Sink.
func (s *Sink) Tick(time.Time) (time.Time, error) { return time.Time{}, nil }

// Close implements executor.Sink.
func (s *Sink) Close() error { return nil }
