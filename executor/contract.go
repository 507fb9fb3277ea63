// Package executor holds the contracts by which a job runs: what moves on an edge,
// what an operator, a source, a sink and a connector owe the task that drives
// them. It contains no implementation; executor/build makes operators, executor/task
// drives them, executor/job joins the tasks of one dataflow.
//
// One task is one goroutine is one loop. It alone calls its source, its chain of
// operators and its sink, so none of them needs a lock. Barriers never reach an
// operator: the task freezes Env.State for it.
package executor

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor/column"
	"slipway/executor/droplog"
	"slipway/executor/state"
	"slipway/sql/catalog"
	"slipway/sql/plan"
)

// MessageKind tells what a Message carries.
type MessageKind uint8

const (
	// BatchMessage carries rows.
	BatchMessage MessageKind = iota
	// WatermarkMessage promises that no row before the time follows, late ones apart.
	WatermarkMessage
	// IdleMessage says that the sender has nothing to say on event time until its
	// next batch or watermark, and must not hold the minimum back.
	IdleMessage
	// BarrierMessage separates the rows of one checkpoint from those of the next.
	BarrierMessage
	// EndMessage is the last message of an input.
	EndMessage
)

// Message is what moves on an ordered edge: exactly one of the kinds.
type Message struct {
	Kind      MessageKind
	Batch     *column.Batch      // BatchMessage
	Watermark int64              // WatermarkMessage: microseconds since 1970-01-01
	Barrier   checkpoint.Barrier // BarrierMessage
}

// Watermarks outside the range of data.
const (
	// NoWatermark is before every row.
	NoWatermark = -1 << 63
	// EndWatermark is after every row: sent when a bounded source has ended.
	EndWatermark = 1<<63 - 1
)

// ErrFinished is returned by Process when the operator wants no more rows (LIMIT);
// the job then ends as if its sources had ended.
var ErrFinished = errors.New("executor: no more rows wanted")

// Operator transforms batches. One goroutine calls it, ever.
type Operator interface {
	// Open is called once, before any row; Env.State holds what was restored.
	Open(env *Env) error
	// Process handles a batch that is lent until it returns. Port is the input of a
	// stage with several.
	Process(port int, b *column.Batch, out Output) error
	// OnWatermark emits what has become due; the task passes the watermark on afterwards.
	OnWatermark(watermark int64, out Output) error
	// OnTimer handles timers of Env.Timers that have come due; they are lent until it returns.
	// Event-time timers fire when a watermark has passed all inputs of the stage: those up to it,
	// also such that OnTimer registers, before OnWatermark is called and the watermark goes on; at
	// the end of a bounded input all do. Processing-time timers fire between two batches when the
	// clock has reached them; those that are left at the end of the input never do. None fires
	// while a barrier is handled: what has not fired before it is in the checkpoint, and fires
	// after a restore.
	OnTimer(due *state.Due, out Output) error
	// Flush emits everything held outside Env.State. The task calls it before a
	// barrier or a watermark passes, when the input is idle, and at the end.
	Flush(out Output) error
	// Close frees resources; called once, also after a failure.
	Close() error
}

// Holder is an operator that may combine the changes of a row until Flush: the later it comes, the fewer go on.
type Holder interface {
	// Holds tells, before and after Open, that it does.
	Holds() bool
}

// Output takes what an operator emits.
type Output interface {
	// Emit lends b to the next operator or edge. It blocks while the next queue is
	// full: that is all the back-pressure there is. An error ends the task.
	Emit(b *column.Batch) error
}

