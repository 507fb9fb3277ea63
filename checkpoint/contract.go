// Package checkpoint decides when the state of a job is safe. It owns the
// barrier's identity, the tasks' acknowledgements, the manifest, and the
// coordinator that turns acknowledgements into a completed checkpoint. It knows
// neither what a task computes nor where bytes are kept: the running job stands
// behind Participants, the bytes behind Storage, the list of completed
// checkpoints behind CompletedStore.
//
// The life of a checkpoint: the coordinator triggers it at every source task; the
// barrier flows through the edges; each task freezes its state, writes it to
// Storage beside its loop and acknowledges; after the last acknowledgement the
// manifest goes to CompletedStore.Add, which is the commit point; then sinks
// commit and older checkpoints are removed. Whatever happened before Add is
// garbage that recovery ignores.
package checkpoint

import (
	"context"
	"errors"
	"io"
	"slipway/conf"
	"time"
)

// ID numbers the checkpoints of one job from 1; it never goes back, also not over restarts.
type ID int64

// Kind tells why a checkpoint was taken.
type Kind string

const (
	// Periodic is the interval's.
	Periodic Kind = "checkpoint"
	// Final is taken by STOP; its barrier ends the sources.
	Final Kind = "final"
	// Savepoint is named by the user and does not count among the retained.
	Savepoint Kind = "savepoint"
	// Flush keeps nothing: the barrier drains the job so that sinks flush and sources
	// may commit their offsets. Jobs without checkpointing get these; a task
	// acknowledges one without freezing or writing state.
	Flush Kind = "flush"
	// FinalFlush is the Flush of STOP: its barrier ends the sources.
	FinalFlush Kind = "final flush"
)

// Ends tells whether the sources end behind the barrier.
func (k Kind) Ends() bool { return k == Final || k == FinalFlush }

// Keeps tells whether the checkpoint is stored; the others only flush.
func (k Kind) Keeps() bool { return k != Flush && k != FinalFlush }

// Barrier is what flows between the batches.
type Barrier struct {
	ID   ID
	Kind Kind
	// Triggered is when the coordinator sent it, for the figures of SHOW CHECKPOINTS.
	Triggered time.Time
}

// TaskID names one subtask of one stage.
type TaskID struct {
	Stage   int `json:"stage"`
	Subtask int `json:"subtask"`
}

// Section is some bytes that are durable: inline in the manifest when they are
// few, else a range of a file of Storage with its checksum.
type Section struct {
	Inline []byte `json:"inline,omitempty"`
	File   string `json:"file,omitempty"`
	Offset int64  `json:"offset,omitempty"`
	Length int64  `json:"length"`
	// CRC is CRC-32C (Castagnoli) of the bytes.
	CRC uint32 `json:"crc"`
}

// StateKind tells what the sections of an OperatorState hold.
type StateKind string

const (
	// KeyedState is executor/state's format: a base section and deltas, in order.
	KeyedState StateKind = "keyed"
	// SourcePosition is what Source.Snapshot gave.
	SourcePosition StateKind = "source"
	// SinkPrepared is what Sink.Prepare gave.
	SinkPrepared StateKind = "sink"
)

// StateFormat is the Format that this server writes, and the newest that it reads.
const StateFormat = 1

// OperatorState is what one operator in one task contributed to a checkpoint.
type OperatorState struct {
	// Operator is the plan's stable operator id.
	Operator string    `json:"operator"`
	Subtask  int       `json:"subtask"`
	Kind     StateKind `json:"kind"`
	// Format is the version of what the sections of a position or of prepared transactions
	// hold; absent: 1. Keyed state says its own.
	Format int `json:"format,omitempty"`
	// Schema is the plan's StateSchema for KeyedState; compared at restore.
	Schema   string    `json:"schema,omitempty"`
	Sections []Section `json:"sections"`
}

// Ack is one task's word that its part of a checkpoint is durable.
type Ack struct {
	Checkpoint ID
	Task       TaskID
	State      []OperatorState
	// Aligned, Frozen and Written are how long the phases took, for the diagnosis of
	// a late checkpoint.
	Aligned, Frozen, Written time.Duration
	// Bytes is what this checkpoint wrote anew (incremental).
	Bytes int64
}

// Manifest is a completed checkpoint: everything a job needs to go on from it.
type Manifest struct {
	Version    int             `json:"version"`              // of this layout: 1
	KeyGroups  int             `json:"key_groups,omitempty"` // into which keyed state is cut; absent: FormerKeyGroups
	Job        string          `json:"job"`                  // job id, unique for ever
	Checkpoint ID              `json:"checkpoint"`
	Kind       Kind            `json:"kind"`
	Name       string          `json:"name,omitempty"` // of a savepoint
	Triggered  time.Time       `json:"triggered"`
	Completed  time.Time       `json:"completed"`
	Bytes      int64           `json:"bytes"` // written anew by this checkpoint
	State      []OperatorState `json:"state"`
}

// FormerKeyGroups is what manifests mean that do not say.
const FormerKeyGroups = 128

// Files lists the files of Storage that m needs, each once, in order of name.
func (m *Manifest) Files() []string { return manifestFiles(m) }

