// Package jobs is where ha meets executor: it turns a stored job into a running
// dataflow with its coordinator and gives the figures of what runs (Runner), and it
// runs the short dataflows of SELECT and INSERT … VALUES (Queries).
package jobs

import (
	"log/slog"
	"runtime"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/job"
	"slipway/executor/state"
	"slipway/server/events"
	"slipway/server/traces"
	"slipway/sql"
	"slipway/sql/catalog"
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
	Events     *events.Log    // nil: nobody wants to know
	Traces     *traces.Tracer // nil: the same
}

// Runner implements ha.Runner.
type Runner struct {
	Options
	mu struct {
		sync.Mutex
		running  map[string]*attempt            // by job id
		history  map[string]*checkpoint.History // by job id; outlives the attempts
		failures map[string]map[string]int64    // by job id and class
		names    map[string]string              // full names of jobs by id, as they are told
		// sampling is closed when no job runs any more; nil while none does.
		sampling chan struct{}
	}
}

// NewRunner makes a runner.
func NewRunner(o Options) *Runner {
	if o.Cores <= 0 {
		o.Cores = runtime.GOMAXPROCS(0)
	}
	r := &Runner{Options: o}
	r.mu.failures = map[string]map[string]int64{}
	r.mu.running, r.mu.history, r.mu.names = map[string]*attempt{}, map[string]*checkpoint.History{}, map[string]string{}
	return r
}

// named tells the history of a job's checkpoints how the job is called now, for events.
func (r *Runner) named(id, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mu.names[id] = name
}

// History is what is remembered of a job's checkpoints.
func (r *Runner) History(id string) *checkpoint.History {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.mu.history[id]
	if h == nil {
		h = &checkpoint.History{Ended: func(c checkpoint.Record) { r.tellCheckpoint(id, c) }}
		r.mu.history[id] = h
	}
	return h
}

// Status is a running job's figures; ok is false if it does not run.
func (r *Runner) Status(id string) (s job.Status, ok bool) {
	a := r.running(id)
	if a == nil {
		return s, false
	}
	return a.job.Status(), true
}

// running is the attempt that runs a job; nil: none does.
func (r *Runner) running(id string) *attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mu.running[id]
}

// list makes an attempt the one that runs its job.
func (r *Runner) list(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mu.running[a.run.Job.ID] = a
	a.job.Sample(time.Now())
	if r.mu.sampling == nil {
		r.mu.sampling = make(chan struct{})
		go r.sampleRunning(r.mu.sampling) // ends when the last job does
	}
}

func (r *Runner) unlist(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.mu.running, a.run.Job.ID)
	if len(r.mu.running) == 0 && r.mu.sampling != nil {
		close(r.mu.sampling)
		r.mu.sampling = nil
	}
}