// Source produces batches. The task asks; a source has no loop of its own that
// touches rows already returned.
type Source interface {
	// Open positions the source. restored is nil at a fresh start; otherwise it holds
	// the snapshots of all former subtasks, from which this one picks its splits.
	Open(ctx context.Context, env *Env, restored [][]byte) error
	// Next does not wait: it gives nil if there is nothing now, and io.EOF at the end of
	// a bounded source. The batch is lent until the next call.
	Next(ctx context.Context) (*column.Batch, error)
	// Ready is set when, since Next gave nil, there may be something for it, or when the
	// End of a split became known or unknown. The task sleeps until then; being set too
	// often does no harm.
	Ready() <-chan struct{}
	// Snapshot is the position just after the last Next.
	Snapshot() ([]byte, error)
	// Committed tells that the checkpoint that holds the given snapshot is completed:
	// the place to commit offsets that tools show. It must not fail the job nor block.
	Committed(snapshot []byte)
	// Progress lists the splits for SHOW STREAMJOB; callable from any goroutine.
	Progress() []SplitProgress
	Close() error
}

// SplitProgress is how far one split has been read.
type SplitProgress struct {
	Split string // "topic-3"
	// Index is the split's number in Batch.Split; Next position to read; End the
	// position behind the last available row (-1 unknown).
	Index     int
	Next, End int64
}

// Sink takes rows out of the job.
type Sink interface {
	Open(ctx context.Context, env *Env) error
	// Write takes a batch that is lent until it returns; it may buffer encoded rows.
	// It blocks while the outside is slow.
	Write(b *column.Batch) error
	// Prepare makes everything written so far durable outside, and records EVERY
	// transaction that is not yet committed, not only the last: an aborted
	// checkpoint's rows belong to the next one. Empty, or the text null: there is none.
	Prepare(ctx context.Context, id checkpoint.ID) ([]byte, error)
	// Commit takes note that the checkpoint is completed. A sink without a Committer
	// commits now all prepared UP TO AND INCLUDING id; of one with a Committer all that
	// has been done. Repeated calls are fine.
	Commit(ctx context.Context, id checkpoint.ID) error
	// Tick is called within 100 ms after rows were written, and then at the time that it
	// asked for: for time-based flushing, and to notice what failed outside. The zero
	// time asks for no call before further rows.
	Tick(now time.Time) (next time.Time, err error)
	Close() error
}

// Committer settles the transactions of one sink, centrally: tasks may have ended, and
// parallelism may have changed since a transaction was prepared. prepared is what the
// sink's tasks gave in Prepare. One with nothing to list or to clear away embeds
// NoTransactions.
type Committer interface {
	// Recover commits every transaction that prepared names and aborts all others of
	// this sink, before any task starts. ErrAborted if one that is named is gone.
	Recover(ctx context.Context, prepared [][]byte) error
	// Commit commits every transaction that prepared names, when the checkpoint that
	// holds it has been recorded, and returns when the rows are visible. It is called
	// once at a time, may be repeated, and tries until ctx ends.
	Commit(ctx context.Context, prepared [][]byte) error
	// Transactions lists what the sink has outside.
	Transactions(ctx context.Context, prepared [][]byte) ([]Transaction, error)
	// Resolve ends by hand, while the job does not run, what is open: it commits what
	// prepared names and aborts the rest, or aborts all.
	Resolve(ctx context.Context, prepared [][]byte, commit bool) (ended int, err error)
	// Leave clears away behind an owner that was shut out: what it prepared and no recorded
	// checkpoint names will never be committed, and readers would wait for it until its
	// timeout. It aborts the open transactions of one claim but for those that prepared names.
	Leave(ctx context.Context, claim int64, prepared [][]byte) error
	// Purge removes what is kept outside for the job's sake, when the job is dropped.
	Purge(ctx context.Context) error
	Close() error
}

// Transaction is one that a sink has outside.
type Transaction struct {
	ID, State    string
	Open         bool          // readers wait for its end
	Checkpoint   checkpoint.ID // that names it; 0: none does
	Topics       []string
	Age, Timeout time.Duration
}

// ErrAborted: a transaction that a checkpoint names was aborted outside, because it was
// open for too long. Its rows are not there; the checkpoint is of no use.
var ErrAborted = errors.New("executor: a transaction of the checkpoint was aborted by the outside")

