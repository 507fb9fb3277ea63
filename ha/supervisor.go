package ha

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf/faultinject"
)

var (
	afterJobStored = faultinject.CrashPoint("job-stored-not-started")
	afterStopAsked = faultinject.CrashPoint("stop-asked-not-stopped")
	afterDropAsked = faultinject.CrashPoint("drop-asked-nothing-removed")
	afterPurge     = faultinject.CrashPoint("job-purged-metadata-not")
	afterMetadata  = faultinject.CrashPoint("metadata-dropped-job-not")
)

// Options are the parts a Supervisor works with.
type Options struct {
	Jobs JobStore
	// Metadata finds where a job's checkpoints are recorded.
	Metadata func(*Job) (checkpoint.MetadataStore, error)
	Runner   Runner
	// Policy reads a job's restart policy and whether it comes back by itself after
	// the server's restart from its properties.
	Policy func(*Job) (policy Policy, failover bool)
	// Explain words a failure for the user; nil: as the error does.
	Explain func(error) Failure
	// Told takes what happens to jobs; nil: nobody wants to know. It neither waits nor calls back.
	Told func(Told)
	Log  *slog.Logger
}

// Supervisor owns the life of all jobs: one goroutine per active job that claims,
// runs, judges the error, waits and tries again. What the user wants is written
// down before anything acts on it.
type Supervisor struct {
	Options
	ctx    context.Context // ends every attempt
	cancel context.CancelFunc
	naming sync.Mutex // one Create or Rename at a time: names are compared before; taken behind a controller's change
	mu     struct {
		sync.Mutex
		jobs   map[string]*controller // by full name
		closed bool
	}
}

// NewSupervisor makes a supervisor; Recover loads what the store holds.
func NewSupervisor(o Options) *Supervisor {
	s := &Supervisor{Options: o}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.mu.jobs = map[string]*controller{}
	return s
}

// Status is what is known of a job's life.
type Status struct {
	Job            Job // a copy
	State          State
	Since          time.Time // in this state
	LastCheckpoint checkpoint.ID
	CheckpointedAt time.Time
}

// Waits says why a job does not run although it is wanted running; empty for one that does
// what is wanted of it.
func (s Status) Waits() string {
	if s.State != Stopped || s.Job.Desired != WantRunning {
		return ""
	}
	return "the server ended while the job ran, and the job does not come back by itself (morphling.job.enable.auto.failover): it waits for START STREAMJOB"
}

// Recover takes up every stored job: drops that were interrupted are finished, jobs
// with auto failover that were wanted running start, the others wait for START.
func (s *Supervisor) Recover(ctx context.Context) error {
	jobs, err := s.Jobs.List(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		c := s.adopt(j)
		if err := c.recover(ctx); err != nil {
			return fmt.Errorf("recovering job %s: %w", j.FullName(), err)
		}
	}
	return nil
}

func (s *Supervisor) adopt(j *Job) *controller {
	c := newController(s, j)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.jobs[j.FullName()] = c
	return c
}

// Create stores a new job, and starts it if it is wanted running. ErrExists if the
// name is taken. The warning says why a started job is not running yet.
func (s *Supervisor) Create(ctx context.Context, j *Job) (warning string, err error) {
	if s.isClosed() {
		return "", errClosed
	}
	c, err := s.store(ctx, j)
	if err != nil {
		return "", err
	}
	if j.Desired != WantRunning {
		return "", nil
	}
	c.launch()
	return c.awaitStart(ctx), nil
}

func (s *Supervisor) store(ctx context.Context, j *Job) (*controller, error) {
	s.naming.Lock()
	defer s.naming.Unlock()
	j.LastState = Created
	if s.groupTaken(j.FullName()) {
		j.Group = j.FullName() + "-" + j.ID[:min(8, len(j.ID))]
	}
	if err := s.Jobs.Create(ctx, j); err != nil {
		return nil, err
	}
	afterJobStored.Here()
	return s.adopt(j), nil
}

// groupTaken: a job that had this name before commits its offsets under it.
func (s *Supervisor) groupTaken(name string) bool {
	return slices.ContainsFunc(s.controllers(), func(c *controller) bool { return c.status().Job.Group == name })
}

var errClosed = errors.New("the server is shutting down")

func (s *Supervisor) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mu.closed
}

// ErrNoJob: there is no job of that name.
var ErrNoJob = errors.New("ha: no such job")

func (s *Supervisor) find(name string) (*controller, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.mu.jobs[name]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%s: %w", name, ErrNoJob)
}

