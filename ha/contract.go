// Package ha decides who runs a job and from which checkpoint. It owns the job's
// definition, its desired state and its life (Supervisor); it does not know what a
// job computes: Runner does.
package ha

import (
	"context"
	"time"

	"slipway/checkpoint"
)

// State is where a job is in its life; transitions are a table (states.go).
type State string

const (
	Created    State = "CREATED"
	Starting   State = "STARTING"
	Running    State = "RUNNING"
	Restarting State = "RESTARTING"
	Stopping   State = "STOPPING"
	Stopped    State = "STOPPED"
	Finished   State = "FINISHED"
	Failed     State = "FAILED"
	Dropping   State = "DROPPING"
)

// Desired is what the user last asked for; durable before anything acts on it.
type Desired string

const (
	WantRunning Desired = "running"
	WantStopped Desired = "stopped"
	WantDropped Desired = "dropped"
)

// StartFrom is a one-off choice of START STREAMJOB; the zero value means the newest checkpoint.
type StartFrom struct {
	Checkpoint checkpoint.ID `json:"checkpoint,omitempty"`
	Savepoint  string        `json:"savepoint,omitempty"`
	Fresh      bool          `json:"fresh,omitempty"`
}

// Property is one JOBPROPERTIES entry, as written.
type Property struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Job is the stored definition of a stream job.
type Job struct {
	ID          string     `json:"id"` // unique for ever: 32 hex digits
	Database    string     `json:"database"`
	Name        string     `json:"name"`
	Application string     `json:"application"`
	SQL         string     `json:"sql"` // the body: INSERT INTO … SELECT …
	Path        string     `json:"path"`
	Properties  []Property `json:"properties,omitempty"`
	Temporary   bool       `json:"temporary,omitempty"` // INSERT … SELECT sent directly
	Reads       []string   `json:"reads,omitempty"`     // db.names, for DROP STREAM's check
	Writes      []string   `json:"writes,omitempty"`
	Created     time.Time  `json:"created"`
	// Owner is the OID of the role that made it; 0: of superusers alone. A server that knows no users leaves it out.
	Owner   uint32    `json:"owner,omitempty"`
	Desired Desired   `json:"desired"`
	From    StartFrom `json:"from"`
	// MovedFrom is the backend that holds the job's checkpoints until the first one in
	// the backend that its properties name.
	MovedFrom string `json:"moved_from,omitempty"`
	// Group is the name under which the job keeps what it has outside by name: committed
	// offsets. It is the full name from before it was renamed; empty: its full name.
	Group string `json:"group,omitempty"`
	// LastState and LastFailure survive a restart of the server.
	LastState   State     `json:"last_state"`
	LastFailure string    `json:"last_failure,omitempty"`
	LastHint    string    `json:"last_hint,omitempty"` // the way out, if it is known
	FailedAt    time.Time `json:"failed_at,omitzero"`
	Restarts    int64     `json:"restarts,omitempty"`
	// Incidents are its last failures, the oldest first.
	Incidents []Incident `json:"incidents,omitempty"`
}

func (j *Job) failed(f Failure) {
	j.LastFailure, j.LastHint, j.FailedAt = f.Message, f.Hint, time.Now().UTC()
}

// FullName is db.name.
func (j *Job) FullName() string { return j.Database + "." + j.Name }

// JobStore keeps the jobs durably. Put and Delete return only after the change
// survives a crash. Safe for concurrent use.
type JobStore interface {
	List(ctx context.Context) ([]*Job, error)
	// Create fails with ErrExists if the full name is taken.
	Create(ctx context.Context, j *Job) error
	// Put replaces the job of the same ID.
	Put(ctx context.Context, j *Job) error
	Delete(ctx context.Context, id string) error
}

// Elector says which of several servers leads. The local one always leads.
type Elector interface {
	// Campaign blocks until this server leads; the context it returns ends with the leadership.
	Campaign(ctx context.Context) (context.Context, error)
}

// Runner runs a job from a claimed store until it ends. server/jobs implements it.
type Runner interface {
	// Run returns nil when the job finished by itself, ErrStopped after a final
	// checkpoint when stop was closed, ctx's error when ctx ended, else the failure.
	// An error with Permanent() true is not retried. progress is called on events
	// (running, checkpoint completed).
	Run(ctx context.Context, r Run) error
	// Purge removes a dropped job's state files and open transactions; idempotent.
	Purge(ctx context.Context, j *Job) error
	// Savepoint takes a named checkpoint of a running job.
	Savepoint(ctx context.Context, j *Job, name string) (checkpoint.ID, error)
	// Forget removes a named checkpoint of a running job.
	Forget(ctx context.Context, j *Job, name string) error
}

// Run is one attempt.
type Run struct {
	Job   *Job
	Store checkpoint.CompletedStore
	From  StartFrom
	// Stop, when closed, asks for a final checkpoint and the end.
	Stop <-chan struct{}
	// Savepoint gives, once Stop is closed, the name of the savepoint to take before
	// the final checkpoint; empty for none.
	Savepoint func() string
	// Attempt counts the runs since START, from 1.
	Attempt  int
	Progress func(Event)
}

// Event is what a running job tells its supervisor.
type Event struct {
	Running    bool          // all tasks have started
	Checkpoint checkpoint.ID // completed, if not 0
	Warning    string        // for who stops the job, if not empty
	Moved      bool          // nothing is left in Job.MovedFrom
}

// Permanent is implemented by errors that a restart cannot cure (changed state,
// missing stream, over the memory limit).
type Permanent interface{ Permanent() bool }
