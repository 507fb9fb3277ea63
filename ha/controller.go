package ha

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"slipway/checkpoint"
)

// controller is one job's life. Its goroutine exists only while the job is active.
type controller struct {
	s *Supervisor
	// change serialises what users ask of this job: START, STOP, DROP, ALTER.
	change sync.Mutex
	// storing holds a token while the record is changed: each change is made to what the one
	// before it stored. No mutex: who waits for one keeps virtual time from passing.
	storing chan struct{}
	mu      struct {
		sync.Mutex // guards the fields below; never held over I/O
		job        Job
		state      State
		since      time.Time
		checkpoint checkpoint.ID
		at         time.Time
		attempt    *attempt      // nil when not active
		changed    chan struct{} // closed and replaced when state changes
	}
}

// attempt is one launch: from START to the end of the goroutine.
type attempt struct {
	ctx       context.Context
	cancel    context.CancelFunc
	stop      chan struct{} // closed to ask for a final checkpoint
	stopOnce  sync.Once
	savepoint string        // to take before the final checkpoint; set before stop is closed
	warning   string        // of the end, for who stops it; valid when done is closed
	done      chan struct{} // closed when the goroutine has ended
}

func (a *attempt) askStop() { a.stopOnce.Do(func() { close(a.stop) }) }

func newController(s *Supervisor, j *Job) *controller {
	c := &controller{s: s, storing: make(chan struct{}, 1)}
	c.mu.job, c.mu.state, c.mu.since = *j, j.LastState, time.Now()
	if j.LastState == Failed && !j.FailedAt.IsZero() {
		c.mu.since = j.FailedAt
	}
	c.mu.changed = make(chan struct{})
	return c
}

func (c *controller) status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Status{Job: c.mu.job, State: c.mu.state, Since: c.mu.since, LastCheckpoint: c.mu.checkpoint, CheckpointedAt: c.mu.at}
}

func (c *controller) name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.job.FullName()
}

// setState moves along the transition table.
func (c *controller) setState(next State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setStateLocked(next)
}

func (c *controller) setStateLocked(next State) {
	if c.mu.state == next {
		return
	}
	if !c.mu.state.CanBecome(next) {
		c.s.Log.Error("illegal job transition refused", "job", c.mu.job.FullName(), "from", c.mu.state, "to", next)
		return
	}
	c.s.tell(Told{Job: c.mu.job.FullName(), ID: c.mu.job.ID, From: c.mu.state, To: next})
	c.mu.state, c.mu.since = next, time.Now()
	c.mu.job.LastState = next
	close(c.mu.changed)
	c.mu.changed = make(chan struct{})
}