// Connector makes the ends of a dataflow. kafkaio is one; executor/connector/*
// are others. All of it is mandatory: what a connector has nothing to do for it embeds
// (NoSource, NoSink, NoCommitter, NoLookup, catalog.NothingBehind), so that nobody finds abilities by
// assertion and a wrapper loses none. It is safe for concurrent use.
type Connector interface {
	catalog.Connector
	// CheckSink tells when a job is made, by asking the outside, that a sink could not keep
	// its promise.
	CheckSink(ctx context.Context, s *plan.Sink, v *conf.Values) error
	// Splits is the number of splits a source has now: its greatest useful parallelism.
	Splits(ctx context.Context, s *plan.Source) (int, error)
	// Ends gives the positions behind what the splits hold now, by SplitProgress.Index; nil
	// of a source that never ends.
	Ends(ctx context.Context, s *plan.Source) (map[int]int64, error)
	NewSource(s *plan.Source) (Source, error)
	NewSink(s *plan.Sink) (Sink, error)
	// NewCommitter returns nil where nothing is left open between a crash and the next start.
	NewCommitter(s *plan.Sink, env *Env) (Committer, error)
	// NewLookup opens the way to single rows of a table; of a connector that has none it is
	// never called, since its Declaration says so.
	NewLookup(t *plan.LookupTable) (Lookup, error)
}

// Env is what a task gives its source, operators and sink.
type Env struct {
	JobID   string // unique for ever
	JobName string // db.name
	Epoch   int64  // of this claim of the job
	// Operator is the plan's id; empty for stateless operators.
	Operator    plan.OperatorID
	Task        checkpoint.TaskID
	Parallelism int // tasks of this stage
	// Settings are the job's properties.
	Settings *conf.Values
	Logger   *slog.Logger
	// Dropped takes the rows that the job leaves out, beside their counters; nil: nobody
	// wants to read of them.
	Dropped *droplog.Log
	// Diverted takes the records that the source refuses, and the rows that operators cannot compute;
	// nil: nobody wants them.
	Diverted *Diverted
	// Late takes the rows that windows leave out; nil: nobody wants them.
	Late *LateRows
	// State is the operator's keyed state; nil for stateless operators.
	State *state.Store
	// Timers are the operator's own; nil for stateless operators. One that wants to be called
	// at a time opens them in its Open.
	Timers *state.Timers
	// Running ends with the run of the job: for what waits for the outside. Nil: never.
	Running context.Context
	// Lookup opens the way to a table outside.
	Lookup func(*plan.LookupTable) (Lookup, error)
	// Counters are shared by the operators of one task.
	Counters *Counters
	// SkipRows: every source of the job has on.error=skip, so that a row whose values
	// cannot be computed is left out and counted too.
	SkipRows bool
	// TimeZone is server.timezone: of CURRENT_TIMESTAMP and of conversions to and from epoch numbers.
	TimeZone *time.Location
}

// Counters are one task's figures; only the task writes them, anybody reads.
type Counters struct {
	RowsIn, RowsOut   atomic.Int64 // of the source, of the sink
	BytesIn, BytesOut atomic.Int64
	Late              atomic.Int64 // rows dropped because their windows had ended
	Failed            atomic.Int64 // rows skipped by on.error
	Skipped           atomic.Int64 // records without value where none is meant
	// LookupHits and LookupMisses are rows of lookup joins whose key was known, or asked for
	// already, and keys that a table outside was asked for.
	LookupHits, LookupMisses atomic.Int64
	Watermark                atomic.Int64 // reached: the last one passed on, or restored
	StateBytes               atomic.Int64
	// OpenTransactions have rows and are not committed; OldestTransaction is when the first row of the oldest was written, in
	// microseconds since 1970, 0 if there is none. Sinks with transactions keep them.
	OpenTransactions, OldestTransaction atomic.Int64
	// Idle is the time in which there was nothing to do, Blocked that in which an edge behind the task was full.
	// Work is what is left, and what its source, its operators and its sink wait for in their own calls.
	Idle, Blocked Stopwatch
}
