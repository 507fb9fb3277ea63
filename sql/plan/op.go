package plan

import (
	"time"

	"slipway/sql/types"
)

// OperatorID names a stateful operator, a source or a sink across recompilations:
// a hash of its meaning (kind, keys, aggregates, input relation), not of its place
// in the plan. State in a checkpoint is found by it.
type OperatorID string

// Op is one operator of a stage's chain; the executor has one implementation per
// concrete type and one switch over them (executor/build).
type Op interface {
	// Schema is the output columns.
	Schema() types.Schema
	// Describe is the line EXPLAIN prints.
	Describe() string
}

// Stateful is an Op that keeps keyed state.
type Stateful interface {
	Op
	ID() OperatorID
	// StateSchema describes what is kept, in stored forms, for the check at restore: the
	// same ID with another StateSchema refuses to start.
	StateSchema() string
}

// Updater is an Op whose result changes. It gives the old version of a changed row, an
// UpdateBefore directly in front of the UpdateAfter and in the same batch, if it is told
// that somebody needs it.
type Updater interface {
	Op
	NeedBefore()
}

// Filter keeps the rows for which Pred is true.
type Filter struct {
	Pred Expr
	// Changes: the input corrects rows. An old version that passes becomes a Delete if
	// its new version does not.
	Changes bool
	Out     types.Schema
}

// Project computes Exprs.
type Project struct {
	Exprs []Expr
	Out   types.Schema
}

// WindowKind is how windows are cut. Its number stands in operator ids: it is never changed
// and never given to another kind.
type WindowKind uint8

const (
	// Tumble windows follow one another without gap or overlap.
	Tumble WindowKind = 0
	// Hop windows are Size long and begin every Slide.
	Hop WindowKind = 1
)

// Window is a window assignment on a TIMESTAMP column. All windows begin at
// Offset + k*Slide since 1970-01-01; for Tumble, Slide equals Size.
type Window struct {
	Kind   WindowKind
	Time   int // index of the TIMESTAMP column in the input
	Size   time.Duration
	Slide  time.Duration
	Offset time.Duration
}

// Slice is the greatest length of which Size and Slide are both multiples:
// windows are made of whole slices.
func (w Window) Slice() time.Duration {
	a, b := w.Size, w.Slide
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// AssignWindow appends window_start and window_end (TIMESTAMP(3)); with Hop a row
// goes out once per window it belongs to. Used when windowed rows are not
// aggregated.
type AssignWindow struct {
	Window Window
	Out    types.Schema
}

// AggKind names an accumulator: what a function.Part says it is computed by, after an aggregate
// has been taken apart (AVG is SUM and COUNT and a division behind them). The name stands in
// operator ids and in state schemas: it is never changed.
type AggKind string

// The accumulators that are asked for beside those of aggregate functions, or by tests.
const (
	CountStar AggKind = "COUNT(*)"
	Count     AggKind = "COUNT"
	Sum       AggKind = "SUM"
	Min       AggKind = "MIN"
	Max       AggKind = "MAX"
)

// Agg is one aggregate over a column of the input. The partial results of Count
// and CountStar are merged by Sum without the NULL of an empty sum (Merge).
type Agg struct {
	Kind AggKind
	Arg  int // input column; -1 for CountStar
	Typ  types.Type
	// Merge: Arg holds partial results of the same aggregate, to be combined.
	Merge bool
	// Filter is the input column of a BOOLEAN that must be true for the row to
	// count; -1 for none.
	Filter int
}

// PartialAggregate combines the rows of a batch (or of a few) that share the keys
// (and the window slice) before they are exchanged. It keeps no state across
// barriers: it emits everything before a barrier or a watermark passes. Output:
// the keys, then slice_start TIMESTAMP(6) if Window is set, then one partial per
// Agg. It passes rows through one by one where combining does not pay.
type PartialAggregate struct {
	Keys   []int
	Window *Window
	Aggs   []Agg
	Out    types.Schema
}

// GroupAggregate is the unwindowed GROUP BY: an updating result. For each changed
// key it emits UpdateBefore/UpdateAfter (Insert for a new key, Delete when its last
// row was retracted), the changes of one batch combined per key. Output: the keys,
// then one column per Agg.
type GroupAggregate struct {
	Op   OperatorID
	Keys []int
	Aggs []Agg
	// InputUpdates: the input carries retractions.
	InputUpdates bool
	// EmitBefore: downstream needs UpdateBefore rows; an upsert sink does not.
	EmitBefore bool
	// Final: the input ends, and each group is given once, then. Without keys there is
	// one group, also of no rows.
	Final bool
	// Presence: nobody reads the aggregates, so a group that stays is not given again.
	Presence bool
	// TTL is the idle time after which a key is forgotten; 0 keeps it for ever.
	TTL time.Duration
	Out types.Schema
}

// ChangelogNormalize makes changes by key, of which a later row replaces an earlier one
// and a Delete may hold the key alone, a changelog that is whole: it keeps the newest row
// of each key, a row that is like the one before is left out, and a Delete holds what is
// deleted.
type ChangelogNormalize struct {
	Op OperatorID
	// Name is db.name of the stream.
	Name string
	Keys []int
	// EmitBefore: downstream needs UpdateBefore rows.
	EmitBefore bool
	Out        types.Schema
}

// UpsertChanges makes a changelog one for a sink that finds rows by key: an UpdateBefore
// is left out if the UpdateAfter behind it has the same key, else it is a Delete.
type UpsertChanges struct {
	Keys []int
	Out  types.Schema
}

// WindowAggregate is GROUP BY over windows: each window is emitted once, when the
// watermark passes its end. A row all of whose windows have ended is late:
// dropped and counted. Output: the keys, window_start, window_end TIMESTAMP(3),
// then one column per Agg.
type WindowAggregate struct {
	Op     OperatorID
	Keys   []int
	Window Window
	// Sliced: the input is PartialAggregate's; Window.Time is its slice_start.
	Sliced bool
	// Weight is the input column that says for how many rows a partial result stands,
	// to count late ones; -1 if each stands for itself.
	Weight int
	Aggs   []Agg
	Out    types.Schema
}

// FinalRows takes a bounded input that corrects rows and gives, at its end, those that
// are left. The changes of one row must come to one task.
type FinalRows struct {
	Op  OperatorID
	Out types.Schema
}

// SortKey is one key of a Sort.
type SortKey struct {
	Column           int
	Desc, NullsFirst bool
}

// Sort gives the rows of a bounded input in order when it has ended; rows with equal
// keys as they came.
type Sort struct {
	Op   OperatorID
	Keys []SortKey
	// Top: only so many rows are wanted; 0: all.
	Top int64
	Out types.Schema
}

// Limit ends the stream after Count rows, having skipped Offset; used by SELECT … LIMIT.
type Limit struct {
	Count, Offset int64
	Out           types.Schema
}
