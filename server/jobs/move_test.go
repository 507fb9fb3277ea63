package jobs

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"slipway/checkpoint"
	"slipway/checkpoint/checkpointtest"
	"slipway/ha"
)

// slowRemoval is a Storage that removes all when it is told to.
type slowRemoval struct {
	*checkpointtest.Files
	remove chan struct{}
}

func (s *slowRemoval) RemoveAll(ctx context.Context, prefix string) error {
	select {
	case <-s.remove:
		return s.Files.RemoveAll(ctx, prefix)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestMoveIsBesideTheJob: while the former backend of a job is being emptied, checkpoints go on;
// when it is, the supervisor is told, once.
func TestMoveIsBesideTheJob(t *testing.T) { synctest.Test(t, moveIsBesideTheJob) }

func moveIsBesideTheJob(t *testing.T) {
	b := newBench(t, pass)
	old := Backend{&slowRemoval{checkpointtest.NewFiles(), make(chan struct{})}, checkpointtest.NewMemory()}
	b.runner.Backends.ByName["former"] = old
	former, err := old.Metadata.Claim(t.Context(), b.job.ID)
	if err == nil {
		err = former.Add(t.Context(), &checkpoint.Manifest{Version: 1, Job: b.job.ID, Checkpoint: 40, Kind: checkpoint.Final})
	}
	if err != nil {
		t.Fatal(err)
	}
	b.job.MovedFrom = "former"
	var moved atomic.Int32
	b.progress = func(e ha.Event) {
		if e.Moved {
			moved.Add(1)
		}
	}
	a := b.start()
	b.eventually("checkpoints behind the former ones", func() bool { return b.completed() >= 44 })
	if moved.Load() != 0 {
		t.Error("the move is over while the former backend holds something")
	}
	close(old.Storage.(*slowRemoval).remove)
	b.eventually("the move is over", func() bool { return moved.Load() > 0 })
	newest := b.completed()
	b.eventually("more checkpoints", func() bool { return b.completed() >= newest+3 })
	a.crash()
	if held, err := old.Metadata.Peek(t.Context(), b.job.ID); err != nil || len(held) != 0 || moved.Load() != 1 {
		t.Errorf("the former backend holds %d checkpoints, %v; told %d times", len(held), err, moved.Load())
	}
}
