// Package jobs is where ha meets executor: it turns a stored job into a running
// dataflow with its coordinator, runs the short dataflows of SELECT and INSERT …
// VALUES, and gives the figures of what runs.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/job"
	"slipway/executor/state"
	"slipway/ha"
	"slipway/sql"
	"slipway/sql/catalog"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// Options are the parts that jobs are run with.
type Options struct {
	Compiler   *sql.Compiler
	Catalog    catalog.Store
	Connectors executor.Connectors
	Backends   Backends
	Budget     *state.Budget
	Cores      int
	TimeZone   *time.Location
	Log        *slog.Logger
}

// Runner implements ha.Runner.
type Runner struct {
	Options
	mu struct {
		sync.Mutex
		running      map[string]*job.Job // by job id
		coordinators map[string]*checkpoint.Coordinator
		history      map[string]*checkpoint.History // by job id; outlives the attempts
	}
}

// NewRunner makes a runner.
func NewRunner(o Options) *Runner {
	if o.Cores <= 0 {
		o.Cores = runtime.GOMAXPROCS(0)
	}
	r := &Runner{Options: o}
	r.mu.running, r.mu.history, r.mu.coordinators = map[string]*job.Job{}, map[string]*checkpoint.History{}, map[string]*checkpoint.Coordinator{}
	return r
}

// History is what is remembered of a job's checkpoints.
func (r *Runner) History(id string) *checkpoint.History {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.mu.history[id]
	if h == nil {
		h = &checkpoint.History{}
		r.mu.history[id] = h
	}
	return h
}

// Status is a running job's figures; ok is false if it does not run.
func (r *Runner) Status(id string) (s job.Status, ok bool) {
	r.mu.Lock()
	j := r.mu.running[id]
	r.mu.Unlock()
	if j == nil {
		return s, false
	}
	return j.Status(), true
}

// Settings reads a job's properties.
func Settings(j *ha.Job) (*conf.Values, error) {
	v, err := j.Settings()
	return v, sql.SettingError(err)
}

// Policy reads a job's restart policy: morphling.restart.strategy, or the seed's two
// keys. Where nobody gave a number a job is restarted for as long as it takes: failures
// that would come again are permanent (definite) and never get here.
func Policy(j *ha.Job) (ha.Policy, bool) {
	v, err := Settings(j)
	if err != nil {
		return ha.Policy{Strategy: ha.NoRestart}, false
	}
	p := ha.Policy{Strategy: ha.NoRestart, Attempts: int(conf.RestartAttempts.Get(v)), Delay: conf.RestartDelay.Get(v),
		MaxDelay: conf.RestartMaxDelay.Get(v), Interval: conf.RestartInterval.Get(v)}
	if conf.RestartStrategy.IsSet(v) {
		p.Strategy = conf.RestartStrategy.Get(v)
		return p, p.Strategy != ha.NoRestart
	}
	switch failover := conf.AutoFailover.Get(v); {
	case !failover:
		return p, false
	case !conf.TaskMaxFailures.IsSet(v):
		p.Strategy, p.Attempts = ha.ExponentialDelay, -1
	case conf.TaskMaxFailures.Get(v) > 0:
		p.Strategy, p.Attempts = ha.FixedDelay, int(conf.TaskMaxFailures.Get(v))
	}
	return p, true
}

// Explain words a job's failure: the message, and the way out if it is known.
func Explain(err error) ha.Failure {
	f := ha.Failure{Message: err.Error()}
	if e, ok := errors.AsType[*sqlerr.Error](err); ok {
		f.Hint = e.Hint
	}
	return f
}

// Compile compiles a stored job against the catalog as it is now.
func (r *Runner) Compile(j *ha.Job) (*plan.Dataflow, *conf.Values, error) {
	v, err := Settings(j)
	if err != nil {
		return nil, nil, permanent(err)
	}
	flow, err := r.Compiler.JobText(r.Catalog.Snapshot(), j.Path, j.SQL, v)
	if err != nil {
		return nil, nil, permanent(err)
	}
	keepGroup(flow, j.Group)
	return flow, v, nil
}

