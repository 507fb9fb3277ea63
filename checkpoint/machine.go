package checkpoint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Config is what the coordinator of one job is told once.
type Config struct {
	JobID     string
	JobName   string // db.name, for the log
	KeyGroups int    // into which keyed state is cut
	// Keeps: checkpointing is on. Otherwise barriers only flush.
	Keeps    bool
	Interval time.Duration
	Timeout  time.Duration
	// AtOnce: the job begins without a checkpoint, so nothing holds yet where its sources
	// began. The first one is due now: a failure before it would let them begin elsewhere.
	AtOnce bool
	// After is the greatest number that any checkpoint of the job has had, also one that
	// cannot be read: the next is greater.
	After ID
	// Retained is how many periodic and final checkpoints are kept; savepoints do not count.
	Retained int
}

// machine decides about the checkpoints of one job: events in, actions out. It
// reads no clock and does no I/O. At most one checkpoint is under way.
type machine struct {
	cfg       Config
	tasks     map[TaskID]bool
	finished  map[TaskID][]OperatorState
	completed []*Manifest // what the store holds, oldest first
	leaving   []*Manifest // without a record; their files go when the next checkpoint is stored
	next      ID
	started   time.Time
	due       time.Time // of the next periodic trigger
	pending   *pending
	requests  []request
	paused    bool // a tick was skipped, and that has been said
	ending    bool // a barrier that ends the sources has completed, or all tasks have finished
}

type phase uint8

const (
	collecting phase = iota // waiting for acknowledgements
	storing                 // Add is under way
	committing              // sinks are committing
)

type pending struct {
	barrier Barrier
	name    string // of a savepoint
	phase   phase
	acks    map[TaskID]Ack
	request *request
	done    *Manifest
	// displaced lose their record when done gets its own.
	displaced []ID
}

type request struct {
	kind  Kind
	name  string
	reply func(Outcome)
}

// Outcome is the end of one requested checkpoint.
type Outcome struct {
	ID     ID
	Reason string // empty if it completed
}

// event is what the machine is told.
type event interface{ isEvent() }

type (
	tick     struct{ now time.Time }
	acked    struct{ ack Ack }
	declined struct {
		id     ID
		task   TaskID
		reason error
	}
	finishedTask struct {
		task  TaskID
		state []OperatorState
	}
	requested struct{ request request }
	forgotten struct { // a savepoint that nobody wants any more
		name  string
		reply func(Outcome)
	}
	stored    struct{ id ID }
	committed struct{ id ID }
)

func (tick) isEvent()         {}
func (acked) isEvent()        {}
func (declined) isEvent()     {}
func (finishedTask) isEvent() {}
func (requested) isEvent()    {}
func (forgotten) isEvent()    {}
func (stored) isEvent()       {}
func (committed) isEvent()    {}

// action is what the loop must do, in order.
type action interface{ isAction() }

type (
	// trigger sends the barrier.
	trigger struct{ barrier Barrier }
	// store writes the manifest and forgets what it displaces: Add.
	store struct {
		manifest  *Manifest
		displaced []ID
	}
	// commit tells the participants.
	commit struct {
		barrier  Barrier
		manifest *Manifest // nil for a flush
	}
	// abort gives a checkpoint up; late lists the tasks that had not acknowledged.
	abort struct {
		barrier Barrier
		status  Status
		reason  string
		late    []TaskID
	}
	// completedNow says that a checkpoint is over and good.
	completedNow struct {
		barrier  Barrier
		manifest *Manifest // nil for a flush
	}
	// remove forgets checkpoints and the files that nothing needs any more.
	remove struct {
		ids   []ID
		files []string
	}
	// reply answers a request.
	reply struct {
		to      func(Outcome)
		outcome Outcome
	}
	// pause says once that a trigger is put off.
	pause struct{ behind ID }
	// end stops the coordinator: nothing more will come.
	end struct{}
)

func (trigger) isAction()      {}
func (store) isAction()        {}
func (commit) isAction()       {}
func (abort) isAction()        {}
func (completedNow) isAction() {}
func (remove) isAction()       {}
func (reply) isAction()        {}
func (pause) isAction()        {}
func (end) isAction()          {}

// newMachine begins with what the store holds; now is the job's start.
func newMachine(cfg Config, tasks []TaskID, held []*Manifest, now time.Time) *machine {
	m := &machine{cfg: cfg, tasks: map[TaskID]bool{}, finished: map[TaskID][]OperatorState{}, next: 1, started: now, due: now.Add(cfg.Interval)}
	for _, t := range tasks {
		m.tasks[t] = true
	}
	m.completed = slices.SortedFunc(slices.Values(held), func(a, b *Manifest) int { return cmp.Compare(a.Checkpoint, b.Checkpoint) })
	if n := len(m.completed); n > 0 {
		m.next = m.completed[n-1].Checkpoint + 1
	}
	m.next = max(m.next, cfg.After+1)
	if cfg.AtOnce {
		m.due = now
	}
	return m
}

