package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor/state"
	"slipway/ha"
)

// flushEvery is how often a job without checkpoints flushes and commits its offsets.
const flushEvery = time.Second

// checkpoints is how the attempt's coordinator works.
func (a *attempt) checkpoints() checkpoint.Config {
	c := checkpoint.Config{
		JobID: a.run.Job.ID, JobName: a.run.Job.FullName(), KeyGroups: state.KeyGroups,
		Keeps: conf.EnableCheckpoint.Get(a.settings), Interval: conf.CheckpointInterval.Get(a.settings),
		Timeout: conf.CheckpointTimeout.Get(a.settings), Retained: int(conf.CheckpointRetained.Get(a.settings)),
		After: highest(a.entries),
	}
	if !c.Keeps {
		c.Interval = min(c.Interval, flushEvery)
	}
	c.AtOnce = c.Keeps && a.job.Fresh()
	if a.moved != nil {
		c.After = highest(a.entries, a.moved.entries)
	}
	return c
}

// held are the sound checkpoints of the job's own backend.
func (a *attempt) held() (out []*checkpoint.Manifest) {
	for _, e := range a.entries {
		if e.Manifest != nil {
			out = append(out, e.Manifest)
		}
	}
	return out
}

// group is a job and its coordinator while they run.
type group struct {
	*attempt
	cancel context.CancelFunc // of both
	// said is closed when the supervisor has been told that the job runs, or never will be.
	said chan struct{}
	// Each gets one error, nil for a good end; stopping only one that keeps the final
	// checkpoint from completing.
	jobEnd, coordinatorEnd, stopping chan error
}

// runWithCoordinator runs the job and its coordinator: whichever ends first ends the other.
func (a *attempt) runWithCoordinator(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	g := &group{attempt: a, cancel: cancel, said: make(chan struct{}),
		jobEnd: make(chan error, 1), coordinatorEnd: make(chan error, 1), stopping: make(chan error, 1)}
	go func() { g.jobEnd <- a.job.Run(ctx, a.coordinator) }() // both end with ctx; await waits for them
	<-a.job.Started()
	go g.reportRunning() // ends with the job's tasks
	defer func() { cancel(); <-g.said }()
	go func() {
		g.coordinatorEnd <- a.coordinator.Run(ctx, a.held(), func(id checkpoint.ID) { g.completed(ctx, id) })
	}()
	go func() { // ends with ctx
		if err := g.stopWhenAsked(ctx); err != nil {
			g.stopping <- err
		}
	}()
	return g.await()
}

func (g *group) reportRunning() {
	defer close(g.said)
	if g.job.Opened() {
		g.run.Progress(ha.Event{Running: true})
	}
}

// completed tells the supervisor of a checkpoint. The first one of a job on the move has its
// old backend emptied, which the coordinator does not wait for.
func (g *group) completed(ctx context.Context, id checkpoint.ID) {
	<-g.said // events in their order
	g.run.Progress(ha.Event{Checkpoint: id})
	if g.moved == nil {
		return
	}
	go func(m *move) { // ends with ctx, or when a storage that does not hear it answers
		if m.empty(ctx) {
			g.run.Progress(ha.Event{Moved: true})
		}
	}(g.moved)
	g.moved = nil
}

// lastCheckpointPatience bounds the wait for the last checkpoint of a job whose
// tasks have all ended.
const lastCheckpointPatience = time.Minute

// await waits for the end of both, and says how the attempt ended.
func (g *group) await() error {
	select {
	case err := <-g.jobEnd:
		return ended(g.afterJob(err), g.run)
	case err := <-g.coordinatorEnd:
		if errors.Is(err, checkpoint.ErrEnded) {
			return ended(errors.Join(<-g.jobEnd), g.run)
		}
		g.cancel()
		<-g.jobEnd
		return err
	case err := <-g.stopping:
		g.cancel()
		<-g.jobEnd
		<-g.coordinatorEnd
		return err
	}
}

// afterJob waits for the coordinator of a job that has ended: when all tasks have ended well,
// one more checkpoint records it.
func (g *group) afterJob(err error) error {
	if err != nil {
		g.cancel()
		<-g.coordinatorEnd
		return err
	}
	select {
	case err = <-g.coordinatorEnd:
	case <-time.After(lastCheckpointPatience):
		g.cancel()
		err = <-g.coordinatorEnd
	}
	return err
}

// ended tells a job that was stopped from one that finished by itself.
func ended(err error, run ha.Run) error {
	if err != nil && !errors.Is(err, checkpoint.ErrEnded) {
		return err
	}
	select {
	case <-run.Stop:
		return ha.ErrStopped
	default:
		return nil
	}
}

// stopWhenAsked takes the final checkpoint, and the savepoint before it; its error is what
// keeps the final one from completing.
func (g *group) stopWhenAsked(ctx context.Context) error {
	select {
	case <-g.run.Stop:
	case <-ctx.Done():
		return nil
	}
	kind := checkpoint.FinalFlush
	if conf.EnableCheckpoint.Get(g.settings) {
		kind = checkpoint.Final
		g.takeAskedSavepoint(ctx)
	}
	o, err := g.request(ctx, kind, "")
	if err == nil && o.Reason != "" {
		return fmt.Errorf("the final checkpoint did not complete: %s", o.Reason)
	}
	return nil // that the group has ended, its end says
}

// request asks for a checkpoint and waits for its end, but no longer than the one under way and its own
// are given: what commits may wait for somebody who never answers.
func (g *group) request(ctx context.Context, kind checkpoint.Kind, name string) (checkpoint.Outcome, error) {
	patience := 2 * conf.CheckpointTimeout.Get(g.settings)
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	o, err := g.coordinator.Request(bounded, kind, name)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return checkpoint.Outcome{Reason: fmt.Sprintf("it was not over after %s", patience)}, nil
	}
	return o, err
}

// takeAskedSavepoint is STOP … WITH SAVEPOINT; a savepoint that fails does not keep the job from
// stopping.
func (g *group) takeAskedSavepoint(ctx context.Context) {
	name := g.run.Savepoint()
	if name == "" {
		return
	}
	if o, err := g.request(ctx, checkpoint.Savepoint, name); err == nil && o.Reason != "" {
		g.log.Warn("the savepoint failed", "savepoint", name, "reason", o.Reason)
		g.run.Progress(ha.Event{Warning: fmt.Sprintf("savepoint %q was not taken: %s", name, o.Reason)})
	}
}