// update changes the job's record: the store first, then memory.
func (c *controller) update(ctx context.Context, change func(*Job)) error {
	c.storing <- struct{}{}
	defer func() { <-c.storing }()
	c.mu.Lock()
	j := c.mu.job
	c.mu.Unlock()
	change(&j)
	if err := c.s.Jobs.Put(ctx, &j); err != nil {
		return fmt.Errorf("storing job %s: %w", j.FullName(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.mu.job)
	return nil
}

// alter changes the definition of a job that is not being dropped.
func (c *controller) alter(ctx context.Context, change func(*Job)) error {
	c.change.Lock()
	defer c.change.Unlock()
	if c.status().State == Dropping {
		return fmt.Errorf("job %s is being dropped: %w", c.name(), ErrNoJob)
	}
	return c.update(ctx, change)
}

// rename is a change of one record, which is found by the job's id: a crash leaves the old
// name or the new one, and everything that is kept of the job belongs to both.
func (c *controller) rename(ctx context.Context, to string) error {
	c.change.Lock()
	defer c.change.Unlock()
	c.s.naming.Lock()
	defer c.s.naming.Unlock()
	j := c.status().Job
	from := j.FullName()
	j.Name = to
	if c.status().State == Dropping {
		return fmt.Errorf("job %s is being dropped: %w", from, ErrNoJob)
	}
	if _, err := c.s.find(j.FullName()); err == nil {
		return fmt.Errorf("%s: %w", j.FullName(), ErrExists)
	}
	err := c.update(ctx, func(j *Job) {
		if j.Group == "" {
			j.Group = from
		}
		j.Name = to
	})
	if err == nil {
		c.s.rename(c, from, j.FullName())
	}
	return err
}

// recover decides what becomes of a stored job when the server starts.
func (c *controller) recover(ctx context.Context) error {
	j := c.status().Job
	_, failover := c.s.Policy(&j)
	ended := j.LastState == Failed || j.LastState == Finished
	switch {
	case j.Desired == WantDropped:
		c.mu.state = Dropping
		return c.purge(ctx)
	case j.Temporary:
		return c.drop(ctx)
	case j.Desired == WantRunning && failover && !ended:
		c.mu.state = Stopped
		c.launch()
		return nil
	case j.LastState.Active():
		c.mu.state = Stopped
		err := c.update(ctx, func(j *Job) {
			j.LastState = Stopped
			j.failed(Failure{Message: "the server ended while the job ran; morphling.job.enable.auto.failover is off, so it waits for START STREAMJOB"})
		})
		if err != nil {
			return err
		}
	}
	if why := c.status().Waits(); why != "" {
		c.s.Log.Warn("job is not started", "job", j.FullName(), "reason", why)
	}
	return nil
}

func (c *controller) start(ctx context.Context, from StartFrom) (already bool, err error) {
	c.change.Lock()
	defer c.change.Unlock()
	if c.active() != nil {
		return true, nil
	}
	if c.status().State == Dropping {
		return false, fmt.Errorf("job %s is being dropped: %w", c.name(), ErrNoJob)
	}
	err = c.update(ctx, func(j *Job) {
		j.Desired, j.From, j.Restarts = WantRunning, from, 0
	})
	if err == nil {
		c.launch()
	}
	return false, err
}

func (c *controller) active() *attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.attempt
}

// launch starts the goroutine; it ends with the job, with stop, or with the supervisor.
func (c *controller) launch() {
	a := &attempt{stop: make(chan struct{}), done: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(c.s.ctx)
	c.mu.Lock()
	c.mu.attempt = a
	c.setStateLocked(Starting)
	c.mu.Unlock()
	go c.run(a)
}

// run tries until the job ends for good.
func (c *controller) run(a *attempt) {
	defer a.cancel()
	state, failure, last := c.untilEnd(a)
	err := c.update(context.WithoutCancel(a.ctx), func(j *Job) {
		j.LastState = state
		if failure.Message != "" {
			j.failed(failure)
		}
		j.remember(last)
	})
	c.tellOf(last)
	if err != nil {
		c.s.Log.Error("storing the end of a job failed", "job", c.name(), "error", err)
	}
	c.mu.Lock()
	c.setStateLocked(state)
	c.mu.attempt = nil
	c.mu.Unlock()
	close(a.done)
	if c.status().Job.Temporary && c.s.ctx.Err() == nil {
		go c.drop(context.WithoutCancel(a.ctx)) // a temporary job leaves nothing; ends by itself
	}
}

// tellOf tells of a failure, if there is one.
func (c *controller) tellOf(i *Incident) {
	if j := c.status().Job; i != nil {
		c.s.tell(Told{Job: j.FullName(), ID: j.ID, Incident: i})
	}
}

// untilEnd gives the state that the job ends in, why, and the last failure if it ended with one.
func (c *controller) untilEnd(a *attempt) (State, Failure, *Incident) {
	var failures []time.Time
	for n := 1; ; n++ {
		err := c.once(a, n)
		job := c.status().Job
		log := c.s.Log.With("job", job.FullName())
		switch {
		case err == nil:
			log.Info("job finished")
			return Finished, Failure{}, nil
		case errors.Is(err, ErrStopped), a.ctx.Err() != nil:
			log.Info("job stopped")
			return Stopped, Failure{}, nil
		case isClosed(a.stop):
			log.Warn("job stopped without a final checkpoint", "error", err)
			f := Failure{Message: "stopped without a final checkpoint: " + err.Error()}
			return Stopped, f, incident(c.s.explain(err), n, stoppedAsAsked)
		}
		failures = append(failures, time.Now())
		policy, _ := c.s.Policy(&job)
		delay, again := policy.Next(failures)
		if permanent(err) || !again {
			log.Error("job failed", "error", err, "restarts", n-1)
			f := c.s.explain(err)
			return Failed, f, incident(f, n, stoppedForGood)
		}
		log.Warn("job failed and will be restarted", "error", err, "delay", delay, "restart", n)
		f := c.s.explain(err)
		c.recordFailure(a.ctx, incident(f, n, restartedAfter(delay)), f)
		c.setState(Restarting)
		select {
		case <-time.After(delay):
		case <-a.stop:
			return Stopped, c.s.explain(err), nil
		case <-a.ctx.Done():
			return Stopped, Failure{}, nil
		}
		c.setState(Starting)
	}
}

func permanent(err error) bool {
	p, ok := errors.AsType[interface {
		error
		Permanent
	}](err)
	return ok && p.Permanent()
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// recordFailure writes a failure down that the job is restarted after.
func (c *controller) recordFailure(ctx context.Context, i *Incident, f Failure) {
	err := c.update(ctx, func(j *Job) {
		j.failed(f)
		j.remember(i)
		j.Restarts++
	})
	c.tellOf(i)
	if err != nil {
		c.s.Log.Warn("storing a job's failure failed", "error", err)
	}
}

// once claims the job's checkpoints and runs one attempt.
func (c *controller) once(a *attempt, n int) error {
	job := c.status().Job
	metadata, err := c.s.Metadata(&job)
	if err != nil {
		return err
	}
	store, err := metadata.Claim(a.ctx, job.ID)
	if err != nil {
		return err
	}
	defer store.Close()
	return c.s.Runner.Run(a.ctx, Run{
		Job: &job, Store: store, From: job.From, Stop: a.stop, Attempt: n,
		Savepoint: func() string { return a.savepoint },
		Progress: func(e Event) {
			if e.Warning != "" {
				a.warning = e.Warning
			}
			c.progress(a.ctx, e)
		},
	})
}

// progress notes what a running attempt reports. The one-off choice of START lasts
// until the first checkpoint of this start: an attempt that fails before must make
// the same choice again.
func (c *controller) progress(ctx context.Context, e Event) {
	if e.Running {
		c.mu.Lock()
		if c.mu.state == Starting { // STOP may have come before
			c.setStateLocked(Running)
			c.s.Log.Info("job runs", "job", c.mu.job.FullName())
		}
		c.mu.Unlock()
		c.persistState(ctx)
	}
	if e.Moved {
		if err := c.update(ctx, func(j *Job) { j.MovedFrom = "" }); err != nil {
			c.s.Log.Warn("storing a job failed", "error", err)
		}
	}
	if e.Checkpoint == 0 {
		return
	}
	c.mu.Lock()
	c.mu.checkpoint, c.mu.at = e.Checkpoint, time.Now().UTC()
	choice := c.mu.job.From
	c.mu.Unlock()
	if choice != (StartFrom{}) {
		if err := c.update(ctx, func(j *Job) { j.From = StartFrom{} }); err != nil {
			c.s.Log.Warn("storing a job failed", "error", err)
		}
	}
}

func (c *controller) persistState(ctx context.Context) {
	if err := c.update(ctx, func(*Job) {}); err != nil {
		c.s.Log.Warn("storing a job's state failed", "error", err)
	}
}

// startPatience is how long START waits for the job to run, so that its answer can
// say what is wrong.
const startPatience = 5 * time.Second

func (c *controller) awaitStart(ctx context.Context) string {
	timeout := time.NewTimer(startPatience)
	defer timeout.Stop()
	for {
		c.mu.Lock()
		state, failure, changed := c.mu.state, c.mu.job.LastFailure, c.mu.changed
		c.mu.Unlock()
		switch state {
		case Running, Finished, Stopped:
			return ""
		case Failed, Restarting:
			return failure
		}
		select {
		case <-changed:
		case <-timeout.C:
			return "it is still starting"
		case <-ctx.Done():
			return "it is still starting"
		}
	}
}

func (c *controller) stop(ctx context.Context, savepoint string) (already bool, warning string, err error) {
	c.change.Lock()
	defer c.change.Unlock()
	a := c.active()
	if err := c.update(ctx, func(j *Job) { j.Desired = WantStopped }); err != nil {
		return false, "", err
	}
	afterStopAsked.Here()
	if a == nil {
		return true, "", nil
	}
	c.setState(Stopping)
	a.savepoint = savepoint
	a.askStop()
	select {
	case <-a.done:
	case <-ctx.Done():
		return false, "", ctx.Err()
	}
	st := c.status()
	if st.State == Failed || (st.Job.LastFailure != "" && st.Job.FailedAt.After(st.Since.Add(-time.Second))) {
		warning = st.Job.LastFailure
	}
	if warning == "" {
		warning = a.warning
	}
	return false, warning, nil
}

// ErrNotRunning: a savepoint is taken only of a job that runs.
var ErrNotRunning = errors.New("the job does not run")

func (c *controller) takeSavepoint(ctx context.Context, name string) (checkpoint.ID, error) {
	c.change.Lock()
	defer c.change.Unlock()
	if c.active() == nil {
		return 0, ErrNotRunning
	}
	j := c.status().Job
	return c.s.Runner.Savepoint(ctx, &j, name)
}

// dropSavepoint removes a named checkpoint. Of a job that does not run the record goes;
// its files are swept at the next start.
func (c *controller) dropSavepoint(ctx context.Context, name string) error {
	c.change.Lock()
	defer c.change.Unlock()
	j := c.status().Job
	if c.active() != nil {
		return c.s.Runner.Forget(ctx, &j, name)
	}
	metadata, err := c.s.Metadata(&j)
	if err != nil {
		return err
	}
	store, err := metadata.Claim(ctx, j.ID)
	if err != nil {
		return err
	}
	defer store.Close()
	entries, err := store.List(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if m := e.Manifest; m != nil && m.Kind == checkpoint.Savepoint && m.Name == name {
			return store.Remove(ctx, e.ID)
		}
	}
	return ErrNoSavepoint
}

func (c *controller) drop(ctx context.Context) error {
	c.change.Lock()
	defer c.change.Unlock()
	if err := c.update(ctx, func(j *Job) { j.Desired = WantDropped }); err != nil {
		return err
	}
	afterDropAsked.Here()
	if a := c.active(); a != nil {
		a.cancel()
		<-a.done
	}
	c.setState(Dropping)
	return c.purge(ctx)
}

// purge removes what is kept of the job, its record last: a crash half-way is
// finished when the server starts again.
func (c *controller) purge(ctx context.Context) error {
	j := c.status().Job
	if err := c.s.Runner.Purge(ctx, &j); err != nil {
		return fmt.Errorf("dropping job %s, it stays DROPPING until this can be removed: %w", j.FullName(), err)
	}
	afterPurge.Here()
	metadata, err := c.s.Metadata(&j)
	if err == nil {
		err = metadata.Drop(ctx, j.ID)
	}
	if err != nil {
		return fmt.Errorf("dropping the checkpoint records of job %s: %w", j.FullName(), err)
	}
	afterMetadata.Here()
	if err := c.s.Jobs.Delete(ctx, j.ID); err != nil {
		return fmt.Errorf("dropping job %s: %w", j.FullName(), err)
	}
	c.s.forget(c, j.FullName())
	return nil
}

// shutdown ends an attempt behind a final checkpoint without touching what is wanted.
func (c *controller) shutdown(ctx context.Context) {
	a := c.active()
	if a == nil {
		return
	}
	a.askStop()
	select {
	case <-a.done:
	case <-ctx.Done():
		a.cancel()
	}
}

func (c *controller) wait() {
	if a := c.active(); a != nil {
		<-a.done
	}
}