// keepGroup lets a job that was renamed go on under the consumer group of its first name.
func keepGroup(flow *plan.Dataflow, group string) {
	for i := range flow.Stages {
		if s := flow.Stages[i].Source; s != nil && group != "" && s.Properties[conf.GroupID.Name()] == "" {
			s.Properties[conf.GroupID.Name()] = group
		}
	}
}

// CheckSinks asks the sinks' connectors whether they can keep what the job promises.
func (r *Runner) CheckSinks(ctx context.Context, flow *plan.Dataflow, v *conf.Values) error {
	for i := range flow.Stages {
		s := flow.Stages[i].Sink
		if s == nil {
			continue
		}
		if err := r.Connectors.Of(s.Connector).CheckSink(ctx, s, v); err != nil {
			return err
		}
	}
	return nil
}

// Run implements ha.Runner.
func (r *Runner) Run(ctx context.Context, run ha.Run) error {
	flow, settings, err := r.Compile(run.Job)
	if err != nil {
		return err
	}
	if err := r.CheckSinks(ctx, flow, settings); err != nil {
		if sqlerr.From(err).Code == sqlerr.InvalidParameter {
			err = permanent(err)
		}
		return err
	}
	entries, err := run.Store.List(ctx)
	if err != nil {
		return fmt.Errorf("reading the job's checkpoints: %w", err)
	}
	backend, err := r.Backends.For(settings)
	if err != nil {
		return err
	}
	r.sweep(ctx, backend.Storage, run.Job, entries)
	moved, err := r.moving(ctx, run.Job, entries)
	if err != nil {
		return err
	}
	j, err := r.restore(ctx, run, flow, settings, entries, moved)
	if err != nil {
		return r.translate(err)
	}
	r.mu.Lock()
	r.mu.running[run.Job.ID] = j
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.mu.running, run.Job.ID)
		delete(r.mu.coordinators, run.Job.ID)
		r.mu.Unlock()
		if err := j.Close(); err != nil {
			r.Log.Warn("closing a sink's committer failed", "job", run.Job.FullName(), "error", err)
		}
	}()
	err = r.together(ctx, run, flow, settings, j, entries, moved)
	if err != nil && (errors.Is(err, checkpoint.ErrFenced) || ctx.Err() != nil || !r.owns(run)) {
		r.leave(run) // there may be no restart here that would clear away
	}
	return r.translate(err)
}

// translate makes final what a restart would run into again: the memory limit and state of
// another layout, which get their SQLSTATE here, and what the data or the definition does.
func (r *Runner) translate(err error) error {
	if b, ok := errors.AsType[*state.BudgetError](err); ok {
		return permanent(sqlerr.New(sqlerr.OutOfMemory, "%v", b).WithCause(err).
			WithHint("Raise server.memory.limit, shorten windows, set morphling.state.ttl, or stop other jobs."))
	}
	if _, ok := errors.AsType[*state.LayoutError](err); ok {
		return permanent(sqlerr.New(sqlerr.ObjectNotReady, "%v: a column has another type than when the checkpoint was taken", err).WithCause(err).
			WithHint("START STREAMJOB … FRESH begins without the old state; DROP STREAMJOB removes it."))
	}
	if e, ok := errors.AsType[*sqlerr.Error](err); ok && definite(e.Code) {
		return permanent(err)
	}
	return err
}

// definite tells the classes of errors that lie in the data (22, 23) or in the definition
// (0A, 42, 54): the same rows and the same text would meet them again. What is missing
// outside (a topic) may come.
func definite(c sqlerr.Code) bool {
	return c != sqlerr.UndefinedObject && slices.Contains([]string{"0A", "22", "23", "42", "54"}, string(c)[:2])
}

// sweep removes files that no record names: what a crash left behind. Nobody else
// writes under the job's name once its checkpoints are claimed.
func (r *Runner) sweep(ctx context.Context, storage checkpoint.Storage, j *ha.Job, entries []checkpoint.Entry) {
	files, err := storage.List(ctx, j.ID+"/")
	if err == nil {
		err = storage.Remove(ctx, orphans(files, entries)...)
	}
	if err != nil {
		r.Log.Warn("sweeping left-over state files failed", "job", j.FullName(), "error", err)
	}
}

