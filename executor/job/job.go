// Package job runs one dataflow: it makes the tasks and edges, restores them, runs
// them as one group, and is checkpoint.Participants to the coordinator.
package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/executor"
	"slipway/executor/build"
	"slipway/executor/droplog"
	"slipway/executor/exchange"
	"slipway/executor/expr"
	"slipway/executor/state"
	"slipway/executor/task"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// Options are what a job is run with.
type Options struct {
	ID, Name   string
	Epoch      int64
	Settings   *conf.Values
	Connectors executor.Connectors
	// Cores bounds the parallelism that nobody asked for.
	Cores   int
	Storage checkpoint.Storage
	// RestoreStorage holds Restore's files if they are not in Storage: the job has moved.
	RestoreStorage checkpoint.Storage
	Budget         *state.Budget
	// InFlight, if it is not nil, is what batches between operators count for.
	InFlight *state.Budget
	// Restore is the checkpoint to begin from; nil for a fresh start.
	Restore *checkpoint.Manifest
	// Last is the newest checkpoint of a job that begins without it: the rows that were
	// promised with it are still committed.
	Last     *checkpoint.Manifest
	Log      *slog.Logger
	TimeZone *time.Location
	// Output takes the rows of a SELECT; nil for a dataflow with sinks.
	Output executor.Sink
}

// Job is one running dataflow.
type Job struct {
	flow        *plan.Dataflow
	o           Options
	parallelism []int // per stage
	tasks       []*task.Task
	stores      []*state.Store // of the tasks
	stateful    []task.Node    // that have them, until they are loaded
	committers  []sinkCommitter
	ctx         context.Context // of the run: also what is blocked on an edge ends with it
	cancel      context.CancelCauseFunc
	writing     context.Context // of state files: ends when the run has failed or nobody wants them any more
	endWriting  context.CancelFunc
	ack         checkpoint.Acknowledger // set by Run before any task starts
	files       pendingFiles
	dropped     *droplog.Log
	meter       meter
	running     sync.WaitGroup
	mu          struct {
		sync.Mutex
		ended map[checkpoint.TaskID]bool
	}
	started chan struct{} // closed when the tasks have been started
}

