package job

import (
	"context"
	"errors"
	"fmt"

	"slipway/checkpoint"
	"slipway/executor/state"
	"slipway/executor/task"
)

// Tasks implements checkpoint.Participants.
func (j *Job) Tasks() []checkpoint.TaskID {
	out := make([]checkpoint.TaskID, len(j.tasks))
	for i, t := range j.tasks {
		out[i] = t.ID
	}
	return out
}

// Trigger implements checkpoint.Participants. A mailbox that is full belongs to a
// task that is stuck; it gets this barrier when it looks again, or the checkpoint
// expires.
func (j *Job) Trigger(b checkpoint.Barrier) {
	j.files.begin(b)
	for _, t := range j.tasks {
		if t.Source == nil {
			continue
		}
		select {
		case <-t.Gone(): // its input has ended
		case t.Mailbox <- task.Command{Trigger: &b}:
		default:
			j.o.Log.Warn("a source task does not look at its mailbox", "job", j.o.Name, "task", t.ID)
		}
	}
}

// Committed implements checkpoint.Participants: the sinks' transactions are committed,
// then every task that is still there takes note.
func (j *Job) Committed(ctx context.Context, id checkpoint.ID, m *checkpoint.Manifest) error {
	if err := j.commit(ctx, m); err != nil {
		return err
	}
	return j.tell(ctx, id)
}

// commit commits what the sinks prepared for a recorded checkpoint, also those of
// tasks that have ended.
func (j *Job) commit(ctx context.Context, m *checkpoint.Manifest) error {
	if m == nil {
		return nil
	}
	for _, s := range j.committers {
		prepared, err := j.readAll(ctx, stored(m, s.operator, checkpoint.SinkPrepared))
		if err == nil {
			err = s.committer.Commit(ctx, prepared)
		}
		if err != nil {
			return fmt.Errorf("committing checkpoint %d: %w", m.Checkpoint, err)
		}
	}
	return nil
}

// tell waits until every task that is still there has taken note.
func (j *Job) tell(ctx context.Context, id checkpoint.ID) error {
	answers := make([]chan error, len(j.tasks))
	for i, t := range j.tasks {
		answer := make(chan error, 1)
		answers[i] = answer
		select {
		case t.Mailbox <- task.Command{Committed: id, Done: func(err error) { answer <- err }}:
		case <-t.Gone():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var all error
	for i, t := range j.tasks {
		select {
		case err := <-answers[i]:
			all = errors.Join(all, err)
		case <-t.Gone(): // a task that ends before it looks has nothing left to be told
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return all
}

// Phase implements checkpoint.Participants.
func (j *Job) Phase(_ checkpoint.ID, id checkpoint.TaskID) string {
	for _, t := range j.tasks {
		if t.ID == id {
			return t.Phase()
		}
	}
	return "unknown"
}

// Aborted implements checkpoint.Participants.
func (j *Job) Aborted(id checkpoint.ID) { j.files.abort(id) }

// Sections implements task.Reports.
func (j *Job) Sections(id checkpoint.ID) state.SectionWriter { return j.files.writer(id) }

// Ack implements task.Reports: held until every task's part is in the checkpoint's
// file and the file is closed.
func (j *Job) Ack(a checkpoint.Ack) { j.files.ack(a) }

// Declined implements task.Reports.
func (j *Job) Declined(id checkpoint.ID, t checkpoint.TaskID, reason error) {
	j.ack.Declined(id, t, reason)
}

// Finished implements task.Reports.
func (j *Job) Finished(id checkpoint.TaskID, s []checkpoint.OperatorState) { j.files.finished(id, s) }
