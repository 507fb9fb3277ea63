package task

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/exchange"
	"slipway/executor/state"
	"slipway/sql/plan"
)

// given is a source of what a test gives it.
type given struct {
	ready    executor.Signal
	batches  chan *column.Batch
	asked    int // calls of Next
	progress []executor.SplitProgress
}

func newGiven() *given {
	return &given{ready: executor.NewSignal(), batches: make(chan *column.Batch, 8), progress: []executor.SplitProgress{{End: 0}}}
}

func (s *given) give(b *column.Batch) {
	s.batches <- b
	s.ready.Set()
}

func (s *given) Next(context.Context) (*column.Batch, error) {
	s.asked++
	select {
	case b, more := <-s.batches:
		if !more {
			return nil, io.EOF
		}
		return b, nil
	default:
		return nil, nil
	}
}

func (s *given) Open(context.Context, *executor.Env, [][]byte) error { return nil }
func (s *given) Ready() <-chan struct{}                              { return s.ready }
func (s *given) Snapshot() ([]byte, error)                           { return nil, nil }
func (s *given) Committed([]byte)                                    {}
func (s *given) Progress() []executor.SplitProgress                  { return slices.Clone(s.progress) }
func (s *given) Close() error                                        { return nil }

// ticked is a sink that notes when it is looked at; after rows it asks for one more look.
type ticked struct {
	again time.Duration
	wrote bool
	at    []time.Time
}

func (s *ticked) Tick(now time.Time) (next time.Time, err error) {
	s.at = append(s.at, now)
	if s.wrote {
		s.wrote, next = false, now.Add(s.again)
	}
	return next, nil
}

func (s *ticked) Write(*column.Batch) error                              { s.wrote = true; return nil }
func (s *ticked) Open(context.Context, *executor.Env) error              { return nil }
func (s *ticked) Prepare(context.Context, checkpoint.ID) ([]byte, error) { return nil, nil }
func (s *ticked) Commit(context.Context, checkpoint.ID) error            { return nil }
func (s *ticked) Close() error                                           { return nil }

// told takes a task's words.
type told struct{ acks chan checkpoint.Ack }

func (r told) Ack(a checkpoint.Ack)                                 { r.acks <- a }
func (told) Sections(checkpoint.ID) state.SectionWriter             { return nil }
func (told) Declined(checkpoint.ID, checkpoint.TaskID, error)       {}
func (told) Finished(checkpoint.TaskID, []checkpoint.OperatorState) {}

// TestIdleTaskSleeps: in an hour without rows a source task wakes for what is due and for
// nothing else, and a barrier does not wait for it.
func TestIdleTaskSleeps(t *testing.T) {
	for name, c := range map[string]struct {
		spec          *plan.WatermarkSpec
		asked, looked int // at most
	}{"no watermark": {nil, 5, 5}, "event time": {&plan.WatermarkSpec{IdleAfter: 5 * time.Second}, 10, 5}, "arrival time": {&plan.WatermarkSpec{Arrival: true}, 9000, 4500}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			source, sink, reports := newGiven(), &ticked{}, told{make(chan checkpoint.Ack, 1)}
			task := New(Config{Env: &executor.Env{Counters: &executor.Counters{}}, Source: source, Sink: sink, Watermark: c.spec, Reports: reports})
			go task.Run(ctx) // ends with ctx
			time.Sleep(time.Hour)
			began := time.Now()
			task.Mailbox <- Command{Trigger: &checkpoint.Barrier{ID: 1}}
			<-reports.acks
			if waited := time.Since(began); waited > 0 {
				t.Errorf("%s: a barrier waited %s", name, waited)
			}
			cancel()
			<-task.Gone()
			if source.asked > c.asked || len(sink.at) > c.looked {
				t.Errorf("%s: the source was asked %d times, the sink looked at %d times", name, source.asked, len(sink.at))
			}
		})
	}
}

// TestSinkIsLookedAt: soon after rows were written, then when it wants to be.
func TestSinkIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, sink := newGiven(), &ticked{again: time.Minute}
		task := New(Config{Env: &executor.Env{Counters: &executor.Counters{}}, Source: source, Sink: sink})
		go task.Run(ctx) // ends with ctx
		time.Sleep(time.Hour)
		synctest.Wait()
		first, began := len(sink.at), time.Now()
		source.give(batchOf(1))
		time.Sleep(time.Hour)
		cancel()
		<-task.Gone()
		if got := sink.at[first:]; len(got) != 2 || got[0].Sub(began) > 100*time.Millisecond || got[1].Sub(got[0]) != time.Minute {
			t.Errorf("rows came at %s, the sink was looked at %d times, first at %v", began, len(got), got[:min(len(got), 3)])
		}
	})
}

// TestIdleIsSaidInTime: that a stream has fallen silent goes on when it is due, once.
func TestIdleIsSaidInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, out := newGiven(), exchange.NewEdge(0, numbers)
		behind := exchange.NewGate([]*exchange.Edge{out}, true)
		task := New(Config{Env: &executor.Env{Counters: &executor.Counters{}}, Source: source, Watermark: &plan.WatermarkSpec{IdleAfter: 5 * time.Second},
			Outputs: []*exchange.Partitioner{exchange.NewPartitioner(ctx, plan.Single, nil, 0, []*exchange.Edge{out})}})
		go task.Run(ctx) // ends with ctx
		source.give(batchOf(1))
		began := time.Now()
		var got []executor.MessageKind
		for over := time.After(time.Hour); ; {
			m, _, _, late, err := exchange.Next[Command](ctx, behind, nil, over)
			if late || err != nil {
				break
			}
			got = append(got, m.Kind)
			if took := time.Since(began); m.Kind == executor.IdleMessage && (took < 5*time.Second || took > 5*time.Second+100*time.Millisecond) {
				t.Errorf("idle after %s", took)
			}
		}
		if want := []executor.MessageKind{executor.BatchMessage, executor.WatermarkMessage, executor.IdleMessage}; !slices.Equal(got, want) {
			t.Errorf("messages %v, want %v", got, want)
		}
		cancel()
		<-task.Gone()
	})
}
