package jobs

import (
	"fmt"
	"maps"

	"slipway/checkpoint"
	"slipway/conf"
	"slipway/ha"
	"slipway/server/events"
)

// What happens to jobs, as events.

// Tell puts what a supervisor tells into the log of events, and counts failures.
func (r *Runner) Tell(t ha.Told) {
	if t.Incident == nil {
		r.Events.Add(stateEvent(t))
		return
	}
	r.countFailure(t.ID, t.Incident.Class)
	r.Events.Add(failureEvent(t.Job, t.Incident))
}

func (r *Runner) countFailure(id, class string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mu.failures[id] == nil {
		r.mu.failures[id] = map[string]int64{}
	}
	r.mu.failures[id][class]++
}

// Failures is how often a job has failed since the server started, by class.
func (r *Runner) Failures(id string) map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.mu.failures[id])
}

func stateEvent(t ha.Told) events.Event {
	e := events.Event{Kind: events.JobState, Job: t.Job, Message: fmt.Sprintf("stream job %s is %s, it was %s", t.Job, t.To, t.From),
		Detail: map[string]any{"from": string(t.From), "to": string(t.To)}}
	switch t.To {
	case ha.Failed:
		e.Severity = events.Error
	case ha.Restarting:
		e.Severity = events.Warning
	}
	return e
}

func failureEvent(job string, i *ha.Incident) events.Event {
	e := events.Event{Kind: events.JobFailed, Severity: events.Error, Job: job, At: i.At, Message: conf.Redact(i.Message),
		Detail: map[string]any{"class": i.Class, "action": i.Action, "attempt": i.Attempt}}
	if i.Code != "" {
		e.Detail["sqlstate"] = i.Code
	}
	if i.Task != nil {
		e.Detail["stage"], e.Detail["task"] = i.Task.Stage, i.Task.Subtask
	}
	if r := i.Record; r != nil {
		e.Detail["topic"], e.Detail["partition"], e.Detail["offset"] = r.Topic, r.Partition, r.Offset
	}
	return e
}

// tellCheckpoint tells of checkpoints that did not complete, and of those that somebody asked for.
func (r *Runner) tellCheckpoint(id string, c checkpoint.Record) {
	r.mu.Lock()
	name := r.mu.names[id]
	r.mu.Unlock()
	r.traceCheckpoint(name, c)
	if c.Status == checkpoint.Completed && c.Kind != checkpoint.Savepoint {
		return
	}
	e := events.Event{Kind: events.Checkpoint, Job: name, Detail: map[string]any{"checkpoint": c.ID, "status": string(c.Status), "duration_ms": c.Duration.Milliseconds(), "bytes": c.Bytes}}
	switch c.Status {
	case checkpoint.Completed:
		e.Message = fmt.Sprintf("savepoint %q of stream job %s was taken", c.Name, name)
	case checkpoint.Expired:
		e.Severity, e.Message = events.Warning, fmt.Sprintf("checkpoint %d of stream job %s expired: %s", c.ID, name, conf.Redact(c.Reason))
	default:
		e.Severity, e.Message = events.Warning, fmt.Sprintf("checkpoint %d of stream job %s failed: %s", c.ID, name, conf.Redact(c.Reason))
	}
	r.Events.Add(e)
}
