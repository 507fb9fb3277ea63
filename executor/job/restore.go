package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"slipway/checkpoint"
	"slipway/executor"
	"slipway/executor/task"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
)

// stored lists what a manifest holds of an operator, one entry per former subtask.
func stored(m *checkpoint.Manifest, operator string, kind checkpoint.StateKind) (out []checkpoint.OperatorState) {
	if m == nil {
		return nil
	}
	for _, s := range m.State {
		if s.Operator == operator && s.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// positions reads the source positions of all former subtasks; none of a source that begins anew.
func (j *Job) positions(ctx context.Context, s *plan.Stage) ([][]byte, error) {
	if s.Anew {
		return nil, nil
	}
	return j.readAll(ctx, stored(j.o.Restore, string(s.Source.Op), checkpoint.SourcePosition))
}

func (j *Job) readAll(ctx context.Context, states []checkpoint.OperatorState) ([][]byte, error) {
	return readSections(ctx, j.restoreStorage(), states)
}

// readSections reads all that former subtasks stored.
func readSections(ctx context.Context, storage checkpoint.Storage, states []checkpoint.OperatorState) (out [][]byte, err error) {
	for _, s := range states {
		for _, section := range s.Sections {
			b, err := checkpoint.ReadSection(ctx, storage, section)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
	}
	return out, nil
}

// restoreStorage is where the files of the checkpoint to begin from are.
func (j *Job) restoreStorage() checkpoint.Storage {
	if j.o.RestoreStorage != nil {
		return j.o.RestoreStorage
	}
	return j.o.Storage
}

// loadAll loads the stores of all tasks, as many at a time as there are cores for; the first
// failure ends the others.
func (j *Job) loadAll(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan task.Node, len(j.stateful))
	for _, n := range j.stateful {
		next <- n
	}
	close(next)
	loadNext := func() {
		for n := range next {
			if ctx.Err() != nil {
				return
			}
			if err := j.load(ctx, n); err != nil {
				cancel(err)
			}
		}
	}
	var loading sync.WaitGroup
	for range min(j.o.Cores, len(j.stateful)) - 1 {
		loading.Go(loadNext) // the wait below waits for it
	}
	loadNext()
	loading.Wait()
	j.stateful = nil
	return context.Cause(ctx)
}

// load gives a store the rows of its key groups from all former subtasks.
func (j *Job) load(ctx context.Context, n task.Node) error {
	for _, s := range stored(j.o.Restore, string(n.ID), checkpoint.KeyedState) {
		read := func(section checkpoint.Section) (io.ReadCloser, error) {
			return checkpoint.OpenSection(ctx, j.restoreStorage(), section)
		}
		if err := n.State.Load(read, s.Sections); err != nil {
			return fmt.Errorf("restoring the state of operator %s: %w", n.ID, err)
		}
	}
	return nil
}

// sinkCommitter is a sink's committer, with the operator whose prepared transactions it settles.
type sinkCommitter struct {
	operator  string
	committer executor.Committer
}

// recoverSinks makes the committers and lets every sink finish what the former run had
// prepared, before any task starts. Where one sink's rows are visible and another's are lost,
// neither going on nor going back would be right, and a person has to choose.
func (j *Job) recoverSinks(ctx context.Context) error {
	visible := ""
	for i := range j.flow.Stages {
		s := j.flow.Stages[i].Sink
		if s == nil {
			continue
		}
		c, err := j.o.Connectors.Of(s.Connector).NewCommitter(s, j.env(checkpoint.TaskID{Stage: i}))
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		j.committers = append(j.committers, sinkCommitter{string(s.Op), c})
		promised, err := j.recover(ctx, s, c)
		if err != nil {
			err = fmt.Errorf("settling the transactions of sink %s: %w", s.Name, err)
			if visible != "" && errors.Is(err, executor.ErrAborted) {
				err = executor.Permanent(partlyLost(visible, s.Name, err))
			}
			return err
		}
		if promised {
			visible = s.Name
		}
	}
	return nil
}

// recover settles what a sink was promised; promised tells that it was anything. A job that begins anew leaves its last checkpoint behind, but not the rows
// that were promised with it.
func (j *Job) recover(ctx context.Context, s *plan.Sink, c executor.Committer) (promised bool, err error) {
	from := j.o.Restore
	if from == nil {
		from = j.o.Last
	}
	prepared, err := j.readAll(ctx, stored(from, string(s.Op), checkpoint.SinkPrepared))
	if err != nil {
		return false, err
	}
	promised = slices.ContainsFunc(prepared, func(b []byte) bool { return len(b) > 0 && string(b) != "null" })
	return promised, c.Recover(ctx, prepared)
}

func partlyLost(visible, lost string, cause error) error {
	return sqlerr.New(sqlerr.DataCorrupted, "of the newest checkpoint the rows of sink %s are there and those of sink %s are lost: %v", visible, lost, cause).
		WithCause(cause).WithHint("The brokers aborted transactions that were open for too long. " +
		"START STREAMJOB … FROM CHECKPOINT with the number before it repeats the rows that are there; nothing is lost then.")
}

// Purge settles what the sinks of a job that is being dropped have open, and removes
// what its committers keep outside.
func Purge(ctx context.Context, flow *plan.Dataflow, o Options) error {
	return withCommitters(ctx, flow, o, func(c executor.Committer, prepared [][]byte) error {
		if err := c.Recover(ctx, prepared); err != nil {
			return err
		}
		return c.Purge(ctx)
	})
}

// AbortOrphans clears away behind an owner that was shut out; Options.Last is the newest
// checkpoint that is recorded, Options.Epoch the claim that is over.
func AbortOrphans(ctx context.Context, flow *plan.Dataflow, o Options) error {
	return withCommitters(ctx, flow, o, func(c executor.Committer, prepared [][]byte) error {
		return c.Leave(ctx, o.Epoch, prepared)
	})
}

// Transactions lists what the sinks of a job have outside; Options.Last is the newest checkpoint.
func Transactions(ctx context.Context, flow *plan.Dataflow, o Options) (out []executor.Transaction, err error) {
	err = withCommitters(ctx, flow, o, func(c executor.Committer, prepared [][]byte) error {
		list, err := c.Transactions(ctx, prepared)
		out = append(out, list...)
		return err
	})
	return out, err
}

// Resolve ends by hand what the sinks of a job that does not run have open.
func Resolve(ctx context.Context, flow *plan.Dataflow, o Options, commit bool) (ended int, err error) {
	err = withCommitters(ctx, flow, o, func(c executor.Committer, prepared [][]byte) error {
		n, err := c.Resolve(ctx, prepared, commit)
		ended += n
		return err
	})
	return ended, err
}

// withCommitters calls do for each sink's committer, with what Options.Last names.
func withCommitters(ctx context.Context, flow *plan.Dataflow, o Options, do func(c executor.Committer, prepared [][]byte) error) error {
	var all error
	for i := range flow.Stages {
		s := flow.Stages[i].Sink
		if s == nil {
			continue
		}
		c, err := o.Connectors.Of(s.Connector).NewCommitter(s, newEnv(flow, o, checkpoint.TaskID{Stage: i}, 1))
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		prepared, err := readSections(ctx, o.Storage, stored(o.Last, string(s.Op), checkpoint.SinkPrepared))
		if err == nil {
			err = do(c, prepared)
		}
		if err != nil {
			err = fmt.Errorf("sink %s: %w", s.Name, err)
		}
		all = errors.Join(all, err, c.Close())
	}
	return all
}

// Close ends the connections of the committers, when job and coordinator have ended.
func (j *Job) Close() error {
	j.endWriting()
	var all error
	for _, s := range j.committers {
		all = errors.Join(all, s.committer.Close())
	}
	return all
}
