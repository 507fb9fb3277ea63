package job

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"slipway/checkpoint"
	"slipway/executor/state"
	"slipway/executor/task"
)

// pendingFiles keeps, for the checkpoint under way, its file and the acknowledgements that
// wait for the file to be closed. Nothing that waits for the storage holds the lock.
type pendingFiles struct {
	j  *Job
	mu struct {
		sync.Mutex
		barrier checkpoint.Barrier // under way; ID 0: none
		file    *checkpoint.StateFile
		closing bool // every task has written or ended
		acks    []checkpoint.Ack
		ended   map[checkpoint.TaskID][]checkpoint.OperatorState // ended inputs
		serial  int                                              // names the files of ended tasks
		running int                                              // files that are being closed or thrown away
		idle    chan struct{}                                    // closed when there are none; nil if nobody waits
	}
}

func (s *pendingFiles) init(j *Job) {
	s.j = j
	s.mu.ended = map[checkpoint.TaskID][]checkpoint.OperatorState{}
}

func (s *pendingFiles) newFile(what string) *checkpoint.StateFile {
	name := fmt.Sprintf("%s/%s-e%d", s.j.o.ID, what, s.j.o.Epoch)
	return checkpoint.NewStateFile(s.j.writing, s.j.o.Storage, name, checkpoint.DefaultInlineLimit)
}

func (s *pendingFiles) begin(b checkpoint.Barrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.barrier, s.mu.acks, s.mu.closing = b, nil, false
	s.mu.file = s.newFile(fmt.Sprintf("chk-%d", b.ID))
	s.releaseLocked()
}

// writer gives the file of the checkpoint under way; a late writer gets one that is over.
func (s *pendingFiles) writer(id checkpoint.ID) state.SectionWriter {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case id == s.mu.barrier.ID && s.mu.file != nil:
		return s.mu.file
	case id == task.EndOfInput:
		return endSection{s}
	}
	late := s.newFile("late")
	late.Abort()
	return late
}

func (s *pendingFiles) ack(a checkpoint.Ack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Checkpoint != s.mu.barrier.ID {
		return
	}
	s.mu.acks = append(s.mu.acks, a)
	s.releaseLocked()
}

func (s *pendingFiles) finished(id checkpoint.TaskID, state []checkpoint.OperatorState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.ended[id] = state
	if s.mu.barrier.ID == 0 || !s.ackedLocked(id) {
		s.j.ack.Finished(id, state)
		s.releaseLocked()
	}
}

func (s *pendingFiles) ackedLocked(id checkpoint.TaskID) bool {
	for _, a := range s.mu.acks {
		if a.Task == id {
			return true
		}
	}
	return false
}

// releaseLocked has the file closed, once every task has written or ended.
func (s *pendingFiles) releaseLocked() {
	if s.mu.barrier.ID == 0 || s.mu.file == nil || s.mu.closing {
		return
	}
	for _, t := range s.j.tasks {
		if _, over := s.mu.ended[t.ID]; !over && !s.ackedLocked(t.ID) {
			return
		}
	}
	s.mu.closing = true
	file := s.mu.file
	s.goLocked(func() { s.forward(file, file.Close()) })
}

// goLocked runs what waits for the storage without the lock.
func (s *pendingFiles) goLocked(f func()) {
	s.mu.running++
	go func() { // ends with the storage's answer; end waits for it
		f()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.mu.running--; s.mu.running == 0 && s.mu.idle != nil {
			close(s.mu.idle)
			s.mu.idle = nil
		}
	}()
}

// forward gives the acknowledgements on when the file has been closed. The end of a task that
// had acknowledged is told behind its acknowledgement, so that no checkpoint mixes the two.
func (s *pendingFiles) forward(file *checkpoint.StateFile, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.file != file { // given up meanwhile
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
	s.mu.file, s.mu.acks = nil, nil
}

func (s *pendingFiles) tellEndsLocked() {
	for _, a := range s.mu.acks {
		if state, over := s.mu.ended[a.Task]; over {
			s.j.ack.Finished(a.Task, state)
		}
	}
}

func (s *pendingFiles) abort(id checkpoint.ID) {
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
func (s *pendingFiles) discardLocked() {
	if file := s.mu.file; file != nil {
		s.goLocked(func() { file.Abort() })
	}
	s.mu.file = nil
}

// end waits for the file of the last checkpoint, and throws away one that was not complete
// when the job ended.
func (s *pendingFiles) end() {
	s.mu.Lock()
	if !s.mu.closing {
		s.discardLocked()
	}
	if s.mu.running == 0 {
		s.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	s.mu.idle = idle
	s.mu.Unlock()
	if !checkpoint.AwaitStore(idle, s.j.writing.Done()) {
		s.j.o.Log.Warn("the storage does not answer; the job ends without", "job", s.j.o.Name)
	}
}

// endSection writes the state of an ended task into a file of its own.
type endSection struct{ s *pendingFiles }

// Section implements state.SectionWriter.
func (e endSection) Section(write func(w io.Writer) error) (checkpoint.Section, error) {
	e.s.mu.Lock()
	e.s.mu.serial++
	file := e.s.newFile(fmt.Sprintf("end-%d", e.s.mu.serial))
	e.s.mu.Unlock()
	section, err := file.Section(write)
	if err != nil {
		return section, errors.Join(err, file.Abort())
	}
	return section, file.Close()
}
