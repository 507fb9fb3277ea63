package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

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
// wait for the file to be closed. Nothing that waits for the storage holds the lock.
type sheets struct {
	j  *Job
	mu struct {
		sync.Mutex
		barrier checkpoint.Barrier // under way; ID 0: none
		sheet   *checkpoint.Sheet
		closing bool // every task has written or ended
		acks    []checkpoint.Ack
		over    map[checkpoint.TaskID][]checkpoint.OperatorState // ended inputs
		serial  int                                              // names the files of ended tasks
		beside  int                                              // files that are being closed or thrown away
		quiet   chan struct{}                                    // closed when there are none; nil if nobody waits
	}
}

func (s *sheets) init(j *Job) {
	s.j = j
	s.mu.over = map[checkpoint.TaskID][]checkpoint.OperatorState{}
}

func (s *sheets) newSheet(what string) *checkpoint.Sheet {
	name := fmt.Sprintf("%s/%s-e%d", s.j.o.ID, what, s.j.o.Epoch)
	return checkpoint.NewSheet(s.j.writing, s.j.o.Storage, name, checkpoint.DefaultInlineLimit)
}

func (s *sheets) begin(b checkpoint.Barrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.barrier, s.mu.acks, s.mu.closing = b, nil, false
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

// releaseLocked has the file closed, once every task has written or ended.
func (s *sheets) releaseLocked() {
	if s.mu.barrier.ID == 0 || s.mu.sheet == nil || s.mu.closing {
		return
	}
	for _, t := range s.j.tasks {
		if _, over := s.mu.over[t.ID]; !over && !s.ackedLocked(t.ID) {
			return
		}
	}
	s.mu.closing = true
	sheet := s.mu.sheet
	s.besideLocked(func() { s.pass(sheet, sheet.Close()) })
}

// besideLocked runs what waits for the storage without the lock.
func (s *sheets) besideLocked(f func()) {
	s.mu.beside++
	go func() { // ends with the storage's answer; end waits for it
		f()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.mu.beside--; s.mu.beside == 0 && s.mu.quiet != nil {
			close(s.mu.quiet)
			s.mu.quiet = nil
		}
	}()
}

// pass gives the acknowledgements on when the file has been closed. The end of a task that
// had acknowledged is told behind its acknowledgement, so that no checkpoint mixes the two.
func (s *sheets) pass(sheet *checkpoint.Sheet, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.sheet != sheet { // given up meanwhile
		return
	}
	for _, a := range s.mu.acks {
		if err != nil {
			s.j.ack.Declined(s.mu.barrier.ID, a.Task, err)
			break
		}
		s.j.ack.Ack(a)
	}
	s.tellEndsLocked()
	s.mu.sheet, s.mu.acks = nil, nil
}

func (s *sheets) tellEndsLocked() {
	for _, a := range s.mu.acks {
		if state, over := s.mu.over[a.Task]; over {
			s.j.ack.Finished(a.Task, state)
		}
	}
}

func (s *sheets) abort(id checkpoint.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.barrier.ID != id {
		return
	}
	s.discardLocked()
	s.tellEndsLocked()
	s.mu.barrier, s.mu.acks = checkpoint.Barrier{}, nil
}

// discardLocked throws the file of the checkpoint under way away.
func (s *sheets) discardLocked() {
	if sheet := s.mu.sheet; sheet != nil {
		s.besideLocked(func() { sheet.Abort() })
	}
	s.mu.sheet = nil
}

// endPatience bounds the wait for a storage that does not answer, when nobody wants its
// answer any more. What it leaves behind is swept at the job's next start.
const endPatience = time.Second

// end waits for the file of the last checkpoint, and throws away one that was not complete
// when the job ended.
func (s *sheets) end() {
	s.mu.Lock()
	if !s.mu.closing {
		s.discardLocked()
	}
	if s.mu.beside == 0 {
		s.mu.Unlock()
		return
	}
	quiet := make(chan struct{})
	s.mu.quiet = quiet
	s.mu.Unlock()
	select {
	case <-quiet:
		return
	case <-s.j.writing.Done():
	}
	select {
	case <-quiet:
	case <-time.After(endPatience):
		s.j.o.Log.Warn("the storage does not answer; the job ends without", "job", s.j.o.Name)
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
