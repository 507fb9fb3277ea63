package jobs

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/ha"
)

// hanging is a Storage that stops answering: its calls wait for the end of their context,
// or, if it is deaf, for its own.
type hanging struct {
	*checkpointtest.Files
	on   string        // the call that hangs: "create", "write", "close", "remove"
	deaf chan struct{} // nil: it hears the context
	met  atomic.Bool
}

func (s *hanging) hang(ctx context.Context, call string) error {
	if call != s.on {
		return nil
	}
	s.met.Store(true)
	if s.deaf != nil {
		<-s.deaf
		return errors.New("the storage answers at last")
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *hanging) Create(ctx context.Context, name string) (checkpoint.File, error) {
	if err := s.hang(ctx, "create"); err != nil {
		return nil, err
	}
	f, err := s.Files.Create(ctx, name)
	return hangingFile{f, s, ctx}, err
}

func (s *hanging) Remove(ctx context.Context, names ...string) error {
	if len(names) > 0 {
		if err := s.hang(ctx, "remove"); err != nil {
			return err
		}
	}
	return s.Files.Remove(ctx, names...)
}

type hangingFile struct {
	checkpoint.File
	s   *hanging
	ctx context.Context
}

func (f hangingFile) Write(b []byte) (int, error) {
	if err := f.s.hang(f.ctx, "write"); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f hangingFile) Close() error {
	if err := f.s.hang(f.ctx, "close"); err != nil {
		return err
	}
	return f.File.Close()
}

// TestHangingStorage: a job whose leader was deposed ends, whatever its storage does.
// Time is real here: who waits for a lock that a storage holds up keeps virtual time from passing.
func TestHangingStorage(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		for _, call := range []string{"create", "write", "close", "remove"} {
			name := call
			if deaf {
				name += ", deaf"
			}
			t.Run(name, func(t *testing.T) {
				hang(t, call, deaf)
			})
		}
	}
}

func hang(t *testing.T, call string, deaf bool) {
	b := newBench(t, "insert into k select v, count(*) from a group by v", ha.Property{Key: "morphling.job.checkpoint.timeout", Value: "3600000"})
	s := &hanging{Files: checkpointtest.NewFiles(), on: call}
	if deaf {
		s.deaf = make(chan struct{})
		defer close(s.deaf)
	}
	b.runner.Backends.ByName["local"] = Backend{s, b.meta}
	b.w.Add("a", numbers(1, 5000)...)
	a := b.start()
	b.eventually("the storage hangs", func() bool {
		b.w.Add("a", numbers(1, 100)...) // the state changes for as long as no file is removed
		return s.met.Load()
	})
	a.cancel()
	if err := a.wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("the job ended with %v", err)
	}
}

// TestHangingStorageAndTriggers: while a storage does not close one checkpoint's file, that one
// expires, and so do the next: the coordinator is not held up.
func TestHangingStorageAndTriggers(t *testing.T) {
	for _, call := range []string{"write", "close", "remove"} {
		t.Run(call, func(t *testing.T) {
			b := newBench(t, "insert into k select v, count(*) from a group by v", ha.Property{Key: "morphling.job.checkpoint.timeout", Value: "50"})
			s := &hanging{Files: checkpointtest.NewFiles(), on: call}
			b.runner.Backends.ByName["local"] = Backend{s, b.meta}
			b.w.Add("a", numbers(1, 5000)...)
			a := b.start()
			b.eventually("the storage hangs", func() bool {
				b.w.Add("a", numbers(1, 100)...)
				return s.met.Load()
			})
			before := b.newest()
			b.eventually("three more checkpoints are over", func() bool { return b.newest() >= before+3 })
			a.crash()
		})
	}
}

// TestStopBehindACommitThatHangs: whoever stops a job is answered, also when a checkpoint before the
// final one is recorded and its commit never answers.
func TestStopBehindACommitThatHangs(t *testing.T) {
	b := newBench(t, pass, ha.Property{Key: "morphling.job.checkpoint.timeout", Value: "100"})
	var met, running atomic.Bool // the job commits once before it runs
	hangs := make(chan struct{})
	b.progress = func(e ha.Event) {
		if e.Running {
			running.Store(true)
		}
	}
	b.w.Fault = func(call string) error {
		if call == "commit" && running.Load() {
			met.Store(true)
			<-hangs
		}
		return nil
	}
	b.w.Add("a", numbers(1, 100)...)
	a := b.start()
	b.eventually("a commit hangs", met.Load)
	close(a.stop)
	b.eventually("the job ends", func() bool { return len(a.end) > 0 })
	close(hangs)
	if err := a.wait(); err == nil || !strings.Contains(err.Error(), "the final checkpoint did not complete: it was not over after 200ms") {
		t.Fatalf("the job ended with %v", err)
	}
}
