package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

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
	j.sheets.begin(b)
	for _, t := range j.tasks {
		if t.Source == nil {
			continue
		}
		select {
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
	for _, s := range j.settlers {
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
func (j *Job) Aborted(id checkpoint.ID) { j.sheets.abort(id) }

// Sections implements task.Reports.
func (j *Job) Sections(id checkpoint.ID) state.SectionWriter { return j.sheets.sheet(id) }

// Ack implements task.Reports: held until every task's part is in the checkpoint's
// file and the file is closed.
func (j *Job) Ack(a checkpoint.Ack) { j.sheets.ack(a) }

// Declined implements task.Reports.
func (j *Job) Declined(id checkpoint.ID, t checkpoint.TaskID, reason error) {
	j.ack.Declined(id, t, reason)
}

// Finished implements task.Reports.
func (j *Job) Finished(id checkpoint.TaskID, s []checkpoint.OperatorState) { j.sheets.finished(id, s) }

// sheets keeps, for the checkpoint under way, its file and the acknowledgements that
// wait for the file to be closed.
type sheets struct {
	j  *Job
	mu struct {
		sync.Mutex
		barrier checkpoint.Barrier // under way; ID 0: none
		sheet   *checkpoint.Sheet
		acks    []checkpoint.Ack
		over    map[checkpoint.TaskID][]checkpoint.OperatorState // ended inputs
		serial  int                                              // names the files of ended tasks
	}
}

func (s *sheets) init(j *Job) {
	s.j = j
	s.mu.over = map[checkpoint.TaskID][]checkpoint.OperatorState{}
}

func (s *sheets) newSheet(what string) *checkpoint.Sheet {
	name := fmt.Sprintf("%s/%s-e%d", s.j.o.ID, what, s.j.o.Epoch)
	return checkpoint.NewSheet(context.Background(), s.j.o.Storage, name, checkpoint.DefaultInlineLimit)
}

func (s *sheets) begin(b checkpoint.Barrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.barrier, s.mu.acks = b, nil
	s.mu.sheet = s.newSheet(fmt.Sprintf("chk-%d", b.ID))
	s.releaseLocked()
}

// sheet gives the file of the checkpoint under way; a late writer gets one that is over.
func (s *sheets) sheet(id checkpoint.ID) state.SectionWriter {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case id == s.mu.barrier.ID && s.mu.sheet != nil:
		return s.mu.sheet
	case id == task.EndOfInput:
		return endSection{s}
	}
	late := s.newSheet("late")
	late.Abort()
	return late
}

func (s *sheets) ack(a checkpoint.Ack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Checkpoint != s.mu.barrier.ID {
		return
	}
	s.mu.acks = append(s.mu.acks, a)
	s.releaseLocked()
}

func (s *sheets) finished(id checkpoint.TaskID, state []checkpoint.OperatorState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.over[id] = state
	if s.mu.barrier.ID == 0 || !s.ackedLocked(id) {
		s.j.ack.Finished(id, state)
		s.releaseLocked()
	}
}

func (s *sheets) ackedLocked(id checkpoint.TaskID) bool {
	for _, a := range s.mu.acks {
		if a.Task == id {
			return true
		}
	}
	return false
}

// releaseLocked closes the file and passes the acknowledgements on once every task
// has written or ended. The end of a task that had acknowledged is told behind its
// acknowledgement, so that no checkpoint mixes the two.
func (s *sheets) releaseLocked() {
	if s.mu.barrier.ID == 0 || s.mu.sheet == nil {
		return
	}
	for _, t := range s.j.tasks {
		if _, over := s.mu.over[t.ID]; !over && !s.ackedLocked(t.ID) {
			return
		}
	}
	b := s.mu.barrier
	err := s.mu.sheet.Close()
	for _, a := range s.mu.acks {
		if err != nil {
			s.j.ack.Declined(b.ID, a.Task, err)
			break
		}
		s.j.ack.Ack(a)
	}
	for _, a := range s.mu.acks {
		if state, over := s.mu.over[a.Task]; over {
			s.j.ack.Finished(a.Task, state)
		}
	}
	s.mu.barrier.ID, s.mu.sheet, s.mu.acks = b.ID, nil, nil
}

func (s *sheets) abort(id checkpoint.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.barrier.ID != id {
		return
	}
	if s.mu.sheet != nil {
		s.mu.sheet.Abort()
	}
	for _, a := range s.mu.acks {
		if state, over := s.mu.over[a.Task]; over {
			s.j.ack.Finished(a.Task, state)
		}
	}
	s.mu.barrier, s.mu.sheet, s.mu.acks = checkpoint.Barrier{}, nil, nil
}

// abandon throws the file of a checkpoint away that was under way when the job ended.
func (s *sheets) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.sheet != nil {
		s.mu.sheet.Abort()
		s.mu.sheet = nil
	}
}

// endSection writes the state of an ended task into a file of its own.
type endSection struct{ s *sheets }

// Section implements state.SectionWriter.
func (e endSection) Section(write func(w io.Writer) error) (checkpoint.Section, error) {
	e.s.mu.Lock()
	e.s.mu.serial++
	sheet := e.s.newSheet(fmt.Sprintf("end-%d", e.s.mu.serial))
	e.s.mu.Unlock()
	section, err := sheet.Section(write)
	if err != nil {
		return section, errors.Join(err, sheet.Abort())
	}
	return section, sheet.Close()
}
