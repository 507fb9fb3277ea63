// Package exchange joins tasks: bounded ordered edges, the partitioner that writes to
// them, and the gate that makes one aligned stream of several.
package exchange

import (
	"context"

	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/state"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// edgeCapacity is the batches in flight between two tasks: enough to keep both busy,
// few enough that a barrier passes in milliseconds.
const edgeCapacity = 8

const (
	// maxTextBytes of texts fill a batch before its rows do. Such a batch is heavy.
	maxTextBytes = 8 << 20
	// heavyCapacity is the heavy batches in flight between two tasks.
	heavyCapacity = 2
)

// Edge carries messages from one task to one other, in order. Its batches go round:
// the reader gives each back when it has processed it. Heavy ones are fewer, and are left
// to the collector.
type Edge struct {
	port   int
	schema types.Schema
	ch     chan executor.Message
	free   chan *column.Batch
	heavy  chan struct{} // one for each heavy batch that was sent and not given back
	// Memory, if it is not nil, is what batches on their way count for.
	Memory *state.Budget
}

// NewEdge makes an edge to an input port for batches of a schema.
func NewEdge(port int, schema types.Schema) *Edge {
	return &Edge{
		port: port, schema: schema, ch: make(chan executor.Message, edgeCapacity),
		free: make(chan *column.Batch, edgeCapacity+2), heavy: make(chan struct{}, heavyCapacity),
	}
}

// take gives an empty batch, a used one if there is one.
func (e *Edge) take() *column.Batch {
	select {
	case b := <-e.free:
		b.Reset()
		return b
	default:
		return column.NewBatch(e.schema)
	}
}

// release gives a processed batch back.
func (e *Edge) release(b *column.Batch) {
	if e.Memory != nil {
		_ = e.Memory.Borrow(-int64(b.TextBytes())) // what is given back is not refused
	}
	if b.TextBytes() >= maxTextBytes {
		<-e.heavy
		return
	}
	select {
	case e.free <- b:
	default:
	}
}

// send puts a message onto the edge. The watch runs while the edge is full.
func (e *Edge) send(ctx context.Context, m executor.Message, full *executor.Stopwatch) error {
	select {
	case e.ch <- m:
		return nil
	default:
	}
	full.Start()
	defer full.Stop()
	select {
	case e.ch <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// admit waits until one more heavy batch may be under way.
func (e *Edge) admit(ctx context.Context, full *executor.Stopwatch) error {
	full.Start()
	defer full.Stop()
	select {
	case e.heavy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Partitioner copies rows to the edges of the tasks they belong to.
type Partitioner struct {
	ctx    context.Context
	by     plan.Partitioning
	keys   []int
	edges  []*Edge
	open   []*column.Batch // being filled, one per edge; nil: none
	next   int             // of Rebalance
	hashes []uint64
	sels   [][]int32
	full   *executor.Stopwatch // runs while an edge is full; nil: nobody asks
}

// Watched has a stopwatch run while an edge is full.
func (p *Partitioner) Watched(full *executor.Stopwatch) *Partitioner {
	p.full = full
	return p
}

// NewPartitioner makes a partitioner over the edges to all tasks of the next stage. Of them Forward
// has subtask's alone: whatever is sent on the others nobody would read, and once they are full the
// task would wait for ever.
func NewPartitioner(ctx context.Context, by plan.Partitioning, keys []int, subtask int, edges []*Edge) *Partitioner {
	if by == plan.Forward {
		edges = edges[subtask : subtask+1]
	}
	return &Partitioner{ctx: ctx, by: by, keys: keys, edges: edges, open: make([]*column.Batch, len(edges)), sels: make([][]int32, len(edges))}
}

// Emit implements executor.Output.
func (p *Partitioner) Emit(b *column.Batch) error {
	switch {
	case p.by == plan.Hash && len(p.edges) > 1:
		return p.scatter(b)
	case p.by == plan.Rebalance:
		p.next = (p.next + 1) % len(p.edges)
		return p.add(p.next, b, nil)
	case p.by == plan.Broadcast:
		return p.toAll(b)
	}
	return p.add(0, b, nil)
}

func (p *Partitioner) toAll(b *column.Batch) error {
	for to := range p.edges {
		if err := p.add(to, b, nil); err != nil {
			return err
		}
	}
	return nil
}

func (p *Partitioner) scatter(b *column.Batch) error {
	p.hashes = column.HashColumns(p.hashes, b, p.keys)
	for i := range p.sels {
		p.sels[i] = p.sels[i][:0]
	}
	n := len(p.edges)
	if b.Sel == nil {
		for r, h := range p.hashes {
			to := state.OwnerOf(state.Group(h), n)
			p.sels[to] = append(p.sels[to], int32(r))
		}
	} else {
		for _, r := range b.Sel {
			to := state.OwnerOf(state.Group(p.hashes[r]), n)
			p.sels[to] = append(p.sels[to], r)
		}
	}
	for to, sel := range p.sels {
		if len(sel) == 0 {
			continue
		}
		if err := p.add(to, b, sel); err != nil {
			return err
		}
	}
	return nil
}

func (p *Partitioner) add(to int, b *column.Batch, sel []int32) error {
	if p.open[to] == nil {
		p.open[to] = p.edges[to].take()
	}
	p.open[to].AppendBatch(b, sel)
	if p.open[to].Rows >= column.BatchRows || p.open[to].TextBytes() >= maxTextBytes {
		return p.sendOpen(to)
	}
	return nil
}

func (p *Partitioner) sendOpen(to int) error {
	b := p.open[to]
	if b == nil || b.Rows == 0 {
		return nil
	}
	p.open[to] = nil
	if m := p.edges[to].Memory; m != nil {
		if err := m.Borrow(int64(b.TextBytes())); err != nil {
			return err
		}
	}
	if b.TextBytes() >= maxTextBytes {
		if err := p.edges[to].admit(p.ctx, p.full); err != nil {
			return err
		}
	}
	return p.edges[to].send(p.ctx, executor.Message{Kind: executor.BatchMessage, Batch: b}, p.full)
}

// Flush sends what is buffered.
func (p *Partitioner) Flush() error {
	for i := range p.open {
		if err := p.sendOpen(i); err != nil {
			return err
		}
	}
	return nil
}

// Broadcast sends everything buffered, then a watermark, idle, barrier or end to all.
func (p *Partitioner) Broadcast(m executor.Message) error {
	if err := p.Flush(); err != nil {
		return err
	}
	for _, e := range p.edges {
		if err := e.send(p.ctx, m, p.full); err != nil {
			return err
		}
	}
	return nil
}