// New makes a job ready to run: parallelism is decided, the manifest is checked
// against the plan, state is loaded, transactions of the former run are settled.
// Close must follow, when neither the job nor its coordinator runs any more.
func New(ctx context.Context, flow *plan.Dataflow, o Options) (*Job, error) {
	flow, err := received(flow)
	if err != nil {
		return nil, err
	}
	j := &Job{flow: flow, o: o, started: make(chan struct{})}
	j.ctx, j.cancel = context.WithCancelCause(context.Background())
	j.writing, j.endWriting = context.WithCancel(context.Background())
	j.mu.ended = map[checkpoint.TaskID]bool{}
	j.files.init(j)
	if o.Output == nil { // the log is read for what runs on, not for what a client asks
		j.dropped = droplog.New(o.Log.With("job", o.Name))
	}
	if err := check(flow, o.Restore); err != nil {
		return nil, err
	}
	if err := j.decideParallelism(ctx); err != nil {
		return nil, err
	}
	// State first: if it is damaged, the rows promised with it must not become visible,
	// because the checkpoint before it makes them again.
	if err = j.makeTasks(ctx); err == nil {
		err = j.recoverSinks(ctx)
	}
	if err != nil {
		j.closeStores()
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// closeStores gives back what was loaded for tasks that will not run; one that runs closes its own.
func (j *Job) closeStores() {
	for _, s := range j.stores {
		s.Close()
	}
}

// received is the plan as its bytes give it: what runs never depends on anything that would not
// reach another process. What does not reach it now never will: the failure is permanent.
func received(flow *plan.Dataflow) (*plan.Dataflow, error) {
	b, err := flow.Encode()
	if err == nil {
		flow, err = plan.Decode(b)
	}
	if err == nil {
		err = flow.Check()
	}
	if err != nil {
		return nil, executor.Permanent(err)
	}
	return flow, nil
}

// decideParallelism: a source's splits, at most the cores; stages behind a hash take
// the widest of their inputs, at most the cores.
func (j *Job) decideParallelism(ctx context.Context) error {
	wanted := int(conf.JobParallelism.Get(j.o.Settings))
	for i := range j.flow.Stages {
		s := &j.flow.Stages[i]
		n := 0
		if s.Source != nil {
			splits, err := j.o.Connectors.Of(s.Source.Connector).Splits(ctx, s.Source)
			if err != nil {
				return fmt.Errorf("reading the partitions of %s: %w", s.Source.Name, err)
			}
			n = min(splits, max(1, j.o.Cores))
			if wanted > 0 {
				n = min(splits, wanted)
			}
		}
		for _, e := range j.flow.Edges {
			if e.To != s.ID || e.By == plan.Broadcast {
				continue
			}
			if e.By == plan.Single {
				n = 1
				break
			}
			n = max(n, j.parallelism[e.From])
			if wanted > 0 && e.By != plan.Forward {
				n = wanted
			}
		}
		if s.Parallelism > 0 {
			n = s.Parallelism
		}
		j.parallelism = append(j.parallelism, max(1, min(n, state.KeyGroups)))
	}
	return nil
}

// makeTasks joins the tasks of all stages by edges.
func (j *Job) makeTasks(ctx context.Context) error {
	inputs := map[checkpoint.TaskID][]*exchange.Edge{}
	edges := make([][][]*exchange.Edge, len(j.flow.Edges)) // edge, from task, to task
	for i, e := range j.flow.Edges {
		schema := j.flow.Carried(e)
		for from := range j.parallelism[e.From] {
			row := make([]*exchange.Edge, j.parallelism[e.To])
			for to := range row {
				row[to] = exchange.NewEdge(e.Port, schema)
				row[to].Memory = j.o.InFlight
				if e.By != plan.Forward || from == to {
					id := checkpoint.TaskID{Stage: e.To, Subtask: to}
					inputs[id] = append(inputs[id], row[to])
				}
			}
			edges[i] = append(edges[i], row)
		}
	}
	exactly := conf.CheckpointMode.Get(j.o.Settings) == conf.ExactlyOnce
	for i := range j.flow.Stages {
		for sub := range j.parallelism[i] {
			t, err := j.makeTask(ctx, i, sub, inputs, edges, exactly)
			if err != nil {
				return err
			}
			j.tasks = append(j.tasks, t)
		}
	}
	return j.loadAll(ctx)
}

func (j *Job) makeTask(ctx context.Context, stage, sub int, inputs map[checkpoint.TaskID][]*exchange.Edge, edges [][][]*exchange.Edge, exactly bool) (*task.Task, error) {
	s := &j.flow.Stages[stage]
	id := checkpoint.TaskID{Stage: stage, Subtask: sub}
	c := task.Config{ID: id, Reports: j, Env: j.env(id), Writing: j.writing, Volatile: j.o.Storage == nil || s.Anew, Anew: s.Anew, Memory: j.o.InFlight}
	if s.Source != nil {
		source, err := j.o.Connectors.Of(s.Source.Connector).NewSource(s.Source)
		if err != nil {
			return nil, err
		}
		c.Source, c.SourceID, c.Watermark = source, s.Source.Op, s.Source.Watermark
		if c.Times, err = eventTimes(s.Source.Watermark, expr.Options{Location: j.o.TimeZone}); err != nil {
			return nil, err
		}
		if c.Restored, err = j.positions(ctx, s); err != nil {
			return nil, err
		}
	} else {
		c.Gate = exchange.NewGate(inputs[id], exactly, broadcast(j.flow, stage)...)
	}
	for i, p := range s.Ops {
		n, err := j.makeNode(p, j.flow.Before(stage, i), id)
		if err != nil {
			return nil, err
		}
		c.Chain = append(c.Chain, n)
	}
	if s.Sink != nil {
		sink, err := j.o.Connectors.Of(s.Sink.Connector).NewSink(s.Sink)
		if err != nil {
			return nil, err
		}
		c.Sink, c.SinkID = sink, s.Sink.Op
	} else if last(j.flow, stage) {
		c.Sink = j.o.Output
	}
	for i, e := range j.flow.Edges {
		if e.From != stage {
			continue
		}
		p := exchange.NewPartitioner(j.ctx, e.By, e.Keys, sub, edges[i][sub]).Watched(&c.Env.Counters.Blocked)
		if e.Diverted {
			c.Diverted = append(c.Diverted, p)
		} else if e.Late {
			c.Late, c.LateRows = append(c.Late, p), executor.NewLateRows(j.flow, e, p)
		} else {
			c.Outputs = append(c.Outputs, p)
		}
	}
	return task.New(c), nil
}

// broadcast are the ports of a stage that are read to their end before the others.
func broadcast(f *plan.Dataflow, stage int) (ports []int) {
	for _, e := range f.Edges {
		if e.To == stage && e.By == plan.Broadcast {
			ports = append(ports, e.Port)
		}
	}
	return ports
}

func last(f *plan.Dataflow, stage int) bool {
	for _, e := range f.Edges {
		if e.From == stage {
			return false
		}
	}
	return true
}

func (j *Job) env(id checkpoint.TaskID) *executor.Env {
	e := newEnv(j.flow, j.o, id, j.parallelism[id.Stage])
	e.Dropped, e.Running = j.dropped, j.ctx
	e.Lookup = func(t *plan.LookupTable) (executor.Lookup, error) { return j.o.Connectors.Of(t.Connector).NewLookup(t) }
	return e
}

// newEnv is what a part of a job, or a committer without one, knows of where it is.
func newEnv(flow *plan.Dataflow, o Options, id checkpoint.TaskID, parallelism int) *executor.Env {
	e := &executor.Env{
		JobID: o.ID, JobName: o.Name, Epoch: o.Epoch, Task: id, Parallelism: parallelism, Settings: o.Settings,
		Logger:   o.Log.With("job", o.Name, "stage", id.Stage, "task", id.Subtask),
		Counters: &executor.Counters{}, TimeZone: o.TimeZone, SkipRows: skipsRows(flow),
	}
	e.Counters.Watermark.Store(executor.NoWatermark)
	return e
}

// skipsRows tells a job whose sources all have on.error=skip or divert.
func skipsRows(f *plan.Dataflow) bool {
	skips := false
	for i := range f.Stages {
		if s := f.Stages[i].Source; s != nil && s.Connector != plan.NoConnector {
			if how := s.Properties[conf.OnError.Name()]; how != "skip" && how != "divert" {
				return false
			}
			skips = true
		}
	}
	return skips
}

func (j *Job) makeNode(p plan.Op, in []types.Schema, id checkpoint.TaskID) (task.Node, error) {
	o, err := build.Operator(p, in, expr.Options{Location: j.o.TimeZone})
	if err != nil {
		return task.Node{}, err
	}
	n := task.Node{Op: o, Delay: int64(p.Needs().Delay / time.Microsecond)}
	if s, ok := p.(plan.Stateful); ok {
		n.ID, n.Schema = s.ID(), s.StateSchema()
		n.State = state.NewStore(state.GroupsOf(id.Subtask, j.parallelism[id.Stage]), j.o.Budget)
		j.stores = append(j.stores, n.State)
		if !j.flow.Stages[id.Stage].Anew {
			j.stateful = append(j.stateful, n)
		}
	}
	return n, nil
}

// Run runs all tasks until they have ended, one has failed, or ctx ends. The first
// failure ends the others; Run returns when every goroutine has.
func (j *Job) Run(ctx context.Context, ack checkpoint.Acknowledger) error {
	j.ack = ack
	outer := ctx
	unlink := context.AfterFunc(outer, func() {
		j.cancel(context.Cause(outer))
		j.endWriting()
	})
	defer unlink()
	ctx, cancel := j.ctx, j.cancel
	defer cancel(nil)
	for _, t := range j.tasks {
		j.running.Go(func() { // ends with the task; the wait below waits for it
			err := t.Run(ctx)
			j.mu.Lock()
			j.mu.ended[t.ID] = true
			j.mu.Unlock()
			if err != nil {
				j.fail(err)
			} else if j.resultEnded() {
				cancel(executor.ErrFinished) // nobody reads what other tasks would still make
			}
		})
	}
	close(j.started)
	j.running.Wait()
	j.files.end()
	j.dropped.Close()
	err := context.Cause(ctx)
	if errors.Is(err, executor.ErrFinished) {
		return nil
	}
	return err
}

// fail ends the run. Where the result has ended before, what was frozen is still written.
func (j *Job) fail(err error) {
	j.cancel(err)
	if !errors.Is(context.Cause(j.ctx), executor.ErrFinished) {
		j.endWriting()
	}
}

// resultEnded tells that every task without outgoing edges has ended.
func (j *Job) resultEnded() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, t := range j.tasks {
		if len(t.Outputs) == 0 && !j.mu.ended[t.ID] {
			return false
		}
	}
	return true
}

// Opened waits until all tasks have opened what they read and write: a record that is
// produced from now on is read. False if the job ends before.
func (j *Job) Opened() bool {
	for _, t := range j.tasks {
		if !t.Opened() {
			return false
		}
	}
	return true
}

// Fresh: the job begins without a checkpoint.
func (j *Job) Fresh() bool { return j.o.Restore == nil }

// Started is closed when the tasks run.
func (j *Job) Started() <-chan struct{} { return j.started }