// restore tries the checkpoints in order until one is sound.
func (r *Runner) restore(ctx context.Context, run ha.Run, flow *plan.Dataflow, settings *conf.Values, entries []checkpoint.Entry, moved *move) (*job.Job, error) {
	var from checkpoint.Storage // nil: the job's own
	if moved != nil && len(moved.entries) > 0 {
		entries, from = moved.entries, moved.old.Storage
	}
	for _, e := range entries {
		if e.Damaged != nil {
			r.Log.Error("a checkpoint record is damaged and is passed over", "job", run.Job.FullName(), "checkpoint", e.ID, "error", e.Damaged)
		}
	}
	list, err := candidates(entries, run.From)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		r.Log.Info("job begins without state", "job", run.Job.FullName())
		return r.make(ctx, run, flow, settings, from, nil, newest(entries))
	}
	lost := 0
	for _, m := range list {
		j, err := r.make(ctx, run, flow, settings, from, m, nil)
		if err == nil {
			r.Log.Info("job restored", "job", run.Job.FullName(), "checkpoint", m.Checkpoint, "kind", m.Kind, "taken", m.Completed)
			return j, nil
		}
		if isAborted(err) {
			// Its rows are not there and never will be: nobody may go on from it.
			r.Log.Error("the transactions of a checkpoint were aborted by the brokers; the job goes back to the one before and makes the rows again", "job", run.Job.FullName(), "checkpoint", m.Checkpoint, "error", err)
			if err := run.Store.Remove(ctx, m.Checkpoint); err != nil {
				return nil, err
			}
			lost++
			continue
		}
		if !isDamage(err) {
			return nil, err
		}
		r.Log.Error("a checkpoint is damaged, falling back to the one before", "job", run.Job.FullName(), "checkpoint", m.Checkpoint, "error", err)
	}
	if lost == len(entries) && conf.CheckpointRetained.Get(settings) > 1 {
		// The rows of a checkpoint are committed before the next one begins, and more than
		// one is kept: this was the job's first, and nothing of it has ever been visible.
		r.Log.Info("job begins without state", "job", run.Job.FullName())
		return r.make(ctx, run, flow, settings, from, nil, nil)
	}
	return nil, damaged(checkpoint.ErrCorrupt, "no checkpoint of the job is sound")
}

// isAborted: the brokers gave up every transaction of the checkpoint. If only some are
// lost the error is permanent, because a person has to choose.
func isAborted(err error) bool {
	p, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	return errors.Is(err, executor.ErrAborted) && !(ok && p.Permanent())
}

func newest(entries []checkpoint.Entry) *checkpoint.Manifest {
	for _, e := range entries {
		if e.Manifest != nil {
			return e.Manifest
		}
	}
	return nil
}

func (r *Runner) make(ctx context.Context, run ha.Run, flow *plan.Dataflow, settings *conf.Values, from checkpoint.Storage, m, last *checkpoint.Manifest) (*job.Job, error) {
	backend, err := r.Backends.For(settings)
	if err != nil {
		return nil, err
	}
	return job.New(ctx, flow, job.Options{ID: run.Job.ID, Name: run.Job.FullName(), Epoch: run.Store.Epoch(), Settings: settings, Connectors: r.Connectors,
		Cores: r.Cores, Storage: backend.Storage, RestoreStorage: from, Budget: r.Budget, Restore: m, Last: last, Log: r.Log, TimeZone: r.TimeZone})
}

// flushEvery is how often a job without checkpoints flushes and commits its offsets.
const flushEvery = time.Second

func checkpointConfig(j *ha.Job, flow *plan.Dataflow, v *conf.Values) checkpoint.Config {
	c := checkpoint.Config{JobID: j.ID, JobName: j.FullName(), KeyGroups: state.KeyGroups, Keeps: conf.EnableCheckpoint.Get(v),
		Interval: conf.CheckpointInterval.Get(v), Timeout: conf.CheckpointTimeout.Get(v), Retained: int(conf.CheckpointRetained.Get(v))}
	if !c.Keeps {
		c.Interval = min(c.Interval, flushEvery)
	}
	return c
}

