package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// ErrEnded is what Run returns after a checkpoint that ended the job: a final one,
// or the one that recorded the end of all tasks.
var ErrEnded = errors.New("checkpoint: the job has ended behind its last checkpoint")

// Coordinator runs the checkpoints of one attempt of one job: a thin loop around
// machine. It and the job are one group: whoever runs them ends both when either ends.
type Coordinator struct {
	cfg     Config
	store   CompletedStore
	storage Storage
	job     Participants
	history *History
	log     *slog.Logger
	events  chan event
	done    chan struct{} // closed when Run returns, so that no acknowledgement blocks
}

// eventsOf is room for what all tasks may say while an action is carried out: none may wait
// for the loop, which may be waiting for it.
func eventsOf(tasks int) int { return 64 + 8*tasks }

// NewCoordinator makes a coordinator; Run starts it.
func NewCoordinator(cfg Config, store CompletedStore, storage Storage, job Participants, history *History, log *slog.Logger) *Coordinator {
	return &Coordinator{cfg: cfg, store: store, storage: storage, job: job, history: history, log: log,
		events: make(chan event, eventsOf(len(job.Tasks()))), done: make(chan struct{})}
}

// Ack implements Acknowledger.
func (c *Coordinator) Ack(a Ack) { c.send(acked{a}) }

// Declined implements Acknowledger.
func (c *Coordinator) Declined(id ID, task TaskID, reason error) {
	c.send(declined{id: id, task: task, reason: reason})
}

// Finished implements Acknowledger.
func (c *Coordinator) Finished(task TaskID, state []OperatorState) {
	c.send(finishedTask{task: task, state: state})
}

func (c *Coordinator) send(e event) {
	select {
	case c.events <- e:
	case <-c.done:
	}
}

// Request asks for a checkpoint now (STOP, SAVEPOINT) and waits for its end.
func (c *Coordinator) Request(ctx context.Context, kind Kind, name string) (Outcome, error) {
	return c.ask(ctx, func(reply func(Outcome)) event { return requested{request{kind: kind, name: name, reply: reply}} })
}

// Forget removes a savepoint (DROP SAVEPOINT).
func (c *Coordinator) Forget(ctx context.Context, name string) (Outcome, error) {
	return c.ask(ctx, func(reply func(Outcome)) event { return forgotten{name: name, reply: reply} })
}

func (c *Coordinator) ask(ctx context.Context, question func(reply func(Outcome)) event) (Outcome, error) {
	answer := make(chan Outcome, 1)
	c.send(question(func(o Outcome) { answer <- o }))
	select {
	case o := <-answer:
		return o, nil
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	case <-c.done:
		select {
		case o := <-answer:
			return o, nil
		default:
			return Outcome{}, errors.New("the job ended before the answer")
		}
	}
}

// Run takes checkpoints until ctx ends, the claim is fenced, or the job ends behind
// a last checkpoint (ErrEnded). held is what the store listed after the claim;
// completed is called with each new one.
func (c *Coordinator) Run(ctx context.Context, held []*Manifest, completed func(ID)) error {
	defer close(c.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends a store or commit that is still under way
	m := newMachine(c.cfg, c.job.Tasks(), held, time.Now())
	loop := &loop{Coordinator: c, ctx: ctx, completed: completed, results: make(chan event, 1), failures: make(chan error, 1)}
	defer loop.summarise()
	loop.discard()
	defer loop.wait()
	if err := loop.act(m.retain()); err != nil {
		return err
	}
	// A checkpoint that is due at once comes before whatever is asked for.
	if err := loop.act(m.step(tick{m.started}, m.started)); err != nil {
		return err
	}
	timer := time.NewTimer(time.Until(m.wake()))
	defer timer.Stop()
	for {
		var e event
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-loop.failures:
			return err
		case e = <-loop.results:
		case e = <-c.events:
		case <-timer.C:
			e = tick{time.Now()}
		}
		if err := loop.act(m.step(e, time.Now())); err != nil {
			return err
		}
		timer.Reset(time.Until(m.wake()))
	}
}

// loop carries out actions. Storing and committing wait for the outside, so they
// run beside it, one at a time, and come back as events.
type loop struct {
	*Coordinator
	ctx       context.Context
	completed func(ID)
	results   chan event
	failures  chan error
	busy      chan struct{} // closed when the running one is over
	summary   summary
	unneeded  chan []string // files to remove, oldest first
	discarded chan struct{} // closed when the last of them is gone
}

func (l *loop) act(actions []action) error {
	for _, a := range actions {
		switch a := a.(type) {
		case trigger:
			l.history.put(Record{ID: a.barrier.ID, Kind: a.barrier.Kind, Status: Pending, Triggered: a.barrier.Triggered})
			l.job.Trigger(a.barrier)
		case store:
			l.beside(func() (event, error) { return stored{a.manifest.Checkpoint}, l.add(a) })
		case commit:
			l.beside(func() (event, error) {
				return committed{a.barrier.ID}, l.job.Committed(l.ctx, a.barrier.ID, a.manifest)
			})
		case abort:
			l.abort(a)
		case completedNow:
			l.finish(a)
		case remove:
			l.remove(a)
		case reply:
			a.to(a.outcome)
		case pause:
			l.log.Info("checkpoints pause while one is pending", "job", l.cfg.JobName, "checkpoint", a.behind)
		case end:
			return ErrEnded
		}
	}
	return nil
}

// beside runs one slow action; the machine never asks for two at once.
func (l *loop) beside(f func() (event, error)) {
	done := make(chan struct{})
	l.busy = done
	go func() { // ends with f, which ends with l.ctx; Run waits for it
		defer close(done)
		e, err := f()
		if err != nil {
			l.failures <- err
			return
		}
		l.results <- e
	}()
}