// Errors of stores.
var (
	// ErrFenced: a later owner has claimed the job; this one must stop at once and change nothing.
	ErrFenced = errors.New("checkpoint: fenced by a later owner of the job")
	// ErrCorrupt: bytes are there but wrong (length, checksum, format).
	ErrCorrupt = errors.New("checkpoint: stored bytes are damaged")
	// ErrNotExist: no such file or checkpoint.
	ErrNotExist = errors.New("checkpoint: does not exist")
	// ErrExist: Storage never overwrites.
	ErrExist = errors.New("checkpoint: exists already")
)

// Storage keeps files of state. Names are relative, with '/' between the parts,
// the job's id first. A file is visible only when Close has returned nil; then it
// survives a crash. It is never overwritten and never changed. Safe for
// concurrent use.
type Storage interface {
	// Create begins a new file; ErrExist if the name is taken.
	Create(ctx context.Context, name string) (File, error)
	// Open reads a file from offset; ErrNotExist if it is not there.
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)
	// Remove deletes files; a missing one is not an error.
	Remove(ctx context.Context, names ...string) error
	// List gives the names below a prefix, for sweeping orphans.
	List(ctx context.Context, prefix string) ([]string, error)
	// RemoveAll deletes everything below a prefix (DROP STREAMJOB).
	RemoveAll(ctx context.Context, prefix string) error
}

// File is a file being written. Exactly one of Close and Abort ends it.
type File interface {
	io.Writer
	// Close makes the file durable and visible.
	Close() error
	// Abort throws the file away.
	Abort() error
}

// MetadataStore keeps the completed checkpoints of all jobs.
type MetadataStore interface {
	// Claim makes the caller the owner of the job's checkpoints and shuts out every
	// earlier claimant in the same act.
	Claim(ctx context.Context, job string) (CompletedStore, error)
	// Peek lists the completed checkpoints, newest first, without claiming (SHOW CHECKPOINTS).
	Peek(ctx context.Context, job string) ([]*Manifest, error)
	// Drop removes all records of a job (DROP STREAMJOB); idempotent.
	Drop(ctx context.Context, job string) error
}

// CompletedStore is one owner's view of one job's completed checkpoints.
type CompletedStore interface {
	// Epoch is the number of this claim; it grows with each.
	Epoch() int64
	// List reads the completed checkpoints, newest first. A record that is there but
	// cannot be read is returned as a Damaged entry, never left out.
	List(ctx context.Context) ([]Entry, error)
	// Add records a completed checkpoint and forgets those that it displaces, in one act:
	// the commit point. ErrFenced if the claim is over. Any other error leaves open whether
	// it was done; the same call may be made again.
	Add(ctx context.Context, m *Manifest, displaced ...ID) error
	// Remove forgets checkpoints; ErrFenced if the claim is over, also where there is nothing
	// to forget.
	Remove(ctx context.Context, ids ...ID) error
	// Close gives up the claim.
	Close() error
}

// Entry is a completed checkpoint or the reason why it cannot be read.
type Entry struct {
	ID       ID
	Manifest *Manifest // nil if Damaged
	Damaged  error
}

// Participants is the running job as the coordinator sees it.
type Participants interface {
	// Tasks lists the tasks that must acknowledge.
	Tasks() []TaskID
	// Trigger sends the barrier to every source task's mailbox; it does not wait.
	Trigger(b Barrier)
	// Committed tells sinks and sources that the checkpoint is completed, and waits
	// for the sinks: after it the results up to id are visible.
	// m is the recorded checkpoint, nil for a flush.
	Committed(ctx context.Context, id ID, m *Manifest) error
	// Phase says in a few words what a task that has not acknowledged is doing for
	// the checkpoint ("waiting for the barrier", "aligning, input 2 missing",
	// "preparing the sink", "writing state"), for the diagnosis of an expired one.
	Phase(id ID, task TaskID) string
	// Aborted tells that an expired or failed checkpoint will not complete, so that
	// its files can be thrown away; what sinks prepared rides with the next one.
	Aborted(id ID)
}

// Acknowledger is the coordinator as the running job sees it. All calls may come
// from any goroutine and never block for long.
type Acknowledger interface {
	Ack(Ack)
	// Declined says that a task could not write its part: the checkpoint is aborted,
	// the job goes on.
	Declined(id ID, task TaskID, reason error)
	// Finished says that a task has ended; it counts as acknowledged from now on, with state last.
	Finished(task TaskID, state []OperatorState)
}

// OpenStorage opens the store that a URL of its scheme names; Close ends what it holds outside
// the process. cmd/node lists them by scheme.
type OpenStorage func(ctx context.Context, url string, cfg *conf.Values) (ClosingStorage, error)

// ClosingStorage is a Storage that whoever opened it closes.
type ClosingStorage interface {
	Storage
	io.Closer
}

// abandonAfter bounds the wait for a store that does not answer, when nobody wants its answer
// any more. What comes of it later is fenced, or swept at the next start.
const abandonAfter = time.Second

// AwaitStore waits until done is closed. When unwanted is closed it waits only a little longer:
// false says that the store has not answered and is left behind.
func AwaitStore(done, unwanted <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-unwanted:
	}
	select {
	case <-done:
		return true
	case <-time.After(abandonAfter):
		return false
	}
}