// together runs the job and its coordinator as one group: whichever ends first ends
// the other.
func (r *Runner) together(ctx context.Context, run ha.Run, flow *plan.Dataflow, settings *conf.Values, j *job.Job, entries []checkpoint.Entry, moved *move) error {
	var held []*checkpoint.Manifest
	for _, e := range entries {
		if e.Manifest != nil {
			held = append(held, e.Manifest)
		}
	}
	config := checkpointConfig(run.Job, flow, settings)
	config.AtOnce = config.Keeps && j.Fresh()
	if config.After = highest(entries); moved != nil {
		config.After = highest(entries, moved.entries)
	}
	backend, err := r.Backends.For(settings)
	if err != nil {
		return err
	}
	c := checkpoint.NewCoordinator(config, run.Store, backend.Storage, j, r.History(run.Job.ID), r.Log)
	r.mu.Lock()
	r.mu.coordinators[run.Job.ID] = c
	r.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobEnd, coordinatorEnd := make(chan error, 1), make(chan error, 1)
	go func() { jobEnd <- j.Run(ctx, c) }() // both end with ctx, and are waited for below
	<-j.Started()
	running := make(chan struct{}) // closed when that is said, or never will be
	go func() {                    // ends with the job's tasks
		defer close(running)
		if j.Opened() {
			run.Progress(ha.Event{Running: true})
		}
	}()
	defer func() { cancel(); <-running }()
	go func() {
		coordinatorEnd <- c.Run(ctx, held, func(id checkpoint.ID) {
			<-running // one word after the other
			e := ha.Event{Checkpoint: id}
			if moved != nil && moved.over(ctx) {
				e.Moved, moved = true, nil
			}
			run.Progress(e)
		})
	}()
	stopping := make(chan error, 1)
	go r.stopWhenAsked(ctx, run, config.Keeps, c, stopping) // ends with ctx
	return r.await(ctx, cancel, run, jobEnd, coordinatorEnd, stopping)
}

// lastCheckpointPatience bounds the wait for the last checkpoint of a job whose
// tasks have all ended.
const lastCheckpointPatience = time.Minute

func (r *Runner) await(ctx context.Context, cancel context.CancelFunc, run ha.Run, jobEnd, coordinatorEnd, stopping <-chan error) error {
	select {
	case err := <-jobEnd:
		if err == nil { // all tasks have ended: one more checkpoint records it
			select {
			case err = <-coordinatorEnd:
			case <-time.After(lastCheckpointPatience):
				cancel()
				err = <-coordinatorEnd
			}
		} else {
			cancel()
			<-coordinatorEnd
		}
		return ended(err, run)
	case err := <-coordinatorEnd:
		if errors.Is(err, checkpoint.ErrEnded) {
			return ended(errors.Join(<-jobEnd), run)
		}
		cancel()
		<-jobEnd
		return err
	case err := <-stopping:
		cancel()
		<-jobEnd
		<-coordinatorEnd
		return err
	}
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

// stopWhenAsked takes the final checkpoint; what keeps it from completing goes to failed.
func (r *Runner) stopWhenAsked(ctx context.Context, run ha.Run, keeps bool, c *checkpoint.Coordinator, failed chan<- error) {
	select {
	case <-run.Stop:
	case <-ctx.Done():
		return
	}
	kind := checkpoint.FinalFlush
	if keeps {
		kind = checkpoint.Final
	}
	if name := run.Savepoint(); name != "" && keeps {
		if o, err := c.Request(ctx, checkpoint.Savepoint, name); err == nil && o.Reason != "" {
			r.Log.Warn("the savepoint failed", "job", run.Job.FullName(), "savepoint", name, "reason", o.Reason)
			run.Progress(ha.Event{Warning: fmt.Sprintf("savepoint %q was not taken: %s", name, o.Reason)})
		}
	}
	o, err := c.Request(ctx, kind, "")
	if err == nil && o.Reason != "" {
		failed <- fmt.Errorf("the final checkpoint %d did not complete: %s", o.ID, o.Reason)
	}
}