// wake is when the next tick is needed.
func (m *machine) wake() time.Time {
	if m.pending != nil && m.pending.phase == collecting {
		if t := m.pending.barrier.Triggered.Add(m.cfg.Timeout); t.Before(m.due) {
			return t
		}
	}
	return m.due
}

// step takes one event at a time; now never goes back.
func (m *machine) step(e event, now time.Time) []action {
	switch e := e.(type) {
	case tick:
		return m.tick(e.now)
	case acked:
		return m.acked(e.ack, now)
	case declined:
		return m.declined(e, now)
	case finishedTask:
		return m.finishedTask(e, now)
	case requested:
		m.requests = append(m.requests, e.request)
		return m.serve(now)
	case forgotten:
		return m.forget(e)
	case stored:
		return m.stored(e.id)
	case committed:
		return m.committed(e.id, now)
	}
	panic(fmt.Sprintf("checkpoint: unknown event %T", e))
}

func (m *machine) tick(now time.Time) []action {
	var out []action
	if p := m.pending; p != nil && p.phase == collecting && !now.Before(p.barrier.Triggered.Add(m.cfg.Timeout)) {
		out = append(out, m.abort(Expired, "")...)
		out = append(out, m.serve(now)...)
	}
	if now.Before(m.due) {
		return out
	}
	for !now.Before(m.due) {
		m.due = m.due.Add(m.cfg.Interval)
	}
	switch {
	case m.ending:
		return out
	case m.pending == nil:
		return append(out, m.trigger(request{kind: m.periodic()}, now)...)
	case !m.paused:
		m.paused = true
		return append(out, pause{behind: m.pending.barrier.ID})
	}
	return out
}

func (m *machine) periodic() Kind {
	if m.cfg.Keeps {
		return Periodic
	}
	return Flush
}

// serve begins the oldest request if nothing is under way.
func (m *machine) serve(now time.Time) []action {
	if m.pending != nil || len(m.requests) == 0 {
		return nil
	}
	r := m.requests[0]
	m.requests = m.requests[1:]
	if m.ending {
		return []action{reply{to: r.reply, outcome: Outcome{Reason: "the job has ended"}}}
	}
	return m.trigger(r, now)
}

func (m *machine) trigger(r request, now time.Time) []action {
	b := Barrier{ID: m.next, Kind: r.kind, Triggered: now}
	m.next++
	m.paused = false
	m.pending = &pending{barrier: b, name: r.name, acks: map[TaskID]Ack{}}
	if r.reply != nil {
		m.pending.request = &r
	}
	return append([]action{trigger{barrier: b}}, m.progress(now)...)
}

// acked ignores late and repeated acknowledgements: they are normal.
func (m *machine) acked(a Ack, now time.Time) []action {
	p := m.pending
	if p == nil || p.phase != collecting || a.Checkpoint != p.barrier.ID || !m.tasks[a.Task] {
		return nil
	}
	p.acks[a.Task] = a
	return m.progress(now)
}

func (m *machine) declined(d declined, now time.Time) []action {
	if p := m.pending; p == nil || p.phase != collecting || d.id != p.barrier.ID {
		return nil
	}
	out := m.abort(Declined, fmt.Sprintf("stage %d task %d could not write its part: %v", d.task.Stage, d.task.Subtask, d.reason))
	return append(out, m.serve(now)...)
}

// finishedTask counts the task as acknowledged from now on. When the last has
// finished, one more checkpoint records the end, so that sinks commit everything.
func (m *machine) finishedTask(f finishedTask, now time.Time) []action {
	if !m.tasks[f.task] || m.finished[f.task] != nil {
		return nil
	}
	if f.state == nil {
		f.state = []OperatorState{}
	}
	m.finished[f.task] = f.state
	out := m.progress(now)
	return append(out, m.endIfAllFinished(now)...)
}

func (m *machine) endIfAllFinished(now time.Time) []action {
	if m.ending || m.pending != nil || len(m.finished) < len(m.tasks) {
		return nil
	}
	kind := FinalFlush
	if m.cfg.Keeps {
		kind = Final
	}
	return m.trigger(request{kind: kind}, now)
}

// progress moves on when every task has acknowledged or finished.
func (m *machine) progress(now time.Time) []action {
	p := m.pending
	if p == nil || p.phase != collecting || len(m.missing()) > 0 {
		return nil
	}
	if !p.barrier.Kind.Keeps() {
		p.phase = committing
		return []action{commit{barrier: p.barrier}}
	}
	p.phase = storing
	p.done = m.manifest(now)
	// One that is proven stays beside the new one, whose sinks are still to commit.
	p.displaced = surplus(append(slices.Clone(m.completed), p.done), max(m.cfg.Retained, 2))
	return []action{store{manifest: p.done, displaced: p.displaced}}
}