func (l *loop) wait() {
	close(l.unneeded)
	for _, over := range []chan struct{}{l.busy, l.discarded} {
		if over != nil && !AwaitStore(over, l.ctx.Done()) {
			l.log.Warn("a store does not answer; the coordinator ends without", "job", l.cfg.JobName)
		}
	}
}

// maxUnneeded bounds the lists of files that wait for a storage that is slow to remove.
const maxUnneeded = 64

// discard removes files beside the loop, which a storage that is slow must not hold up.
func (l *loop) discard() {
	l.unneeded, l.discarded = make(chan []string, maxUnneeded), make(chan struct{})
	go func() { // ends when unneeded is closed; wait waits for it
		defer close(l.discarded)
		for files := range l.unneeded {
			if err := l.storage.Remove(l.ctx, files...); err != nil {
				l.log.Warn("removing old state files failed", "job", l.cfg.JobName, "files", len(files), "error", err)
			}
		}
	}()
}

// add is the commit point. An error other than fencing leaves open whether the
// record is there, so the same record is offered again until that is known: giving
// up would let its files be thrown away under a record that exists.
func (l *loop) add(a store) error {
	m := a.manifest
	delay := 50 * time.Millisecond
	for {
		beforeAdd.Here()
		err := l.store.Add(l.ctx, m, a.displaced...)
		if err == nil {
			afterAdd.Here()
			return nil
		}
		if errors.Is(err, ErrFenced) || l.ctx.Err() != nil {
			return fmt.Errorf("recording checkpoint %d of job %s: %w", m.Checkpoint, l.cfg.JobName, err)
		}
		l.log.Warn("recording a checkpoint failed, trying again", "job", l.cfg.JobName, "checkpoint", m.Checkpoint, "error", err)
		select {
		case <-time.After(delay):
		case <-l.ctx.Done():
		}
		delay = min(2*delay, 5*time.Second)
	}
}

func (l *loop) finish(a completedNow) {
	if a.manifest == nil {
		l.history.put(Record{ID: a.barrier.ID, Kind: a.barrier.Kind, Status: Completed, Triggered: a.barrier.Triggered, Duration: time.Since(a.barrier.Triggered)})
		return
	}
	l.history.put(RecordOf(a.manifest))
	level := slog.LevelInfo // a savepoint and the last one are awaited by somebody
	if a.barrier.Kind == Periodic {
		level = slog.LevelDebug
		if l.summary.add(a.manifest, time.Now()) {
			l.summarise()
		}
	} else {
		l.summarise()
	}
	l.log.Log(l.ctx, level, "checkpoint completed", "job", l.cfg.JobName, "checkpoint", a.barrier.ID, "kind", a.barrier.Kind,
		"duration", a.manifest.Completed.Sub(a.manifest.Triggered).Round(time.Millisecond), "bytes", a.manifest.Bytes)
	l.completed(a.barrier.ID)
}

// summarise says what completed since it was said last.
func (l *loop) summarise() {
	if attrs := l.summary.line(time.Now()); attrs != nil {
		l.log.Info("checkpoints completed", append([]any{"job", l.cfg.JobName}, attrs...)...)
	}
}

// RecordOf is the line of SHOW CHECKPOINTS of a checkpoint read from the store.
func RecordOf(m *Manifest) Record {
	return Record{ID: m.Checkpoint, Kind: m.Kind, Name: m.Name, Status: Completed, Triggered: m.Triggered,
		Duration: m.Completed.Sub(m.Triggered), Bytes: m.Bytes}
}

func (l *loop) abort(a abort) {
	reason := a.reason
	if a.status == Expired {
		reason = l.lateness(a)
		// The vendor's line, to the letter: people and alarms look for it.
		l.log.Warn(fmt.Sprintf("Checkpoint[%d] of job {%s} expired before completing", a.barrier.ID, l.cfg.JobName), "late", reason)
	} else {
		l.log.Warn("checkpoint failed", "job", l.cfg.JobName, "checkpoint", a.barrier.ID, "reason", reason)
	}
	l.history.put(Record{ID: a.barrier.ID, Kind: a.barrier.Kind, Status: a.status, Triggered: a.barrier.Triggered,
		Duration: time.Since(a.barrier.Triggered), Reason: reason})
	l.job.Aborted(a.barrier.ID)
}

// lateness says in a sentence which tasks were late and in which phase.
func (l *loop) lateness(a abort) string {
	parts := make([]string, 0, len(a.late))
	for i, t := range a.late {
		if i == 4 {
			parts = append(parts, fmt.Sprintf("and %d more", len(a.late)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("stage %d task %d was %s", t.Stage, t.Subtask, l.job.Phase(a.barrier.ID, t)))
	}
	return fmt.Sprintf("after %s %s", l.cfg.Timeout, strings.Join(parts, "; "))
}

// remove forgets the records first: a record without its files would be damaged,
// files without a record are swept at the next start.
func (l *loop) remove(a remove) {
	if len(a.ids) > 0 {
		if err := l.store.Remove(l.ctx, a.ids...); err != nil {
			l.log.Warn("removing old checkpoints failed", "job", l.cfg.JobName, "checkpoints", a.ids, "error", err)
			return
		}
	}
	afterRemove.Here()
	if len(a.files) == 0 {
		return
	}
	select {
	case l.unneeded <- a.files:
	default: // swept at the job's next start
		l.log.Warn("the storage is slow to remove old state files; these are left until the next start", "job", l.cfg.JobName, "files", len(a.files))
	}
}
