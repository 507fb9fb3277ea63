package session

import (
	"context"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/column"
	"slipway/executor/job"
	"slipway/ha"
	"slipway/server/auth"
	"slipway/server/events"
	"slipway/sql"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// Parts are what sessions work with.
type Parts struct {
	Compiler *sql.Compiler
	Catalog  catalog.Store
	Jobs     Jobs
	Runner   Runner
	Queries  Queries
	Secrets  Secrets
	// Targets are what others than superusers may name in properties.
	Targets auth.Targets
	Server  *conf.Values
	// TimeZone is that of jobs, and of a session that has set none.
	TimeZone *time.Location
	// Audit is told what was changed and what was refused; nil: nobody is.
	Audit *auth.Audit
	// Events are what has happened of late; nil: nobody remembers.
	Events *events.Log
	// Standby is nil on the server that leads.
	Standby *Standby
}

// Jobs starts, stops and changes stream jobs, by their full names; *ha.Supervisor implements
// it and says more of each. Without a job of the name it is ha.ErrNoJob. Safe for concurrent use.
type Jobs interface {
	// List is in order of name.
	List() []ha.Status
	Status(name string) (ha.Status, error)
	// Create fails with ha.ErrExists if the name is taken. The warning says why a job that is
	// wanted running does not run yet.
	Create(ctx context.Context, j *ha.Job) (warning string, err error)
	// Start: already tells that the job was active.
	Start(ctx context.Context, name string, from ha.StartFrom) (already bool, warning string, err error)
	// Stop takes the savepoint before the final checkpoint, if one is named; already tells that
	// the job was not active.
	Stop(ctx context.Context, name, savepoint string) (already bool, warning string, err error)
	// Savepoint fails with ha.ErrNotRunning if the job does not run.
	Savepoint(ctx context.Context, name, savepoint string) (checkpoint.ID, error)
	// DropSavepoint fails with ha.ErrNoSavepoint if it is not there.
	DropSavepoint(ctx context.Context, name, savepoint string) error
	Drop(ctx context.Context, name string) error
	// Alter takes effect at the next start.
	Alter(ctx context.Context, name string, change func(*ha.Job)) error
	// Rename fails with ha.ErrExists if the new name is taken.
	Rename(ctx context.Context, name, to string) error
}

// Queries runs what a client waits for; jobs.Queries implements it. Safe for concurrent use.
type Queries interface {
	// Query starts a SELECT in a time zone that may hold so many bytes, 0: server.query.memory.limit. It ends with ctx, with its rows, or by Close.
	Query(ctx context.Context, flow *plan.Dataflow, zone *time.Location, memory int64) (Rows, error)
	// Insert writes the rows of INSERT … VALUES, all or none as far as the sink can, and returns
	// when the outside has them.
	Insert(ctx context.Context, target *catalog.Relation, rows sql.Rows, zone *time.Location) (n int, err error)
	// Load does so with rows that it asks for twice, and keeps few of them at a time.
	Load(ctx context.Context, target *catalog.Relation, rows sql.Rows, zone *time.Location) (n int, err error)
}

// Runner knows of stream jobs what their definition does not say; jobs.Runner implements it. Safe
// for concurrent use.
type Runner interface {
	// Compile compiles a stored job against the catalog as it is now.
	Compile(j *ha.Job) (*plan.Dataflow, *conf.Values, error)
	// CheckSinks asks the outside whether the sinks can keep what the settings promise.
	CheckSinks(ctx context.Context, flow *plan.Dataflow, v *conf.Values) error
	// CheckFrom fails if what the job shall begin from is not there.
	CheckFrom(ctx context.Context, j *ha.Job, from ha.StartFrom) error

	// Backend names the checkpoint backend of a job's settings, also if this server does not
	// have it, which is an error.
	Backend(v *conf.Values) (string, error)
	// Checkpoints are those that the job's backend holds, newest first.
	Checkpoints(ctx context.Context, j *ha.Job) ([]*checkpoint.Manifest, error)
	// History is what is remembered of a job's checkpoints, by its id.
	History(id string) *checkpoint.History
	// Status is a running job's figures, by its id; ok is false if it does not run here.
	Status(id string) (s job.Status, ok bool)

	// Transactions lists what a job's sinks have outside.
	Transactions(ctx context.Context, j *ha.Job) ([]executor.Transaction, error)
	// Resolve ends what the sinks of a job that does not run have open outside.
	Resolve(ctx context.Context, j *ha.Job, commit bool) (ended int, err error)
}

// Rows are the rows of a running SELECT. One goroutine calls it.
type Rows interface {
	// Opened waits until the sources know where they begin, or cannot.
	Opened(ctx context.Context) error
	// Next waits for rows, which are the caller's: nil where Mark stands, io.EOF at the end.
	Next(ctx context.Context) (*column.Batch, error)
	// Mark stands behind all that is there now, and what comes within a time after it. A later
	// one replaces one that was not met.
	Mark(wait time.Duration)
	// LeftOut is how many records and rows on.error=skip has left out.
	LeftOut() int64
	// Close ends the query and waits for it.
	Close()
}
