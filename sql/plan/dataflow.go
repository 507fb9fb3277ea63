package plan

import (
	"time"

	"slipway/sql/types"
)

// WatermarkSpec says how a source derives event time.
type WatermarkSpec struct {
	// Column is the TIMESTAMP column of the source's output, -1 where the time is Computed of its columns.
	Column   int
	Computed Expr `plan:"optional"`
	// Delay is the out-of-orderness allowed: watermark = greatest time seen - Delay.
	Delay time.Duration
	// Arrival: the column is the arrival time that the source stamps; the watermark
	// then follows the clock, also without rows.
	Arrival bool
	// IdleAfter is the silence after which a split no longer holds the watermark back.
	IdleAfter time.Duration
}

// Source is the beginning of a stage: a declared stream or table, narrowed to
// what the query reads.
type Source struct {
	Op OperatorID
	// Name is db.name of the declaration.
	Name      string
	Connector string // "kafka", "datagen", ...; NoConnector
	// Declared is every column of the declaration, Columns the indexes of those the
	// query needs, ascending; the output has just these, then Metadata, then ArrivalColumn, then Origin.
	Declared types.Schema
	Columns  []int
	// Metadata is taken of the record beside its value, under the connector's names.
	Metadata []Metadata
	// Defaults are the values of declared columns that a record does not have at all.
	Defaults []Default
	// ArrivalColumn, if set, adds a last column TIMESTAMP(3) with the arrival time.
	ArrivalColumn string
	// Origin, if set, adds last columns: those of DivertedColumns that say of which record a row is.
	Origin []int
	// Properties are the TBLPROPERTIES and clauses (row format) as validated by conf.
	Properties map[string]string
	Watermark  *WatermarkSpec
	// Keys, if set, are the output columns of the primary key, in its order: the source
	// then gives a change per record, an Insert that replaces the row of its key, or a
	// Delete in which only the key is set. Else every record is a row of its own.
	Keys []int
	// Unique are the declared columns of the primary key of a table that is read as it is now: no two of
	// its rows have the same, and each is a row of its own.
	Unique []int
	// Changes: the rows have kinds of their own, as the connector or the format declares. What
	// is taken back is given again, whole; an UpdateBefore stands directly in front of its
	// UpdateAfter, in the same batch.
	Changes bool
	// Reject, if set, is a simple conjunction over the output columns that the format, or what is
	// outside, may use to drop rows early. The plan still has the Filter: it is only a hint.
	Reject Expr `plan:"optional"`
	Out    types.Schema
	// Bounded: the source ends behind what is there when it is opened, and behind what
	// comes within Wait of having given that.
	Bounded bool
	Wait    time.Duration
}

// Metadata is a column that is no part of a record's value.
type Metadata struct {
	Name   string // as the connector declares it
	Column types.Column
}

// Default is the value of a column where none is given.
type Default struct {
	Column int  // of Source.Declared
	Value  Expr // without columns
}

// NoConnector stands for the connector of a source that reads nothing: it gives one row, TRUE in
// one column, once.
const NoConnector = "none"

// SinkMode is what a sink is given. Its number stands in encoded plans, as does that of
// Partitioning: it is never changed.
type SinkMode uint8

const (
	// Append: inserts only.
	Append SinkMode = 0
	// Upsert: rows by primary key; UpdateAfter and Insert overwrite, Delete removes.
	Upsert SinkMode = 1
	// AppendChanges ("sink.changelog"="append"): Insert and UpdateAfter as rows, the others left out.
	AppendChanges SinkMode = 2
)

func (m SinkMode) String() string { return [...]string{"append", "upsert", "append changes"}[m] }

// Sink is the end of a stage.
type Sink struct {
	Op         OperatorID
	Name       string
	Connector  string
	Properties map[string]string
	Mode       SinkMode
	// Keys are the primary key's columns in Schema; empty for Append without a key.
	Keys []int
	// Schema is the declared columns that are written, those of a record's value and then those of Metadata; the
	// input has the same types in the same order.
	Schema types.Schema
	// Metadata are what the last columns say of the record, beside its value, under the connector's names.
	Metadata []string
	// Delivery is "at_least_once" or "exactly_once".
	Delivery string
}

