package job

import (
	"sync"
	"time"

	"slipway/executor/task"
)

// sample is what the tasks had counted at a moment, in the order of the tasks.
type sample struct {
	at    time.Time
	tasks []counted
}

// counted is what one task had counted.
type counted struct {
	in, out, sourced, sunk int64
	operators              []task.OperatorFigures
	spent                  task.Spent
}

func count(t *task.Task) counted {
	c := t.Env.Counters
	return counted{in: t.Entered(), out: t.Left(), sourced: c.RowsIn.Load(), sunk: c.RowsOut.Load(), operators: t.Operators(), spent: t.Spent()}
}

// meter keeps the last two samples: what is measured against the older of them is never of less than the time between
// two calls of Sample, and never of more than two such times, but for a job that has just begun.
type meter struct {
	mu           sync.Mutex
	older, newer sample
}

func (m *meter) add(s sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.older = m.newer; m.older.tasks == nil {
		m.older = s
	}
	m.newer = s
}

func (m *meter) base() sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.older
}

func (j *Job) sample(now time.Time) sample {
	s := sample{at: now, tasks: make([]counted, len(j.tasks))}
	for i, t := range j.tasks {
		s.tasks[i] = count(t)
	}
	return s
}

// Sample notes what the job has done. Rates and shares of its Status are those since the call before the last one.
func (j *Job) Sample(now time.Time) { j.meter.add(j.sample(now)) }

// TaskStatus is what one task has done.
type TaskStatus struct {
	Stage, Subtask int
	Operators      []task.OperatorFigures
	// In is the rows that came to it, of its source or of edges; Out those that left it, to edges or its sink.
	In, Out                    int64
	InRate, OutRate            float64 // rows a second
	Shares                     Shares
	Spent                      task.Spent // since it began
	StateBytes, StateRows      int64
	Watermark                  int64
	Phase                      string // for a checkpoint
	OperatorRates              []Rate
	sourcedRate, deliveredRate float64
}

// Rate is rows a second.
type Rate struct{ In, Out float64 }

// Shares of a time, from 0 to 1, that together are 1; all 0 where nothing has been measured.
type Shares struct{ Busy, Idle, Blocked float64 }

// shares are those between two moments.
func shares(was, is task.Spent) Shares {
	running := float64(is.Running - was.Running)
	if running <= 0 {
		return Shares{}
	}
	idle := fraction(float64(is.Idle-was.Idle), running)
	blocked := min(fraction(float64(is.Blocked-was.Blocked), running), 1-idle)
	return Shares{Busy: 1 - idle - blocked, Idle: idle, Blocked: blocked}
}

func fraction(part, whole float64) float64 { return min(max(part/whole, 0), 1) }

// perSecond is a count over a time, 0 over none.
func perSecond(rows int64, over time.Duration) float64 {
	if over <= 0 {
		return 0
	}
	return float64(rows) / over.Seconds()
}

// taskStatus compares what a task has counted with what it had.
func taskStatus(t *task.Task, was, is counted, over time.Duration) TaskStatus {
	s := TaskStatus{
		Stage: t.ID.Stage, Subtask: t.ID.Subtask, Operators: is.operators, In: is.in, Out: is.out, Watermark: t.Env.Counters.Watermark.Load(), Phase: t.Phase(),
		InRate: perSecond(is.in-was.in, over), OutRate: perSecond(is.out-was.out, over), Shares: shares(was.spent, is.spent), Spent: is.spent,
		sourcedRate: perSecond(is.sourced-was.sourced, over), deliveredRate: perSecond(is.sunk-was.sunk, over),
	}
	for i, o := range is.operators {
		s.StateBytes, s.StateRows = s.StateBytes+o.StateBytes, s.StateRows+o.StateRows
		r := Rate{}
		if i < len(was.operators) {
			r = Rate{In: perSecond(o.In-was.operators[i].In, over), Out: perSecond(o.Out-was.operators[i].Out, over)}
		}
		s.OperatorRates = append(s.OperatorRates, r)
	}
	return s
}

// each gives the status of all tasks now.
func (j *Job) each(now time.Time) []TaskStatus {
	was, out := j.meter.base(), make([]TaskStatus, len(j.tasks))
	for i, t := range j.tasks {
		before := counted{}
		if was.tasks != nil {
			before = was.tasks[i]
		}
		out[i] = taskStatus(t, before, count(t), now.Sub(was.at))
	}
	return out
}