// missing lists the tasks whose word is still awaited, in order.
func (m *machine) missing() []TaskID {
	var out []TaskID
	for t := range m.tasks {
		if _, ok := m.pending.acks[t]; !ok && m.finished[t] == nil {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, compareTasks)
	return out
}

func compareTasks(a, b TaskID) int {
	return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Subtask, b.Subtask))
}

func (m *machine) manifest(now time.Time) *Manifest {
	p := m.pending
	out := &Manifest{
		Version: manifestVersion, KeyGroups: m.cfg.KeyGroups, Job: m.cfg.JobID, Checkpoint: p.barrier.ID, Kind: p.barrier.Kind, Name: p.name,
		Triggered: p.barrier.Triggered, Completed: now,
	}
	for _, t := range slices.SortedFunc(maps.Keys(m.tasks), compareTasks) {
		state := m.finished[t]
		if a, ok := p.acks[t]; ok {
			state = a.State
			out.Bytes += a.Bytes
		}
		out.State = append(out.State, state...)
	}
	return out
}

func (m *machine) stored(id ID) []action {
	p := m.pending
	if p == nil || p.phase != storing || p.barrier.ID != id {
		return nil
	}
	p.phase = committing
	m.completed = append(m.completed, p.done)
	m.retire(p.displaced)
	out := []action{commit{barrier: p.barrier, manifest: p.done}}
	if files := m.released(); len(files) > 0 {
		out = append(out, remove{files: files})
	}
	return out
}

func (m *machine) committed(id ID, now time.Time) []action {
	p := m.pending
	if p == nil || p.phase != committing || p.barrier.ID != id {
		return nil
	}
	m.pending = nil
	out := []action{completedNow{barrier: p.barrier, manifest: p.done}}
	if p.request != nil {
		out = append(out, reply{to: p.request.reply, outcome: Outcome{ID: id}})
	}
	out = append(out, m.retain()...)
	if p.barrier.Kind.Ends() {
		m.ending = true
		for _, r := range m.requests {
			out = append(out, reply{to: r.reply, outcome: Outcome{Reason: "the job has ended"}})
		}
		m.requests = nil
		return append(out, end{})
	}
	out = append(out, m.serve(now)...)
	return append(out, m.endIfAllFinished(now)...)
}

func (m *machine) abort(status Status, reason string) []action {
	p := m.pending
	a := abort{barrier: p.barrier, status: status, reason: reason, late: m.missing()}
	m.pending = nil
	out := []action{a}
	if p.request != nil {
		out = append(out, reply{to: p.request.reply, outcome: Outcome{ID: p.barrier.ID, Reason: cmp.Or(reason, "it expired")}})
	}
	return out
}

// retain drops the oldest checkpoints beyond the limit, and the files that only they needed.
func (m *machine) retain() []action {
	ids := surplus(m.completed, m.cfg.Retained)
	if len(ids) == 0 {
		return nil
	}
	m.retire(ids)
	return []action{remove{ids: ids, files: m.released()}}
}

// forget removes a savepoint. Its files wait for the next checkpoint: as long as it is
// the newest, the tasks' next deltas build on them.
func (m *machine) forget(f forgotten) []action {
	i := slices.IndexFunc(m.completed, func(c *Manifest) bool { return c.Kind == Savepoint && c.Name == f.name })
	if i < 0 {
		return []action{reply{to: f.reply, outcome: Outcome{Reason: "there is no such savepoint"}}}
	}
	id := m.completed[i].Checkpoint
	m.retire([]ID{id})
	return []action{remove{ids: []ID{id}}, reply{to: f.reply, outcome: Outcome{ID: id}}}
}

// retire moves checkpoints from the completed to those whose record is gone and whose
// files may be still needed.
func (m *machine) retire(ids []ID) {
	gone := func(c *Manifest) bool { return slices.Contains(ids, c.Checkpoint) }
	for _, c := range m.completed {
		if gone(c) {
			m.leaving = append(m.leaving, c)
		}
	}
	m.completed = slices.DeleteFunc(slices.Clone(m.completed), gone)
}

// released lists the files that only the leaving checkpoints needed, once.
func (m *machine) released() []string {
	files := map[string]bool{}
	for _, c := range m.leaving {
		for _, f := range c.Files() {
			files[f] = true
		}
	}
	for _, c := range m.completed {
		for _, f := range c.Files() {
			delete(files, f)
		}
	}
	m.leaving = nil
	return slices.Sorted(maps.Keys(files))
}

// surplus decides what retention drops from a list, oldest first: savepoints stay,
// the newest `retained` of the others stay.
func surplus(list []*Manifest, retained int) (ids []ID) {
	count := 0
	for _, c := range list {
		if c.Kind != Savepoint {
			count++
		}
	}
	for _, c := range list {
		if c.Kind != Savepoint && count > retained {
			count--
			ids = append(ids, c.Checkpoint)
		}
	}
	return ids
}