// Stage is a chain of operators that runs in one goroutine per task.
type Stage struct {
	ID     int
	Name   string
	Source *Source // nil if the stage reads from edges
	Ops    []Op
	Sink   *Sink // nil if the stage writes to edges
	// Anew: it begins anew at each start, and reads to its end also where the job is stopped:
	// nothing of it is restored.
	Anew bool
	// Parallelism: tasks; 0 lets the job decide (splits of the source, at most the cores).
	Parallelism int
}

// Partitioning says which task of the reading stage a row goes to.
type Partitioning uint8

const (
	// Forward: task i to task i; both stages have the same parallelism.
	Forward Partitioning = 0
	// Hash: by key group of the key columns.
	Hash Partitioning = 1
	// Rebalance: batches in turn.
	Rebalance Partitioning = 2
	// Single: all to task 0.
	Single Partitioning = 3
	// Broadcast: all to every task, which reads them to their end before those of its other
	// inputs; barriers and watermarks among them mean nothing to it. The stages in front of it
	// begin anew at each start.
	Broadcast Partitioning = 4
)

func (p Partitioning) String() string {
	return [...]string{"forward", "hash", "rebalance", "single", "broadcast"}[p]
}

// Edge joins the end of stage From to input Port of stage To.
type Edge struct {
	From, To int
	Port     int
	By       Partitioning
	Keys     []int // for Hash: columns of From's output
	// Diverted: it carries what From's source refuses (DivertedColumns), not what leaves its operators.
	Diverted bool
	// Late: it carries what operators of From leave out because it is late (LateRows), as the sink takes it.
	Late bool
}

// Dataflow is a compiled job: stages in topological order, joined by edges.
type Dataflow struct {
	Stages []Stage
	Edges  []Edge
	// Updating tells whether the result corrects rows already given.
	Updating bool
	// Reads and Writes are the db.names of declared objects; of a view its own and what is behind it.
	Reads, Writes []string
	// Functions are the keys of the declared functions that are called, also by one another and in views.
	Functions []string
	// Output is the columns of a SELECT; nil for an INSERT.
	Output types.Schema
	// Bounded: every source ends, and the result is final rows alone.
	Bounded bool
	// Limited: the query says itself how many rows it gives at most.
	Limited bool
	// Logical is the tree of relations that this is the dataflow of, printed for EXPLAIN.
	Logical []string
	// SplitDistinct: the DISTINCT values of an aggregate are found by the tasks of the values.
	SplitDistinct bool
	// SplitWindows: so it is with an aggregate over windows.
	SplitWindows bool
	// SharedStreams: a stream that one query reads several times has one source.
	SharedStreams bool
	// PatternByKey: the events of a PATTERN are matched by the tasks of the values that tie them.
	PatternByKey bool
}

// Entering is the columns that come to a stage: of its source, or of the stages whose edges
// lead to a port of its first operator.
func (f *Dataflow) Entering(stage, port int) types.Schema {
	if s := f.Stages[stage].Source; s != nil {
		return s.Out
	}
	for _, e := range f.Edges {
		if e.To == stage && e.Port == port {
			return f.Carried(e)
		}
	}
	return nil
}

// Before is the columns that come to operator i of a stage, by port; behind the last operator
// those that leave the stage.
func (f *Dataflow) Before(stage, i int) []types.Schema {
	ops := f.Stages[stage].Ops
	if i > 0 {
		return []types.Schema{ops[i-1].Schema()}
	}
	out := make([]types.Schema, 1)
	if len(ops) > 0 {
		out = make([]types.Schema, ops[0].Inputs())
	}
	for port := range out {
		out[port] = f.Entering(stage, port)
	}
	return out
}

// Leaving is the columns that leave a stage.
func (f *Dataflow) Leaving(stage int) types.Schema {
	return f.Before(stage, len(f.Stages[stage].Ops))[0]
}

// KeepsState tells whether an operator keeps something between rows.
func (f *Dataflow) KeepsState() bool {
	for i := range f.Stages {
		for _, o := range f.Stages[i].Ops {
			if _, ok := o.(Stateful); ok {
				return true
			}
		}
	}
	return false
}
