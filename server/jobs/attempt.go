package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// attempt is one run of a job, from what is stored of it to its end. One goroutine uses it,
// but for job and coordinator, which are there for all once it is listed as running.
type attempt struct {
	r        *Runner
	run      ha.Run
	log      *slog.Logger // names the job
	flow     *plan.Dataflow
	settings *conf.Values
	backend  Backend
	entries  []checkpoint.Entry // of backend, newest first
	moved    *move              // nil: the job is not on the move

	job         *job.Job
	coordinator *checkpoint.Coordinator
}

// Run implements ha.Runner.
func (r *Runner) Run(ctx context.Context, run ha.Run) (err error) {
	a, err := r.newAttempt(ctx, run)
	if err != nil {
		return err
	}
	recovered := a.recovering(ctx)
	a.job, err = a.restore(ctx)
	if recovered(err); err != nil {
		return unbegun(translate(err), a.flow)
	}
	defer func() { err = classified(err, a.flow) }()
	r.named(run.Job.ID, run.Job.FullName())
	a.coordinator = checkpoint.NewCoordinator(a.checkpoints(), run.Store, a.backend.Storage, a.job, r.History(run.Job.ID), r.Log)
	r.list(a)
	defer a.close()
	err = a.runWithCoordinator(ctx)
	if err != nil && (errors.Is(err, checkpoint.ErrFenced) || ctx.Err() != nil || !a.stillOwns(ctx)) {
		a.abortOrphans(ctx) // there may be no restart here that would clear away
	}
	return translate(err)
}

// newAttempt compiles the job, asks whether its sinks can keep what it promises, and reads
// which checkpoints there are.
func (r *Runner) newAttempt(ctx context.Context, run ha.Run) (a *attempt, err error) {
	a = &attempt{r: r, run: run, log: r.Log.With("job", run.Job.FullName())}
	if a.flow, a.settings, err = r.Compile(run.Job); err != nil {
		return nil, err
	}
	if err := r.CheckSinks(ctx, a.flow, a.settings); err != nil {
		if sqlerr.From(err).Code == sqlerr.InvalidParameter {
			err = permanent(err)
		}
		return nil, err
	}
	if a.entries, err = run.Store.List(ctx); err != nil {
		return nil, fmt.Errorf("reading the job's checkpoints: %w", err)
	}
	if a.backend, err = r.Backends.For(a.settings); err != nil {
		return nil, err
	}
	a.sweep(ctx)
	a.moved, err = r.moving(ctx, run.Job, a.entries)
	return a, err
}

// sweep removes files that no record names: what a crash left behind. Nobody else
// writes under the job's name once its checkpoints are claimed.
func (a *attempt) sweep(ctx context.Context) {
	files, err := a.backend.Storage.List(ctx, a.run.Job.ID+"/")
	if err == nil {
		err = a.backend.Storage.Remove(ctx, orphans(files, a.entries)...)
	}
	if err != nil {
		a.log.Warn("sweeping left-over state files failed", "error", err)
	}
}

// restore tries the checkpoints in order until one is sound.
func (a *attempt) restore(ctx context.Context) (*job.Job, error) {
	entries := a.entries
	if a.moved != nil && len(a.moved.entries) > 0 {
		entries = a.moved.entries
	}
	for _, e := range entries {
		if e.Damaged != nil {
			a.log.Error("a checkpoint record is damaged and is passed over", "checkpoint", e.ID, "error", e.Damaged)
		}
	}
	list, err := candidates(entries, a.run.From)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return a.fresh(ctx, newest(entries))
	}
	lost := 0
	for _, m := range list {
		j, err := a.build(ctx, m, nil)
		switch {
		case err == nil:
			a.log.Info("job restored", "checkpoint", m.Checkpoint, "kind", m.Kind, "taken", m.Completed)
			return j, nil
		case isAborted(err):
			lost++
			if err := a.giveUp(ctx, m.Checkpoint, err); err != nil {
				return nil, err
			}
		case isDamage(err):
			a.log.Error("a checkpoint is damaged, falling back to the one before", "checkpoint", m.Checkpoint, "error", err)
		default:
			return nil, err
		}
	}
	if lost == len(entries) && conf.CheckpointRetained.Get(a.settings) > 1 {
		// The rows of a checkpoint are committed before the next one begins, and more than
		// one is kept: this was the job's first, and nothing of it has ever been visible.
		return a.fresh(ctx, nil)
	}
	return nil, damaged(checkpoint.ErrCorrupt, "no checkpoint of the job is sound")
}

// giveUp removes a checkpoint whose rows are not there and never will be: nobody may go on
// from it.
func (a *attempt) giveUp(ctx context.Context, id checkpoint.ID, cause error) error {
	a.log.Error("the transactions of a checkpoint were aborted by the brokers; the job goes back to the one before and makes the rows again",
		"checkpoint", id, "error", cause)
	return a.run.Store.Remove(ctx, id)
}

// fresh begins without state; rows that were promised with the last checkpoint are committed.
func (a *attempt) fresh(ctx context.Context, last *checkpoint.Manifest) (*job.Job, error) {
	a.log.Info("job begins without state")
	return a.build(ctx, nil, last)
}

func newest(entries []checkpoint.Entry) *checkpoint.Manifest {
	for _, e := range entries {
		if e.Manifest != nil {
			return e.Manifest
		}
	}
	return nil
}

// build makes the job from a checkpoint, or, without one, behind the last.
func (a *attempt) build(ctx context.Context, from, last *checkpoint.Manifest) (*job.Job, error) {
	o := a.r.options(a.run.Job, a.settings, a.backend)
	o.Epoch, o.Cores, o.Budget, o.Restore, o.Last = a.run.Store.Epoch(), a.r.Cores, a.r.Budget, from, last
	if a.moved != nil && len(a.moved.entries) > 0 {
		o.RestoreStorage = a.moved.old.Storage
	}
	return job.New(ctx, a.flow, o)
}

// close ends what the job keeps open, when nothing of it runs any more.
func (a *attempt) close() {
	a.r.unlist(a)
	if err := a.job.Close(); err != nil {
		a.log.Warn("closing a sink's committer failed", "error", err)
	}
}
