// Package executortest is what surrounds operators in tests, and only tests import it: the outside
// of a job in memory, topics of numbers and a sink with transactions, which can be slow, fail, or
// give transactions up (World); and random changing rows, with what an operator owes them (Check).
package executortest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// Row is what reached the sink: the first one or two columns.
type Row struct{ K, N int64 }

// World is what is outside. Faults are set between calls; all fields are guarded by Do.
type World struct {
	mu sync.Mutex
	// Topics hold numbers; the property "topic" of a stream names one.
	Topics map[string][]int64
	// Bounded topics end.
	Bounded map[string]bool
	// Visible are the committed rows, in the order of their commits.
	Visible []Row
	// Written counts rows that reached a sink, visible or not.
	Written int
	// Sources is how many are open.
	Sources int
	// Fault, if set, is asked before each call of a source, sink or committer, by its
	// name ("open", "next", "write", "prepare", "commit", "recover"); an error fails it. It may
	// sleep: no lock is held.
	Fault func(call string) error

	open map[string]*transaction
	next int
}

// transaction is one of a sink task.
type transaction struct {
	rows    []Row
	aborted bool
	claim   int64 // of the owner that opened it
}

// NewWorld makes an empty one.
func NewWorld() *World {
	return &World{Topics: map[string][]int64{}, Bounded: map[string]bool{}, open: map[string]*transaction{}}
}

// Do runs f with the world to itself.
func (w *World) Do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// Add appends to a topic.
func (w *World) Add(topic string, values ...int64) {
	w.Do(func() { w.Topics[topic] = append(w.Topics[topic], values...) })
}

// Seen is what a reader of committed rows sees.
func (w *World) Seen() (out []Row) {
	w.Do(func() { out = append(out, w.Visible...) })
	return out
}

// AbortAll gives up every open transaction, as brokers do behind their timeout.
func (w *World) AbortAll() (n int) {
	w.Do(func() {
		for _, t := range w.open {
			if !t.aborted {
				t.aborted = true
				n++
			}
		}
	})
	return n
}

// Open is how many transactions readers would wait for.
func (w *World) Open() (n int) {
	w.Do(func() {
		for _, t := range w.open {
			if !t.aborted {
				n++
			}
		}
	})
	return n
}

func (w *World) fault(call string) error {
	var f func(string) error
	w.Do(func() { f = w.Fault })
	if f == nil {
		return nil
	}
	return f(call)
}

// Connector is the way to the world, for plans and for the executor.
type Connector struct {
	catalog.NothingBehind
	executor.NoLookup
	World *World
}

// Declaration implements catalog.Connector.
func (Connector) Declaration() *catalog.Declaration { return declaration }

var (
	topic = conf.StringOption("topic", "", "O", "One of World.Topics.")
	entry = conf.SecretOption("entry", "O", "What opens it; nobody asks for it.")
)

var declaration = &catalog.Declaration{
	Name: "fake", Text: "A World.",
	Options: []*conf.Setting{topic.Setting, entry.Setting},
	Locates: []*conf.Setting{topic.Setting},
	Source:  &catalog.SourceTraits{Bounded: true},
	Sink:    &catalog.SinkTraits{Deliveries: []string{conf.AtLeastOnce, conf.ExactlyOnce}},
}

// Splits implements executor.Connector.
func (Connector) Splits(context.Context, *plan.Source) (int, error) { return 1, nil }

// Ends implements executor.Connector.
func (Connector) Ends(context.Context, *plan.Source) (map[int]int64, error) { return nil, nil }

// CheckSink implements executor.Connector.
func (Connector) CheckSink(context.Context, *plan.Sink, *conf.Values) error { return nil }

// NewSource implements executor.Connector.
func (c Connector) NewSource(s *plan.Source) (executor.Source, error) {
	return &source{w: c.World, topic: topic.Get(declaration.Read(s.Properties)), batch: column.NewBatch(s.Out), ready: executor.NewSignal()}, nil
}

// NewSink implements executor.Connector.
func (c Connector) NewSink(*plan.Sink) (executor.Sink, error) { return &sink{w: c.World}, nil }

// NewCommitter implements executor.Connector.
func (c Connector) NewCommitter(*plan.Sink, *executor.Env) (executor.Committer, error) {
	return committer{w: c.World}, nil
}

// source reads one topic; its position is how many it has read.
type source struct {
	w      *World
	topic  string
	at     int
	batch  *column.Batch
	ready  executor.Signal
	closed bool
}

func (s *source) Open(_ context.Context, _ *executor.Env, restored [][]byte) error {
	s.w.Do(func() { s.w.Sources++ })
	if err := s.w.fault("open"); err != nil {
		return err
	}
	for _, b := range restored {
		if err := json.Unmarshal(b, &s.at); err != nil {
			return err
		}
	}
	return nil
}

// batchRows is small, so that barriers fall between rows.
const batchRows = 64

