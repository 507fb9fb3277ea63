package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// What is done to a job from outside its run: savepoints, transactions, DROP.

// orphansPatience bounds the clearing behind an owner that was shut out.
const orphansPatience = 5 * time.Second

// stillOwns tells whether the claim of a run that failed stands. If it does, whoever claims next
// finds all that this owner left; if not, its successor may have looked already.
func (a *attempt) stillOwns(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orphansPatience)
	defer cancel()
	return a.run.Store.Remove(ctx) == nil
}

// abortOrphans aborts what this owner had prepared and nobody will ever commit.
func (a *attempt) abortOrphans(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orphansPatience)
	defer cancel()
	flow, o, err := a.r.inspectOptions(ctx, a.run.Job)
	if err == nil {
		o.Epoch = a.run.Store.Epoch()
		err = job.AbortOrphans(ctx, flow, o)
	}
	if err != nil {
		a.log.Warn("transactions that nobody will commit stay open until their timeout", "error", err)
	}
}

func (r *Runner) coordinator(j *ha.Job) (*checkpoint.Coordinator, error) {
	if a := r.running(j.ID); a != nil {
		return a.coordinator, nil
	}
	return nil, sqlerr.New(sqlerr.ObjectNotReady, "stream job %s does not run at the moment", j.FullName())
}

// Savepoint implements ha.Runner.
func (r *Runner) Savepoint(ctx context.Context, j *ha.Job, name string) (checkpoint.ID, error) {
	c, err := r.coordinator(j)
	if err != nil {
		return 0, err
	}
	o, err := c.Request(ctx, checkpoint.Savepoint, name)
	if err == nil && o.Reason != "" {
		err = sqlerr.New(sqlerr.ObjectNotReady, "savepoint %q was not taken: %s", name, o.Reason)
	}
	return o.ID, err
}

// Forget implements ha.Runner.
func (r *Runner) Forget(ctx context.Context, j *ha.Job, name string) error {
	c, err := r.coordinator(j)
	if err != nil {
		return err
	}
	o, err := c.Forget(ctx, name)
	if err == nil && o.Reason != "" {
		err = ha.ErrNoSavepoint
	}
	return err
}

// Purge implements ha.Runner. Rows that a recorded checkpoint promised are committed
// first; then nothing of the job's is left in the outside that it writes to.
func (r *Runner) Purge(ctx context.Context, j *ha.Job) error {
	if err := r.purgeSinks(ctx, j); err != nil {
		return fmt.Errorf("ending the transactions of job %s: %w", j.FullName(), err)
	}
	r.mu.Lock()
	delete(r.mu.history, j.ID)
	delete(r.mu.names, j.ID)
	delete(r.mu.failures, j.ID)
	r.mu.Unlock()
	backend, err := r.Backends.Of(j)
	if err == nil {
		err = backend.Storage.RemoveAll(ctx, j.ID+"/")
	}
	if old, ok := r.Backends.ByName[j.MovedFrom]; ok && err == nil {
		err = errors.Join(old.Metadata.Drop(ctx, j.ID), old.Storage.RemoveAll(ctx, j.ID+"/"))
	}
	if err != nil {
		return fmt.Errorf("removing the state files of job %s: %w", j.FullName(), err)
	}
	return nil
}

// inspectOptions compiles a job for looking at what its sinks have outside; it stands on the
// newest checkpoint.
func (r *Runner) inspectOptions(ctx context.Context, j *ha.Job) (*plan.Dataflow, job.Options, error) {
	flow, settings, err := r.Compile(j)
	if err != nil {
		return nil, job.Options{}, err
	}
	backend, err := r.Backends.For(settings)
	if err != nil {
		return nil, job.Options{}, err
	}
	held, err := backend.Metadata.Peek(ctx, j.ID)
	o := r.options(j, settings, backend)
	if len(held) > 0 {
		o.Last = held[0]
	}
	return flow, o, err
}

// options are what runs of a job and looks at it have in common.
func (r *Runner) options(j *ha.Job, v *conf.Values, b Backend) job.Options {
	return job.Options{ID: j.ID, Name: j.FullName(), Settings: v, Connectors: r.Connectors, Storage: b.Storage, Log: r.Log, TimeZone: r.TimeZone}
}

// Transactions lists what a job's sinks have outside.
func (r *Runner) Transactions(ctx context.Context, j *ha.Job) ([]executor.Transaction, error) {
	flow, o, err := r.inspectOptions(ctx, j)
	if err != nil {
		return nil, err
	}
	return job.Transactions(ctx, flow, o)
}

// Resolve ends by hand what the sinks of a job that does not run have open.
func (r *Runner) Resolve(ctx context.Context, j *ha.Job, commit bool) (int, error) {
	flow, o, err := r.inspectOptions(ctx, j)
	if err != nil {
		return 0, err
	}
	return job.Resolve(ctx, flow, o, commit)
}

// purgeSinks ends what the job's sinks have open. A job that no longer compiles has
// lost its sink's declaration: there is nobody left to ask.
func (r *Runner) purgeSinks(ctx context.Context, j *ha.Job) error {
	if _, _, err := r.Compile(j); err != nil {
		r.Log.Warn("the job no longer compiles: transactions of its sink end by their timeout", "job", j.FullName(), "error", err)
		return nil
	}
	flow, o, err := r.inspectOptions(ctx, j)
	if err != nil {
		return err
	}
	return job.Purge(ctx, flow, o)
}