// Start starts a job; already tells that it was active. The warning says why it is
// not running yet.
func (s *Supervisor) Start(ctx context.Context, name string, from StartFrom) (already bool, warning string, err error) {
	c, err := s.find(name)
	if err != nil {
		return false, "", err
	}
	if s.isClosed() {
		return false, "", errClosed
	}
	already, err = c.start(ctx, from)
	if already || err != nil {
		return already, "", err
	}
	return false, c.awaitStart(ctx), nil
}

// Stop ends a job behind a final checkpoint, a savepoint of that name before it if
// one is given, and waits; already tells that it was not active. A job that ends
// without its final checkpoint (it expired, it failed) is stopped all the same, and
// the warning says so.
func (s *Supervisor) Stop(ctx context.Context, name, savepoint string) (already bool, warning string, err error) {
	c, err := s.find(name)
	if err != nil {
		return false, "", err
	}
	return c.stop(ctx, savepoint)
}

// ErrNoSavepoint: the job has no savepoint of that name.
var ErrNoSavepoint = errors.New("ha: no such savepoint")

// Savepoint takes a named checkpoint of a running job.
func (s *Supervisor) Savepoint(ctx context.Context, name, savepoint string) (checkpoint.ID, error) {
	c, err := s.find(name)
	if err != nil {
		return 0, err
	}
	return c.takeSavepoint(ctx, savepoint)
}

// DropSavepoint removes a named checkpoint; ErrNoSavepoint if it is not there.
func (s *Supervisor) DropSavepoint(ctx context.Context, name, savepoint string) error {
	c, err := s.find(name)
	if err != nil {
		return err
	}
	return c.dropSavepoint(ctx, savepoint)
}

// Drop ends a job and removes everything that is kept of it.
func (s *Supervisor) Drop(ctx context.Context, name string) error {
	c, err := s.find(name)
	if err != nil {
		return err
	}
	return c.drop(ctx)
}

// Alter changes a job's definition; it takes effect with the next start.
func (s *Supervisor) Alter(ctx context.Context, name string, change func(*Job)) error {
	c, err := s.find(name)
	if err != nil {
		return err
	}
	return c.alter(ctx, change)
}

// Rename gives a job another name in its database; ErrExists if that is taken. Its id and
// all that is kept under it stay; an attempt under way keeps the old name in its log.
func (s *Supervisor) Rename(ctx context.Context, name, to string) error {
	c, err := s.find(name)
	if err != nil {
		return err
	}
	return c.rename(ctx, to)
}

// Status gives one job's status.
func (s *Supervisor) Status(name string) (Status, error) {
	c, err := s.find(name)
	if err != nil {
		return Status{}, err
	}
	return c.status(), nil
}

// List gives every job's status in order of name.
func (s *Supervisor) List() []Status {
	var out []Status
	for _, c := range s.controllers() {
		out = append(out, c.status())
	}
	slices.SortFunc(out, func(a, b Status) int { return strings.Compare(a.Job.FullName(), b.Job.FullName()) })
	return out
}

func (s *Supervisor) controllers() []*controller {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*controller, 0, len(s.mu.jobs))
	for _, c := range s.mu.jobs {
		out = append(out, c)
	}
	return out
}

func (s *Supervisor) forget(c *controller, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.jobs[name] == c {
		delete(s.mu.jobs, name)
	}
}

func (s *Supervisor) rename(c *controller, from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mu.jobs, from)
	s.mu.jobs[to] = c
}

// Shutdown ends every attempt behind a final checkpoint, as far as ctx allows; what
// the user wants of the jobs stays as it is, so that the next server takes them up.
func (s *Supervisor) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.mu.closed = true
	s.mu.Unlock()
	var all sync.WaitGroup
	for _, c := range s.controllers() {
		all.Go(func() { c.shutdown(ctx) })
	}
	all.Wait()
	s.cancel()
	for _, c := range s.controllers() {
		c.wait()
	}
}

// Abandon ends every attempt at once: this server may no longer act for the jobs.
func (s *Supervisor) Abandon() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Shutdown(ctx)
}

// Observe reads the jobs without touching them, for a server that stands by.
func (s *Supervisor) Observe(ctx context.Context) error {
	jobs, err := s.Jobs.List(ctx)
	if err != nil {
		return err
	}
	seen := map[string]*controller{}
	for _, j := range jobs {
		c := newController(s, j)
		seen[j.FullName()] = c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.jobs = seen
	return nil
}

// explain words a failure for the user.
func (s *Supervisor) explain(err error) Failure {
	if s.Explain == nil {
		return Failure{Message: err.Error()}
	}
	return s.Explain(err)
}

func (s *Supervisor) tell(t Told) {
	if s.Told != nil {
		s.Told(t)
	}
}