func (s *source) Next(context.Context) (*column.Batch, error) {
	if err := s.w.fault("next"); err != nil {
		return nil, err
	}
	var rest []int64
	ended := false
	s.w.Do(func() {
		rest = s.w.Topics[s.topic][s.at:]
		ended = s.w.Bounded[s.topic]
	})
	if len(rest) == 0 {
		if ended {
			return nil, io.EOF
		}
		time.AfterFunc(2*time.Millisecond, s.ready.Set)
		return nil, nil
	}
	rest = rest[:min(len(rest), batchRows)]
	s.batch.Reset()
	for _, v := range rest {
		for _, c := range s.batch.Cols {
			c.AppendInt(v)
		}
	}
	s.batch.Rows = len(rest)
	s.at += len(rest)
	return s.batch, nil
}

func (s *source) Snapshot() ([]byte, error)          { return json.Marshal(s.at) }
func (s *source) Committed([]byte)                   {}
func (s *source) Ready() <-chan struct{}             { return s.ready }
func (s *source) Progress() []executor.SplitProgress { return nil }
func (s *source) Close() error {
	if !s.closed {
		s.closed = true
		s.w.Do(func() { s.w.Sources-- })
	}
	return nil
}

// sink has one transaction per checkpoint.
type sink struct {
	w       *World
	claim   int64
	current string
	named   []named
}

// named is a transaction in a checkpoint.
type named struct {
	ID   checkpoint.ID
	Name string
}

func (s *sink) Open(_ context.Context, env *executor.Env) error {
	s.claim = env.Epoch
	return nil
}

func (s *sink) Write(b *column.Batch) error {
	if err := s.w.fault("write"); err != nil {
		return err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.current == "" {
		s.w.next++
		s.current = fmt.Sprint("tx", s.w.next)
		s.w.open[s.current] = &transaction{claim: s.claim}
	}
	t := s.w.open[s.current]
	if t == nil || t.aborted {
		return fmt.Errorf("transaction %s was aborted", s.current)
	}
	b.Each(func(i int) {
		if b.Kind(i).Retracts() {
			return
		}
		r := Row{K: b.Cols[0].Ints[i]}
		if len(b.Cols) > 1 {
			r.N = b.Cols[1].Ints[i]
		}
		t.rows = append(t.rows, r)
		s.w.Written++
	})
	return nil
}

func (s *sink) Prepare(_ context.Context, id checkpoint.ID) ([]byte, error) {
	if err := s.w.fault("prepare"); err != nil {
		return nil, err
	}
	if s.current != "" {
		s.named, s.current = append(s.named, named{id, s.current}), ""
	}
	return json.Marshal(s.named)
}

func (s *sink) Commit(_ context.Context, id checkpoint.ID) error {
	var left []named
	for _, p := range s.named {
		if p.ID > id {
			left = append(left, p)
		}
	}
	s.named = left
	return nil
}

func (s *sink) Tick(time.Time) (time.Time, error) { return time.Time{}, nil }

// Close aborts what the task was writing.
func (s *sink) Close() error {
	s.w.Do(func() {
		if t := s.w.open[s.current]; t != nil {
			t.aborted = true
		}
	})
	return nil
}

type committer struct {
	executor.NoTransactions
	w *World
}

// Commit makes the rows of what is named visible, each task's in their order. A name
// that the world does not know was committed before.
func (c committer) Commit(_ context.Context, list [][]byte) error {
	if err := c.w.fault("commit"); err != nil {
		return err
	}
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	lost, fine := 0, 0
	for _, b := range list {
		var names []named
		if err := json.Unmarshal(b, &names); err != nil {
			return err
		}
		if c.w.inOrder(names) {
			fine++
		} else {
			lost++
		}
	}
	switch {
	case lost == 0:
		return nil
	case fine == 0:
		return executor.ErrAborted
	}
	return executor.Permanent(executor.ErrAborted) // some are lost: a person has to choose
}

// inOrder commits up to the first that was aborted.
func (w *World) inOrder(names []named) bool {
	for _, p := range names {
		t := w.open[p.Name]
		if t == nil {
			continue
		}
		if t.aborted {
			return false
		}
		w.Visible = append(w.Visible, t.rows...)
		delete(w.open, p.Name)
	}
	return true
}

func (c committer) Recover(ctx context.Context, list [][]byte) error {
	if err := c.w.fault("recover"); err != nil {
		return err
	}
	if err := c.Commit(ctx, list); err != nil {
		return err
	}
	c.w.Do(func() {
		for _, t := range c.w.open {
			t.aborted = true
		}
	})
	return nil
}

// Leave implements executor.Committer.
func (c committer) Leave(_ context.Context, claim int64, list [][]byte) error {
	recorded := map[string]bool{}
	for _, b := range list {
		var names []named
		if err := json.Unmarshal(b, &names); err != nil {
			return err
		}
		for _, p := range names {
			recorded[p.Name] = true
		}
	}
	c.w.Do(func() {
		for name, t := range c.w.open {
			if t.claim == claim && !recorded[name] {
				t.aborted = true
			}
		}
	})
	return nil
}

func (committer) Close() error { return nil }
